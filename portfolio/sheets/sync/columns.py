"""Columns that Lodestar needs in a sheet: the key that it gives, and the run status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portfolio.sheets.google.book import Book
from portfolio.sheets.google.encoding import cell_data
from portfolio.sheets.google.errors import Unavailable
from portfolio.sheets.google.grid import a1_row
from portfolio.sheets.headers import RUN_STATUS, match
from portfolio.sheets.opening import Sheet
from portfolio.sheets.sync.identity import same_cell
from portfolio.sheets.sync.reading import ReadTab
from portfolio.sheets.sync.rows import SheetTable
from portfolio.sheets.sync.writes import grid_range, replace_whole
from portfolio.sheets.table import header, titled


def add_columns(found: ReadTab, book: Book) -> None:
    """Give the sheet the headers that it lacks, behind all its columns. Raises SheetsError."""
    table = found.table
    assert table is not None
    missing = _missing(table)
    if not missing:
        return
    sheet, number = table.matching.sheet, table.matching.header_row
    first, row = max(len(row) for row in sheet.rows.values()), sheet.rows[number]
    before = (*row, *[None] * (first - len(row)))
    _write(found, book, before, missing)
    rows = {**sheet.rows, number: (*before, *missing)}
    found.table = SheetTable(table.tab, match(table.tab, Sheet(sheet.title, rows)))


def _missing(table: SheetTable) -> list[str]:
    tab, places = table.tab, table.matching.places
    given = [tab.column(name) for name in tab.key if not tab.column(name).entered_here]
    keys = [header(column) for column in given if column.name not in places]
    return keys + ([] if table.status_at is not None else [titled(RUN_STATUS)])


def _write(found: ReadTab, book: Book, before: Sequence[Any], missing: list[str]) -> None:
    """Into blank cells only: somebody may be naming a column there."""
    assert found.table is not None
    sheet_id, number = found.linked.sheet_id, found.table.matching.header_row
    cells = [grid_range(sheet_id, number, number, len(before) + at) for at in range(len(missing))]
    widen = list(_widen(sheet_id, len(before) + len(missing) - found.width))
    into_blanks = [replace_whole("", title, cell) for title, cell in zip(missing, cells, strict=True)]
    plainly = [_set(title, cell) for title, cell in zip(missing, cells, strict=True)]
    for requests in ([*widen, *into_blanks], plainly):
        _, look = book.update(requests, [a1_row(found.linked.title, number)])
        row = {at: seen.value for (_, at), seen in look.cells.get(sheet_id, {}).items()}
        if _is(row, [*before, *missing]):
            return
        if not _is(row, before):  # else Google finds no blanks, and nobody else has found them
            break
    raise Unavailable(
        f"Somebody is changing the headers of “{found.linked.title}”. The next sync tries again."
    )


def _is(row: dict[int, Any], wanted: Sequence[Any]) -> bool:
    width = max([len(wanted), *(at + 1 for at in row)])
    return all(same_cell(row.get(at), wanted[at] if at < len(wanted) else None) for at in range(width))


def _widen(sheet_id: int, more: int) -> Iterator[dict[str, Any]]:
    if more > 0:
        yield {"appendDimension": {"sheetId": sheet_id, "dimension": "COLUMNS", "length": more}}


def _set(title: str, cell: dict[str, int]) -> dict[str, Any]:
    rows = [{"values": [cell_data(title)]}]
    return {"updateCells": {"range": cell, "rows": rows, "fields": "userEnteredValue"}}
