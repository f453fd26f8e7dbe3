"""Remarks on models and params that look wrong. They warn; they never block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metrics import chains
from metrics.models import Contributions
from scoring.columns import known_kpis
from scoring.models import MathModel, Param
from scoring.readers import EFFORT_DAYS, names_read
from scoring.showing import grouped


def model_warnings(pks: list[int]) -> dict[int, str]:
    """By model: its warnings, one per line."""
    models = _models(pks)
    initiatives = {model.initiative_id for model in models}
    params = _params_of(initiatives)
    overrides = _untargeted_overrides(initiatives)
    said = {
        model.pk: [*_chain(model), *_params(model, params), *overrides.get(model.initiative_id, [])]
        for model in models
    }
    return {pk: "\n".join(lines) for pk, lines in said.items() if lines}


def _models(pks: list[int]) -> list[MathModel]:
    rows = MathModel.objects.select_related("target_kpi").order_by()
    return list(rows.filter(pk__in=pks) if len(pks) < 500 else rows)


def _near(rows: Any, initiatives: set[int]) -> Any:
    return rows.filter(initiative_id__in=initiatives) if len(initiatives) < 500 else rows


def _chain(model: MathModel) -> list[str]:
    target = model.target_kpi.kpi_key if model.target_kpi else ""
    links = (model.metric_chain or {}).get("chain", [])
    return chains.warnings(links, model.immediate_kpi, target, known_kpis())


def _params_of(initiatives: set[int]) -> dict[int, list[str]]:
    rows = _near(Param.objects.order_by(), initiatives)
    return grouped(rows.values_list("initiative_id", "param_name"))


def _params(model: MathModel, params: dict[int, list[str]]) -> Iterator[str]:
    have = set(params.get(model.initiative_id, ()))
    without = [name for name in names_read(model.formula_text) if name not in have and name != EFFORT_DAYS]
    if without:
        yield f"No param yet: {', '.join(without)}. Approving the formula seeds them."


def _untargeted_overrides(initiatives: set[int]) -> dict[int, list[str]]:
    rows = _near(MathModel.objects.exclude(target_kpi=None).order_by(), initiatives)
    targets = grouped(rows.values_list("initiative_id", "target_kpi__kpi_key"))
    overridden = _near(Contributions.objects.exclude(override=None), initiatives)
    return {
        initiative: [f"Overridden, but no model targets it: {', '.join(sorted(keys))}."]
        for initiative, override in overridden.values_list("initiative_id", "override")
        if (keys := set(override or ()) - set(targets.get(initiative, ())))
    }
