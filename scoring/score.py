"""Scoring many initiatives: read, judge, keep what changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from metrics.models import Contributions
from portfolio.tabs import registry
from scoring import cases, contributions, history, ranks
from scoring.activation import copy_active
from scoring.cases import Case
from scoring.judging import MODEL_RESULTS, Judgement, judge
from scoring.models import PARTS, ActiveScenario, Framework, MathModel, ScoringInputs

RESULTS = (
    *(f"{framework.prefix}_{part}_score" for framework in Framework for part in PARTS),
    *(f"{part}_score" for part in PARTS),
    "score_warnings",
)


NOTHING_BEGUN = "Nothing to score yet: no RICE, WSJF or math model inputs."


@dataclass(frozen=True)
class Told:
    """What scoring did to one initiative: whether it changed, and what to tell."""

    key: str
    changed: bool
    scored: bool
    message: str


@transaction.atomic
def score(initiatives: list[int]) -> list[Told]:
    """Compute every framework for these initiatives, then their contributions; clears their staleness.

    Queries don't grow with the number of initiatives. ``finish()`` belongs after the last call.
    """
    found = cases.read(initiatives)
    for case in found:
        _give_record(case)
    label, now = ActiveScenario.current(), timezone.now()
    models_before = {model.pk: _of(model, MODEL_RESULTS) for case in found for model in case.models}
    judgements = {case.pk: judge(case, label) for case in found}
    changed = {case.pk for case in found if _apply(case, judgements[case.pk])}
    _save([case.inputs for case in found if case.inputs and (case.pk in changed or case.inputs.is_stale)])
    models = [m for case in found for m in case.models if _of(m, MODEL_RESULTS) != models_before[m.pk]]
    MathModel.objects.bulk_set(models, MODEL_RESULTS)
    history.keep(judgements, now)
    changed |= {model.initiative_id for model in models} | contributions.derive([case.pk for case in found])
    return [_told(case, judgements[case.pk], case.pk in changed) for case in found]


def finish() -> None:
    """Rank everything anew and tell every tab that shows a score."""
    ranks.rerank()
    registry.announce(ScoringInputs, MathModel, Contributions)


def _give_record(case: Case) -> None:
    """Models are enough to score: begin the record that keeps it (unsaved)."""
    if case.models and case.inputs is None:
        case.inputs = ScoringInputs(initiative_id=case.pk, is_stale=True)


def _of(row: MathModel | ScoringInputs, names: tuple[str, ...]) -> list[object]:
    return [getattr(row, name) for name in names]


def _apply(case: Case, said: Judgement) -> bool:
    """Put a judgement on the initiative's record (unsaved); whether it says something new."""
    inputs = case.inputs
    if inputs is None:
        return False
    before = _of(inputs, RESULTS)
    for framework in Framework:
        for part in PARTS:
            told = getattr(said[framework], part) if framework in said else None
            setattr(inputs, f"{framework.prefix}_{part}_score", told)
    copy_active(inputs)
    inputs.score_warnings = "\n".join(_warnings(said))
    return before != _of(inputs, RESULTS)


def _warnings(said: Judgement) -> list[str]:
    return [f"{name.value}: {warning}" for name, scored in said.items() for warning in scored.warnings]


def _save(rows: list[ScoringInputs]) -> None:
    for row in rows:
        row.is_stale = False
    ScoringInputs.objects.bulk_set([row for row in rows if row.pk], (*RESULTS, "is_stale"))
    # Where somebody entered something in the meantime, their record is there, and stale: the next run's.
    ScoringInputs.objects.bulk_add(row for row in rows if not row.pk)


def _told(case: Case, said: Judgement, changed: bool) -> Told:
    message = "; ".join(_warnings(said)) if said else NOTHING_BEGUN
    return Told(case.key, changed, bool(said), message)
