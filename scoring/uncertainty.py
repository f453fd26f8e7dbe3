"""How uncertain a math model's value is, from the ranges of its params. Plain data in and out, numpy only.

Every param is drawn by a Latin hypercube: its range is cut into N strata of equal probability, each gives
its middle, and only the order of the strata is random. That order comes from the param's name and the run's
seed alone, so an assumption shared by many models (`monthly_sessions`) is drawn identically in all of them.
Draws are float64 arrays of shape (N,). A draw that divides by zero, overflows or has no square root is not
finite; `Summary.finite_fraction` is the share of those that are.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.formula.arrays import evaluate_columns
from scoring.formula.evaluate import coerce_params
from scoring.formula.script import VALUE, Script
from scoring.hypercube import REMEMBERED, WITH_MODE, frozen, order, positions
from scoring.hypercube import Draws as Draws

DRAWS = 10_000
PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
DISTRIBUTIONS = ("pert", "triangular", "uniform", "lognormal_90", "fixed")

_DEALT = 65_535  # the highest step that two bytes hold


@dataclass(frozen=True, slots=True)
class Range:
    """A param's value and how far it may be off. Without min and max, or with `fixed`, it is certain.

    `pert` and `triangular` have their mode at `value`; the min and max of `lognormal_90` are its P5 and P95.
    Raises ValueError with what is wrong, fit to follow "The param x: ".
    """

    value: float
    min: float | None = None
    max: float | None = None
    distribution: str = "pert"

    def __post_init__(self) -> None:
        if self.distribution not in DISTRIBUTIONS:
            known = ", ".join(DISTRIBUTIONS)
            raise ValueError(f"the distribution is one of {known}, not {self.distribution}")
        if not self.is_fixed:
            _check_bounds(self)

    @property
    def is_fixed(self) -> bool:
        return self.distribution == "fixed" or (self.min is None and self.max is None)

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the range; both are the value when it is fixed."""
        if self.is_fixed or self.min is None or self.max is None:
            return self.value, self.value
        return self.min, self.max

    @classmethod
    def read(cls, param: object) -> "Range":
        """From a number, or a mapping of value, min, max and distribution; all but value may be blank."""
        if not isinstance(param, Mapping):
            return cls(_number(param, "value"))
        low, high = (None if param.get(end) is None else _number(param[end], end) for end in ("min", "max"))
        return cls(_number(param.get("value"), "value"), low, high, str(param.get("distribution") or "pert"))


@dataclass(frozen=True, slots=True)
class Summary:
    """What N draws say, over the finite ones; NaN where there are none.

    `sampling_error` holds the standard error of each percentile in the value's unit.
    """

    p10: float
    p50: float
    p90: float
    mean: float
    p_positive: float
    finite_fraction: float
    sampling_error: dict[str, float]


@dataclass(frozen=True, slots=True)
class Swing:
    """The value with one param at its min and at its max, every other param at its value."""

    param: str
    at_min: float
    at_max: float

    @property
    def swing(self) -> float:
        return abs(self.at_max - self.at_min)


def sample(script: Script, params: Mapping[str, Range], draws: int = DRAWS, seed: int = 0) -> Draws:
    """The script's value in every draw. Raises FormulaError when the params do not fit the script."""
    return sample_all(script, params, draws, seed)[VALUE]


def sample_all(
    script: Script, params: Mapping[str, Range], draws: int = DRAWS, seed: int = 0
) -> dict[str, Draws]:
    """The same for every name the script assigns, draw by draw alongside each other."""
    _check_params(script, params)
    columns = {name: draw(name, params[name], draws, seed) for name in script.read_at}
    assigned = evaluate_columns(script, columns)
    return {name: np.broadcast_to(column, (draws,)) for name, column in assigned.items()}


@np.errstate(over="ignore")
def summarise(values: Draws) -> Summary:
    """Percentiles, mean, P(value > 0) and finite fraction of draws.

    The sampling error of percentile p is half the distance between the order statistics one binomial standard
    deviation √(N·p·(1−p)) below and above it (Woodruff 1952). It assumes independent draws, so for a Latin
    hypercube it errs on the safe side.
    """
    finite = values if np.isfinite(values).all() else values[np.isfinite(values)]
    if not finite.size:
        nothing = _percentiles(lambda share: math.nan)
        return Summary(
            **nothing, mean=math.nan, p_positive=math.nan, finite_fraction=0.0, sampling_error=nothing
        )
    ordered = _ordered(finite)
    return Summary(
        **_percentiles(lambda share: _at(ordered, share)),
        mean=float(finite.mean()),
        p_positive=int(np.count_nonzero(finite > 0)) / finite.size,
        finite_fraction=finite.size / values.size,
        sampling_error=_percentiles(lambda share: _sampling_error(ordered, share)),
    )


def tornado(script: Script, params: Mapping[str, Range]) -> list[Swing]:
    """How far each uncertain param alone moves the value: largest swing first, before it non-finite ones."""
    _check_params(script, params)
    uncertain = [name for name in script.read_at if not params[name].is_fixed]
    columns: dict[str, Draws] = {}
    for name in script.read_at:
        columns[name] = np.full(2 * len(uncertain), params[name].value)
        if name in uncertain:
            at = 2 * uncertain.index(name)
            columns[name][at : at + 2] = params[name].bounds
    values = np.broadcast_to(evaluate_columns(script, columns)[VALUE], (2 * len(uncertain),)).tolist()
    swings = [Swing(name, *values[2 * at : 2 * at + 2]) for at, name in enumerate(uncertain)]
    return sorted(swings, key=lambda one: one.swing if math.isfinite(one.swing) else math.inf, reverse=True)


def rank_correlations(
    script: Script, params: Mapping[str, Range], values: Draws, seed: int = 0
) -> dict[str, float]:
    """Spearman's rank correlation of each uncertain param with the value, over the finite draws.

    `values` are what `sample` gave for the same script, params and seed. 0 where the value never moves.
    """
    finite = np.isfinite(values)
    ranks = _ranks(values[finite])
    uncertain = [name for name in script.read_at if not params[name].is_fixed]
    if not ranks.size:
        return dict.fromkeys(uncertain, 0.0)
    drawn: dict[str, NDArray[Any]] = {name: order(name, values.size, seed) for name in uncertain}
    if ranks.size < values.size:  # else every stratum is drawn once, and is its own rank
        drawn = {name: _ranks(strata[finite]) for name, strata in drawn.items()}
    return {name: _correlation(strata, ranks) for name, strata in drawn.items()}


def describe(
    script: Script, params: Mapping[str, Range], draws: int = DRAWS, seed: int = 0
) -> dict[str, Any]:
    """Summary, tornado and rank correlations as JSON-ready data; None where a number is not finite."""
    values = sample(script, params, draws, seed)
    correlations = rank_correlations(script, params, values, seed)
    swings = [
        {**asdict(one), "swing": one.swing, "rank_correlation": correlations[one.param]}
        for one in tornado(script, params)
    ]
    summary = {**asdict(summarise(values)), "tornado": swings}
    return {key: _json_ready(one) for key, one in summary.items()}


@lru_cache(maxsize=REMEMBERED)
def draw(name: str, param: Range, draws: int = DRAWS, seed: int = 0) -> Draws:
    """The draws of one param, shape (draws,); shape () for a fixed one. Shared, so read-only."""
    low, high = param.bounds
    return frozen(np.asarray(low) if low == high else _drawn(name, param, draws, seed))


def _drawn(name: str, param: Range, draws: int, seed: int) -> Draws:
    low, high = param.bounds
    mode = (param.value - low) / (high - low) if param.distribution in WITH_MODE else 0.0
    position = positions(param.distribution, mode, draws).take(order(name, draws, seed))
    if param.distribution == "lognormal_90":
        return low * np.exp(position * (math.log(high) - math.log(low)))
    position *= high - low
    position += low
    return position


def _check_bounds(param: Range) -> None:
    if param.min is None or param.max is None:
        raise ValueError("a range needs both min and max; leave both empty for a certain value")
    if not (math.isfinite(param.min) and math.isfinite(param.max) and math.isfinite(param.max - param.min)):
        raise ValueError("min and max must be finite numbers")
    if param.min > param.max:
        raise ValueError(f"min {param.min:g} is above max {param.max:g}")
    if param.distribution in WITH_MODE and not param.min <= param.value <= param.max:
        raise ValueError(f"the value {param.value:g} must lie from min {param.min:g} to max {param.max:g}")
    if param.distribution == "lognormal_90" and param.min <= 0:
        raise ValueError(f"lognormal_90 needs a min above 0, not {param.min:g}")


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{place} must be a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{place} is too large") from None


def _check_params(script: Script, params: Mapping[str, Range]) -> None:
    coerce_params(script, {name: param.value for name, param in params.items()})


def _percentiles(of_share: Callable[[float], float]) -> dict[str, float]:
    return {name: of_share(share) for name, share in PERCENTILES.items()}


def _at(ordered: Draws, share: float) -> float:
    """The quantile of draws that are in order where it matters, interpolated between the two nearest."""
    below, above, fraction = _nearest(share, ordered.size)
    low, high = float(ordered[below]), float(ordered[above])
    return low + fraction * (high - low)


def _sampling_error(ordered: Draws, share: float) -> float:
    low, high = _around(share, ordered.size)
    return (_at(ordered, high) - _at(ordered, low)) / 2


def _ordered(values: Draws) -> Draws:
    """In order wherever a percentile or its error reads; elsewhere nearly.

    Comparing draws costs mispredicted branches. So they are dealt into equal steps of their span by a radix
    sort, and only the steps around each percentile are sorted.
    """
    low, high = float(values.min()), float(values.max())
    per_unit = _DEALT / (high - low) if high > low else math.inf
    if not 0 < per_unit < math.inf:
        return np.sort(values)
    scaled = values - low
    scaled *= per_unit
    steps = scaled.astype(np.uint16)
    dealt = np.argsort(steps, kind="stable")
    ordered, steps = values.take(dealt), steps.take(dealt)
    first, last = _windows(values.size)
    starts, ends = steps.searchsorted(steps[first]), steps.searchsorted(steps[last], side="right")
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        ordered[start:end].sort()
    return ordered


@lru_cache(maxsize=64)
def _windows(size: int) -> tuple[list[int], list[int]]:
    """The first and the last place that each percentile and its error read."""
    around = [_around(share, size) for share in PERCENTILES.values()]
    return [_nearest(low, size)[0] for low, _ in around], [_nearest(high, size)[1] for _, high in around]


def _nearest(share: float, size: int) -> tuple[int, int, float]:
    """The places below and above a quantile, and how far between them it lies."""
    below, fraction = divmod(share * (size - 1), 1)
    return int(below), min(int(below) + 1, size - 1), fraction


def _around(share: float, size: int) -> tuple[float, float]:
    """One binomial standard deviation below and above."""
    deviation = math.sqrt(share * (1 - share) / size)
    return max(share - deviation, 0.0), min(share + deviation, 1.0)


def _ranks(values: NDArray[Any]) -> Draws:
    """Ranks from 0; equal values share the middle of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[place]


def _correlation(left: Draws, right: Draws) -> float:
    """Pearson's r of two columns; 0 where one of them never changes."""
    left, right = left - left.mean(), right - right.mean()
    scale = math.sqrt(float(left @ left) * float(right @ right))
    return float(left @ right) / scale if scale else 0.0


def _json_ready(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _json_ready(one) for key, one in data.items()}
    if isinstance(data, list):
        return [_json_ready(one) for one in data]
    return data if not isinstance(data, float) or math.isfinite(data) else None
