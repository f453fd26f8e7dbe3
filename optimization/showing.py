"""How pages write numbers."""

from __future__ import annotations

from optimization.problem import spoken


def amount(value: float | None) -> str:
    """A number as a page shows it: four digits that count, and never fewer than the whole number."""
    if value is None:
        return "–"
    size = abs(value)
    digits = 0 if size >= 1000 else 2 if size >= 1 else 4
    return spoken(round(value, digits))


def signed(value: float | None) -> str:
    """A difference: always with its sign, ``0`` without one."""
    return f"+{amount(value)}" if value is not None and value > 0 else amount(value)


def counted(count: int, noun: str) -> str:
    """``2 targets``, ``1 target``."""
    return f"{amount(count)} {noun}{'' if count == 1 else 's'}"
