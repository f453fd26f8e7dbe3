"""What the Candidates tab shows beside the backlog's own columns: ``{pk: value}`` per request."""

from __future__ import annotations

from metrics import contributions
from metrics.columns import ComputedKpis, target_metrics
from metrics.models import Level
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import memo
from scoring.models import MathModel


def north_star(pks: list[int]) -> dict[int, float]:
    """What each candidate brings to the north star, native units."""
    star = next((m.kpi_key for m in target_metrics() if m.kpi_level == Level.NORTH_STAR), None)
    found = contributions.effective(pks)
    return {pk: values[star] for pk, values in found.items() if star in values}


def strategic(pks: list[int]) -> dict[int, dict[str, float]]:
    """What each candidate brings to the strategic KPIs, native units."""
    keys = {m.kpi_key for m in target_metrics() if m.kpi_level == Level.STRATEGIC}
    found = contributions.effective(pks)
    return {pk: {key: value for key, value in values.items() if key in keys} for pk, values in found.items()}


def p10(pks: list[int]) -> dict[int, float]:
    return _simulated(0, pks)


def p90(pks: list[int]) -> dict[int, float]:
    return _simulated(1, pks)


def _simulated(at: int, pks: list[int]) -> dict[int, float]:
    found = memo("P10 and P90", _primary_models)
    return {pk: found[pk][at] for pk in pks if pk in found and found[pk][at] is not None}


def _primary_models() -> dict[int, tuple[float, float]]:
    rows = MathModel.objects.filter(is_primary=True).values_list("initiative_id", "p10", "p90")
    return {pk: (low, high) for pk, low, high in rows}


class StrategicKpis(ComputedKpis):
    """One column per strategic KPI: the north star has its own."""

    def expand(self) -> list[Column]:
        stars = {m.kpi_key for m in target_metrics() if m.kpi_level == Level.NORTH_STAR}
        return [part for part in super().expand() if getattr(part, "key", None) not in stars]
