"""The place of every initiative per framework, by overall score."""

from __future__ import annotations

from scoring.models import Framework, ScoringInputs


def rerank() -> int:
    """Rank all live initiatives anew, 1 being the highest overall; equal scores share a place, and the next
    one counts them all (1, 2, 2, 4). Without an overall score there is no place. Answers how many moved.
    """
    prefixes = [framework.prefix for framework in Framework]
    rows = list(
        ScoringInputs.objects.filter(initiative__deleted_at=None).only(
            "pk", *(f"{prefix}_{what}" for prefix in prefixes for what in ("overall_score", "rank"))
        )
    )
    moved: dict[int, ScoringInputs] = {}
    for prefix in prefixes:
        overall, rank = f"{prefix}_overall_score", f"{prefix}_rank"
        places = _places([getattr(row, overall) for row in rows])
        for row in rows:
            place = places.get(getattr(row, overall))
            if getattr(row, rank) != place:
                setattr(row, rank, place)
                moved[row.pk] = row
    ScoringInputs.objects.bulk_set(moved.values(), [f"{prefix}_rank" for prefix in prefixes])
    return len(moved)


def _places(scores: list[float | None]) -> dict[float | None, int]:
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    places: dict[float | None, int] = {}
    for place, score in enumerate(ordered, start=1):
        places.setdefault(score, place)
    return places
