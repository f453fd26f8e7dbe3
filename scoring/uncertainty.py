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
from hashlib import blake2b
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.formula.arrays import evaluate_columns
from scoring.formula.evaluate import coerce_params
from scoring.formula.script import VALUE, Script

Draws = NDArray[np.float64]
DRAWS = 10_000
PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
DISTRIBUTIONS = ("pert", "triangular", "uniform", "lognormal_90", "fixed")

_Z95 = NormalDist().inv_cdf(0.95)
_GRID = (1 - np.cos(np.linspace(0.0, np.pi, 2_049))) / 2  # finer at both ends, where beta densities are steep
_REMEMBERED = 256  # columns of 80 kB at the usual number of draws


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
    _check_params(script, params)
    columns = {name: draw(name, params[name], draws, seed) for name in script.read_at}
    return np.broadcast_to(evaluate_columns(script, columns)[VALUE], (draws,))


@np.errstate(over="ignore")
def summarise(values: Draws) -> Summary:
    """Percentiles, mean, P(value > 0) and finite fraction of draws.

    The sampling error of percentile p is half the distance between the order statistics one binomial standard
    deviation √(N·p·(1−p)) below and above it (Woodruff 1952). It assumes independent draws, so for a Latin
    hypercube it errs on the safe side.
    """
    ordered = np.sort(values[np.isfinite(values)])
    if not ordered.size:
        nothing = _percentiles(lambda share: math.nan)
        return Summary(
            **nothing, mean=math.nan, p_positive=math.nan, finite_fraction=0.0, sampling_error=nothing
        )
    return Summary(
        **_percentiles(lambda share: _at(ordered, share)),
        mean=float(ordered.mean()),
        p_positive=int(np.count_nonzero(ordered > 0)) / ordered.size,
        finite_fraction=ordered.size / values.size,
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
    return {name: _correlation(_ranks(_order(name, values.size, seed)[finite]), ranks) for name in uncertain}


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


def draw(name: str, param: Range, draws: int = DRAWS, seed: int = 0) -> Draws:
    """The draws of one param, shape (draws,); shape () for a fixed one."""
    low, high = param.bounds
    if low == high:
        return np.asarray(low)
    mode = (param.value - low) / (high - low) if param.distribution in _WITH_MODE else 0.0
    position = _positions(param.distribution, mode, draws)[_order(name, draws, seed)]
    if param.distribution == "lognormal_90":
        return low * np.exp(position * (math.log(high) - math.log(low)))
    return low + position * (high - low)


def _check_bounds(param: Range) -> None:
    if param.min is None or param.max is None:
        raise ValueError("a range needs both min and max; leave both empty for a certain value")
    if not (math.isfinite(param.min) and math.isfinite(param.max) and math.isfinite(param.max - param.min)):
        raise ValueError("min and max must be finite numbers")
    if param.min > param.max:
        raise ValueError(f"min {param.min:g} is above max {param.max:g}")
    if param.distribution in _WITH_MODE and not param.min <= param.value <= param.max:
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
    """The quantile of sorted draws, interpolated between the two nearest."""
    below, fraction = divmod(share * (ordered.size - 1), 1)
    low = float(ordered[int(below)])
    high = float(ordered[min(int(below) + 1, ordered.size - 1)])
    return low + fraction * (high - low)


def _sampling_error(ordered: Draws, share: float) -> float:
    deviation = math.sqrt(share * (1 - share) / ordered.size)
    return (_at(ordered, min(share + deviation, 1.0)) - _at(ordered, max(share - deviation, 0.0))) / 2


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


# --- drawing ---


@lru_cache(maxsize=_REMEMBERED)
def _order(name: str, draws: int, seed: int) -> NDArray[np.intp]:
    """Which stratum a param falls into in each draw: a permutation of 0 … draws − 1."""
    digest = blake2b(f"{seed}:{name}".encode(), digest_size=16).digest()
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest)))
    return _frozen(generator.permutation(draws))


@lru_cache(maxsize=_REMEMBERED)
def _positions(distribution: str, mode: float, draws: int) -> Draws:
    """The quantiles at the middle of each stratum, as positions where min is 0 and max is 1."""
    return _frozen(_QUANTILES[distribution]((np.arange(draws) + 0.5) / draws, mode))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)  # it is shared through the cache
    return array


def _pert(share: Draws, mode: float) -> Draws:
    """Beta(1 + 4·mode, 5 − 4·mode), whose mean is (min + 4·mode + max) / 6 (Malcolm et al. 1959).

    Its distribution function is integrated over a grid by the trapezoid rule and inverted by interpolation.
    """
    density = _GRID ** (4 * mode) * (1 - _GRID) ** (4 * (1 - mode))
    cumulative = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) * np.diff(_GRID))))
    return np.interp(share, cumulative / cumulative[-1], _GRID)


def _triangular(share: Draws, mode: float) -> Draws:
    return np.where(share < mode, np.sqrt(share * mode), 1 - np.sqrt((1 - share) * (1 - mode)))


def _uniform(share: Draws, mode: float) -> Draws:
    return share


def _lognormal(share: Draws, mode: float) -> Draws:
    """Positions on the logarithmic scale: P5 is 0 and P95 is 1."""
    return 0.5 + _normal_quantiles(share.size) / (2 * _Z95)


@lru_cache(maxsize=8)
def _normal_quantiles(draws: int) -> Draws:
    normal = NormalDist()
    return np.array([normal.inv_cdf((stratum + 0.5) / draws) for stratum in range(draws)])


_WITH_MODE = ("pert", "triangular")
_QUANTILES: dict[str, Callable[[Draws, float], Draws]] = {
    "pert": _pert,
    "triangular": _triangular,
    "uniform": _uniform,
    "lognormal_90": _lognormal,
}
