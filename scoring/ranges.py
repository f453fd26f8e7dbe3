"""P10, P50 and P90 of a formula, from the ranges of the params it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scoring import formula
from scoring.frameworks.math_model import Known
from scoring.frameworks.scored import significant

Percentiles = tuple[float | None, float | None, float | None]
CERTAIN: Percentiles = (None, None, None)


class RangeError(ValueError):
    """A range that can't be drawn from; the message names the param and says why."""


def percentiles(
    text: str, params: Mapping[str, Known], ranges: Mapping[str, Mapping[str, object]]
) -> Percentiles:
    """Blank where nothing the formula reads is uncertain. Raises RangeError.

    ``ranges``: value, min, max and distribution of the params that have a range.
    """
    script = formula.parse(text)
    if not any(_is_uncertain(ranges.get(name)) for name in script.identifiers):
        return CERTAIN
    from scoring import uncertainty  # numpy is only worth loading for draws

    given = {}
    for name in script.identifiers:
        drawn_from = ranges[name] if _is_uncertain(ranges.get(name)) else params[name].value
        try:
            given[name] = uncertainty.Range.read(drawn_from)
        except ValueError as error:
            raise RangeError(f"no P10 and P90, because of {name}: {error}") from None
    drawn = uncertainty.summarise(uncertainty.sample(script, given))
    return _finite(drawn.p10), _finite(drawn.p50), _finite(drawn.p90)


def _is_uncertain(param: Mapping[str, object] | None) -> bool:
    """Half a range is none; the Params tab remarks on it."""
    if param is None or param["distribution"] == "fixed":
        return False
    return param["min"] is not None and param["max"] is not None


def _finite(number: float) -> float | None:
    return significant(number) if math.isfinite(number) else None
