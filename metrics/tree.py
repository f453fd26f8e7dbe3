"""What the KPI tree shows: the organisation's graph, narrowed to a target, a period or one initiative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from initiatives.models import Initiative
from metrics.chains import fold
from metrics.flows import flows
from metrics.graph import Chain, Graph, Link, Node
from metrics.layers import Layers, layers
from metrics.models import Contributions
from metrics.organisation import OUT, graph_of_organisation
from metrics.showing import measured, percent

NO_PERIOD = "none"
MOST_METRICS, MOST_LINKS = 120, 600  # in one picture


@dataclass(frozen=True)
class Narrowed:
    """What a person asked for; empty is everything. ``kpi`` is looked at, the others leave things out."""

    kpi: str = ""
    target: str = ""
    period: str = ""
    initiative: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Narrowed:
        return cls(**{name: str(asked.get(name, "")).strip() for name in cls.__dataclass_fields__})

    @property
    def leaves_out(self) -> bool:
        return bool(self.target or self.period or self.initiative)


class Tree:
    """The graph as asked for, with what flows in it and who hangs on it."""

    def __init__(self, asked: Narrowed) -> None:
        self.asked = asked
        self.whole = graph_of_organisation()
        self.initiatives = {row.pk: row for row in _initiatives(asked)}
        self.graph = self._narrowed()
        self.contributions = {row.initiative_id: row for row in self._rows()}
        self.flows = flows(self.graph, {pk: self._counting(row) for pk, row in self.contributions.items()})

    def _narrowed(self) -> Graph:
        target = fold(self.asked.target)
        kept = [
            chain
            for chain in self.whole.chains
            if chain.initiative in self.initiatives and target in ("", fold(chain.target))
        ]
        return Graph.of(kept, [node for node in self.whole.nodes.values() if node.is_known])

    def _rows(self) -> list[Contributions]:
        rows = Contributions.objects.filter(initiative__deleted_at=None).order_by("initiative_id")
        return [row for row in rows if row.initiative_id in self.initiatives]

    def _counting(self, row: Contributions) -> dict[str, float]:
        return {key: value for key, value in row.effective.items() if self._counts(key)}

    def _counts(self, key: str) -> bool:
        node = self.graph.nodes.get(fold(key))
        return bool(node and node.is_target) and fold(self.asked.target) in ("", fold(key))

    # What is in the picture ----------------------------------------------------------------------------

    @cached_property
    def on_chains(self) -> set[str]:
        return {key for chain in self.graph.chains for key in chain.nodes}

    @cached_property
    def shown(self) -> set[str]:
        """Metrics on chains, and the targets that were asked for."""
        asked = fold(self.asked.target)
        targets = {node.id for node in self.targets if asked in ("", node.id)}
        if self.asked.initiative:
            targets &= {*self.flows.total, *(fold(chain.target) for chain in self.graph.chains)}
        everything = self.on_chains | targets | ({self.looked_at.id} if self.looked_at else set())
        return everything if self._fits(everything) else self._near(everything)

    def _fits(self, metrics: set[str]) -> bool:
        return len(metrics) <= MOST_METRICS and len(self.graph.edges) <= MOST_LINKS

    def _near(self, metrics: set[str]) -> set[str]:
        """Too many for one picture: what belongs to the KPI that is looked at, if that is little enough."""
        if not self.looked_at:
            return set()
        around = metrics & ({self.looked_at.id} | self.above | self.below)
        return around if len(around) <= MOST_METRICS else set()

    @property
    def is_cut(self) -> bool:
        return not self._fits(self.on_chains)

    @cached_property
    def picture(self) -> Layers:
        return layers(self.graph, self.shown)

    @cached_property
    def elsewhere(self) -> list[Node]:
        """Declared metrics that are not in the picture, because no chain leads through them."""
        return [] if self.asked.leaves_out else [n for n in self.graph.nodes.values() if self._is_idle(n)]

    def _is_idle(self, node: Node) -> bool:
        return node.id not in self.on_chains and not node.is_target

    @property
    def targets(self) -> list[Node]:
        return [node for node in self.whole.nodes.values() if node.is_target]

    @property
    def periods(self) -> list[str]:
        keys = Initiative.objects.filter(deleted_at=None).values_list("candidate_period_key", flat=True)
        return sorted(set(keys) - {""})

    # The KPI that is looked at -------------------------------------------------------------------------

    @cached_property
    def looked_at(self) -> Node | None:
        return self.graph.nodes.get(fold(self.asked.kpi))

    @cached_property
    def above(self) -> set[str]:
        return self.graph.above(self.asked.kpi)

    @cached_property
    def below(self) -> set[str]:
        return self.graph.below(self.asked.kpi)

    @cached_property
    def lit(self) -> set[Link]:
        """Links on the ways to the KPI that is looked at, and onwards from it."""
        return self.graph.links_through(self.asked.kpi) if self.looked_at else set()

    # Words ---------------------------------------------------------------------------------------------

    def link_in_words(self, link: Link) -> str:
        """What flows along one link, target by target."""
        names = " → ".join(self.graph.nodes[end].name for end in link)
        chains = self.graph.edges[link]
        there = counted(len({chain.initiative for chain in chains}), "initiative")
        said = [self.flow_in_words(target, amount) for target, amount in self.amounts(link)]
        return (
            f"{names}: {counted(len(chains), 'model')} of {there}. {'; '.join(said) or 'Nothing counts yet'}."
        )

    def amounts(self, link: Link) -> list[tuple[str, float]]:
        return sorted(self.flows.on_link.get(link, {}).items())

    def flow_in_words(self, target: str, amount: float) -> str:
        """``1,200 parcels per month, 34% of Monthly parcels``."""
        node, total = self.graph.nodes[target], self.flows.total[target]
        part = f", {percent(amount / total)} of {node.name}" if total and 0 <= amount / total <= 1 else ""
        return f"{measured(amount, node)}{part or f' to {node.name}'}"

    def models_of(self, chain: Chain) -> str:
        row = self.initiatives.get(chain.initiative)
        return f"{chain.model} of {row.initiative_key}" if row else chain.model


def _initiatives(asked: Narrowed) -> QuerySet[Initiative]:
    rows = Initiative.objects.exclude(lifecycle_status__in=OUT).order_by("initiative_key")
    if asked.initiative:
        rows = rows.filter(initiative_key__iexact=asked.initiative)
    if asked.period:
        rows = rows.filter(candidate_period_key="" if asked.period == NO_PERIOD else asked.period)
    return rows.only("pk", "initiative_key", "title")


def counted(count: int, noun: str) -> str:
    """``2 initiatives``, ``1 initiative``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
