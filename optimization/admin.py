from django.contrib import admin

from optimization.models import Scenario
from portfolio.tabs.admin import TabAdmin


@admin.register(Scenario)
class ScenarioAdmin(TabAdmin):
    tab_name = "scenario_config"
    list_filter = ("period_key", "objective_mode")
