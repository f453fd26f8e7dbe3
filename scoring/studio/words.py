"""How the studio writes numbers."""

from __future__ import annotations

from portfolio.amounts import amount

_SHORT = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))


def short(value: float) -> str:
    """An amount for a small chart, at most three digits that count: ``1254000`` → "1.25M"."""
    if abs(value) >= 1e15:
        return f"{value:.1e}"
    for size, letter in _SHORT:
        if abs(value) >= size:
            return (
                f"{value / size:.3g}{letter}" if abs(value) < 999.5 * size else f"{value / size:.0f}{letter}"
            )
    return amount(float(f"{value:.3g}"))


def share(part: float) -> str:
    """``0.9312`` → "93%"; "100%" and "0%" only where that is all of it, or nothing."""
    if 0.99 < part < 1:
        return ">99%"
    if 0 < part < 0.01:
        return "<1%"
    return f"{part:.0%}"
