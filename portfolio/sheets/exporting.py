"""Workbooks for people: styled, typed, with the cells that Lodestar owns locked."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter

from portfolio.sheets import exports, styles
from portfolio.sheets.checks import Check, checks_of, write_checks
from portfolio.sheets.cover import write_cover
from portfolio.sheets.dropdowns import Dropdowns
from portfolio.sheets.models import Export
from portfolio.sheets.table import Table, is_run, table_of
from portfolio.tabs import registry
from portfolio.tabs.columns import Column

SPARE_ROWS = 500  # below the last row, ready for new ones
LONGEST_TITLE = 31
MOST_LINES = 3  # of the headers
FILTER_BUTTON = 2  # characters of a header that its button covers


class UnknownRunError(LookupError):
    """The workbook has no such run; the message says so."""


def export_workbook(workbook: str, to: Path | IO[bytes], who: str, run_id: str = "") -> dict[str, int]:
    """Write every tab of ``workbook`` into one .xlsx; answers the rows by tab.

    What it says is remembered, so that the file's return is merged with it. With ``run_id`` the tabs that
    show runs hold that run only. Raises UnknownRunError.
    """
    tabs = registry.tabs(workbook)
    if run_id and not any(is_run(tab, run_id) for tab in tabs):
        raise UnknownRunError(f"There is no run {run_id} in the workbook {workbook}.")
    export = Export(workbook=workbook, who=who)  # its time is before what it reads
    tables = [table_of(tab, run_id) for tab in tabs]
    _book(export, tables, run_id).save(to)
    exports.remember(export, tables)
    return {table.tab.name: len(table.rows) for table in tables}


def _book(export: Export, tables: list[Table], run_id: str) -> Workbook:
    book = Workbook(write_only=True)
    book.calculation.fullCalcOnLoad = True  # the checks come without results
    book.custom_doc_props.append(StringProperty(name=exports.PROPERTY, value=str(export.pk)))
    write_cover(book, export, run_id, tables)
    dropdowns = Dropdowns()
    checks: list[Check] = []
    for table in tables:
        _write(book, table, dropdowns)
        checks += checks_of(table, _title(table), _last_row(table))
    write_checks(book, checks)
    dropdowns.write(book)
    return book


def _title(table: Table) -> str:
    return table.tab.title[:LONGEST_TITLE]


def _last_row(table: Table) -> int:
    return len(table.rows) + 1 + SPARE_ROWS


# One tab ----------------------------------------------------------------------------------------------


def _write(book: Workbook, table: Table, dropdowns: Dropdowns) -> None:
    sheet = book.create_sheet(_title(table))
    last = get_column_letter(len(table.headers))
    sheet.freeze_panes = f"{get_column_letter(1 + _frozen(table))}2"
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    _protect(sheet)
    _set_columns(sheet, table)
    _set_page(sheet, table)
    dropdowns.offer(sheet, table, _last_row(table))
    sheet.append(_header_cells(sheet, table))
    pens = [styles.Pen(sheet, column, table.tab) for column in [*table.columns, None]]
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
        dimension.width = _width(column)
        dimension.hidden = column is not None and column.name in table.tab.file_key
        if column and styles.may_fill(column, table.tab, new=True):
            dimension.protection = styles.UNLOCKED
            dimension.number_format = styles.blank_format(column.type_name)


def _width(column: Column | None) -> float:
    """In characters. A unit needs room, or the program shows ##### instead of the number."""
    if column is None:
        return 40
    return column.width / 7 + (len(column.unit) if column.align == "right" else 0)


def _set_page(sheet: Any, table: Table) -> None:
    """Room for the headers, which also every printed page has, beside the frozen columns."""
    lines = max(
        -(-len(title) // max(1, int(_width(column)) - FILTER_BUTTON))
        for title, column in zip(table.headers, [*table.columns, None], strict=True)
    )
    sheet.row_dimensions[1].height = styles.LINE_HEIGHT * min(lines, MOST_LINES)
    sheet.page_setup.orientation, sheet.page_setup.scale = "landscape", 50
    sheet.print_title_rows = "1:1"
    if _frozen(table):
        sheet.print_title_cols = f"A:{get_column_letter(_frozen(table))}"


def _header_cells(sheet: Any, table: Table) -> list[Any]:
    cells = []
    for title, column in zip(table.headers, [*table.columns, None], strict=True):
        cell = WriteOnlyCell(sheet, title)
        cell.font, cell.fill, cell.alignment = styles.WHITE, styles.HEADER, styles.WRAPPED
        note = _note(column) if column else "What the last action said about this row."
        cell.comment = Comment(note, "Lodestar", width=320, height=110)
        cells.append(cell)
    return cells


def _note(column: Column) -> str:
    who = "Enter it here." if column.entered_here else "Lodestar fills it; changes here are not read."
    unit = f" In {column.unit}." if column.unit else ""
    return f"{column.help}{unit} {who}".strip()
