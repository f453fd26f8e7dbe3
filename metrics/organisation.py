"""The organisation's graph of metrics. Later layers say here which metric chains there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from initiatives.models import Lifecycle
from metrics.graph import Chain, Graph, Node
from metrics.models import Metric

#: Initiatives that will bring nothing have no place in the organisation's graph.
OUT = (Lifecycle.REJECTED, Lifecycle.ARCHIVED)

Provider = TypeVar("Provider", bound=Callable[[], Iterable[Chain]])

_providers: list[Callable[[], Iterable[Chain]]] = []


def provides_chains(find: Provider) -> Provider:
    """Register ``find() -> chains``, those of live initiatives that are neither rejected nor archived."""
    _providers.append(find)
    return find


def chains() -> list[Chain]:
    return [chain for find in _providers for chain in find()]


def declared() -> list[Node]:
    """Every metric of Metrics Config, in its order."""
    return [
        Node(
            row.kpi_key,
            row.name,
            level=row.kpi_level,
            unit=row.unit,
            is_active=row.is_active,
            place=place,
        )
        for place, row in enumerate(Metric.objects.all())
    ]


def graph_of_organisation() -> Graph:
    """Every metric chain there is, and every declared metric."""
    return Graph.of(chains(), declared())
