"""Metric chains: immediate KPI → … → target KPI. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Between two links: an arrow however it is typed (``->``, ``-->``, ``=>``, ``→`` …), a comma, a new line.
ARROWS = re.compile(r"[-–—=]{0,9}[>→⟶➔➙➜➝➞➡⇒⟹⇨↦]\ufe0f?|[,\r\n]")


class ChainError(ValueError):
    """A chain that can't be read; the message says why."""


def fold(name: str) -> str:
    """The form in which two spellings of a metric are the same."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def parse(text: str) -> list[str]:
    """The metrics of ``signup → activation → revenue`` in order (other arrows, commas, line breaks too).

    Raises ChainError where a metric comes twice: a chain never runs in a circle.
    """
    links = [link for part in ARROWS.split(text) if (link := " ".join(part.split()))]
    seen: set[str] = set()
    for link in links:
        if fold(link) in seen:
            raise ChainError(f"“{link}” comes twice in the chain. A chain never runs in a circle.")
        seen.add(fold(link))
    return links


def warnings(chain: list[str], immediate: str, target: str, known: Iterable[str]) -> list[str]:
    """What looks wrong in a chain: its start, its end, metrics nobody has declared. They block nothing."""
    if not chain:
        return []
    names = {fold(name) for name in known}
    said = []
    if immediate and fold(chain[0]) != fold(immediate):
        said.append(f"The chain starts at {chain[0]}, not at the immediate KPI {immediate}.")
    if target and fold(chain[-1]) != fold(target):
        said.append(f"The chain ends at {chain[-1]}, not at the target KPI {target}.")
    unknown = [link for link in chain if fold(link) not in names]
    if unknown:
        said.append(f"Not in Metrics Config: {', '.join(unknown)}.")
    return said
