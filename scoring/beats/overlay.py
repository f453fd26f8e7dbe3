"""Two histograms over each other as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from portfolio.amounts import amount
from portfolio.svg import WIDTH, line, number, place, svg, ticks, words
from scoring.hypercube import Draws
from scoring.studio.words import short

HEIGHT, FLOOR, TOP, SIDE = 280, 24, 30, 12
BINS = 60
TAIL = 0.005  # of the draws, at either end, that the chart leaves out: one of them can flatten all the rest

Pair = tuple[Draws, Draws]


def overlay(name: str, labels: tuple[str, str], drawn: Pair) -> SafeString:
    """Each side as a filled outline with its name at its peak; the second one is dashed."""
    shares, edges = bins(drawn, BINS)
    scale = ticks(edges[0], edges[-1])
    most = max(*shares[0], *shares[1]) or 1.0
    parts = list(_axis(scale))
    for at, side in enumerate(shares):
        parts += _outline(side, edges, scale, most, at)
    for at, (label, side) in enumerate(zip(labels, shares, strict=True)):
        parts += _name(label, side, edges, scale, at)
    said = "; ".join(f"{label}: {_told(values)}" for label, values in zip(labels, drawn, strict=True))
    return svg(f"How often which {name} is drawn", f"{said}.", HEIGHT, parts)


def bins(drawn: Pair, most: int) -> tuple[list[list[float]], list[float]]:
    """Shares of the finite draws of both in common steps, without the outermost; and the steps' edges."""
    finite = [values[np.isfinite(values)] for values in drawn]
    ends = [np.quantile(values, (TAIL, 1 - TAIL)) for values in finite if values.size]
    low, high = (float(np.min(ends)), float(np.max(ends))) if ends else (0.0, 0.0)
    if high <= low:
        low, high = low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10
    edges = np.linspace(low, high, most + 1)
    return [_shares(values, edges) for values in finite], edges.tolist()


def _shares(values: Draws, edges: NDArray[np.float64]) -> list[float]:
    counts, _ = np.histogram(values, edges)
    return [float(count) / max(1, values.size) for count in counts]


def _told(values: Draws) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "can't be computed"
    low, middle, high = np.quantile(finite, (0.1, 0.5, 0.9)).tolist()
    return f"10% of the draws below {amount(low)}, half below {amount(middle)}, 10% above {amount(high)}"


def _axis(scale: Sequence[float]) -> Iterable[SafeString]:
    for tick in scale:
        x = _x(tick, scale)
        yield line(x, TOP, x, HEIGHT - FLOOR, "gridline")
        anchor = "start" if tick == scale[0] else "end" if tick == scale[-1] else "middle"
        yield words(x, HEIGHT - 6, short(tick), "tick", anchor)
    yield line(SIDE, HEIGHT - FLOOR, WIDTH - SIDE, HEIGHT - FLOOR, "axis")


def _outline(
    side: Sequence[float], edges: Sequence[float], scale: Sequence[float], most: float, at: int
) -> Iterable[SafeString]:
    corners = [(edges[0], 0.0)]
    for step, part in enumerate(side):
        corners += [(edges[step], part / most), (edges[step + 1], part / most)]
    corners.append((edges[-1], 0.0))
    points = " ".join(f"{number(_x(value, scale))},{number(_y(height))}" for value, height in corners)
    yield format_html('<polygon points="{}" class="area series-{}"/>', points, at + 1)
    dashes = "6 3" if at else "none"
    yield format_html(
        '<polyline points="{}" class="line series-{}" stroke-dasharray="{}"/>', points, at + 1, dashes
    )


def _name(
    label: str, side: Sequence[float], edges: Sequence[float], scale: Sequence[float], at: int
) -> Iterable[SafeString]:
    peak = max(range(len(side)), key=side.__getitem__)
    x = min(max(_x((edges[peak] + edges[peak + 1]) / 2, scale), SIDE + 60), WIDTH - SIDE - 60)
    yield words(x, TOP - 16 + 12 * at, label, "value", "middle")


def _x(value: float, scale: Sequence[float]) -> float:
    return place(value, scale, SIDE, WIDTH - SIDE)


def _y(height: float) -> float:
    return HEIGHT - FLOOR - height * (HEIGHT - FLOOR - TOP)
