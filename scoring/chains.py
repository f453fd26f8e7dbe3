"""The metric chains of the math models, for the organisation's graph of metrics."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from metrics.graph import Chain
from metrics.organisation import OUT, provides_chains
from portfolio.tabs import toolbar
from portfolio.tabs.tab import Tab
from portfolio.tabs.toolbar import Button, RowLink
from scoring.contributions import without_math
from scoring.judging import same_label
from scoring.models import ActiveScenario, MathModel

FIELDS = (
    "initiative_id",
    "pk",
    "model_name",
    "metric_chain",
    "target_kpi__kpi_key",
    "computed_value",
    "formula_approved",
    "scenario_label",
)


@provides_chains
def chains_of_models() -> list[Chain]:
    """Drafts and variants too: what moves what doesn't depend on an approval. Only what ``counts`` flows."""
    rows = MathModel.objects.filter(initiative__deleted_at=None).exclude(metric_chain=None)
    rows = rows.exclude(initiative__lifecycle_status__in=OUT).order_by("initiative_id", "pk")
    label, refused = ActiveScenario.current(), without_math(rows.values("initiative_id"))
    found = []
    for initiative, pk, name, stored, target, value, approved, scenario in rows.values_list(*FIELDS):
        links = tuple((stored or {}).get("chain") or ())
        counts = approved and same_label(scenario, label) and initiative not in refused
        if links:
            found.append(Chain(links, initiative, name, pk, target or "", value, counts))
    return found


def register() -> None:
    toolbar.register("math_models", to_the_tree)
    toolbar.register_row_link("math_models", picture_of)


def to_the_tree(request: HttpRequest, tab: Tab) -> list[Button]:
    """For one ticked model: its initiative's chains as a picture, with the names nobody declared."""
    return [Button("KPI tree", href=_address("{}"), keys_from="initiative_key")]


def picture_of(row: Any) -> RowLink | None:
    """Beside a model with a chain: the same."""
    links = (row.metric_chain or {}).get("chain")
    return RowLink("KPI tree", _address(row.initiative.initiative_key)) if links else None


def _address(initiative_key: str) -> str:
    return f"{reverse('kpi-tree')}?initiative={initiative_key}"
