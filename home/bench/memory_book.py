"""A spreadsheet in memory: answers what the sync asks of a Google spreadsheet, without HTTP and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl.utils import column_index_from_string

from portfolio.sheets.google.book import Book, Look, SheetInfo, Values
from portfolio.sheets.google.encoding import typed
from portfolio.sheets.google.grid import Range, Seen, title_of

Grid = list[list[Any]]


class MemoryBook(Book):
    """``grids``: rows of values by the sheet's title; its id is its position."""

    def __init__(self, grids: dict[str, Grid]) -> None:
        self.titles, self.grids = list(grids), list(grids.values())

    # Reading -----------------------------------------------------------------------------------------

    def metadata(self) -> tuple[str, list[SheetInfo]]:
        return "In memory", [self._info(sheet_id) for sheet_id in range(len(self.grids))]

    def _info(self, sheet_id: int) -> SheetInfo:
        grid = self.grids[sheet_id]
        return SheetInfo(sheet_id, self.titles[sheet_id], len(grid), len(grid[0]))

    def values(self, sheet_ids: Sequence[int]) -> list[Values]:
        return [Values(self.titles[at], len(self.grids[at][0]), self.grids[at]) for at in sheet_ids]

    def look(self, ranges: Sequence[Range]) -> Look:
        look = Look()
        for each in ranges:
            look.sheets[each.sheet_id] = self._info(each.sheet_id)
            look.cells.setdefault(each.sheet_id, {}).update(self._seen(each))
        return look

    def _seen(self, each: Range) -> Iterator[tuple[tuple[int, int], Seen]]:
        for number, row in enumerate(self.grids[each.sheet_id][each.row : each.end_row], start=each.row + 1):
            for at, value in enumerate(row[each.column : each.end_column], start=each.column):
                if value is not None:
                    yield (number, at), Seen(value, typed(value) or str(value))

    # Writing -----------------------------------------------------------------------------------------

    def update(
        self, requests: Sequence[dict[str, Any]], look_at: Sequence[str] = (), once: bool = False
    ) -> tuple[list[dict[str, Any]], Look]:
        replies = [getattr(self, f"_{kind}")(asked) for each in requests for kind, asked in each.items()]
        return replies, self.look([self._range(at) for at in look_at])

    def write_columns(self, columns: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Any]]:
        return [self._filled(self._range(at), cells) for at, cells in columns]

    def _filled(self, at: Range, cells: Sequence[Any]) -> list[Any]:
        for down, value in enumerate(cells):
            if value is not None:
                self._put(at.sheet_id, at.row + down, at.column, value)
        return [row[at.column] for row in self.grids[at.sheet_id][at.row : at.end_row]]

    def _updateCells(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as Google names it
        area = asked["range"]
        for down, row in enumerate(asked["rows"]):
            value = _value(row["values"][0])
            self._put(area["sheetId"], area["startRowIndex"] + down, area["startColumnIndex"], value)
        return {}

    def _findReplace(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        area = asked["range"]
        cell = area["sheetId"], area["startRowIndex"], area["startColumnIndex"]
        was = self.grids[cell[0]][cell[1]][cell[2]]
        if typed(was) != ("" if asked.get("searchByRegex") else asked["find"]):
            return {}
        self._put(*cell, _like(was, asked["replacement"]))
        return {"findReplace": {"occurrencesChanged": 1}}

    def _appendCells(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        grid = self.grids[asked["sheetId"]]
        for row in asked["rows"]:
            cells = [_value(cell) for cell in row["values"]]
            grid.append(cells + [None] * (len(grid[0]) - len(cells)))
        return {}

    def _put(self, sheet_id: int, row: int, column: int, value: Any) -> None:
        self.grids[sheet_id][row][column] = None if value == "" else value

    def _range(self, at: str) -> Range:
        """``'Backlog'!C7:C90``, ``'Backlog'!C7:C`` or ``'Backlog'!1:1``."""
        found = re.fullmatch(r"([A-Z]*)(\d+):[A-Z]*(\d*)", at.rpartition("!")[2])
        assert found is not None
        first, row, last = found.groups()
        column = column_index_from_string(first) - 1 if first else 0
        sheet_id = self.titles.index(title_of(at))
        return Range(
            sheet_id, int(row) - 1, int(last) if last else None, column, column + 1 if first else None
        )


def _value(cell: dict[str, Any]) -> Any:
    return next(iter(cell.get("userEnteredValue", {}).values()), None)


def _like(was: Any, text: str) -> Any:
    """What Google makes of ``text`` that replaces a value of this kind."""
    if isinstance(was, bool):
        return text == "TRUE"
    return float(text) if isinstance(was, int | float) else text
