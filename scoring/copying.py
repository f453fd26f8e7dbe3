"""Copying a model to other initiatives. Its params come along without values, and nothing comes approved."""

from __future__ import annotations

from collections.abc import Sequence

from initiatives.models import Initiative
from metrics.columns import target_metrics
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring.bringing import Brought, Parcel, bring, cells_of
from scoring.models import MathModel, Param
from scoring.readers import names_read

OF_MODEL = (
    "target_kpi",
    "immediate_kpi",
    "metric_chain_text",
    "model_description",
    "assumptions_text",
    "scenario_label",
    "formula_text",
)
#: A range is a statement about a value, so it stays behind like the value itself.
OF_PARAM = ("param_display", "unit", "description", "source", "distribution")


def copy(model: MathModel, into: Sequence[Initiative], actor: Actor) -> Brought:
    """A model of the same formula in each of these initiatives, or, raising NotBroughtError, in none."""
    return bring(parcel_of(model), into, actor)


def parcel_of(model: MathModel) -> Parcel:
    """What of a model fits any initiative. A target that is no target any more stays behind."""
    cells = cells_of(registry.tab("math_models"), model, OF_MODEL)
    if model.target_kpi not in target_metrics():
        cells.pop("target_kpi", None)
    return Parcel(model.model_name, cells, _params(model))


def _params(model: MathModel) -> dict[str, dict[str, str]]:
    tab = registry.tab("params")
    there = {param.param_name: param for param in Param.objects.filter(initiative=model.initiative_id)}
    read = [there[name] for name in names_read(model.formula_text) if name in there]
    return {param.param_name: cells_of(tab, param, OF_PARAM) for param in read}
