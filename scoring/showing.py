"""What other tabs show of an initiative's math models. Each answers ``{pk: value}`` for many rows at once."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from metrics.columns import target_metrics
from metrics.models import Level
from portfolio.tabs.memo import memo
from scoring.models import MathModel


def immediate_kpi(pks: list[int]) -> dict[int, str]:
    """By initiative: the immediate KPI of its primary model."""
    return {pk: kpi for pk, (kpi, _) in _primary(pks).items() if kpi}


def metric_chain(pks: list[int]) -> dict[int, str]:
    """By initiative: its primary model's metric chain, with arrows."""
    return {pk: " → ".join(chain["chain"]) for pk, (_, chain) in _primary(pks).items() if chain}


def _primary(pks: list[int]) -> dict[int, tuple[str, Any]]:
    def found() -> dict[int, tuple[str, Any]]:
        rows = MathModel.objects.filter(is_primary=True).order_by()
        rows = rows.filter(initiative_id=pks[0]) if len(pks) == 1 else rows
        wanted = set(pks)
        return {
            pk: (kpi, chain)
            for pk, kpi, chain in rows.values_list("initiative_id", "immediate_kpi", "metric_chain")
            if pk in wanted
        }

    return memo(("primary models", tuple(pks)), found)


def north_star_kpi(pks: list[int]) -> dict[int, str]:
    """On every model: the organisation's north star."""
    star = next((kpi.kpi_key for kpi in target_metrics() if kpi.kpi_level == Level.NORTH_STAR), "")
    return dict.fromkeys(pks, star) if star else {}


def strategic_kpis(pks: list[int]) -> dict[int, str]:
    """On every model: the organisation's strategic KPIs."""
    keys = ", ".join(kpi.kpi_key for kpi in target_metrics() if kpi.kpi_level == Level.STRATEGIC)
    return dict.fromkeys(pks, keys) if keys else {}


def grouped(pairs: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
