"""Where the stops of a row stand from left to right, so that what is linked stands below each other. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from metrics.layers import Layers, Stop

SWEEPS = 8


def places(picture: Layers, width: float, node: float, trunk: float, gap: float) -> dict[Stop, float]:
    """The middle of every stop, between 0 and ``width``; metrics are ``node`` wide, trunks ``trunk``.

    Stops of a row keep their order and ``gap`` between them. A row that has no room at all is wider.
    """
    sizes = {stop: trunk if stop.to else node for row in picture.rows for stop in row}
    at: dict[Stop, float] = {}
    for row in picture.rows:
        at |= _spread(row, sizes, gap, dict.fromkeys(row, width / 2), width)
    near = _near(picture)
    for sweep in range(SWEEPS):
        for row in picture.rows if sweep % 2 else reversed(picture.rows):
            wanted = {stop: _mean([at[other] for other in near[stop]], at[stop]) for stop in row}
            at |= _spread(row, sizes, gap, wanted, width)
    return at


def _near(picture: Layers) -> Mapping[Stop, list[Stop]]:
    near: dict[Stop, list[Stop]] = defaultdict(list)
    for below, above in picture.steps:
        near[below].append(above)
        near[above].append(below)
    return near


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _spread(
    row: Sequence[Stop],
    sizes: Mapping[Stop, float],
    gap: float,
    wanted: Mapping[Stop, float],
    width: float,
) -> dict[Stop, float]:
    """As near to ``wanted`` as order and gaps allow (least squares): isotonic regression of what is left."""
    offsets, reach = [], 0.0
    for stop in row:
        offsets.append(reach + sizes[stop] / 2)
        reach += sizes[stop] + gap
    room = max(width - (reach - gap), 0)
    fitted = _isotonic([wanted[stop] - offset for stop, offset in zip(row, offsets, strict=True)])
    return {
        stop: offset + min(max(left, 0), room)
        for stop, offset, left in zip(row, offsets, fitted, strict=True)
    }


def _isotonic(numbers: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for number in numbers:
        mean, count = number, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    return [mean for mean, count in pools for _ in range(count)]
