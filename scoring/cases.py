"""Reading what many initiatives are scored from, in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from initiatives.models import Initiative
from scoring.frameworks.math_model import Known
from scoring.models import MathModel, Param, ScoringInputs

Ranges = Mapping[str, object]


@dataclass
class Case:
    """One initiative with everything its scores follow from."""

    pk: int
    key: str
    engineering_days: float | None
    inputs: ScoringInputs | None = None
    models: list[MathModel] = field(default_factory=list)
    params: dict[str, Known] = field(default_factory=dict)
    ranges: dict[str, Ranges] = field(default_factory=dict)

    @property
    def approved(self) -> list[MathModel]:
        return [model for model in self.models if model.formula_approved and model.formula_text]

    @property
    def primary(self) -> MathModel | None:
        return next((model for model in self.models if model.is_primary), None)

    @property
    def uses_math(self) -> bool:
        """Blank counts as yes once a model is approved."""
        said = self.inputs.use_math_model if self.inputs else None
        return bool(self.approved) if said is None else said


def read(pks: list[int]) -> list[Case]:
    """The live initiatives among ``pks``. Needs a transaction.

    Locks as the gate does: initiatives, models, and last the scoring records, which every change marks stale.
    """
    rows = Initiative.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
    known = rows.values_list("pk", "initiative_key", "effort_engineering_days")
    cases = {row[0]: Case(*row) for row in known}
    models = MathModel.objects.filter(initiative_id__in=cases).order_by("pk").defer(*_PROSE)
    for model in models.select_for_update():
        cases[model.initiative_id].models.append(model)
    scoring = ScoringInputs.objects.filter(initiative_id__in=cases).order_by("pk")
    for inputs in scoring.select_for_update():
        cases[inputs.initiative_id].inputs = inputs
    for initiative, name, value, approved, low, high, distribution in _params(cases):
        cases[initiative].params[name] = Known(value, approved)
        if low is not None or high is not None:
            cases[initiative].ranges[name] = {
                "value": value,
                "min": low,
                "max": high,
                "distribution": distribution,
            }
    return list(cases.values())


_PROSE = ("model_description", "model_prompt_to_llm", "assumptions_text", "llm_notes", "metric_chain")


def _params(cases: Mapping[int, Case]) -> Any:
    rows = Param.objects.filter(initiative_id__in=cases).order_by()
    return rows.values_list(
        "initiative_id", "param_name", "value", "approved", "min", "max", "distribution"
    ).iterator(5_000)
