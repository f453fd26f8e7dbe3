"""Contributions flowing up a graph of metrics, from where initiatives act to the target KPIs. Pure.

Amounts are in the unit of the target KPI they are for, and are only ever added up for one target.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from metrics.chains import fold
from metrics.graph import Chain, Graph, Link

Amounts = Mapping[str, float]  # by target, folded
Ways = Mapping[tuple[int, str], Sequence[Chain]]  # by initiative and target
ByInitiative = Mapping[int, Mapping[str, float]]  # effective contributions: {initiative: {kpi_key: amount}}


@dataclass(frozen=True)
class Flows:
    """``total`` by target; ``through`` links and metrics by target; which initiatives act on a metric.

    ``starts``: initiatives by the metric on which they hang: where a chain of theirs begins, or, without a
    chain to it, the target itself. ``passing``: initiatives with a chain through the metric, those included.
    """

    total: Amounts
    on_link: Mapping[Link, Amounts]
    on_metric: Mapping[str, Amounts]
    starts: Mapping[str, Sequence[int]]
    passing: Mapping[str, Collection[int]]

    def share(self, links: Iterable[Link]) -> float:
        """The largest part, 0 to 1, of what any one target gets that flows along the links together."""
        amounts: dict[str, list[float]] = defaultdict(list)
        for link in links:
            for target, amount in self.on_link.get(link, {}).items():
                amounts[target].append(amount)
        parts = [abs(flow / self.total[key]) for key, flow in _added(amounts).items() if self.total.get(key)]
        return min(max(parts, default=0), 1)


def flows(graph: Graph, contributions: ByInitiative) -> Flows:
    """What ``contributions`` bring to each target, and along which links they get there.

    A contribution takes the chains of its initiative's models for that target, up to the target. Several of
    them share it in the proportion of the models' values; where those say nothing, in equal parts.
    """
    ways, totals, on_link, on_metric = _ways(graph.chains), _Sums(), _Sums(), _Sums()
    for initiative, target, amount in _each(contributions):
        totals.add("", target, amount)
        for chain, part in _divided(amount, ways.get((initiative, target), ())):
            nodes = _up_to(chain, target)
            for node in nodes[:-1]:
                on_metric.add(node, target, part)
            for pair in pairwise(nodes):
                on_link.add(pair, target, part)
    total = totals.added().get("", {})
    return Flows(total, on_link.added(), on_metric.added(), *_hanging(ways, contributions))


def _hanging(ways: Ways, contributions: ByInitiative) -> tuple[dict[str, list[int]], dict[str, set[int]]]:
    """``starts`` and ``passing``."""
    starts: dict[str, dict[int, None]] = defaultdict(dict)
    passing: dict[str, set[int]] = defaultdict(set)
    for (initiative, _), chains in ways.items():
        for chain in chains:
            starts[chain.nodes[0]][initiative] = None
            for node in chain.nodes:
                passing[node].add(initiative)
    for initiative, target, _ in _each(contributions):
        passing[target].add(initiative)
        if (initiative, target) not in ways:
            starts[target][initiative] = None
    return {node: sorted(here) for node, here in starts.items()}, passing


def _each(contributions: ByInitiative) -> Iterator[tuple[int, str, float]]:
    for initiative, amounts in sorted(contributions.items()):
        for key, amount in amounts.items():
            yield initiative, fold(key), amount


class _Sums:
    """Amounts by place and target, added up exactly."""

    def __init__(self) -> None:
        self.lists: dict[Any, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, place: Any, target: str, amount: float) -> None:
        self.lists[place][target].append(amount)

    def added(self) -> dict[Any, dict[str, float]]:
        return {place: _added(by_target) for place, by_target in self.lists.items()}


def _added(lists: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {key: math.fsum(amounts) for key, amounts in lists.items()}


def _ways(chains: Iterable[Chain]) -> Ways:
    """The chains of each initiative to each target."""
    found: dict[tuple[int, str], list[Chain]] = defaultdict(list)
    for chain in chains:
        if chain.nodes:
            found[chain.initiative, fold(chain.target)].append(chain)
    return found


def _divided(amount: float, ways: Sequence[Chain]) -> list[tuple[Chain, float]]:
    counting = [chain for chain in ways if chain.counts and chain.value is not None] or list(ways)
    values = [chain.value or 0.0 for chain in counting]
    whole = math.fsum(values)
    speaks = whole and (min(values) >= 0 or max(values) <= 0)
    return [
        (chain, amount * (value / whole if speaks else 1 / len(counting)))
        for chain, value in zip(counting, values, strict=True)
    ]


def _up_to(chain: Chain, target: str) -> tuple[str, ...]:
    """The chain's metrics up to the target; none where the chain never gets there."""
    return chain.nodes[: chain.nodes.index(target) + 1] if target in chain.nodes else ()
