"""A linked sheet with people at both sides of it, who are promised that nothing they type gets lost.

``desk.settle()`` syncs once more, without a fault, and holds the promise: what was typed is still there or in
the history, nothing is there twice, both sides agree or a listed conflict (or a run status) says where not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.db import connection

from portfolio.actions.models import ActionRun
from portfolio.sheets.conflicts import resolve
from portfolio.sheets.models import Conflict, LinkedTab, SyncedRow
from portfolio.tabs import registry
from portfolio.tabs.changes import DeleteRow, RestoreRow, Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange
from tests import factories
from tests.google import GoogleServer
from tests.sheets_google.both_sides import column_of, rows_of
from tests.sheets_google.kept import Said, agrees, doubles_nothing, keeps_everything
from tests.sheets_google.world import counts, linked, of_tab, sync, tried


class Desk:
    """The sheet of ``tab`` in a book of its own. Rows are named by their key, or by any text they show."""

    def __init__(self, google: GoogleServer, tab: str, rows: list[list[Any]], name: str = "") -> None:
        self.google, self.tab = google, registry.tab(tab)
        self.book = google.book("Book", {self.tab.title: rows})
        self.sheet = self.book[self.tab.title]
        self.link = linked(self.book, self.tab.workbook, name)
        self.said: list[Said] = []
        self.settled: set[tuple[int | None, str]] = set()

    # The sheet ------------------------------------------------------------------------------------------

    def at(self, row: str, column: str) -> str:
        """Where the cell is now, as ``D7``."""
        return f"{self.letter(column)}{self.sheet.row_of(row)}"

    def letter(self, column: str) -> str:
        return self.sheet.column(column)

    def there(self, row: str, column: str) -> Any:
        return self.sheet.value(self.at(row, column))

    def status(self, row: str) -> str:
        return self.sheet.text(self.at(row, "Run Status"))

    def type(self, row: str, column: str, text: str) -> None:
        """A person types ``text`` into the sheet."""
        cell = self.at(row, column)
        self.sheet.type(cell, text)
        self.says("sheet", row, column, self.sheet.value(cell))

    def put(self, row: str, column: str, value: Any) -> None:
        """The cell holds ``value`` from now on: text that stays text, a date, a number."""
        cell = self.at(row, column)
        self.sheet.put(cell, value)
        self.says("sheet", row, column, self.sheet.value(cell))

    def write_row(self, row: list[Any], at: int | None = None) -> None:
        """A person fills row ``at``, or the first one below all others."""
        at = at or len(self.sheet.rows()) + 1
        self.sheet.put_row(at, row)
        name = str(row[self.header.index("Title")] if "Title" in self.header else row[0])
        for header, value in zip(self.header, row, strict=False):
            if value != "":
                self.says("sheet", name, header, value)

    @property
    def header(self) -> list[str]:
        return [str(cell) for cell in self.sheet.rows()[0]]

    # Lodestar -------------------------------------------------------------------------------------------

    def add(self, **values: Any) -> Any:
        made = factories.create(self.tab.name, **values)
        for name, value in values.items():
            self.says("web", made.pk, name, value)
        return made

    def row(self, key: str) -> Any:
        """The live row with this key or title."""
        return self.tab.queryset().get(pk=self.pk_of(key))

    def column(self, header: str) -> Column:
        found = column_of(self.tab, header)
        assert found is not None, header
        return found

    def here(self, row: str, column: str) -> Any:
        found = self.column(column)
        return found.show(found.read(self.row(row)))

    def edit(self, row: str, **values: Any) -> None:
        """A person edits the row in the web."""
        found = self.row(row)
        outcome = factories.put(self.tab.name, found, **values)
        assert outcome.ok, outcome.refused
        for name, value in values.items():
            self.says("web", found.pk, name, value)

    def delete(self, row: str) -> int:
        pk = self.row(row).pk
        self._apply(DeleteRow(pk))
        return pk

    def restore(self, pk: int) -> None:
        self._apply(RestoreRow(pk))

    def _apply(self, change: DeleteRow | RestoreRow) -> None:
        outcome = apply_changes(self.tab, factories.actor(), Surface.GRID, [change])
        assert outcome.ok, outcome.refused

    def pk_of(self, text: str) -> int | None:
        """The row of which a cell shows ``text``: by its key, else by its title."""
        wanted = text.casefold()
        for pk, cells in rows_of(self.tab).items():
            if any(str(cells.get(name)).casefold() == wanted for name in (*self.tab.key, "title")):
                return pk
        return None

    # Syncs ----------------------------------------------------------------------------------------------

    def sync(self, **options: Any) -> dict[str, int]:
        """A sync that succeeds; what it counted."""
        return counts(sync(link=self.link.pk, **options), self.tab.name)

    def tried(self, **options: Any) -> ActionRun:
        return tried(link=self.link.pk, **options)

    def report(self) -> dict[str, Any]:
        return of_tab(sync(link=self.link.pk), self.tab.name)

    @property
    def linked_tab(self) -> LinkedTab:
        return self.link.linked_tabs.get(tab_name=self.tab.name)

    def conflicts(self, kind: str = Conflict.Kind.CELL) -> list[Conflict]:
        return list(Conflict.objects.open().filter(linked_tab__link=self.link, kind=kind))

    def conflict(self, kind: str = Conflict.Kind.CELL) -> Conflict:
        (found,) = self.conflicts(kind)
        return found

    def calls(self) -> list[str]:
        """The calls since the last sync began, by what they do."""
        return [named(call) for call in self.google.calls]

    def resolve(self, conflict: Conflict, choice: str) -> None:
        """A person settles it; from then on the other side's value is history."""
        resolve(conflict, choice, factories.actor())
        self.settled.add((conflict.row, conflict.column))

    # The promise ----------------------------------------------------------------------------------------

    def says(self, side: str, row: int | str, column: str, value: Any) -> None:
        """Remember what was typed; columns of the person's own are theirs to look after."""
        found, known = column_of(self.tab, column), row if isinstance(row, int) else self.pk_of(row) or row
        self.said = [replace(each, row=known) if each.row == row else each for each in self.said]
        if found is not None:
            self.said.append(Said(side, known, found.name, value))

    def settle(self, twice: Iterable[str] = ()) -> None:
        """Syncs without faults, and then: converged, nothing lost, nothing doubled, and nothing moves.

        ``twice`` are keys that a person wrote twice into the sheet.
        """
        sync(link=self.link.pk)
        before = self.everything()
        self.google.reset_calls()
        sync(link=self.link.pk)
        assert [call.kind for call in self.google.calls if not call.reads] == []
        assert self.everything() == before
        keeps_everything(self)
        doubles_nothing(self, set(twice))
        agrees(self)

    def everything(self) -> dict[str, Any]:
        return {
            "sheets": {sheet.title: sheet.formulas() for sheet in self.book},
            "rows": {tab.name: rows_of(tab) for tab in self.link.tabs()},
            "changes": CellChange.objects.count(),
            "conflicts": list(
                Conflict.objects.order_by("pk").values_list(
                    "kind", "row", "column", "mine", "theirs", "closed"
                )
            ),
            "bases": {(b.linked_tab_id, b.row): (b.key, b.cells) for b in SyncedRow.objects.all()},
        }


def named(call: Any) -> str:
    """``read``, ``look``, ``append`` … : what a call is for."""
    kinds = {
        "spreadsheets.get": "metadata",
        "values.batchGetByDataFilter": "read",
        "spreadsheets.getByDataFilter": "look",
        "values.batchUpdate": "columns",
    }
    if call.kind != "spreadsheets.batchUpdate":
        return kinds.get(call.kind, call.kind)
    return next((name for kind, name in BATCHES.items() if kind in call.requests), "write")


BATCHES = {"appendCells": "append"}


def elsewhere(work: Callable[[], object]) -> Callable[..., None]:
    """``work`` as another process does it: with a connection to the database of its own."""

    def do(*_: Any) -> None:
        try:
            work()
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()

    return do
