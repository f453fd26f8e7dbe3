"""Plots with two axes as inline SVG, drawn from the shapes of portfolio/svg.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portfolio.amounts import amount
from portfolio.svg import WIDTH, line, number, place, svg, ticks, words

HEIGHT, TOP, BOTTOM, RIGHT = 320, 28, 44, 20
LETTER = 6.4  # units, of a tick label
RANGE_ROW = 46


@dataclass(frozen=True)
class Dot:
    """One known place of a curve. ``until``: the same value holds up to there. ``href`` makes it a link."""

    x: float
    y: float
    text: str
    until: float | None = None
    href: str = ""
    is_open: bool = False  # drawn hollow: not proven
    is_marked: bool = False  # drawn with a ring: where things are now


@dataclass(frozen=True)
class Span:
    """A row of a range plot: from P10 to P90 with P50 between."""

    label: str
    text: str
    low: float
    middle: float
    high: float
    at: float | None = None  # a single value to compare with


class Frame:
    """Where values are on the sheet; the axes with their ticks."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], height: float = HEIGHT) -> None:
        self.x_ticks, self.y_ticks = ticks(min(xs), max(xs)), ticks(min(ys), max(ys))
        self.height = height
        self.left = 12 + LETTER * max(len(amount(tick)) for tick in self.y_ticks)

    def x(self, value: float) -> float:
        return place(value, self.x_ticks, self.left, WIDTH - RIGHT)

    def y(self, value: float) -> float:
        return place(value, self.y_ticks, self.height - BOTTOM, TOP)

    def axes(self, x_label: str, y_label: str) -> Iterable[SafeString]:
        floor = self.height - BOTTOM
        for tick in self.y_ticks:
            yield line(self.left, self.y(tick), WIDTH - RIGHT, self.y(tick), "gridline")
            yield words(self.left - 8, self.y(tick) + 4, amount(tick), "tick", "end")
        for tick in self.x_ticks:
            yield line(self.x(tick), floor, self.x(tick), floor + 4, "axis")
            yield words(self.x(tick), floor + 17, amount(tick), "tick", "middle")
        yield line(self.left, floor, WIDTH - RIGHT, floor, "axis")
        yield words(WIDTH - RIGHT, self.height - 8, x_label, "label", "end")
        yield words(0, 14, y_label, "label")


def staircase(title: str, description: str, dots: Sequence[Dot], x_label: str, y_label: str) -> SafeString:
    """A curve that only rises in steps: solid where a value is known to hold, dashed in between."""
    ends = [dot.x if dot.until is None else dot.until for dot in dots]
    frame = Frame([*(dot.x for dot in dots), *ends], [dot.y for dot in dots])
    parts = list(frame.axes(x_label, y_label))
    for at, dot in enumerate(dots):
        parts.append(line(frame.x(dot.x), frame.y(dot.y), frame.x(ends[at]), frame.y(dot.y), "line"))
        if at + 1 < len(dots):
            after = dots[at + 1]
            joint = (frame.x(ends[at]), frame.y(dot.y), frame.x(after.x), frame.y(after.y))
            parts.append(line(*joint, "line between"))
    parts += [_dot(frame, dot) for dot in dots]
    return svg(title, description, frame.height, parts, role="group" if any(d.href for d in dots) else "img")


def curve(title: str, description: str, dots: Sequence[Dot], x_label: str, y_label: str) -> SafeString:
    """Known points joined by a line; a thin line where the value is 0."""
    frame = Frame([dot.x for dot in dots], [*(dot.y for dot in dots), 0], 220)
    parts = list(frame.axes(x_label, y_label))
    parts.append(line(frame.left, frame.y(0), WIDTH - RIGHT, frame.y(0), "axis"))
    joined = " ".join(f"{number(frame.x(dot.x))},{number(frame.y(dot.y))}" for dot in dots)
    parts.append(format_html('<polyline points="{}" class="line"/>', joined))
    parts += [_dot(frame, dot) for dot in dots]
    return svg(title, description, frame.height, parts)


def ranges(title: str, description: str, spans: Sequence[Span]) -> SafeString:
    """Rows on one scale: a bar from P10 to P90, a dot at P50, a dashed line at the value to compare with."""
    ends = [end for s in spans for end in (s.low, s.high, s.at) if end is not None]
    scale = ticks(min(ends), max(ends))
    height = len(spans) * RANGE_ROW + 30
    parts = []
    for tick in scale:
        x = place(tick, scale, 20, WIDTH - 20)
        parts += [
            line(x, 4, x, height - 22, "gridline"),
            words(x, height - 6, amount(tick), "tick", "middle"),
        ]
    for at, span in enumerate(spans):
        low, middle, high = (place(v, scale, 20, WIDTH - 20) for v in (span.low, span.middle, span.high))
        y = at * RANGE_ROW + 30
        parts += [
            words(20, y - 13, span.label, "label"),
            words(WIDTH - 20, y - 13, span.text, "value", "end"),
            format_html(
                '<rect x="{}" y="{}" width="{}" height="10" rx="5" class="area series-{}"/>',
                number(low),
                number(y - 5),
                number(max(high - low, 2)),
                at + 1,
            ),
            format_html('<circle cx="{}" cy="{}" r="6" class="fill series-{}"/>', number(middle), y, at + 1),
        ]
        if span.at is not None:
            x = place(span.at, scale, 20, WIDTH - 20)
            parts.append(line(x, y - 10, x, y + 10, "target"))
    return svg(title, description, height, parts)


def _dot(frame: Frame, dot: Dot) -> SafeString:
    x, y = number(frame.x(dot.x)), number(frame.y(dot.y))
    ring = format_html('<circle cx="{}" cy="{}" r="10" class="ring"/>', x, y) if dot.is_marked else ""
    shape = format_html(
        '<circle cx="{}" cy="{}" r="{}" class="dot {}"><title>{}</title></circle>',
        x,
        y,
        6,
        "dot--open" if dot.is_open else "fill",
        dot.text,
    )
    if not dot.href:
        return format_html("<g>{}{}</g>", ring, shape)
    return format_html(
        '<a href="{0}" hx-get="{0}" hx-target="#point" hx-swap="outerHTML" hx-push-url="true" '
        'aria-label="{1}" class="dot-link">'
        '<circle cx="{2}" cy="{3}" r="16" class="reach"/>{4}{5}</a>',
        dot.href,
        dot.text,
        x,
        y,
        ring,
        shape,
    )
