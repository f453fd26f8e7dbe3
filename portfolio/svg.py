"""Shapes of inline SVG charts: classes of static/css/charts.css for colour, never a style attribute.

Every chart carries ``<title>`` and ``<desc>``; the page shows its numbers as a table as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 720
TICKS = 5


def svg(
    title: str,
    description: str,
    height: float,
    parts: Iterable[SafeString],
    role: str = "img",
    width: float = WIDTH,
) -> SafeString:
    """The frame of a chart, in units; its role is group where parts of it are links."""
    return format_html(
        '<svg viewBox="0 0 {} {}" role="{}" aria-label="{}"><title>{}</title><desc>{}</desc>{}</svg>',
        number(width),
        number(height),
        role,
        title,
        title,
        description,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def rect(x: float, y: float, width: float, height: float, css: str) -> SafeString:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" class="{}"/>',
        number(x),
        number(y),
        number(max(width, 0)),
        number(height),
        css,
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> SafeString:
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>', *map(number, (x1, y1, x2, y2)), css
    )


def words(x: float, y: float, said: str, css: str, anchor: str = "start") -> SafeString:
    return format_html(
        '<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>', number(x), number(y), css, anchor, said
    )


def group(title: str, parts: Iterable[SafeString]) -> SafeString:
    """Shapes that belong together, with what a pointer reads on them."""
    return format_html(
        "<g><title>{}</title>{}</g>", title, format_html_join("", "{}", ((part,) for part in parts))
    )


def number(value: float) -> str:
    """A coordinate, at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def place(value: float, scale: Sequence[float], start: float, end: float) -> float:
    """Where ``value`` is between ``start`` and ``end``, on a scale from its first to its last tick."""
    low, high = scale[0], scale[-1]
    return start + (end - start) * (value - low) / (high - low)


def ticks(low: float, high: float, about: int = TICKS) -> list[float]:
    """``about`` so many round numbers from at most ``low`` to at least ``high``."""
    if high <= low:
        low, high = low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10
    raw = (high - low) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(at * step, 12) for at in range(first, last + 1)]
