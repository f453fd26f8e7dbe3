"""Tornado and histogram of a value as inline SVG, drawn for a column about 340 px wide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from django.utils.safestring import SafeString

from portfolio.amounts import amount
from portfolio.svg import group, line, place, rect, svg, ticks, words
from scoring.studio.words import short
from scoring.uncertainty import Draws, Summary, Swing

WIDTH = 340
SIDE = 8
MOST_SWINGS = 12
ROW, BAR = 34, 10
BINS = 30
PLOT, FLOOR, TOP = 150, 20, 26
TAIL = 0.005  # of the draws, at either end, that a histogram leaves out: one of them can flatten all the rest
LONGEST = 34  # letters of a label


def tornado_chart(value: float, swings: Sequence[Swing], labels: Mapping[str, str]) -> SafeString:
    """One bar per param from the value at its min to that at its max; the line is the value itself."""
    shown = [swing for swing in swings if math.isfinite(swing.swing)][:MOST_SWINGS]
    ends = [value, *(end for swing in shown for end in (swing.at_min, swing.at_max))]
    scale = ticks(min(ends), max(ends), 4)
    height = len(shown) * ROW + FLOOR + 4
    middle = _x(value, scale)
    parts = [*_scale(scale, 0, height), line(middle, 2, middle, height - FLOOR, "target")]
    for at, swing in enumerate(shown):
        label = labels.get(swing.param) or swing.param
        parts.append(group(label, _swing(swing, value, scale, at * ROW, label)))
    told = "; ".join(
        f"{labels.get(s.param) or s.param} from {amount(s.at_min)} to {amount(s.at_max)}" for s in shown
    )
    return svg("What moves the value", f"The value is {amount(value)}. {told}.", height, parts, width=WIDTH)


def _swing(
    swing: Swing, value: float, scale: Sequence[float], top: float, label: str
) -> Iterable[SafeString]:
    """Solid towards the param's max, soft towards its min, so that the direction shows without colour."""
    middle, y = _x(value, scale), top + 18
    yield words(SIDE, top + 13, _cut(label), "label")
    yield words(WIDTH - SIDE, top + 13, f"{short(swing.at_min)} … {short(swing.at_max)}", "value", "end")
    for end, css in ((swing.at_min, "area tornado-low"), (swing.at_max, "fill tornado-high")):
        x = _x(end, scale)
        yield rect(min(x, middle), y, max(abs(x - middle), 1), BAR, css)


def histogram(draws: Draws, summary: Summary) -> SafeString:
    """How often which value is drawn, with P10, P50 and P90; what is not above 0 is drawn as a loss."""
    counts, edges = _bins(draws)
    scale = ticks(float(edges[0]), float(edges[-1]), 4)
    most, height = int(counts.max()), PLOT
    floor = height - FLOOR
    parts = list(_scale(scale, TOP, height))
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        left, right = _x(low, scale), _x(high, scale)
        tall = (floor - TOP) * count / most
        css = "fill mark-error" if high <= 0 else "fill"
        if count:
            parts.append(rect(left, floor - tall, max(right - left - 1, 1), tall, css))
    parts.append(line(SIDE, floor, WIDTH - SIDE, floor, "axis"))
    parts += _percentiles(summary, scale, floor)
    return svg("How the value is spread", describe(summary), height, parts, width=WIDTH)


def describe(summary: Summary) -> str:
    middle = f"half of the draws lie below {amount(summary.p50)}"
    return f"10% lie below {amount(summary.p10)}, {middle}, 10% above {amount(summary.p90)}."


def bins_table(draws: Draws, rows: int = 10) -> list[tuple[str, str, float]]:
    """The histogram as rows: from, to, share of the draws."""
    counts, edges = _bins(draws, rows)
    return [
        (amount(low), amount(high), count / draws.size)
        for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def _bins(draws: Draws, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges over the finite draws but their outermost; 0 is an edge where it lies within."""
    finite = draws[np.isfinite(draws)]
    low, high = np.quantile(finite, (TAIL, 1 - TAIL)).tolist()
    if high <= low:
        low, high = low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10
    width = (high - low) / bins
    if low < 0 < high:
        low = -math.ceil(-low / width) * width
    edges = low + width * np.arange(math.ceil(round((high - low) / width, 6)) + 1)
    return np.histogram(finite, edges)


def _percentiles(summary: Summary, scale: Sequence[float], floor: float) -> Iterable[SafeString]:
    for at, (name, value) in enumerate((("P10", summary.p10), ("P50", summary.p50), ("P90", summary.p90))):
        x = min(max(_x(value, scale), SIDE), WIDTH - SIDE)
        yield line(x, TOP - 6, x, floor, "target")
        yield words(x, TOP - 10, name, "label", ("end", "middle", "start")[at])


def _scale(scale: Sequence[float], top: float, height: float) -> Iterable[SafeString]:
    for at, tick in enumerate(scale):
        x = _x(tick, scale)
        anchor = "start" if at == 0 else "end" if at == len(scale) - 1 else "middle"
        yield line(x, top, x, height - FLOOR, "gridline")
        yield words(x, height - 5, short(tick), "tick", anchor)


def _x(value: float, scale: Sequence[float]) -> float:
    return place(value, scale, SIDE, WIDTH - SIDE)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
