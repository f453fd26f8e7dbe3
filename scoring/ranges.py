"""P10, P50 and P90 of a formula, from the ranges of the params it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from scoring import formula
from scoring.formula.script import VALUE, Script
from scoring.frameworks.math_model import EFFORT, EFFORT_DAYS, Known
from scoring.frameworks.scored import significant

if TYPE_CHECKING:
    from scoring.hypercube import Draws
    from scoring.uncertainty import Range

SEED = 0
OVERALL = "overall"
Samples = Mapping[str, Any]


@dataclass(frozen=True)
class Spread:
    """The percentiles of a value, and the samples they were taken of.

    ``samples`` is all it takes to draw once more: ``{formula, params, effort, draws, seed}``. ``params`` and
    ``effort`` hold a number, or value, min, max and distribution, as they were scored; ``effort`` is what a
    formula that assigns none is divided by. ``summary`` is what the draws say, JSON-ready.
    """

    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    samples: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None

    @property
    def told(self) -> dict[str, Any] | None:
        """Everything, for the history of scores."""
        return self.samples and {**(self.summary or {}), "samples": self.samples}


CERTAIN = Spread()


@dataclass(frozen=True)
class Drawn:
    """A score in every draw, shapes (draws,). ``overall`` is None where there is no effort."""

    value: Draws
    overall: Draws | None


class RangeError(ValueError):
    """A range that can't be drawn from; the message names the param and says why."""


def spread(
    text: str,
    params: Mapping[str, Known],
    ranges: Mapping[str, Mapping[str, object]],
    days: float | None = None,
) -> Spread:
    """Blank where nothing the formula reads, and no effort, is uncertain. Raises RangeError.

    ``ranges``: value, min, max and distribution of the params that have a range. ``days``: the effort of a
    formula and params that state none.
    """
    script = formula.parse(text)
    given = {name: _as_scored(name, params, ranges) for name in script.identifiers}
    effort = _effort(script, params, ranges, days)
    if not any(isinstance(one, dict) for one in (*given.values(), effort)):
        return CERTAIN
    samples = {
        "formula": text,
        "params": given,
        "effort": effort,
        "draws": settings.SCORING_DRAWS,
        "seed": SEED,
    }
    if effort is not None:
        _read(EFFORT_DAYS, effort)
    if not moves(samples):
        return Spread(samples=samples)
    from scoring import uncertainty  # numpy is only worth loading for draws

    summary = _rounded(asdict(uncertainty.summarise(redraw(samples))))
    return Spread(summary["p10"], summary["p50"], summary["p90"], samples, summary)


def moves(samples: Samples | None) -> bool:
    """Whether the value is uncertain, not the effort alone."""
    return any(isinstance(param, Mapping) for param in samples["params"].values()) if samples else False


def redraw(samples: Samples, draws: int | None = None, seed: int | None = None) -> Draws:
    """The values behind percentiles once more, shape (draws,); other draws or another seed if asked.

    Raises RangeError.
    """
    return _assigned(samples, *_size(samples, draws, seed))[VALUE]


def redraw_scores(samples: Samples, draws: int | None = None, seed: int | None = None) -> Drawn:
    """Value and overall, draw by draw: a draw whose effort isn't above 0 has no overall (NaN)."""
    size, start = _size(samples, draws, seed)
    assigned = _assigned(samples, size, start)
    value, overall = assigned[VALUE], assigned.get(OVERALL)
    if overall is None:
        effort = assigned.get(EFFORT, assigned.get(EFFORT_DAYS))
        if effort is None and samples.get("effort") is not None:
            effort = _drawn_effort(samples["effort"], size, start)
        overall = None if effort is None else _ratio(value, effort)
    return Drawn(value, overall)


def is_uncertain(param: Mapping[str, object] | None) -> bool:
    """Half a range is none; the Params tab remarks on it."""
    if param is None or param["distribution"] == "fixed":
        return False
    return param["min"] is not None and param["max"] is not None


def _as_scored(
    name: str, params: Mapping[str, Known], ranges: Mapping[str, Mapping[str, object]]
) -> dict[str, object] | float | None:
    return dict(ranges[name]) if is_uncertain(ranges.get(name)) else params[name].value


def _effort(
    script: Script,
    params: Mapping[str, Known],
    ranges: Mapping[str, Mapping[str, object]],
    days: float | None,
) -> dict[str, object] | float | None:
    """What the value is divided by where the formula doesn't say; None where it does."""
    if {EFFORT, EFFORT_DAYS, OVERALL} & set(script.assigned):
        return None
    stated = params.get(EFFORT_DAYS)
    return _as_scored(EFFORT_DAYS, params, ranges) if stated and stated.counts else days


def _size(samples: Samples, draws: int | None, seed: int | None) -> tuple[int, int]:
    return draws or samples["draws"], samples["seed"] if seed is None else seed


def _assigned(samples: Samples, draws: int, seed: int) -> dict[str, Draws]:
    from scoring import uncertainty

    given = {name: _read(name, param) for name, param in samples["params"].items()}
    return uncertainty.sample_all(formula.parse(samples["formula"]), given, draws, seed)


def _read(name: str, param: object) -> Range:
    from scoring import uncertainty

    try:
        return uncertainty.Range.read(param)
    except ValueError as error:
        raise RangeError(f"no P10 and P90, because of {name}: {error}") from None


def _drawn_effort(effort: object, draws: int, seed: int) -> Draws:
    from scoring import uncertainty

    return uncertainty.draw(EFFORT_DAYS, _read(EFFORT_DAYS, effort), draws, seed)


def _ratio(value: Draws, effort: Draws) -> Draws:
    import numpy as np

    with np.errstate(all="ignore"):
        return value / np.where(effort > 0, effort, np.nan)


def _rounded(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _rounded(one) for name, one in said.items()}
    return significant(said) if math.isfinite(said) else None
