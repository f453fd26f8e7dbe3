"""The two initiatives of a comparison: what scoring last stored of each, and what keeps one out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from initiatives.models import Initiative
from scoring import ranges
from scoring.formula import FormulaError
from scoring.frameworks.math_model import EFFORT_DAYS
from scoring.models import Framework, MathModel, Score, ScoringInputs
from scoring.ranges import Drawn, RangeError, Samples


@dataclass(frozen=True)
class Side:
    """One initiative with its newest math score; ``missing`` says in words why there is none to compare."""

    key: str
    title: str = ""
    score: Score | None = None
    missing: str = ""
    is_stale: bool = False
    kpi: str = ""

    @property
    def samples(self) -> Samples | None:
        """None where the score is certain."""
        told = self.score and self.score.uncertainty
        return told["samples"] if told else None

    @property
    def uncertain(self) -> dict[str, Mapping[str, object]]:
        """The params its draws vary, with their ranges."""
        if not self.samples:
            return {}
        given = {EFFORT_DAYS: self.samples.get("effort"), **self.samples["params"]}
        return {name: one for name, one in given.items() if isinstance(one, dict)}

    def drawn(self, draws: int, seed: int) -> Drawn:
        """Value and overall in every draw; the same number over and over where the score is certain."""
        import numpy as np

        assert self.score is not None
        if self.samples:
            return ranges.redraw_scores(self.samples, draws, seed)
        value, overall = (
            None if number is None else np.full(draws, number)
            for number in (self.score.value, self.score.overall)
        )
        assert value is not None  # a side without a value is missing
        return Drawn(value, overall)


def side(asked: str) -> Side:
    """The initiative that was asked for by its key, in any case, whatever follows it (as its title does)."""
    key = asked.strip().split(" ")[0].upper()
    if not key:
        return Side("")
    found = Initiative.objects.filter(initiative_key=key).first()
    if found is None:
        return Side(key, missing=f"There is no initiative {key}; it may have been deleted.")
    score = Score.objects.filter(initiative=found, framework=Framework.MATH_MODEL).first()
    inputs = ScoringInputs.objects.filter(initiative=found).first()
    stale = bool(inputs and inputs.is_stale)
    missing = _why_not(key, score, stale)
    return Side(key, found.title, score, missing, stale, "" if missing or score is None else _kpi(score))


def _why_not(key: str, score: Score | None, stale: bool) -> str:
    if score is None or score.value is None:
        why = f": {'; '.join(score.warnings)}" if score and score.warnings else ""
        remedy = " Run scoring on Scoring Inputs." if stale or score is None else ""
        return f"{key} has no math score{why}.{remedy}"
    samples = score.uncertainty and score.uncertainty["samples"]
    try:
        if samples:
            ranges.redraw_scores(samples, 1)
    except (RangeError, FormulaError) as error:
        return f"{key} can't be drawn again: {error}. Run scoring on Scoring Inputs."
    return ""


def _kpi(score: Score) -> str:
    """The KPI its value is in, as far as its model is still there."""
    named = MathModel.objects.filter(
        initiative_id=score.initiative_id, model_name=score.inputs.get("model", "")
    )
    return named.values_list("target_kpi__kpi_key", flat=True).first() or ""
