"""What the Candidates tab shows beside the backlog's own columns: ``{pk: value}`` per request."""

from __future__ import annotations

from metrics import contributions
from metrics.columns import ComputedKpis, target_metrics
from metrics.models import Level
from portfolio.tabs.columns import Column


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


class StrategicKpis(ComputedKpis):
    """One column per strategic KPI: the north star has its own."""

    def expand(self) -> list[Column]:
        stars = {m.kpi_key for m in target_metrics() if m.kpi_level == Level.NORTH_STAR}
        return [part for part in super().expand() if getattr(part, "key", None) not in stars]
