"""A workbook made from the declarations: sheets with headers, notes, choices, formats and locks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from portfolio.actions.job import Job
from portfolio.sheets.google.book import Book
from portfolio.sheets.google.connection import client
from portfolio.sheets.google.encoding import FORMATS
from portfolio.sheets.headers import RUN_STATUS
from portfolio.sheets.models import SheetLink
from portfolio.sheets.sync.reading import link_tab
from portfolio.sheets.table import header, titled
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.registry import plain
from portfolio.tabs.tab import Tab

ROWS = 1000
NAVY, GREY, WHITE = (
    {"red": 0.12, "green": 0.23, "blue": 0.37},
    {"red": 0.93, "green": 0.93, "blue": 0.93},
    {"red": 1, "green": 1, "blue": 1},
)
HEADER_FORMAT = {
    "backgroundColor": NAVY,
    "wrapStrategy": "WRAP",
    "textFormat": {"bold": True, "foregroundColor": WHITE},
}
STATUS_NOTE = "What the last action said about this row. Lodestar fills it."


def create_missing_tabs(link: SheetLink, job: Job) -> list[str]:
    """Make the tabs of the workbook that the spreadsheet lacks, and link them; answers their titles.

    They are empty but for their headers: the next sync appends the rows. Raises SheetsError.
    """
    http = client().http_client
    with http.within(120, job.check):
        book = Book(link.spreadsheet_id, http)
        link.title, sheets = book.metadata()
        there = {plain(info.title) for info in sheets}
        taken = {info.sheet_id for info in sheets}
        linked = set(link.linked_tabs.filter(sheet_id__in=taken).values_list("tab_name", flat=True))
        wanted = [
            tab
            for tab in link.tabs()
            if tab.name not in linked and there.isdisjoint({plain(tab.title), plain(tab.name)})
        ]
        made = {_free_id(taken): tab for tab in wanted}
        requests = [
            request for sheet_id, tab in made.items() for request in _sheet(sheet_id, tab, http.email)
        ]
        if requests:
            book.update(requests, once=True)
    link.save(update_fields=["title"])
    for sheet_id, tab in made.items():
        link_tab(link, tab, sheet_id, tab.title, taken).confirm(job.actor.name)
    link.look_again()
    return [tab.title for tab in made.values()]


def _free_id(taken: set[int]) -> int:
    while (found := secrets.randbelow(2**31 - 1) + 1) in taken:
        continue
    taken.add(found)
    return found


def _sheet(sheet_id: int, tab: Tab, email: str) -> Iterator[dict[str, Any]]:
    columns = tab.columns_for(Surface.SHEET)
    yield _added(sheet_id, tab, columns)
    yield _headers(sheet_id, columns)
    for at, column in enumerate(columns):
        yield from _column(sheet_id, at, column, column.name in tab.file_key)
    for first, last in _spans([not column.entered_here for column in columns] + [True]):
        yield _locked(sheet_id, first, last, email)
    yield {"setBasicFilter": {"filter": {"range": {"sheetId": sheet_id, "startRowIndex": 0}}}}


def _added(sheet_id: int, tab: Tab, columns: list[Column]) -> dict[str, Any]:
    frozen = [at for at, column in enumerate(columns, start=1) if column.frozen]
    grid = {
        "rowCount": ROWS,
        "columnCount": len(columns) + 1,
        "frozenRowCount": 1,
        "frozenColumnCount": max(frozen, default=0),
    }
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": tab.title, "gridProperties": grid}}}


def _headers(sheet_id: int, columns: list[Column]) -> dict[str, Any]:
    cells = [_header(header(column), _note(column)) for column in columns]
    cells.append(_header(titled(RUN_STATUS), STATUS_NOTE))
    start = {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0}
    fields = "userEnteredValue,userEnteredFormat,note"
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": fields}}


def _header(title: str, note: str) -> dict[str, Any]:
    return {"userEnteredValue": {"stringValue": title}, "userEnteredFormat": HEADER_FORMAT, "note": note}


def _note(column: Column) -> str:
    who = "Enter it here." if column.entered_here else "Lodestar fills it."
    unit = f" In {column.unit}." if column.unit else ""
    return f"{column.help}{unit} {who}".strip()


def _column(sheet_id: int, at: int, column: Column, hidden: bool) -> Iterator[dict[str, Any]]:
    cells = {"sheetId": sheet_id, "startRowIndex": 1, "startColumnIndex": at, "endColumnIndex": at + 1}
    form: dict[str, Any] = {}
    if column.type_name in FORMATS:
        form["numberFormat"] = FORMATS[column.type_name]
    if not column.entered_here:
        form["backgroundColor"] = GREY
    if form:
        fields = ",".join(f"userEnteredFormat.{name}" for name in form)
        yield {"repeatCell": {"range": cells, "cell": {"userEnteredFormat": form}, "fields": fields}}
    if rule := _rule(column):
        yield {"setDataValidation": {"range": cells, "rule": rule}}
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    properties = {"pixelSize": column.width, "hiddenByUser": hidden}
    yield {
        "updateDimensionProperties": {
            "range": span,
            "properties": properties,
            "fields": "pixelSize,hiddenByUser",
        }
    }


def _rule(column: Column) -> dict[str, Any] | None:
    """A dropdown. Not strict: what is wrong is said in the run status, and not lost.

    No tick boxes: an unticked one holds FALSE, and new rows would be appended below the last of them.
    """
    if not column.entered_here:
        return None
    offered = ["TRUE", "FALSE"] if column.type_name == "boolean" else [v for v, _ in column.choices() or ()]
    choices = [{"userEnteredValue": value} for value in offered]
    if not choices or len(choices) > 500:
        return None
    return {"condition": {"type": "ONE_OF_LIST", "values": choices}, "strict": False, "showCustomUi": True}


def _spans(locked: list[bool]) -> Iterator[tuple[int, int]]:
    """Columns to lock, as first and last (exclusive)."""
    first: int | None = None
    for at, lock in enumerate([*locked, False]):
        if lock and first is None:
            first = at
        elif not lock and first is not None:
            yield first, at
            first = None


def _locked(sheet_id: int, first: int, last: int, email: str) -> dict[str, Any]:
    cells = {"sheetId": sheet_id, "startRowIndex": 1, "startColumnIndex": first, "endColumnIndex": last}
    # Where nobody is named, a warning is all there is: the spreadsheet's owner could not write either.
    who = {"editors": {"users": [email]}} if email else {"warningOnly": True}
    return {
        "addProtectedRange": {
            "protectedRange": {"range": cells, "description": "Lodestar fills these.", **who}
        }
    }
