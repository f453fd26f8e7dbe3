"""A copy of a scenario with everything that constrains it, and changes to that copy. Needs a transaction.

Every row goes through the gate in the name of the person who asks, so it has its history, and rules that hold
for what people type hold here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from optimization.models import Scenario
from optimization.problem import fold
from portfolio.actions.registry import ActionError
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Change, CreateRow, DeleteRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.tab import Tab

SCENARIO = "scenario_config"
DETAILS = ("constraints", "targets")
TABS = (SCENARIO, *DETAILS)
FORMS = (
    '{"tab", "key" or "row", "column", "value"} sets a cell, {"tab", "key" or "row", "delete": true} takes a '
    'row away, {"tab", "values": {…}} adds one'
)
Given = dict[str, Any]


@dataclass(frozen=True)
class Clone:
    """A copied scenario: ``rows[tab]`` is the original's row number → the copy's.

    Changes that say no more are about ``constraint_set``.
    """

    scenario: Scenario
    constraint_set: str
    rows: dict[str, dict[int, int]]


def clone(base: Scenario, constraint_set: str, name: str, actor: Actor) -> Clone:
    """The scenario under another name. Raises ActionError where the gate refuses, as for a name in use."""
    tab = registry.tab(SCENARIO)
    made = _save(tab, actor, [CreateRow("copy", _cells(tab, base) | {"scenario_name": name})])
    scenario = Scenario.objects.get(pk=made.created["copy"])
    rows = {tab: _copied(registry.tab(tab), base, name, actor) for tab in DETAILS}
    return Clone(scenario, constraint_set, {SCENARIO: {base.pk: scenario.pk}} | rows)


def _copied(tab: Tab, base: Scenario, name: str, actor: Actor) -> dict[int, int]:
    rows = list(tab.queryset().filter(scenario=base).order_by("pk"))
    given = [CreateRow(str(row.pk), _cells(tab, row) | {"scenario_name": name}) for row in rows]
    return {int(ref): pk for ref, pk in _save(tab, actor, given).created.items()}


def _cells(tab: Tab, row: Any) -> Given:
    """What a person entered in a row, as it is shown."""
    return {
        column.name: column.show(column.read(row))
        for column in tab.declared
        if column.entered_here and column.read(row) is not None
    }


def change(made: Clone, changes: Iterable[Given], actor: Actor) -> None:
    """Applies changes to a clone, tab by tab. Raises ActionError for one that makes no sense."""
    by_tab: dict[str, list[Change]] = {}
    for number, given in enumerate(changes, 1):
        tab = registry.tab(_tab_name(given))
        by_tab.setdefault(tab.name, []).append(_change(made, tab, given, number))
    for name in (tab for tab in TABS if tab in by_tab):
        _save(registry.tab(name), actor, by_tab[name])


def _tab_name(given: Given) -> str:
    if given.get("tab") not in TABS:
        what = f"A what-if changes one of {', '.join(TABS)}, not {given.get('tab')!r}"
        raise ActionError(f"{what}: other tabs are shared by all scenarios.")
    return str(given["tab"])


def _change(made: Clone, tab: Tab, given: Given, number: int) -> Change:
    if isinstance(given.get("values"), dict) and tab.name in DETAILS:
        place = {"scenario_name": made.scenario.scenario_name}
        values = {"constraint_set_name": made.constraint_set} | given["values"] | place
        return CreateRow(f"new {number}", values)
    if given.get("delete") is True and tab.name in DETAILS:
        return DeleteRow(_row(made, tab, given))
    if "column" not in given or "value" not in given:
        raise ActionError(f"Change {number} says too little. {FORMS}.")
    if (tab.name, given["column"]) in {(name, "scenario_name") for name in TABS}:
        raise ActionError("A what-if keeps its scenario's name; say the name you want as its name.")
    return SetCell(_row(made, tab, given), given["column"], given["value"])


def _row(made: Clone, tab: Tab, given: Given) -> int:
    """The clone's row that a change is about, by the base's row number or by cells of its key."""
    rows = made.rows[tab.name]
    if tab.name == SCENARIO:
        return made.scenario.pk
    if given.get("row") is not None:
        if given["row"] in rows:
            return rows[given["row"]]
        raise ActionError(f"Row {given['row']} is not a row of this scenario on {tab.title}.")
    named = {fold(part) for part in str(given.get("key") or "").split("/") if part.strip()}
    labels = _labels(made, tab)
    found = [pk for pk, label in labels.items() if named and named <= set(map(fold, label))]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(" / ".join(labels[pk]) for pk in found or labels)
    raise ActionError(
        f"“{given.get('key') or ''}” names {len(found) or 'no'} row{'s' * (len(found) != 1)} of {tab.title}. "
        f"Name one by cells of its key, with a slash between them. There are: {listed or 'none'}."
    )


def _labels(made: Clone, tab: Tab) -> dict[int, tuple[str, ...]]:
    """The cells of the key of each row of the constraint set, without the names that all of them have."""
    columns = [tab.column(name) for name in tab.key if name not in ("scenario_name", "constraint_set_name")]
    rows = [
        row
        for row in tab.queryset().filter(scenario=made.scenario)
        if fold(row.constraint_set_name) == fold(made.constraint_set)
    ]
    return {
        row.pk: tuple(_spelled(column.read(row)) for column in columns if column.read(row)) for row in rows
    }


def _spelled(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _save(tab: Tab, actor: Actor, changes: Sequence[Change]) -> Outcome:
    outcome = apply_changes(tab, actor, Surface.BACKEND, changes)
    if not outcome.ok:
        labels = {column.name: column.label for column in tab.columns}
        said = dict.fromkeys(
            " ".join(filter(None, [labels.get(result.column or "", ""), result.message]))
            for result in outcome.refused
        )
        raise ActionError(f"{tab.title}: {' '.join(said)}")
    return outcome
