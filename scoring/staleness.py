"""Which initiatives changed since they were scored. Set with every change, cleared by the scoring job."""

from __future__ import annotations

from collections.abc import Iterable

from metrics.columns import target_metrics
from metrics.models import PERCENTILES
from portfolio.tabs.registry import reacts_to, remarks_on
from portfolio.tabs.tab import Note
from portfolio.tabs.writing import Writing
from scoring.models import MathModel, ScoringInputs

ACTIVE = ("value_score", "effort_score", "overall_score")
SCORES = (*ACTIVE, "rice_overall_score", "wsjf_overall_score", "math_overall_score")
SHOWING = {"scoring_inputs", "backlog", "kpi_contributions"}
STALE = "Something changed since this was computed. Run scoring."
CHUNK = 5_000


def count() -> int:
    """How many live initiatives changed since they were last scored."""
    return ScoringInputs.objects.filter(is_stale=True, initiative__deleted_at=None).count()


def mark(writing: Writing, initiatives: Iterable[int]) -> None:
    """Say that the scores of these initiatives no longer follow from what is entered."""
    if mark_all(initiatives):
        writing.touched_tabs |= SHOWING


def mark_changed(writing: Writing, inputs: set[str]) -> None:
    """Mark the initiatives whose models or params came, went, or changed in one of these columns."""
    changed = [s for s in writing.effective if s.deleted or s.restored or s.changed & inputs]
    mark(writing, [state.row.initiative_id for state in changed])


def mark_all(initiatives: Iterable[int]) -> int:
    """Answers how many were not stale before."""
    wanted, marked = sorted(set(initiatives)), 0
    for start in range(0, len(wanted), CHUNK):
        near = wanted[start : start + CHUNK]
        ensure_rows(near)
        rows = ScoringInputs.objects.filter(initiative_id__in=near)
        marked += rows.filter(is_stale=False).count()
        # The stale ones too: a scoring run that hasn't seen this change may be about to clear them.
        rows.update(is_stale=True)
    return marked


def ensure_rows(initiatives: list[int]) -> None:
    """A scoring record for each of these initiatives."""
    have = set(
        ScoringInputs.objects.filter(initiative_id__in=initiatives).values_list("initiative", flat=True)
    )
    ScoringInputs.objects.bulk_add(ScoringInputs(initiative_id=pk) for pk in initiatives if pk not in have)


@remarks_on("scoring_inputs")
def score_notes(pks: list[int] | None) -> dict[int, list[Note]]:
    """A remark on every score that no longer follows from its inputs."""
    return _remarked(pks, SCORES)


@remarks_on("backlog")
def active_score_notes(pks: list[int] | None) -> dict[int, list[Note]]:
    """The same where the active scores are shown."""
    return _remarked(pks, ACTIVE)


@remarks_on("kpi_contributions")
def contribution_notes(pks: list[int] | None) -> dict[int, list[Note]]:
    """The same on computed contributions, and where they count."""
    kinds = [f"contribution_{name}" for name in ("effective", "computed", *PERCENTILES)]
    return _remarked(pks, [f"{kind}:{metric.kpi_key}" for kind in kinds for metric in target_metrics()])


def _remarked(pks: list[int] | None, columns: Iterable[str]) -> dict[int, list[Note]]:
    stale = ScoringInputs.objects.filter(is_stale=True)
    stale = stale if pks is None else stale.filter(initiative_id__in=pks)
    said = [Note(column, STALE) for column in columns]
    return dict.fromkeys(stale.values_list("initiative_id", flat=True), said)


def context() -> str:
    waiting = count()
    if not waiting:
        return ""
    return (
        f"{waiting} initiative{'s' * (waiting != 1)} changed since the last scoring. Run scoring to refresh."
    )


@reacts_to("backlog")
def effort_changed(writing: Writing) -> None:
    """Effort Engineering Days is the effort of a math model that states none."""
    changed = [state.row.pk for state in writing.effective if "effort_engineering_days" in state.changed]
    mark(writing, MathModel.objects.filter(initiative_id__in=changed).values_list("initiative_id", flat=True))


@reacts_to("metrics_config")
def kpis_changed(writing: Writing) -> None:
    """A KPI that comes, goes or changes its level changes what models contribute to."""
    touching = {"kpi_key", "kpi_level", "is_active"}
    changed = [
        state.row.pk
        for state in writing.effective
        if state.deleted or state.restored or state.changed & touching
    ]
    models = MathModel.objects.filter(target_kpi_id__in=changed)
    mark(writing, models.values_list("initiative_id", flat=True))
