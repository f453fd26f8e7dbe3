"""A tab as a table for a file: its columns as sheets have them, JSON values, the last result per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portfolio.actions.models import ActionRow, ActionRun
from portfolio.sheets.headers import RUN_STATUS
from portfolio.tabs import payload
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import remembering
from portfolio.tabs.tab import Tab

RUN_ID = "run_id"  # tabs that show what runs of the optimizer answered have this column
RECENT_RUNS = 50


@dataclass
class Table:
    """``columns`` with their cells per row, and last of all the run status. ``pks`` are the rows' own."""

    tab: Tab
    columns: list[Column]
    pks: list[int]
    rows: list[list[Any]]

    @property
    def headers(self) -> list[str]:
        return [header(column) for column in self.columns] + [titled(RUN_STATUS)]


def table_of(tab: Tab, run_id: str = "") -> Table:
    """Every row of ``tab``, or of a tab that shows runs only those of ``run_id``."""
    with remembering():
        columns = tab.columns_for(Surface.IMPORT)
        filters = {RUN_ID: run_id} if run_id and shows_runs(tab) else {}
        rows = payload.rows(tab, filters=filters, surface=Surface.IMPORT)
    last = _last_results()
    key = next((at for at, column in enumerate(columns, start=1) if column.name == tab.key[0]), 0)
    pks = [row[0] for row in rows]
    return Table(tab, columns, pks, [[*row[1:], last.get(str(row[key]))] for row in rows])


def shows_runs(tab: Tab) -> bool:
    return any(column.name == RUN_ID for column in tab.columns)


def is_run(tab: Tab, run_id: str) -> bool:
    """Whether ``tab`` is the list of runs and has that one."""
    return tab.key == (RUN_ID,) and tab.match_key([run_id]) in tab.index()


def header(column: Column) -> str:
    """The column's header in a file, where a family, whose label is only an ending, is one column."""
    return column.label if column.expand() == [column] else titled(column.name)


def titled(name: str) -> str:
    return name.replace("_", " ").title().replace("Kpi", "KPI")


def _last_results() -> dict[str, str]:
    """What the latest actions said about each key."""
    runs = ActionRun.objects.exclude(finished=None).order_by("-pk")[:RECENT_RUNS]
    titles = {run.pk: f"{run.finished:%Y-%m-%d %H:%M} {run.title}" for run in runs}
    rows = ActionRow.objects.filter(run__in=list(titles)).order_by("run_id", "pk")
    found = {}
    for key, run, status, message in rows.values_list("key", "run_id", "status", "message"):
        found[key] = f"{titles[run]}: {status}" + (f", {message}" if message else "")
    return found
