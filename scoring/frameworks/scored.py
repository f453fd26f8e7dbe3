"""What a framework answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scored:
    """A framework's three numbers, what it warns of, and the inputs it saw.

    ``value`` and ``effort`` are in the framework's own units, ``overall`` is what initiatives are ranked by.
    What can't be computed is None, never 0, and a warning says why. ``error`` is a formula's own failure.
    ``uncertainty`` is what draws say of the value and the samples to draw it again; None where it is certain.
    """

    value: float | None = None
    effort: float | None = None
    overall: float | None = None
    warnings: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    uncertainty: Mapping[str, Any] | None = None


def missing(inputs: Mapping[str, Any]) -> str:
    """Which inputs are blank, as one warning; nothing where all are there."""
    names = [name.replace("_", " ") for name, value in inputs.items() if value is None]
    return f"missing: {', '.join(names)}" if names else ""


def significant(number: float | None, digits: int = 12) -> float | None:
    """``number`` rounded to significant digits, so that 108268.65000000001 is stored as 108268.65."""
    return None if number is None else float(f"{number:.{digits}g}")


def ratio(value: float, effort: float) -> float | None:
    """value ÷ effort, or None where that is no finite number."""
    try:
        quotient = value / effort
    except (ZeroDivisionError, OverflowError):
        return None
    return quotient if math.isfinite(quotient) else None
