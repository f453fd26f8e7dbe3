"""Metrics that chains name and Metrics Config doesn't have: what they may be meant as, and declaring them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from metrics.chains import fold
from metrics.graph import Chain, Graph, Node
from metrics.models import Level
from metrics.organisation import graph_of_organisation
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import CreateRow, Outcome, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import Batch

ALIKE = 0.84  # of 1: one letter wrong or left out in a short name


@dataclass(frozen=True)
class Undeclared:
    """``name`` as the first chain spells it, the chains that name it, the declared key it may be meant as."""

    name: str
    chains: Sequence[Chain]
    similar: str = ""

    @property
    def models(self) -> int:
        return len(self.chains)


def undeclared(graph: Graph) -> list[Undeclared]:
    """The metrics of ``graph`` that nobody declared, by name."""
    naming: dict[str, list[Chain]] = {node.id: [] for node in graph.unknown}
    for chain in graph.chains:
        for key in naming.keys() & set(chain.nodes):
            naming[key].append(chain)
    known = [node for node in graph.nodes.values() if node.is_known]
    return [Undeclared(node.key, naming[node.id], similar(node.key, known)) for node in graph.unknown]


def similar(name: str, known: Iterable[Node]) -> str:
    """The key of the declared metric that ``name`` is most likely a misspelling of, or nothing."""
    spellings: dict[str, str] = {}
    for node in known:
        spellings.setdefault(_letters(node.key), node.key)
        spellings.setdefault(_letters(node.name), node.key)
    found = get_close_matches(_letters(name), list(spellings), n=1, cutoff=ALIKE)
    return spellings[found[0]] if found else ""


def _letters(name: str) -> str:
    """``Activation Rate`` and ``activation_rate`` are one."""
    return re.sub(r"[\W_]+", "", fold(name))


def declare(actor: Actor, names: Iterable[str]) -> Outcome:
    """Make operational KPIs of those of ``names`` that chains name and nobody declared, as one batch."""
    spelled = {node.id: node.key for node in graph_of_organisation().unknown}
    wanted = dict.fromkeys(key for name in names if (key := fold(name)) in spelled)
    rows = [CreateRow(key, {"kpi_key": spelled[key], "kpi_level": Level.OPERATIONAL}) for key in wanted]
    return apply_changes(registry.tab("metrics_config"), actor, Surface.FORM, rows)


def made(batch_id: str) -> Batch | None:
    """The batch that declared metrics, while it stands: what Undo offers to take back."""
    try:
        rows = Batch.objects.filter(pk=uuid.UUID(batch_id), tab="metrics_config")
    except ValueError:
        return None
    return rows.filter(undone_by=None).prefetch_related("changes").first()
