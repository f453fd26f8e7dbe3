"""Remarks on models and params that look wrong. They warn; they never block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from metrics import chains
from metrics.models import Contributions
from metrics.references import refers_to_kpis
from portfolio.tabs.tab import Note
from scoring.approval import VALID
from scoring.columns import known_kpis
from scoring.frameworks.math_model import EFFORT_DAYS
from scoring.models import Distribution, MathModel, Param
from scoring.readers import names_read
from scoring.showing import grouped
from scoring.units import Given, unit_warnings


def model_warnings(pks: list[int]) -> dict[int, str]:
    """By model: its warnings, one per line."""
    models = _models(pks)
    initiatives = {model.initiative_id for model in models}
    params = _params_of(initiatives)
    overrides = _untargeted_overrides(initiatives)
    said = {
        model.pk: [
            *_chain(model),
            *_params(model, params[model.initiative_id]),
            *_units(model, params[model.initiative_id]),
            *overrides.get(model.initiative_id, []),
        ]
        for model in models
    }
    return {pk: "\n".join(lines) for pk, lines in said.items() if lines}


def _models(pks: list[int]) -> list[MathModel]:
    rows = MathModel.objects.select_related("target_kpi").order_by()
    return list(rows.filter(pk__in=pks) if len(pks) < 500 else rows)


def _near(rows: Any, initiatives: set[int]) -> Any:
    return rows.filter(initiative_id__in=initiatives) if len(initiatives) < 500 else rows


def formula_errors(pks: list[int] | None) -> dict[int, list[Note]]:
    """On formulas that can't be read: why."""
    rows = MathModel.objects.exclude(formula_status__in=["", VALID]).order_by()
    rows = rows if pks is None else rows.filter(pk__in=pks)
    return {pk: [Note("formula_text", status)] for pk, status in rows.values_list("pk", "formula_status")}


def ranges(pks: list[int] | None) -> dict[int, list[Note]]:
    """On params: ranges that can't be drawn from."""
    rows = Param.objects.filter(Q(min__isnull=False) | Q(max__isnull=False)).order_by()
    rows = rows if pks is None else rows.filter(pk__in=pks)
    return {param.pk: [note] for param in rows if (note := _range(param))}


def _range(param: Param) -> Note | None:
    if param.min is None or param.max is None:
        return Note("max" if param.max is None else "min", "A range needs both ends. It counts as certain.")
    if param.value is not None and not param.min <= param.value <= param.max:
        return Note("value", f"{param.value:g} is outside its range, {param.min:g} to {param.max:g}.")
    if param.distribution == Distribution.LOGNORMAL_90 and param.min <= 0:
        return Note("min", "A lognormal range needs a min above 0.")
    return None


def _chain(model: MathModel) -> list[str]:
    target = model.target_kpi.kpi_key if model.target_kpi else ""
    links = (model.metric_chain or {}).get("chain", [])
    said = chains.warnings(links, model.immediate_kpi, target, known_kpis())
    return said if target or not model.formula_approved else ["No target KPI: it contributes nothing.", *said]


def _params_of(initiatives: set[int]) -> dict[int, dict[str, Given]]:
    rows = _near(Param.objects.order_by(), initiatives)
    found: dict[int, dict[str, Given]] = defaultdict(dict)
    for initiative, name, unit, value in rows.values_list("initiative_id", "param_name", "unit", "value"):
        found[initiative][name] = Given(unit, value)
    return found


def _params(model: MathModel, params: Mapping[str, Given]) -> Iterator[str]:
    without = [name for name in names_read(model.formula_text) if name not in params and name != EFFORT_DAYS]
    if without:
        yield f"No param yet: {', '.join(without)}. Approving the formula seeds them."


def _units(model: MathModel, params: Mapping[str, Given]) -> list[str]:
    return unit_warnings(model.formula_text, params, model.target_kpi.unit if model.target_kpi else "")


def _untargeted_overrides(initiatives: set[int]) -> dict[int, list[str]]:
    rows = _near(MathModel.objects.exclude(target_kpi=None).order_by(), initiatives)
    targets = grouped(rows.values_list("initiative_id", "target_kpi__kpi_key"))
    overridden = _near(Contributions.objects.exclude(override=None), initiatives)
    return {
        initiative: [f"Overridden, but no model targets it: {', '.join(sorted(keys))}."]
        for initiative, override in overridden.values_list("initiative_id", "override")
        if (keys := set(override or ()) - set(targets.get(initiative, ())))
    }


@refers_to_kpis
def models_of(kpi_key: str) -> list[str]:
    """Models that target the KPI."""
    live = MathModel.objects.filter(initiative__deleted_at=None, target_kpi__deleted_at=None)
    names = live.filter(target_kpi__kpi_key=kpi_key).values_list("initiative__initiative_key", "model_name")
    return [f"the model {name} of {key}" for key, name in names]
