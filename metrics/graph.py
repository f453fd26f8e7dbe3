"""The graph of an organisation's metrics: every metric chain drawn into one picture. Pure.

An edge leads from a metric to the one it moves, so the north star is where edges end. Chains of different
models may together run in a circle though none of them does alone; the graph holds it and names the models.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from metrics.chains import fold

NORTH_STAR, STRATEGIC, OPERATIONAL = "north_star", "strategic", "operational"
Link = tuple[str, str]  # (the metric that moves, the metric it moves), folded


@dataclass(frozen=True)
class Chain:
    """One model's metric chain. ``counts``: the model's ``value`` is part of a contribution now."""

    links: tuple[str, ...]
    initiative: int = 0
    model: str = ""
    model_id: int = 0
    target: str = ""
    value: float | None = None
    counts: bool = False

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        return tuple(fold(link) for link in self.links)

    @cached_property
    def pairs(self) -> tuple[Link, ...]:
        return tuple(zip(self.nodes, self.nodes[1:], strict=False))


@dataclass(frozen=True)
class Node:
    """One metric. ``is_known``: Metrics Config declares it; a metric only chains name has no level."""

    key: str
    name: str
    level: str = ""
    unit: str = ""
    is_active: bool = True
    is_known: bool = True
    place: int = 0  # in the order of Metrics Config

    @property
    def id(self) -> str:
        return fold(self.key)

    @property
    def level_in_words(self) -> str:
        return self.level.replace("_", " ") if self.is_known else "not in Metrics Config"

    @property
    def is_target(self) -> bool:
        return self.is_known and self.is_active and self.level in (NORTH_STAR, STRATEGIC)


@dataclass(frozen=True)
class Circle:
    """Metrics that move each other in a circle, the first repeated at the end, and the chains behind it."""

    metrics: tuple[str, ...]
    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Graph:
    """``nodes`` by folded key, in the order of Metrics Config, then unknown ones by name."""

    nodes: Mapping[str, Node]
    edges: Mapping[Link, tuple[Chain, ...]]
    chains: Sequence[Chain] = field(default=())

    @classmethod
    def of(cls, chains: Iterable[Chain], declared: Iterable[Node] = ()) -> Graph:
        """The graph of ``chains`` and every ``declared`` metric, whatever order the chains come in."""
        listed = sorted(
            chains, key=lambda chain: (chain.initiative, chain.model_id, chain.model, chain.links)
        )
        nodes = {node.id: node for node in declared}
        spelled = {fold(link): link for chain in reversed(listed) for link in chain.links}
        for place, (folded, link) in enumerate(sorted(spelled.items()), len(nodes)):
            nodes.setdefault(folded, Node(link, link, is_known=False, place=place))
        edges: dict[Link, list[Chain]] = defaultdict(list)
        for chain in listed:
            for pair in chain.pairs:
                edges[pair].append(chain)
        return cls(nodes, {pair: tuple(edges[pair]) for pair in sorted(edges)}, listed)

    @cached_property
    def uppers(self) -> Mapping[str, tuple[str, ...]]:
        """What each metric moves, in a stable order."""
        return _grouped(self.edges)

    @cached_property
    def lowers(self) -> Mapping[str, tuple[str, ...]]:
        """What moves each metric, in a stable order."""
        return _grouped((upper, lower) for lower, upper in self.edges)

    @property
    def unknown(self) -> list[Node]:
        return [node for node in self.nodes.values() if not node.is_known]

    def above(self, metric: str) -> set[str]:
        """Every metric that ``metric`` moves, however indirectly."""
        return _reached(self.uppers, fold(metric))

    def below(self, metric: str) -> set[str]:
        """Every metric that moves ``metric``, however indirectly."""
        return _reached(self.lowers, fold(metric))

    def path(self, lower: str, upper: str) -> tuple[str, ...]:
        """The shortest way by which ``lower`` moves ``upper``, as names; empty where there is none.

        This is what "lies upstream of" means everywhere.
        """
        return tuple(self.nodes[node].key for node in _shortest(self.uppers, fold(lower), fold(upper)))

    def links_through(self, metric: str) -> set[Link]:
        """The edges on the ways to ``metric`` and onwards from it."""
        below, above = self.below(metric) | {fold(metric)}, self.above(metric) | {fold(metric)}
        return {
            (lower, upper)
            for lower, upper in self.edges
            if (lower in below and upper in below) or (lower in above and upper in above)
        }

    @cached_property
    def circles(self) -> list[Circle]:
        """One circle for every group of metrics that move each other."""
        found, seen = [], set[str]()
        for start in sorted(self.uppers):
            around = () if start in seen else _round(self.uppers, start)
            if around:
                seen |= self.above(start) & self.below(start)
                found.append(self._circle(around))
        return found

    def _circle(self, around: Sequence[str]) -> Circle:
        chains = dict.fromkeys(chain for pair in pairwise(around) for chain in self.edges[pair][:1])
        return Circle(tuple(self.nodes[node].key for node in around), tuple(chains))


def _grouped(pairs: Iterable[Link]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in sorted(pairs):
        found[one].append(other)
    return {one: tuple(others) for one, others in found.items()}


def _reached(neighbours: Mapping[str, Sequence[str]], start: str) -> set[str]:
    reached, ahead = set[str](), [start]
    while ahead:
        for node in neighbours.get(ahead.pop(), ()):
            if node not in reached:
                reached.add(node)
                ahead.append(node)
    return reached


def _shortest(neighbours: Mapping[str, Sequence[str]], start: str, end: str) -> list[str]:
    came_from: dict[str, str] = {}
    ahead = deque([start])
    while ahead:
        node = ahead.popleft()
        for neighbour in neighbours.get(node, ()):
            if neighbour not in came_from:
                came_from[neighbour] = node
                ahead.append(neighbour)
            if neighbour == end:
                return _walked(came_from, start, end)
    return []


def _walked(came_from: Mapping[str, str], start: str, end: str) -> list[str]:
    way = [end]
    while len(way) == 1 or way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _round(neighbours: Mapping[str, Sequence[str]], start: str) -> list[str]:
    return _shortest(neighbours, start, start)
