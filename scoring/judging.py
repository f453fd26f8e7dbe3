"""What every framework says of one initiative. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scoring import formula
from scoring.approval import VALID
from scoring.cases import Case
from scoring.frameworks import math_model, rice, wsjf
from scoring.frameworks.scored import Scored, significant
from scoring.models import Framework, MathModel, ScoringInputs
from scoring.ranges import CERTAIN, RangeError, Spread, spread

RICE_INPUTS = ("rice_reach", "rice_impact", "rice_confidence", "rice_effort")
WSJF_INPUTS = (
    "wsjf_business_value",
    "wsjf_time_criticality",
    "wsjf_risk_reduction",
    "wsjf_job_size",
)
#: What the scoring job writes on a model.
MODEL_RESULTS = ("computed_value", "p10", "p50", "p90", "samples", "formula_status")

Judgement = dict[Framework, Scored]


def judge(case: Case, label: str) -> Judgement:
    """Every framework somebody began or chose for the initiative. Sets the results of its models."""
    models = {model.pk: _run(case, model) for model in case.models}
    said: Judgement = {}
    inputs = case.inputs
    if inputs and _begun(inputs, RICE_INPUTS, Framework.RICE):
        said[Framework.RICE] = rice.score(*(getattr(inputs, name) for name in RICE_INPUTS))
    if inputs and _begun(inputs, WSJF_INPUTS, Framework.WSJF):
        said[Framework.WSJF] = wsjf.score(*(getattr(inputs, name) for name in WSJF_INPUTS))
    if case.uses_math or _chosen(inputs, Framework.MATH_MODEL):
        said[Framework.MATH_MODEL] = _math(case, label, models)
    return {framework: _rounded(scored) for framework, scored in said.items()}


def _begun(inputs: ScoringInputs, names: tuple[str, ...], framework: Framework) -> bool:
    return _chosen(inputs, framework) or any(getattr(inputs, name) is not None for name in names)


def _chosen(inputs: ScoringInputs | None, framework: Framework) -> bool:
    return inputs is not None and inputs.active_scoring_framework == framework


def _math(case: Case, label: str, models: dict[int, Scored]) -> Scored:
    """What the primary model says, or why it may not speak."""
    primary = case.primary
    if not case.uses_math and case.inputs and case.inputs.use_math_model is False:
        return Scored(warnings=("Use Math Model says no",))
    if primary is None:
        return Scored(warnings=("missing: a math model",))
    inputs = {"model": primary.model_name}
    if not primary.formula_approved:
        return Scored(warnings=(f"the formula of {primary.model_name} is not approved",), inputs=inputs)
    if not same_label(primary.scenario_label, label):
        other = f"{primary.model_name} is of the scenario {primary.scenario_label}; {label} is active"
        return Scored(warnings=(other,), inputs=inputs)
    scored = models[primary.pk]
    warnings = (*scored.warnings, *_of_the_others(case, label, models))
    return replace(scored, warnings=warnings, inputs={**inputs, **scored.inputs})


def _of_the_others(case: Case, label: str, models: dict[int, Scored]) -> Iterator[str]:
    """What keeps other models of the scenario from contributing."""
    for model in case.models:
        if (
            not model.is_primary
            and same_label(model.scenario_label, label)
            and models[model.pk].value is None
        ):
            yield from (f"{model.model_name}: {warning}" for warning in models[model.pk].warnings)


def same_label(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _run(case: Case, model: MathModel) -> Scored:
    """Compute one model, if it is approved, and keep its results on it (unsaved)."""
    if not model.formula_approved:
        _keep(model, None, CERTAIN)
        return Scored()
    scored = math_model.score(model.formula_text, case.params, case.engineering_days)
    found = CERTAIN
    if scored.value is not None and case.ranges:
        try:
            found = spread(model.formula_text, case.params, case.ranges, case.engineering_days)
        except (RangeError, formula.FormulaError) as error:
            scored = replace(scored, warnings=(*scored.warnings, str(error)))
    _keep(model, scored.value, found)
    model.formula_status = scored.error or VALID
    return replace(scored, uncertainty=found.told)


def _keep(model: MathModel, value: float | None, found: Spread) -> None:
    model.computed_value, model.samples = significant(value), found.samples
    model.p10, model.p50, model.p90 = found.p10, found.p50, found.p90


def _rounded(scored: Scored) -> Scored:
    return replace(
        scored,
        value=significant(scored.value),
        effort=significant(scored.effort),
        overall=significant(scored.overall),
    )
