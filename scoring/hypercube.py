"""Latin hypercube columns: in which stratum of its range a param falls in each draw, and where that is.

Pure numpy. Columns are remembered and shared, so they are read-only; shapes are (draws,).
"""

import math
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]

_Z95 = NormalDist().inv_cdf(0.95)
_GRID = (1 - np.cos(np.linspace(0.0, np.pi, 2_049))) / 2  # finer at both ends, where beta densities are steep
REMEMBERED = 256  # columns of 80 kB at the usual number of draws
_STOCK = 16  # shuffles
_MODES = 64  # steps of the grid of modes for pert
_TABLED = 20_000  # draws; a table for more would take more memory than it is worth


@lru_cache(maxsize=REMEMBERED)
def order(name: str, draws: int, seed: int) -> NDArray[np.intp]:
    """Which stratum a param falls into in each draw: a permutation of 0 … draws − 1.

    Shuffling anew for every name takes longer than all the rest, so two shuffles of a small stock are applied
    one after the other, each from a place of its own: STOCK² · draws² orders to choose from.
    """
    first, second, turn, other = np.frombuffer(_digest(f"{seed}:{name}"), dtype="<u8").tolist()
    outer = _shuffled(first % _STOCK, draws, seed)[turn % draws :][:draws]
    inner = _shuffled(_STOCK + second % _STOCK, draws, seed)[other % draws :][:draws]
    return frozen(outer.take(inner))


@lru_cache(maxsize=8 * _STOCK)
def _shuffled(number: int, draws: int, seed: int) -> NDArray[np.intp]:
    """One shuffle of 0 … draws − 1, twice in a row so that it can be read from any place on."""
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(_digest(f"{seed}:{number}:{draws}"))))
    return frozen(np.tile(generator.permutation(draws), 2))


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=32).digest()


def positions(distribution: str, mode: float, draws: int) -> Draws:
    """The quantiles at the middle of each stratum, as positions where min is 0 and max is 1."""
    return _QUANTILES[distribution](_strata(draws), mode)


@lru_cache(maxsize=8)
def _strata(draws: int) -> Draws:
    """The middle of each stratum, as a share of all probability."""
    return frozen((np.arange(draws) + 0.5) / draws)


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)  # it is shared through the cache
    return array


def _pert(share: Draws, mode: float) -> Draws:
    """Beta(1 + 4·mode, 5 − 4·mode), whose mean is (min + 4·mode + max) / 6 (Malcolm et al. 1959).

    Computed once for a grid of modes; a cubic through the four nearest is within 2e-6 of the range. Of very
    many draws each is computed.
    """
    if share.size > _TABLED:
        return _beta_quantiles(share, mode)
    table = _pert_table(share.size)
    first = min(max(math.floor(mode * _MODES) - 1, 0), _MODES - 3)
    return _cubic(mode * _MODES - first) @ table[first : first + 4]


def _cubic(at: float) -> Draws:
    """The weights of values at 0, 1, 2 and 3 in the cubic through them (Lagrange)."""
    others = ((1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2))
    return np.array([math.prod((at - x) / (own - x) for x in rest) for own, rest in enumerate(others)])


@lru_cache(maxsize=4)
def _pert_table(draws: int) -> Draws:
    """Quantiles for modes 0, 1/_MODES … 1, shape (_MODES + 1, draws)."""
    return np.array([_beta_quantiles(_strata(draws), mode / _MODES) for mode in range(_MODES + 1)])


def _beta_quantiles(share: Draws, mode: float) -> Draws:
    """The distribution function, integrated over a grid by the trapezoid rule, inverted by interpolation."""
    density = _GRID ** (4 * mode) * (1 - _GRID) ** (4 * (1 - mode))
    cumulative = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) * np.diff(_GRID))))
    return np.interp(share, cumulative / cumulative[-1], _GRID)


def _triangular(share: Draws, mode: float) -> Draws:
    rising = int(share.searchsorted(mode))
    below, above = share[:rising], share[rising:]
    return np.concatenate((np.sqrt(below * mode), 1 - np.sqrt((1 - above) * (1 - mode))))


def _uniform(share: Draws, mode: float) -> Draws:
    return share


def _lognormal(share: Draws, mode: float) -> Draws:
    """Positions on the logarithmic scale: P5 is 0 and P95 is 1."""
    return 0.5 + _normal_quantiles(share.size) / (2 * _Z95)


@lru_cache(maxsize=8)
def _normal_quantiles(draws: int) -> Draws:
    normal = NormalDist()
    return np.array([normal.inv_cdf((stratum + 0.5) / draws) for stratum in range(draws)])


WITH_MODE = ("pert", "triangular")
_QUANTILES: dict[str, Callable[[Draws, float], Draws]] = {
    "pert": _pert,
    "triangular": _triangular,
    "uniform": _uniform,
    "lognormal_90": _lognormal,
}
