"""P10, P50 and P90 of a formula, from the ranges of the params it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring import formula
from scoring.frameworks.math_model import Known
from scoring.frameworks.scored import significant

SEED = 0


@dataclass(frozen=True)
class Spread:
    """The percentiles of a value, and the samples they were taken of: ``{formula, params, draws, seed}``.

    ``samples["params"]`` holds a number, or value, min, max and distribution, of each param as it was scored.
    """

    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    samples: dict[str, Any] | None = None


CERTAIN = Spread()


class RangeError(ValueError):
    """A range that can't be drawn from; the message names the param and says why."""


def spread(text: str, params: Mapping[str, Known], ranges: Mapping[str, Mapping[str, object]]) -> Spread:
    """Blank where nothing the formula reads is uncertain. Raises RangeError.

    ``ranges``: value, min, max and distribution of the params that have a range.
    """
    script = formula.parse(text)
    if not any(is_uncertain(ranges.get(name)) for name in script.identifiers):
        return CERTAIN
    from scoring import uncertainty  # numpy is only worth loading for draws

    given = {
        name: dict(ranges[name]) if is_uncertain(ranges.get(name)) else params[name].value
        for name in script.identifiers
    }
    samples = {"formula": text, "params": given, "draws": uncertainty.DRAWS, "seed": SEED}
    drawn = uncertainty.summarise(redraw(samples))
    return Spread(_finite(drawn.p10), _finite(drawn.p50), _finite(drawn.p90), samples)


def redraw(samples: Mapping[str, Any], draws: int | None = None, seed: int | None = None) -> Any:
    """The values behind percentiles once more (numpy, shape (draws,)); other draws or another seed if asked.

    Raises RangeError.
    """
    from scoring import uncertainty

    given = {}
    for name, param in samples["params"].items():
        try:
            given[name] = uncertainty.Range.read(param)
        except ValueError as error:
            raise RangeError(f"no P10 and P90, because of {name}: {error}") from None
    script = formula.parse(samples["formula"])
    size, start = draws or samples["draws"], samples["seed"] if seed is None else seed
    return uncertainty.sample(script, given, size, start)


def is_uncertain(param: Mapping[str, object] | None) -> bool:
    """Half a range is none; the Params tab remarks on it."""
    if param is None or param["distribution"] == "fixed":
        return False
    return param["min"] is not None and param["max"] is not None


def _finite(number: float) -> float | None:
    return significant(number) if math.isfinite(number) else None
