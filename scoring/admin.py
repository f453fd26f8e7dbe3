"""Math models and params through the gate; the active scenario; the history of scores, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portfolio.tabs import registry
from portfolio.tabs.admin import ForAdmins, TabAdmin
from scoring import staleness
from scoring.models import ActiveScenario, MathModel, Param, Score, ScoringInputs


@admin.register(MathModel)
class MathModelAdmin(TabAdmin):
    tab_name = "math_models"
    list_filter = ("formula_approved", "scenario_label")


@admin.register(Param)
class ParamAdmin(TabAdmin):
    tab_name = "params"
    list_filter = ("approved", "source")


@admin.register(ActiveScenario)
class ActiveScenarioAdmin(ForAdmins, admin.ModelAdmin):
    """Which scenario's models score. Changing it leaves every modelled initiative to be scored again."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not ActiveScenario.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ActiveScenario, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        staleness.mark_all(MathModel.objects.values_list("initiative_id", flat=True))
        registry.announce(ScoringInputs)


@admin.register(Score)
class ScoreAdmin(ForAdmins, admin.ModelAdmin):
    """Every score there ever was, with the inputs behind it."""

    list_display = ("when", "initiative", "framework", "value", "effort", "overall")
    list_filter = ("framework",)
    search_fields = ("initiative__initiative_key", "initiative__title")
    list_select_related = ("initiative",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
