"""The place of every initiative per framework, by overall score, and how sure the math model's place is."""

from __future__ import annotations

from django.db.models import Max

from scoring import ranges
from scoring.formula import FormulaError
from scoring.models import Framework, Score, ScoringInputs
from scoring.ranges import SEED, RangeError, Samples

RANKS = tuple(f"{framework.prefix}_rank" for framework in Framework)
SPANS = {"math_rank_p10": 0.1, "math_rank_p90": 0.9}
MOST_NUMBERS = 20_000_000  # scores in memory at once: 160 MB
FEWEST_DRAWS = 100


def rerank() -> int:
    """Rank all live initiatives anew, 1 being the highest overall; equal scores share a place, and the next
    one counts them all (1, 2, 2, 4). Without an overall score there is no place. Answers how many moved.
    """
    scores = (f"{framework.prefix}_overall_score" for framework in Framework)
    live = ScoringInputs.objects.filter(initiative__deleted_at=None).order_by("pk")
    rows = list(live.only("pk", "initiative_id", *scores, *RANKS, *SPANS))
    before = {row.pk: _of(row) for row in rows}
    for framework in Framework:
        overall, rank = f"{framework.prefix}_overall_score", f"{framework.prefix}_rank"
        places = _places([getattr(row, overall) for row in rows])
        for row in rows:
            setattr(row, rank, places.get(getattr(row, overall)))
    _set_spans(rows)
    moved = [row for row in rows if _of(row) != before[row.pk]]
    ScoringInputs.objects.bulk_set(moved, (*RANKS, *SPANS))
    return len(moved)


def _of(row: ScoringInputs) -> list[int | None]:
    return [getattr(row, name) for name in (*RANKS, *SPANS)]


def _places(scores: list[float | None]) -> dict[float | None, int]:
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    places: dict[float | None, int] = {}
    for place, score in enumerate(ordered, start=1):
        places.setdefault(score, place)
    return places


def _set_spans(rows: list[ScoringInputs]) -> None:
    """P10 and P90 of the math rank over draws that all initiatives share; blank where nothing is uncertain.

    All draws behind the stored percentiles where they fit into MOST_NUMBERS, else as many as do.
    """
    for row in rows:
        row.math_rank_p10 = row.math_rank_p90 = None
    scored = [row for row in rows if row.math_overall_score is not None]
    samples = _samples({row.initiative_id for row in scored})
    if not samples:
        return
    import numpy as np  # only worth loading for draws

    from scoring import stability

    most = max(FEWEST_DRAWS, MOST_NUMBERS // len(scored))
    draws = min(most, *(one["draws"] for one in samples.values()))
    scores = np.empty((len(scored), draws))
    for at, row in enumerate(scored):
        scores[at] = row.math_overall_score
        if row.initiative_id in samples:
            _redraw(samples[row.initiative_id], scores[at])
    for row, found in zip(scored, stability.place_percentiles(scores, tuple(SPANS.values())), strict=True):
        row.math_rank_p10, row.math_rank_p90 = (int(place) or None for place in found)


def _samples(initiatives: set[int]) -> dict[int, Samples]:
    """What their math scores can be drawn again from; certain ones have nothing."""
    math = Score.objects.filter(framework=Framework.MATH_MODEL, initiative__deleted_at=None).order_by()
    newest = math.values("initiative").annotate(newest=Max("pk")).values("newest")
    rows = Score.objects.filter(pk__in=newest).exclude(uncertainty=None).order_by()
    found = rows.values_list("initiative_id", "uncertainty__samples")
    return {pk: samples for pk, samples in found if pk in initiatives and samples}


def _redraw(samples: Samples, overall: ranges.Draws) -> None:
    """Put the draws of an overall score in the place of its value, unless there are none."""
    import numpy as np

    try:
        drawn = ranges.redraw_scores(samples, overall.size, SEED).overall
    except (RangeError, FormulaError):
        return
    if drawn is not None and np.isfinite(drawn).any():
        overall[:] = np.where(np.isfinite(drawn), drawn, np.nan)
