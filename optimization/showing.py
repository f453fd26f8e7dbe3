"""How pages write differences and counts."""

from __future__ import annotations

from portfolio.amounts import amount


def signed(value: float | None) -> str:
    """A difference: always with its sign, ``0`` without one."""
    return f"+{amount(value)}" if value is not None and value > 0 else amount(value)


def counted(count: int, noun: str) -> str:
    """``2 targets``, ``1 target``."""
    return f"{amount(count)} {noun}{'' if count == 1 else 's'}"
