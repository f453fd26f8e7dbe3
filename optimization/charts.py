"""Charts of bars as inline SVG, drawn from the shapes of portfolio/svg.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portfolio.svg import WIDTH, line, rect, svg, words

ROW = 46
BAR = 12


@dataclass(frozen=True)
class Bar:
    """One bar of a ``bullet_chart``: how far ``value`` gets towards ``target``, and the most there could be.

    ``mark`` is ok, info, warn or error; ``text`` says the numbers.
    """

    label: str
    text: str
    value: float | None
    target: float
    reachable: float | None = None
    mark: str = "ok"


def bullet_chart(title: str, description: str, bars: Sequence[Bar]) -> SafeString:
    """Horizontal bars, each on its own scale: value solid, reachable faint, target a dashed line."""
    rows = [_bullet(bar, at * ROW) for at, bar in enumerate(bars)]
    return svg(title, description, len(bars) * ROW, rows)


def percent(part: float | None, whole: float | None) -> int:
    """``part`` of ``whole`` in whole percent, 0 to 100: the number in the classes ``w-…`` and ``at-…``."""
    if not part or not whole or part <= 0 or whole <= 0:
        return 0
    return min(100, round(100 * part / whole))


def _bullet(bar: Bar, top: float) -> SafeString:
    most = max(bar.target, bar.value or 0, bar.reachable or 0, 0) or 1
    scale = (WIDTH - 4) / most
    y = top + 18
    parts = [
        words(0, top + 12, bar.label, "label"),
        words(WIDTH, top + 12, bar.text, "value", "end"),
        rect(0, y, WIDTH, BAR, "track"),
    ]
    if bar.reachable is not None:
        parts.append(rect(0, y, bar.reachable * scale, BAR, f"mark-{bar.mark} fill faint"))
    if bar.value is not None:
        parts.append(rect(0, y, bar.value * scale, BAR, f"mark-{bar.mark} fill"))
    if bar.target > 0:
        parts.append(line(bar.target * scale, y - 3, bar.target * scale, y + BAR + 3, "target"))
    return format_html("<g>{}</g>", format_html_join("", "{}", ((part,) for part in parts)))


def stacked(title: str, description: str, parts: Sequence[tuple[str, float]]) -> SafeString:
    """One bar cut into (label, share of the whole); the colours are explained beside it."""
    pieces, at = [rect(0, 0, WIDTH, 24, "track")], 0.0
    for index, (label, share) in enumerate(parts):
        piece = rect(at, 0, share * WIDTH, 24, f"fill series-{index % 8 + 1}")
        pieces.append(format_html("<g><title>{}: {}</title>{}</g>", label, f"{share:.1%}", piece))
        at += share * WIDTH
    return svg(title, description, 24, pieces)
