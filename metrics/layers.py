"""Where the metrics of a graph stand in its picture: rows from the north star down, few crossings. Pure.

The method is the usual one for layered graphs (Sugiyama): turn what runs in a circle, give every node the
longest way down from the top, order rows by the barycentre of their neighbours. Two things are our own: links
to the same metric share one trunk where they pass a row, and a row with too many metrics becomes several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.graph import NORTH_STAR, STRATEGIC, Graph, Link, Node

SWEEPS = 6
MOST_IN_A_ROW = 5


@dataclass(frozen=True)
class Stop:
    """A place in a row: a metric, or (with ``to``) a trunk that passes the row on its way to one."""

    row: int
    node: str
    to: str = ""


Step = tuple[Stop, Stop]  # from a row to the one above it


@dataclass(frozen=True)
class Layers:
    """``rows`` from the top, each from left to right; ``steps`` with the links that take them.

    ``turned`` links run downwards in the picture: out of the north star, or back in a circle.
    """

    rows: Sequence[Sequence[Stop]]
    steps: Mapping[Step, tuple[Link, ...]]
    turned: frozenset[Link]

    @property
    def row_of(self) -> dict[str, int]:
        return {stop.node: stop.row for row in self.rows for stop in row if not stop.to}


def layers(graph: Graph, shown: Collection[str], most: int = MOST_IN_A_ROW) -> Layers:
    """The rows of the ``shown`` metrics (folded) and the links among them; ``most`` metrics in one row.

    Every link leads from a lower row to a higher one, except ``turned`` ones, which lead downwards.
    """
    nodes = {key: node for key, node in graph.nodes.items() if key in set(shown)}
    links = [pair for pair in graph.edges if pair[0] in nodes and pair[1] in nodes]
    turned = _turned(nodes, links)
    upward = [(upper, lower) if (lower, upper) in turned else (lower, upper) for lower, upper in links]
    rows = _rows(nodes, upward, most)
    row_of = {key: at for at, row in enumerate(rows) for key in row}
    steps = _steps(links, turned, row_of)
    return Layers(_ordered(rows, steps), steps, turned)


# Turning -----------------------------------------------------------------------------------------------


def _turned(nodes: Mapping[str, Node], links: Sequence[Link]) -> frozenset[Link]:
    stars = {key for key, node in nodes.items() if _is_star(node)}
    out_of_star = {pair for pair in links if pair[0] in stars}
    return frozenset(out_of_star | _back_links(nodes, [pair for pair in links if pair not in out_of_star]))


def _is_star(node: Node) -> bool:
    return node.is_target and node.level == NORTH_STAR


def _back_links(nodes: Iterable[str], links: Sequence[Link]) -> set[Link]:
    """Links that close a circle on a walk through the graph in its stable order."""
    uppers = _by_lower(links)
    back, done, on_the_way = set[Link](), set[str](), set[str]()
    for start in sorted(nodes):
        walk = [] if start in done else [(start, iter(uppers[start]))]
        on_the_way.update(node for node, _ in walk)
        while walk:
            node, ahead = walk[-1]
            upper = next(ahead, None)
            if upper is None:
                walk.pop()
                on_the_way.discard(node)
                done.add(node)
            elif upper in on_the_way:
                back.add((node, upper))
            elif upper not in done:
                on_the_way.add(upper)
                walk.append((upper, iter(uppers[upper])))
    return back


def _by_lower(links: Iterable[Link]) -> dict[str, list[str]]:
    uppers: dict[str, list[str]] = defaultdict(list)
    for lower, upper in links:
        uppers[lower].append(upper)
    return uppers


# Rows --------------------------------------------------------------------------------------------------


def _rows(nodes: Mapping[str, Node], upward: Sequence[Link], most: int) -> list[list[str]]:
    depth = _depths(nodes, upward)
    by_depth: dict[int, list[str]] = defaultdict(list)
    for key in sorted(nodes, key=lambda key: (nodes[key].place, key)):
        by_depth[depth[key]].append(key)
    return [row for at in sorted(by_depth) for row in _cut(by_depth[at], most)]


def _depths(nodes: Mapping[str, Node], upward: Sequence[Link]) -> dict[str, int]:
    """The longest way down from the top; strategic KPIs below the north star, all others below those."""
    depth = {key: _floor(node) for key, node in nodes.items()}
    lowers, waiting = _by_lower((upper, lower) for lower, upper in upward), dict.fromkeys(nodes, 0)
    for lower, _ in upward:
        waiting[lower] += 1
    ready = [key for key in nodes if not waiting[key]]
    while ready:
        upper = ready.pop()
        for lower in lowers[upper]:
            depth[lower] = max(depth[lower], depth[upper] + 1)
            waiting[lower] -= 1
            if not waiting[lower]:
                ready.append(lower)
    return depth


def _floor(node: Node) -> int:
    if _is_star(node):
        return 0
    return 1 if node.is_target and node.level == STRATEGIC else 2


def _cut(row: list[str], most: int) -> list[list[str]]:
    """Several rows of about the same length, each from everywhere in the one, so that links stay upright."""
    parts = -(-len(row) // most)
    return [row[at::parts] for at in range(parts)]


# Steps -------------------------------------------------------------------------------------------------


def _steps(
    links: Sequence[Link], turned: Collection[Link], row_of: Mapping[str, int]
) -> dict[Step, tuple[Link, ...]]:
    """Every link, row by row; links to one metric meet in its trunk, turned links keep to themselves."""
    takes: dict[Step, list[Link]] = defaultdict(list)
    for lower, upper in links:
        start, end = (upper, lower) if (lower, upper) in turned else (lower, upper)
        trunk = f"{lower} → {upper}" if (lower, upper) in turned else upper
        between = [Stop(row, end, trunk) for row in range(row_of[start] - 1, row_of[end], -1)]
        stops = [Stop(row_of[start], start), *between, Stop(row_of[end], end)]
        for step in pairwise(stops):
            takes[step].append((lower, upper))
    return {step: tuple(takes[step]) for step in sorted(takes, key=_step_order)}


def _step_order(step: Step) -> tuple[int, str, str, str, str]:
    below, above = step
    return (below.row, below.node, below.to, above.node, above.to)


# Order in a row ----------------------------------------------------------------------------------------


def _ordered(rows: Sequence[Sequence[str]], steps: Mapping[Step, object]) -> list[list[Stop]]:
    """The order with the fewest crossings that a few sweeps by barycentre find."""
    order = [[Stop(at, key) for key in row] for at, row in enumerate(rows)]
    for stop in dict.fromkeys(stop for step in steps for stop in step if stop.to):
        order[stop.row].append(stop)
    up, down = _neighbours(steps), _neighbours((above, below) for below, above in steps)
    best, fewest = order, crossings(order, up)
    for sweep in range(SWEEPS):
        order = _swept(order, *((up, -1) if sweep % 2 == 0 else (down, 1)))
        found = crossings(order, up)
        if found < fewest:
            best, fewest = order, found
    return best


def _neighbours(steps: Iterable[Step]) -> dict[Stop, list[Stop]]:
    found: dict[Stop, list[Stop]] = defaultdict(list)
    for one, other in steps:
        found[one].append(other)
    return found


def _swept(
    order: Sequence[Sequence[Stop]], neighbours: Mapping[Stop, list[Stop]], side: int
) -> list[list[Stop]]:
    """``order`` with each row sorted by its neighbours' places; ``side`` −1: from the top down."""
    swept: dict[int, list[Stop]] = {}
    rows = range(len(order))
    for at in rows if side < 0 else reversed(rows):
        place = _places(swept.get(at + side, ()))
        own = _places(order[at])
        swept[at] = sorted(order[at], key=lambda stop: (_barycentre(stop, neighbours, place, own), own[stop]))
    return [swept[at] for at in rows]


def _places(row: Sequence[Stop]) -> dict[Stop, float]:
    """Each stop's place from 0 to 1."""
    return {stop: (at + 0.5) / len(row) for at, stop in enumerate(row)}


def _barycentre(
    stop: Stop,
    neighbours: Mapping[Stop, list[Stop]],
    place: Mapping[Stop, float],
    own: Mapping[Stop, float],
) -> float:
    near = [place[other] for other in neighbours.get(stop, ()) if other in place]
    return sum(near) / len(near) if near else own[stop]


def crossings(order: Sequence[Sequence[Stop]], up: Mapping[Stop, list[Stop]]) -> int:
    """How many pairs of steps cross."""
    total = 0
    for above, below in pairwise(order):
        place = {stop: at for at, stop in enumerate(above)}
        ends = [sorted(place[end] for end in up.get(stop, ()) if end in place) for stop in below]
        total += _inversions([end for each in ends for end in each])
    return total


def _inversions(numbers: Sequence[int]) -> int:
    tree = [0] * (max(numbers, default=0) + 2)
    total = 0
    for seen, number in enumerate(numbers):
        total += seen - _sum_to(tree, number + 1)
        at = number + 1
        while at < len(tree):
            tree[at] += 1
            at += at & -at
    return total


def _sum_to(tree: Sequence[int], at: int) -> int:
    total = 0
    while at:
        total += tree[at]
        at -= at & -at
    return total
