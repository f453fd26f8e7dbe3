"""Where answers land: in the LLM's columns and in blanks of people's, through the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import INVALID, Outcome, SetCell, Surface
from portfolio.tabs.columns import By
from portfolio.tabs.gate import apply_changes

REFRESH = "llm_refresh"


class LandingError(Exception):
    """An answer that the gate won't have; the message says why."""


def land(tab_name: str, cells: Iterable[tuple[Any, Mapping[str, Any]]], regenerates: bool) -> list[str]:
    """Write the values of each row; answers what was left as a person has it, as ``Unit of sessions``.

    Each row is as it was when the LLM was asked: what changed since stays. Raises LandingError.
    """
    tab = registry.tab(tab_name)
    changes = [change for row, values in cells for change in _changes(tab, row, values, regenerates)]
    outcome = apply_changes(tab, Actor.llm(regenerates), Surface.LLM, changes)
    if broken := [r for r in outcome.refused if r.status == INVALID]:
        raise LandingError(broken[0].message)
    return _kept(tab, outcome)


def _changes(tab: Any, row: Any, values: Mapping[str, Any], regenerates: bool) -> list[SetCell]:
    changes = []
    for name, value in values.items():
        column = tab.column(name)
        seen = column.show(column.read(row))
        if value in (None, "") or (seen is not None and not regenerates):
            continue
        changes.append(
            SetCell(row.pk, name, value)
            if column.by is By.LLM
            else SetCell(row.pk, name, value, expected=seen)
        )
    return changes


def _kept(tab: Any, outcome: Outcome) -> list[str]:
    rows = {row.pk: row for row in tab.queryset().filter(pk__in={r.row for r in outcome.refused})}
    return [f"{tab.column(r.column).label} of {rows[r.row]}" for r in outcome.refused]


def clear_refresh(tab_name: str, rows: Iterable[Any], actor: Actor) -> None:
    """The new draft that somebody asked for is there."""
    changes = [SetCell(row.pk, REFRESH, False, expected=True) for row in rows if row.llm_refresh]
    if changes:
        apply_changes(registry.tab(tab_name), actor, Surface.BACKEND, changes)
