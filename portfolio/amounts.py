"""How pages write amounts."""

from __future__ import annotations

import math

BLANK = "–"


def amount(value: float | None) -> str:
    """``108268.65`` → "108,269": four digits that count, and never fewer than the whole number."""
    if value is None or not math.isfinite(value):
        return BLANK
    size = abs(value)
    if size and not 1e-4 <= size < 1e15:
        return f"{value:.4g}"
    digits = 0 if size >= 1000 else 2 if size >= 1 else 4
    return _trimmed(f"{value:,.{digits}f}")


def _trimmed(text: str) -> str:
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
