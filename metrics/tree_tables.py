"""The KPI tree in words: who hangs on which metric, what flows along each link, one metric in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from initiatives.models import Initiative
from metrics.chains import fold
from metrics.graph import Chain, Node
from metrics.models import Contributions
from metrics.showing import measured
from metrics.tree import Tree
from portfolio.amounts import amount

MOST_LISTED = 20  # initiatives under one metric; the rest are on the metric's own page


@dataclass(frozen=True)
class Hanging:
    """One metric with some of the initiatives that hang on it, and how many more there are."""

    node: Node
    total: str
    count: int
    through: int
    listed: Sequence[Initiative]

    @property
    def more(self) -> int:
        return self.count - len(self.listed)


def hanging(tree: Tree) -> list[Hanging]:
    """Every metric in the picture, in the order of Metrics Config."""
    found = []
    for key, node in tree.graph.nodes.items():
        if key not in tree.shown and key not in tree.on_chains:
            continue
        here = tree.flows.starts.get(key, ())
        total = tree.flows.total.get(key)
        brought = measured(total, node) if total is not None and node.is_target else ""
        listed = [tree.initiatives[pk] for pk in here[:MOST_LISTED]]
        found.append(Hanging(node, brought, len(here), len(tree.flows.passing.get(key, ())), listed))
    return found


@dataclass(frozen=True)
class LinkInWords:
    lower: Node
    upper: Node
    models: int
    initiatives: int
    flows: Sequence[str]
    turned: bool


def links(tree: Tree) -> list[LinkInWords]:
    """Every link between metrics, with what flows along it for each target."""
    turned = tree.picture.turned
    return [
        LinkInWords(
            tree.graph.nodes[link[0]],
            tree.graph.nodes[link[1]],
            len(chains),
            len({chain.initiative for chain in chains}),
            [tree.flow_in_words(target, amount) for target, amount in tree.amounts(link)],
            link in turned,
        )
        for link, chains in tree.graph.edges.items()
    ]


@dataclass(frozen=True)
class Part:
    """What one initiative brings to one target, by which models."""

    initiative: Initiative
    target: Node | None
    amount: float | None
    spread: str
    models: Sequence[Chain] = field(default=())

    @property
    def said(self) -> str:
        return measured(self.amount, self.target) if self.target and self.amount is not None else "–"


class Focus:
    """The metric that is looked at: its ways up, what moves it, and the initiatives that act on it."""

    def __init__(self, tree: Tree, node: Node) -> None:
        self.tree, self.node = tree, node

    @property
    def moves(self) -> list[Node]:
        return [self.tree.graph.nodes[key] for key in self.tree.graph.uppers.get(self.node.id, ())]

    @property
    def moved_by(self) -> list[Node]:
        return [self.tree.graph.nodes[key] for key in self.tree.graph.lowers.get(self.node.id, ())]

    @property
    def ways(self) -> list[str]:
        """The shortest way to every target it moves."""
        graph = self.tree.graph
        reached = [target for target in self.tree.targets if target.id in self.tree.above - {self.node.id}]
        return [_named(graph.path(self.node.id, target.id), self.tree) for target in reached]

    @property
    def brings(self) -> list[str]:
        """What flows through it, or, for a target, what it gets."""
        flows, here = self.tree.flows, self.node.id
        own = [measured(flows.total[here], self.node)] if here in flows.total and self.node.is_target else []
        through = sorted(flows.on_metric.get(here, {}).items())
        return [*own, *(self.tree.flow_in_words(target, amount) for target, amount in through)]

    @cached_property
    def parts(self) -> list[Part]:
        """By target, the largest contribution first."""
        found = [self._part(pk, target, chains) for (pk, target), chains in self._aims().items()]
        return sorted(found, key=_largest_first)

    def _aims(self) -> dict[tuple[int, str], list[Chain]]:
        """The chains through the metric by initiative and target, and who contributes to it without one."""
        aims: dict[tuple[int, str], list[Chain]] = {}
        for chain in self.tree.graph.chains:
            if self.node.id in (*chain.nodes, fold(chain.target)):
                aims.setdefault((chain.initiative, fold(chain.target)), []).append(chain)
        for pk, row in self.tree.contributions.items():
            if self.node.is_target and _of(row.effective, self.node) is not None:
                aims.setdefault((pk, self.node.id), [])
        return aims

    def _part(self, pk: int, target: str, chains: Sequence[Chain]) -> Part:
        node, row = self.tree.graph.nodes.get(target), self.tree.contributions.get(pk)
        if node is None or row is None or not node.is_target:
            return Part(self.tree.initiatives[pk], node, None, "", chains)
        return Part(self.tree.initiatives[pk], node, _of(row.effective, node), _spread(row, node), chains)

    @property
    def has_spread(self) -> bool:
        return any(part.spread for part in self.parts)


def _of(amounts: Mapping[str, Any], node: Node) -> Any:
    """The node's part of a ``{kpi_key: …}``, however its key is spelled there."""
    return next((part for key, part in amounts.items() if fold(key) == node.id), None)


def _spread(row: Contributions, node: Node) -> str:
    """``900 to 1,400`` of an uncertain contribution; an override is certain."""
    drawn = _of(row.spread or {}, node)
    if drawn is None or _of(row.override or {}, node) is not None:
        return ""
    return f"{amount(drawn['p10'])} to {amount(drawn['p90'])}"


def _named(way: Sequence[str], tree: Tree) -> str:
    return " → ".join(tree.graph.nodes[fold(key)].name for key in way)


def _largest_first(part: Part) -> tuple[str, float, str]:
    amount = abs(part.amount) if part.amount is not None else -1
    return (part.target.key if part.target else "￿", -amount, part.initiative.initiative_key)
