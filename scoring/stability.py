"""How stable a ranking is: the place of everyone in every draw. Plain numbers in and out, numpy only.

Scores are float64 arrays of shape (ranked, draws); NaN has no place in that draw, and takes none away.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.hypercube import Draws

BLOCK = 200_000  # numbers ranked at once: few enough to stay near the processor


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely something is, from how many draws, and the standard error of that."""

    share: float
    sampling_error: float
    draws: int


def place_percentiles(scores: Draws, shares: tuple[float, ...], block: int = BLOCK) -> NDArray[np.int64]:
    """The places that hold in these shares of the draws, shape (ranked, shares); 0 without any place.

    The place of a share is the best one that at least so many draws reach: in 90% of the draws, P90 or a
    better one. ``scores`` is used up: it holds the places afterwards.
    """
    rank_in_place(scores, block)
    ranked, draws = scores.shape
    found = np.zeros((ranked, len(shares)), dtype=np.int64)
    step = max(1, block // max(1, draws))
    for start in range(0, ranked, step):
        found[start : start + step] = _percentiles(scores[start : start + step], shares)
    return found


def rank_in_place(scores: Draws, block: int = BLOCK) -> None:
    """Put everyone's place in each draw where their score was: 1 is the highest, and equal scores share one.

    ``block`` is how many numbers are ranked at once; what comes out doesn't depend on it.
    """
    ranked, draws = scores.shape
    step = max(1, block // max(1, ranked))
    for start in range(0, draws, step):
        part = scores[:, start : start + step]
        part[:] = _places(np.negative(part.T)).T


def chance_of_more(one: Draws, other: Draws) -> Chance:
    """How likely ``one`` exceeds ``other``, draw by draw; half of every tie counts.

    Draws in which either can't be computed are left out; NaN where none is left.
    """
    both = np.isfinite(one) & np.isfinite(other)
    one, other = one[both], other[both]
    if not one.size:
        return Chance(math.nan, math.nan, 0)
    points = (one > other) + (one == other) / 2
    return Chance(float(points.mean()), float(points.std()) / math.sqrt(one.size), one.size)


def _places(losses: Draws) -> Draws:
    """Per row, the place of each number, the smallest first."""
    order = np.argsort(losses, axis=1)
    ordered = np.take_along_axis(losses, order, axis=1)
    places = np.broadcast_to(np.arange(1.0, losses.shape[1] + 1), losses.shape).copy()
    places[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0
    np.maximum.accumulate(places, axis=1, out=places)  # whoever equals the one before shares that place
    places[np.isnan(ordered)] = np.nan
    np.put_along_axis(ordered, order, places, axis=1)
    return ordered


def _percentiles(places: Draws, shares: tuple[float, ...]) -> NDArray[Any]:
    counts = np.isfinite(places).sum(axis=1)
    last = int(np.nanmax(places, initial=0)) + 1
    whole = np.nan_to_num(places, nan=last).astype(
        np.min_scalar_type(last)
    )  # short ones sort by their digits
    whole.sort(axis=1, kind="stable")
    wanted = np.ceil(np.outer(counts, shares) - 1e-9).astype(np.intp).clip(1) - 1
    return np.where(counts[:, None] > 0, np.take_along_axis(whole, wanted, axis=1), 0)
