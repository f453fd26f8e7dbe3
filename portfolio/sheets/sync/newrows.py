"""Rows that only Lodestar has, appended below the others.

Not repeated where the outcome is unknown: the next sync reads the sheet and finds out by the keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.google.book import Book, Look
from portfolio.sheets.google.encoding import FORMATS, cell_data, for_sheet
from portfolio.sheets.google.grid import a1, a1_row
from portfolio.sheets.models import SyncedRow
from portfolio.sheets.sync.bases import save_bases
from portfolio.sheets.sync.guard import Guarded
from portfolio.sheets.sync.here import Here
from portfolio.sheets.sync.identity import key_places
from portfolio.sheets.sync.writes import chunks
from portfolio.sheets.table import RUN_ID
from portfolio.tabs.columns import Column

FIELDS = "userEnteredValue,userEnteredFormat(numberFormat,textFormat.link)"


@dataclass(frozen=True)
class Appended:
    """A row on its way: ``known_as`` are its key's cells, ``values`` all of them, as the sheet gets them."""

    writer: _Writer
    pk: int
    known_as: tuple[Any, ...]
    values: list[dict[str, Any]]


def append(
    book: Book, tabs: Iterable[tuple[Guarded, Here]], fence: Callable[[], Any], check: Callable[[], None]
) -> None:
    """Append what the plans say, as many rows at once as go; the base of each row is what was written."""
    rows = [row for guarded, here in tabs for row in _Writer(guarded, here).rows()]
    for chunk in chunks(rows, lambda row: row.values, most=None):
        check()
        by_writer = _by_writer(chunk)
        requests = [writer.request(found) for writer, found in by_writer.items()]
        look_at = [at for writer in by_writer for at in writer.look_at]
        _, look = book.update(requests, look_at, once=True)
        astray = [writer for writer in by_writer if not writer.guarded.after(look).header_stands]
        with fence():
            for writer in by_writer.keys() - set(astray):
                writer.acknowledge(look, by_writer[writer])
        if astray:  # a column has moved since the last look: the cells met others
            book.update([each for writer in astray for each in writer.clearing(look, by_writer[writer])])
            return


def _by_writer(rows: Iterable[Appended]) -> dict[_Writer, list[Appended]]:
    found: dict[_Writer, list[Appended]] = defaultdict(list)
    for row in rows:
        found[row.writer].append(row)
    return found


class _Writer:
    """New rows in the order of the sheet's columns, with formats, and a way back to the run they tell of."""

    def __init__(self, guarded: Guarded, here: Here) -> None:
        self.guarded, self.here, self.table = guarded, here, guarded.table
        self.width = 1 + max(at for placed in self.table.columns for at in placed.at)
        self.keys = key_places(self.table)
        self.site = guarded.plan.linked.link.site.rstrip("/")

    def rows(self) -> Iterator[Appended]:
        for pk in self.guarded.plan.appends:
            row = self.row(pk)
            if not self.guarded.holds_row(row.known_as):
                yield row

    def request(self, rows: list[Appended]) -> dict[str, Any]:
        cells = [{"values": row.values} for row in rows]
        return {"appendCells": {"sheetId": self.guarded.sheet_id, "rows": cells, "fields": FIELDS}}

    def acknowledge(self, look: Look, rows: list[Appended]) -> None:
        """What stands there now is agreed."""
        now = self.guarded.after(look)
        landed = [row for row in rows if now.holds_row(row.known_as)]
        save_bases(self.base(row.pk) for row in landed)
        self.guarded.plan.counts.appended += len(landed)

    def clearing(self, look: Look, rows: list[Appended]) -> Iterator[dict[str, Any]]:
        """Requests that take the appended rows out again."""
        now = self.guarded.after(look)
        for number in [found[-1] for row in rows if (found := now.rows_of(row.known_as))]:
            span = {
                "sheetId": self.guarded.sheet_id,
                "startRowIndex": number - 1,
                "endRowIndex": number,
                "startColumnIndex": 0,
                "endColumnIndex": self.width,
            }
            yield {"updateCells": {"range": span, "rows": [], "fields": FIELDS}}

    @property
    def look_at(self) -> list[str]:
        """The header, and the key's columns to their end."""
        header = self.table.matching.header_row
        keys = [a1(self.guarded.title, at, header + 1, None) for at in self.keys]
        return [a1_row(self.guarded.title, header), *keys]

    def row(self, pk: int) -> Appended:
        shown = self.here.rows[pk]
        cells: list[dict[str, Any]] = [{} for _ in range(self.width)]
        plain: dict[int, Any] = {}
        for placed in self.table.columns:
            at = placed.at[0]
            plain[at] = for_sheet(placed.column.type_name, shown[placed.name], as_serial=True)
            cells[at] = cell_data(plain[at]) | self._format(placed.column, shown[placed.name])
        return Appended(self, pk, tuple(plain.get(at) for at in self.keys), cells)

    def _format(self, column: Column, shown: Any) -> dict[str, Any]:
        if shown is None:
            return {}
        form: dict[str, Any] = {}
        if column.type_name in FORMATS:
            form["numberFormat"] = FORMATS[column.type_name]
        if column.name == RUN_ID and self.site:
            form["textFormat"] = {"link": {"uri": f"{self.site}/runs/{shown}/"}}
        return {"userEnteredFormat": form} if form else {}

    def base(self, pk: int) -> SyncedRow:
        shown = self.here.rows[pk]
        cells = {placed.name: shown[placed.name] for placed in self.table.columns}
        key = self.table.tab.key_in_file(shown, self.table.matching.sheet.title)
        return SyncedRow(linked_tab=self.guarded.plan.linked, row=pk, key=list(key), cells=cells)
