"""How pages write amounts and names of KPIs."""

from __future__ import annotations

from metrics.graph import Node


def amount(value: float | None) -> str:
    """Four digits that count, and never fewer than the whole number: ``1,497,937``, ``0.25``."""
    if value is None:
        return "–"
    digits = 0 if abs(value) >= 1000 else 2 if abs(value) >= 1 else 4
    written = f"{value:,.{digits}f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written


def measured(value: float | None, node: Node) -> str:
    """``1,200 parcels per month``."""
    return f"{amount(value)} {node.unit}".strip()


def percent(part: float) -> str:
    """A share in words; what is there never reads as nothing."""
    return "under 1%" if 0 < part < 0.005 else f"{part:.0%}"
