"""An initiative's metric chain as a picture: from what it moves first down to the target KPI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from metrics.models import Level, Metric
from portfolio.svg import group, line, rect, svg, words

WIDTH, BOX, STEP = 220, 40, 62
LONGEST = 30  # letters
LEVELS = {Level.NORTH_STAR: "north-star", Level.STRATEGIC: "strategic", Level.OPERATIONAL: "operational"}


@dataclass(frozen=True)
class Link:
    """One metric of a chain; ``metric`` None is a name nobody has declared."""

    name: str
    metric: Metric | None = None

    @property
    def title(self) -> str:
        return self.metric.name if self.metric else self.name

    @property
    def note(self) -> str:
        if self.metric is None:
            return "not in Metrics Config"
        level = self.metric.get_kpi_level_display()
        return f"{level} · {self.metric.unit}" if self.metric.unit else level


def links(names: Sequence[str], known: Mapping[str, Metric]) -> list[Link]:
    """``known``: declared metrics by casefolded key."""
    return [Link(name, known.get(name.casefold())) for name in names]


def picture(chain: Sequence[Link]) -> SafeString:
    """Boxes under each other with arrows between; a dashed box is a metric nobody has declared."""
    parts = [
        group(f"{link.title}: {link.note}", _box(link, at, at + 1 == len(chain)))
        for at, link in enumerate(chain)
    ]
    described = " leads to ".join(f"{link.title} ({link.note})" for link in chain)
    return svg("Metric chain", described + ".", len(chain) * STEP - (STEP - BOX) + 2, parts, width=WIDTH)


def _box(link: Link, at: int, is_last: bool) -> Iterable[SafeString]:
    top, level = at * STEP + 1, LEVELS[Level(link.metric.kpi_level)] if link.metric else "unknown"
    yield rect(1, top, WIDTH - 2, BOX, f"chain-box chain-box--{level}")
    yield words(WIDTH / 2, top + 17, _cut(link.title), "value", "middle")
    yield words(WIDTH / 2, top + 31, _cut(link.note), "tick", "middle")
    if not is_last:
        foot, tip, x = top + BOX + 2, top + STEP - 3, WIDTH / 2
        yield line(x, foot, x, tip, "chain-arrow")
        yield line(x - 4, tip - 5, x, tip, "chain-arrow")
        yield line(x + 4, tip - 5, x, tip, "chain-arrow")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
