"""What counts of an initiative's contributions, and where it comes from."""

from __future__ import annotations

from metrics.models import Contributions
from portfolio.tabs.memo import memo

COMPUTED, OVERRIDE = "computed", "pm_override"


def _rows(pks: list[int]) -> dict[int, Contributions]:
    def found() -> dict[int, Contributions]:
        wanted = set(pks)
        rows = (
            Contributions.objects.filter(initiative_id=pks[0])
            if len(pks) == 1
            else Contributions.objects.all()
        )
        return {row.initiative_id: row for row in rows if row.initiative_id in wanted}

    return memo(("contributions", tuple(pks[:2]), len(pks)), found)


def effective(pks: list[int]) -> dict[int, dict[str, float]]:
    """What counts, by initiative: ``{kpi_key: value}`` in native units."""
    return {pk: row.effective for pk, row in _rows(pks).items()}


def p10(pks: list[int]) -> dict[int, dict[str, float]]:
    """With a chance of 10% there is less; by initiative, as ``effective``. A certain value is its own P10."""
    return _percentile("p10", pks)


def p50(pks: list[int]) -> dict[int, dict[str, float]]:
    """Less and more are equally likely."""
    return _percentile("p50", pks)


def p90(pks: list[int]) -> dict[int, dict[str, float]]:
    """With a chance of 90% there is less."""
    return _percentile("p90", pks)


def _percentile(name: str, pks: list[int]) -> dict[int, dict[str, float]]:
    return {pk: row.percentile(name) for pk, row in _rows(pks).items()}


def source(pks: list[int]) -> dict[int, str]:
    """``pm_override`` where a person overrode at least one value, ``computed`` where values were derived."""
    return {pk: OVERRIDE if row.override else COMPUTED for pk, row in _rows(pks).items() if row.effective}
