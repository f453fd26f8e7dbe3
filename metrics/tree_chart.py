"""The KPI tree as inline SVG, drawn from the shapes of portfolio/svg.py."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.graph import NORTH_STAR, STRATEGIC, Link, Node
from metrics.layers import Step, Stop
from metrics.placing import places
from metrics.showing import percent
from metrics.tree import Tree, counted
from portfolio.amounts import amount
from portfolio.svg import number, rect, svg, words

WIDTH, CARD, TRUNK, GAP = 840, 150, 8, 12
BETWEEN, EDGE = 56, 6  # between rows; around the picture
TEXT, LETTERS, SMALL_LETTERS = 16, 17, 22  # a line's height; letters that fit into one
LEAVES, MOST_LEAVES = (
    40,
    6,
)  # initiatives are drawn where there are at most so many, at most so many on a card
THIN, THICK = 1.25, 11.0

Addresses = Callable[..., str]


@dataclass(frozen=True)
class Said:
    """One line of a card. ``href`` makes it a link of its own."""

    text: str
    css: str
    href: str = ""
    title: str = ""


class Chart:
    """``address(kpi)`` and ``page_of(initiative)`` say where a metric and an initiative lead."""

    def __init__(self, tree: Tree, address: Addresses, page_of: Addresses) -> None:
        self.tree, self.address, self.page_of = tree, address, page_of
        self.rows = tree.picture.rows
        # At least as wide as its fullest row.
        self.at = places(tree.picture, WIDTH - 2 * EDGE, CARD, TRUNK, GAP)
        self.wide = max([WIDTH, *(self.at[stop] + CARD / 2 + 2 * EDGE for stop in self.at if not stop.to)])

    def drawn(self) -> SafeString:
        parts = [*(self._step(step) for step in self._steps()), *(self._card(stop) for stop in self._stops())]
        height = self.top[-1] + self.height[-1] + EDGE
        return svg("KPI tree", self.description, height, parts, role="group", width=self.wide)

    @property
    def is_wide(self) -> bool:
        return self.wide > WIDTH + CARD

    @property
    def description(self) -> str:
        return (
            f"{counted(len(self.tree.shown), 'metric')} in {counted(len(self.rows), 'row')}, the north star "
            "at the top. Lines lead up to what a metric moves; the table below says the same."
        )

    # Rows ----------------------------------------------------------------------------------------------

    @cached_property
    def cards(self) -> dict[str, list[Said]]:
        return {stop.node: list(self._said(self.tree.graph.nodes[stop.node])) for stop in self._stops()}

    @cached_property
    def height(self) -> list[float]:
        tallest = [
            max((len(self.cards[stop.node]) for stop in row if not stop.to), default=0) for row in self.rows
        ]
        return [_height(lines) for lines in tallest]

    @cached_property
    def top(self) -> list[float]:
        tops, at = [], float(EDGE)
        for height in self.height:
            tops.append(at)
            at += height + BETWEEN
        return tops

    def _stops(self) -> Iterator[Stop]:
        return (stop for row in self.rows for stop in row if not stop.to)

    def x(self, stop: Stop) -> float:
        return EDGE + self.at[stop]

    # Cards ---------------------------------------------------------------------------------------------

    def _said(self, node: Node) -> Iterator[Said]:
        name = f"★ {node.name}" if _is_star(node) else node.name
        yield from (Said(line, "label kpi-name") for line in _lines(name))
        yield from self._figures(node)
        here = self.tree.flows.starts.get(node.id, ())
        if not here:
            return
        if len(self.tree.initiatives) > LEAVES:
            yield Said(counted(len(here), "initiative"), "tick kpi-count")
        else:
            yield from self._leaves(node, here)

    def _figures(self, node: Node) -> Iterator[Said]:
        if not node.is_known:
            yield Said("not in Metrics Config", "tick kpi-remark")
        elif not node.is_active:
            yield Said("inactive", "tick kpi-remark")
        if node.is_target:
            total = self.tree.flows.total.get(node.id)
            yield Said("nothing yet" if total is None else amount(total), "value")
            yield Said(_short(node.unit or "no unit", SMALL_LETTERS), "tick")
        elif self.tree.asked.target:
            yield from self._part(node)

    def _part(self, node: Node) -> Iterator[Said]:
        for target, flowing in self.tree.flows.on_metric.get(node.id, {}).items():
            total = self.tree.flows.total[target]
            if total and 0 <= flowing / total <= 1:
                yield Said(f"{percent(flowing / total)} of the target", "tick")

    def _leaves(self, node: Node, here: Sequence[int]) -> Iterator[Said]:
        fitting = here if len(here) <= MOST_LEAVES else here[: MOST_LEAVES - 1]
        for pk in fitting:
            row = self.tree.initiatives[pk]
            yield Said(_short(row.title, SMALL_LETTERS), "tick kpi-leaf", self.page_of(pk), row.title)
        if len(fitting) < len(here):
            more = f"and {len(here) - len(fitting)} more"
            yield Said(more, "tick kpi-leaf", self.address(node.key), f"{more} on {node.name}")

    def _card(self, stop: Stop) -> SafeString:
        node, said = self.tree.graph.nodes[stop.node], self.cards[stop.node]
        left, top, height = self.x(stop) - CARD / 2, self.top[stop.row], _height(len(said))
        own = [line for line in said if not line.href]
        face = format_html(
            '<a href="{}" aria-label="{}"{}><title>{}</title>{}{}{}</a>',
            self.address(node.key),
            self._in_words(node),
            mark_safe(' aria-current="true"') if node == self.tree.looked_at else "",
            self._in_words(node),
            rect(left, top, CARD, height, "kpi-box"),
            rect(left, top, 4, height, "fill"),
            format_html_join("", "{}", ((self._line(line, left, top, at),) for at, line in enumerate(own))),
        )
        leaves = (self._leaf(line, left, top, at) for at, line in enumerate(said) if line.href)
        inside = format_html_join("", "{}", ((leaf,) for leaf in leaves))
        return format_html('<g class="kpi {}">{}{}</g>', self._css(node), face, inside)

    def _line(self, line: Said, left: float, top: float, at: int) -> SafeString:
        return words(left + 13, top + 19 + at * TEXT, line.text, line.css)

    def _leaf(self, line: Said, left: float, top: float, at: int) -> SafeString:
        return format_html(
            '<a href="{}" aria-label="{}"><title>{}</title>{}{}</a>',
            line.href,
            line.title,
            line.title,
            rect(left + 8, top + 7 + at * TEXT, CARD - 12, TEXT, "kpi-reach"),
            self._line(line, left, top, at),
        )

    def _css(self, node: Node) -> str:
        classes = [_series(node)]
        if not node.is_known or not node.is_active:
            classes.append("kpi--open")
        if node == self.tree.looked_at:
            classes.append("kpi--chosen")
        elif self.tree.looked_at and node.id not in self.tree.above | self.tree.below:
            classes.append("kpi--aside")
        return " ".join(classes)

    def _in_words(self, node: Node) -> str:
        flows = self.tree.flows
        state = "" if node.is_active else ", inactive"
        total = flows.total.get(node.id) if node.is_target else None
        brought = "" if total is None else f" {amount(total)} {node.unit}".rstrip() + "."
        here = counted(len(flows.starts.get(node.id, ())), "initiative")
        through = counted(len(flows.passing.get(node.id, ())), "initiative")
        return f"{node.name} ({node.level_in_words}{state}).{brought} {here} here, {through} in all."

    # Lines ---------------------------------------------------------------------------------------------

    def _steps(self) -> list[Step]:
        """Lit ones last, so that they lie on top."""
        steps = self.tree.picture.steps
        return sorted(steps, key=lambda step: bool(self.tree.lit.intersection(steps[step])))

    def _step(self, step: Step) -> SafeString:
        links = self.tree.picture.steps[step]
        turned = {link in self.tree.picture.turned for link in links}  # both: they move each other
        share = self.tree.flows.share(links)
        return format_html(
            '<g class="{}"><title>{}</title><path d="{}" class="kpi-line" stroke-width="{}"/>{}</g>',
            self._line_css(links, turned == {True}, share),
            self._links_in_words(links),
            self._path(*step),
            number(THIN + (THICK - THIN) * share),
            format_html_join("", "{}", ((self._arrow(*step, way),) for way in sorted(turned))),
        )

    def _line_css(self, links: Sequence[Link], turned: bool, share: float) -> str:
        lit = bool(self.tree.lit.intersection(links))
        return " ".join(
            css
            for css, holds in (
                ("kpi-edge", True),
                ("kpi-edge--flows", share > 0),
                ("kpi-edge--turned", turned),
                ("kpi-edge--lit", lit),
                ("kpi-edge--aside", bool(self.tree.looked_at) and not lit),
            )
            if holds
        )

    def _links_in_words(self, links: Sequence[Link], most: int = 6) -> str:
        told = [self.tree.link_in_words(link) for link in links[:most]]
        return "\n".join([*told, f"and {len(links) - most} more"] if len(links) > most else told)

    def _path(self, below: Stop, above: Stop) -> str:
        x, y, end_x = self.x(below), self.top[below.row], self.x(above)
        floor = self.top[above.row] + self.height[above.row]
        start = (
            f"M{number(x)} {number(y + self.height[below.row])}V{number(y)}"
            if below.to
            else f"M{number(x)} {number(y)}"
        )
        half = number((y + floor) / 2)
        curve = f"C{number(x)} {half} {number(end_x)} {half} {number(end_x)} {number(floor)}"
        return f"{start}{curve}" if above.to else f"{start}{curve}V{number(self._bottom(above) + 5)}"

    def _bottom(self, stop: Stop) -> float:
        return self.top[stop.row] + _height(len(self.cards[stop.node]))

    def _arrow(self, below: Stop, above: Stop, turned: bool) -> SafeString:
        """At the end of a line: up into the card above, or down into the one below."""
        if (below if turned else above).to:
            return SafeString()
        x, y, way = (
            (self.x(below), self.top[below.row], -1) if turned else (self.x(above), self._bottom(above), 1)
        )
        corners = ((x, y), (x - 5, y + 7 * way), (x + 5, y + 7 * way))
        points = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
        return format_html('<polygon points="{}" class="kpi-arrow"/>', points)


def _height(lines: int) -> float:
    return 14 + lines * TEXT


def _is_star(node: Node) -> bool:
    return node.is_target and node.level == NORTH_STAR


def _series(node: Node) -> str:
    if not node.is_known:
        return "series-3"
    return {NORTH_STAR: "series-1", STRATEGIC: "series-2"}.get(node.level, "series-8")


def _lines(name: str) -> list[str]:
    """A name on one line, or on two of about the same length."""
    if len(name) <= LETTERS:
        return [name]
    narrowest = min(LETTERS, max(LETTERS // 2, *map(len, name.split()), 0))
    tries = [textwrap.wrap(name, width) for width in range(narrowest, LETTERS + 1)]
    first = next((lines for lines in tries if len(lines) < 3), tries[-1])[0]
    return [first, _short(name[len(first) :].lstrip(), LETTERS)]


def _short(said: str, letters: int) -> str:
    return said if len(said) <= letters else f"{said[: letters - 1].rstrip()}…"
