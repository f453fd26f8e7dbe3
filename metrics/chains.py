"""Metric chains: immediate KPI → … → target KPI. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

ARROWS = re.compile(r"\s*(?:→|⟶|->|=>|>|,|\r?\n)\s*")


class ChainError(ValueError):
    """A chain that can't be read; the message says why."""


def parse(text: str) -> list[str]:
    """The metrics of ``signup → activation → revenue`` in order (``->``, ``>``, commas, line breaks too).

    Raises ChainError where a metric comes twice: a chain never runs in a circle.
    """
    links = [link for part in ARROWS.split(text) if (link := " ".join(part.split()))]
    seen: set[str] = set()
    for link in links:
        if link.casefold() in seen:
            raise ChainError(f"“{link}” comes twice in the chain. A chain never runs in a circle.")
        seen.add(link.casefold())
    return links


def warnings(chain: list[str], immediate: str, target: str, known: Iterable[str]) -> list[str]:
    """What looks wrong in a chain: its start, its end, metrics nobody has declared. They block nothing."""
    if not chain:
        return []
    names = {name.casefold() for name in known}
    said = []
    if immediate and chain[0].casefold() != immediate.casefold():
        said.append(f"The chain starts at {chain[0]}, not at the immediate KPI {immediate}.")
    if target and chain[-1].casefold() != target.casefold():
        said.append(f"The chain ends at {chain[-1]}, not at the target KPI {target}.")
    unknown = [link for link in chain if link.casefold() not in names]
    if unknown:
        said.append(f"Not in Metrics Config: {', '.join(unknown)}.")
    return said
