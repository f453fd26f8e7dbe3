"""Workbooks for people: styled, typed, with the cells that Lodestar owns locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portfolio.sheets.cover import cover_lines
from portfolio.sheets.filecells import for_file
from portfolio.sheets.headers import COVER, LISTS
from portfolio.sheets.table import Table, is_run, table_of
from portfolio.tabs import registry
from portfolio.tabs.columns import Column
from portfolio.tabs.tab import Tab

SPARE_ROWS = 500  # below the last row, ready for new ones
LONGEST_TITLE = 31

HEADER = PatternFill("solid", fgColor="1F3A5F")
LOCKED = PatternFill("solid", fgColor="EEEEEE")
LINE = Border(bottom=Side("thin", color="D9D9D9"))
WHITE, GREY, BOLD = Font(bold=True, color="FFFFFF"), Font(color="595959"), Font(bold=True, size=14)
TOP = Alignment(vertical="top")
WRAPPED = Alignment(vertical="top", wrap_text=True)
FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "fraction": "0.0##%"}
WHOLE, BROKEN, TEXT = "#,##0", "#,##0.00####", "@"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class UnknownRunError(LookupError):
    """The workbook has no such run; the message says so."""


def export_workbook(workbook: str, to: Path | IO[bytes], who: str, run_id: str = "") -> dict[str, int]:
    """Write every tab of ``workbook`` into one .xlsx; answers the rows by tab.

    With ``run_id`` the tabs that show runs hold that run only. Raises UnknownRunError.
    """
    tabs = registry.tabs(workbook)
    if run_id and not any(is_run(tab, run_id) for tab in tabs):
        raise UnknownRunError(f"There is no run {run_id} in the workbook {workbook}.")
    book = Workbook(write_only=True)
    tables = [table_of(tab, run_id) for tab in tabs]
    _write_cover(book, cover_lines(workbook, who, timezone.now(), run_id, tables))
    lists = _Lists()
    for table in tables:
        _write(book, table, lists)
    lists.write(book)
    book.save(to)
    return {table.tab.name: len(table.rows) for table in tables}


# One tab ----------------------------------------------------------------------------------------------


def _write(book: Workbook, table: Table, lists: _Lists) -> None:
    sheet = book.create_sheet(table.tab.title[:LONGEST_TITLE])
    last = get_column_letter(len(table.headers))
    sheet.freeze_panes = f"{get_column_letter(1 + _frozen(table))}2"
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    _protect(sheet)
    _set_columns(sheet, table)
    _offer_choices(sheet, table, lists)
    sheet.append(_header_cells(sheet, table))
    pens = [_Pen(sheet, column, table.tab) for column in table.columns] + [_Pen(sheet, None, table.tab)]
    for row in table.rows:
        sheet.append([pen.write(value) for pen, value in zip(pens, row, strict=True)])


def _frozen(table: Table) -> int:
    frozen = [at for at, column in enumerate(table.columns, start=1) if column.frozen]
    return max(frozen, default=0)


def _protect(sheet: Any) -> None:
    """Locked, but without a password: it keeps hands off by mistake, not by force."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "sort", "autoFilter", "insertRows", "deleteRows"):
        setattr(sheet.protection, allowed, False)  # False means: not forbidden


def _set_columns(sheet: Any, table: Table) -> None:
    for at, column in enumerate([*table.columns, None], start=1):
        dimension = sheet.column_dimensions[get_column_letter(at)]
        dimension.width = (column.width if column else 280) / 7
        dimension.hidden = column is not None and column.name in table.tab.file_key
        if column and _may_fill(column, table.tab, new=True):
            dimension.protection = Protection(locked=False)


def _may_fill(column: Column, tab: Tab, new: bool) -> bool:
    """Whether a person may type in the column, in a row that is there or in a ``new`` one."""
    if new:
        return column.entered_here and tab.can_create
    return column.entered_here and not column.on_create


def _header_cells(sheet: Any, table: Table) -> list[Any]:
    cells = []
    for title, column in zip(table.headers, [*table.columns, None], strict=True):
        cell = WriteOnlyCell(sheet, title)
        cell.font, cell.fill, cell.alignment = WHITE, HEADER, WRAPPED
        note = _note(column) if column else "What the last action said about this row."
        cell.comment = Comment(note, "Lodestar", width=320, height=110)
        cells.append(cell)
    return cells


def _note(column: Column) -> str:
    who = "Enter it here." if column.entered_here else "Lodestar fills it; changes here are not read."
    unit = f" In {column.unit}." if column.unit else ""
    return f"{column.help}{unit} {who}".strip()


class _Pen:
    """Writes one column: one cell object over and over, which a write-only sheet allows and is quick."""

    def __init__(self, sheet: Any, column: Column | None, tab: Tab) -> None:
        self.type_name = column.type_name if column else "text"
        self.cell, self.quoted = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        for cell in (self.cell, self.quoted):
            cell.alignment, cell.border = TOP, LINE
            if column is None or not _may_fill(column, tab, new=False):
                cell.fill, cell.font = LOCKED, GREY
            else:
                cell.protection = Protection(locked=False)
        self.quoted.quotePrefix = True
        self.quoted.number_format = TEXT

    def write(self, shown: Any) -> Any:
        value = for_file(self.type_name, shown)
        if not isinstance(value, str):
            self.cell.value = value
            self.cell.number_format = self._format(value)
            return self.cell
        # Never a formula, whatever it begins with: as a string, and quoted should somebody edit it.
        cell = self.quoted if value.startswith(DANGEROUS) or value.isdigit() else self.cell
        cell.value = value
        cell.data_type = "s"
        cell.number_format = TEXT if cell is self.quoted else "General"
        return cell

    def _format(self, value: Any) -> str:
        if isinstance(value, bool) or value is None:
            return "General"
        if isinstance(value, date | datetime):
            return FORMATS["datetime" if isinstance(value, datetime) else "date"]
        return FORMATS.get(self.type_name) or (WHOLE if float(value).is_integer() else BROKEN)


# Choices ----------------------------------------------------------------------------------------------


class _Lists:
    """What dropdowns offer, on a hidden sheet: a list in the cell itself ends at 255 characters."""

    def __init__(self) -> None:
        self.columns: list[list[str]] = []

    def add(self, values: list[str]) -> str:
        """The range that holds ``values``, as dropdowns name it."""
        if values not in self.columns:
            self.columns.append(values)
        letter = get_column_letter(self.columns.index(values) + 1)
        return f"{LISTS}!${letter}$1:${letter}${len(values)}"

    def write(self, book: Workbook) -> None:
        sheet = book.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        depth = max(map(len, self.columns), default=0)
        for at in range(depth):
            sheet.append([_text(sheet, values[at]) if at < len(values) else None for values in self.columns])


def _offer_choices(sheet: Any, table: Table, lists: _Lists) -> None:
    for at, column in enumerate(table.columns, start=1):
        offered = _offered(column)
        if not offered:
            continue
        letter = get_column_letter(at)
        rule = DataValidation(
            type="list", formula1=lists.add(offered), allow_blank=True, showErrorMessage=True
        )
        rule.error = f"Choose one of the list for {column.label}."
        rule.errorTitle = column.label[:32]
        rule.add(f"{letter}2:{letter}{len(table.rows) + 1 + SPARE_ROWS}")
        sheet.data_validations.append(rule)


def _offered(column: Column) -> list[str]:
    if not column.entered_here:
        return []
    if column.type_name == "boolean":
        return ["TRUE", "FALSE"]
    return [value for value, _ in column.choices() or ()]


# The first sheet --------------------------------------------------------------------------------------


def _write_cover(book: Workbook, lines: Iterable[tuple[str, ...]]) -> None:
    sheet = book.create_sheet(COVER)
    sheet.protection.sheet = True
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 100
    for number, line in enumerate(lines):
        sheet.append(list(_cover_cells(sheet, line, BOLD if number == 0 else None)))


def _cover_cells(sheet: Any, line: tuple[str, ...], font: Font | None) -> Iterator[Any]:
    for text in line:
        cell = _text(sheet, text)
        cell.alignment = WRAPPED
        if font:
            cell.font = font
        yield cell


def _text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
