from django.contrib import admin

from metrics.models import Metric
from portfolio.tabs.admin import TabAdmin


@admin.register(Metric)
class MetricAdmin(TabAdmin):
    tab_name = "metrics_config"
    list_filter = ("kpi_level", "is_active")
