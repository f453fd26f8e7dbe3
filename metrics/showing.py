"""How pages write what KPIs amount to."""

from __future__ import annotations

from metrics.graph import Node
from portfolio.amounts import amount


def measured(value: float | None, node: Node) -> str:
    """``1,200 parcels per month``."""
    return f"{amount(value)} {node.unit}".strip()


def percent(part: float) -> str:
    """A share in words; what is there never reads as nothing."""
    return "under 1%" if 0 < part < 0.005 else f"{part:.0%}"
