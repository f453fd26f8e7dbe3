"""The rules of single Constraints and Targets rows while people edit them: the compiler's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from initiatives.models import Initiative
from metrics.columns import target_metrics
from optimization.constraint_set import ConstraintSet, compile_constraint_set
from optimization.models import DEFAULT_SET
from portfolio.tabs import registry
from portfolio.tabs.memo import memo
from portfolio.tabs.tab import Tab, Violation
from portfolio.tabs.writing import RowState, Writing

#: Cells that no rule reads: changing one of them never brings up an old mistake of the row.
FREE = {"notes"}
Group = tuple[str, str]  # scenario name, constraint set name; folded


def plain_row(tab: Tab, row: Any, row_id: Any) -> dict[str, Any]:
    """A row as the compiler reads it: the tab's columns plus ``id``."""
    cells = {column.name: column.read(row) for column in tab.declared if column.name != "row_id"}
    return cells | {"id": row_id}


def violations(tab: Tab, writing: Writing, states: list[RowState]) -> Iterator[Violation]:
    """What the compiler says against the rows that a batch makes or changes."""
    touched = [state for state in states if _is_judged(state)]
    for group in dict.fromkeys(_group(state) for state in touched):
        errors = _compile(tab, _rows_of(group, tab, writing, states)).errors
        for state in touched:
            if _group(state) == group and (said := errors.get(state.id)):
                yield _violation(state, said)


def _is_judged(state: RowState) -> bool:
    return state.created or state.restored or bool(state.changed - FREE)


def _group(state: RowState) -> Group:
    return group_of(state["scenario_name"] or "", state["constraint_set_name"] or DEFAULT_SET)


def group_of(scenario_name: str, constraint_set: str) -> Group:
    """The set a row belongs to, whatever the case it is written in."""
    return scenario_name.casefold(), constraint_set.casefold()


def _violation(state: RowState, said: list[dict[str, str]]) -> Violation:
    return Violation(state, tuple(error["column"] for error in said), in_words(state.tab, said))


def in_words(tab: Tab, said: list[dict[str, str]]) -> str:
    """What is wrong with a row, each sentence after the label of its column."""
    labels = {column.name: column.label for column in tab.columns}
    return " ".join(
        f"{labels.get(error['column'], tab.title)}: {error['message'].rstrip('.')}." for error in said
    )


def _rows_of(group: Group, tab: Tab, writing: Writing, states: list[RowState]) -> list[dict[str, Any]]:
    """The rows of one constraint set as they would stand after the batch; new rows last.

    Of rows with the same key only the last: the gate refuses the others in its own words.
    """
    staged = {state.row.pk for state in writing.states if state.row.pk}
    rows = [(row, row.pk) for row in stored_rows(tab, group) if row.pk not in staged]
    rows += [(state.row, state.id) for state in states if _group(state) == group]
    return [plain_row(tab, *row) for row in {tab.key_of(row): (row, row_id) for row, row_id in rows}.values()]


def stored_rows(tab: Tab, group: Group) -> list[Any]:
    """The live rows of one constraint set on this tab, oldest first."""
    return memo((tab.name, "rows by set"), lambda: _by_group(tab)).get(group, [])


def _by_group(tab: Tab) -> dict[Group, list[Any]]:
    # Grouped here, because SQLite compares only ASCII letters in any case.
    found: dict[Group, list[Any]] = {}
    for row in tab.queryset():
        found.setdefault(group_of(row.scenario.scenario_name, row.constraint_set_name), []).append(row)
    return found


def _compile(tab: Tab, rows: list[dict[str, Any]]) -> ConstraintSet:
    kpis = [metric.kpi_key for metric in target_metrics()]
    constraints, targets = ([], rows) if tab is registry.tab("targets") else (rows, [])
    return compile_constraint_set(constraints, targets, memo("initiative keys", initiative_keys), kpis)


def initiative_keys() -> list[str]:
    """Every initiative there is, candidate or not."""
    return list(Initiative.objects.values_list("initiative_key", flat=True))
