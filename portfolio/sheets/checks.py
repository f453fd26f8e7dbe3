"""The sheet that adds the others up: Lodestar's totals beside live formulas over the exported rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname

from portfolio.sheets import styles
from portfolio.sheets.filecells import for_file
from portfolio.sheets.headers import CHECKS
from portfolio.sheets.table import Table

HEADERS = {"Sheet": 24, "What": 34, "Lodestar": 20, "This file": 20, "Difference": 16, "Check": 12}
NUMERIC = {"number", "integer", "fraction"}
FIRST = 3  # row of the first check, below the header and the verdict on all of them
OK, DIFFERS = "OK", "differs"
TOLERANCE = "1E-9"  # of the total: the order in which a program adds up


@dataclass(frozen=True)
class Check:
    """``total`` is Lodestar's, ``formula`` computes it from the sheet."""

    sheet: str
    what: str
    total: float | int
    formula: str
    number_format: str = styles.WHOLE


def checks_of(table: Table, title: str, last_row: int) -> Iterator[Check]:
    """The rows of a sheet and the sums of its numbers, over every row down to ``last_row``."""
    columns = list(zip(table.columns, zip(*table.rows, strict=True), strict=False)) if table.rows else []
    counted = _always_filled(columns)
    yield Check(title, "Rows", len(table.rows), f"=COUNTA({_range(title, counted, last_row)})")
    for at, (column, shown) in enumerate(columns):
        if column.type_name in NUMERIC and column.name not in table.tab.file_key:
            values = [value for cell in shown if _is_number(value := for_file(column.type_name, cell))]
            total = math.fsum(values)
            total = int(total) if total.is_integer() else total
            form = styles.number_format(column.type_name, column.unit, total)
            yield Check(title, column.label, total, f"=SUM({_range(title, at, last_row)})", form)


def _always_filled(columns: list[Any]) -> int:
    """The position of a column that says something in every row, also in new ones where there is such."""
    filled = [at for at, (_, shown) in enumerate(columns) if all(cell not in (None, "") for cell in shown)]
    entered = [at for at in filled if columns[at][0].entered_here and columns[at][0].required]
    return next(iter([*entered, *filled]), 0)


def _range(title: str, at: int, last_row: int) -> str:
    letter = get_column_letter(at + 1)
    return f"{quote_sheetname(title)}!${letter}$2:${letter}${last_row}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def write_checks(book: Workbook, checks: list[Check]) -> None:
    sheet = book.create_sheet(CHECKS)
    sheet.protection.sheet = True
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    styles.fit_to_width(sheet)
    for at, width in enumerate(HEADERS.values(), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    last = FIRST + len(checks) - 1
    _colour(sheet, f"F2:F{last}")
    sheet.append([_header(sheet, title) for title in HEADERS])
    sheet.append(_verdict(sheet, f"F{FIRST}:F{last}"))
    for number, check in enumerate(checks, start=FIRST):
        sheet.append(_cells(sheet, check, number))


def _colour(sheet: Any, cells: str) -> None:
    for said, light, dark in ((OK, "E2F0D9", "375623"), (DIFFERS, "FBE3E0", "9C1C12")):
        fill = PatternFill(bgColor=light, fill_type="solid")
        rule = CellIsRule(
            operator="equal", formula=[f'"{said}"'], fill=fill, font=Font(color=dark, bold=True)
        )
        sheet.conditional_formatting.add(cells, rule)


def _header(sheet: Any, title: str) -> Any:
    cell = styles.text_cell(sheet, title)
    cell.font, cell.fill = styles.WHITE, styles.HEADER
    return cell


def _verdict(sheet: Any, checks: str) -> list[Any]:
    label = styles.text_cell(sheet, "All sheets")
    verdict = WriteOnlyCell(sheet, f'=IF(COUNTIF({checks},"{OK}")=ROWS({checks}),"{OK}","{DIFFERS}")')
    label.font = verdict.font = styles.BOLD
    return [label, None, None, None, None, verdict]


def _cells(sheet: Any, check: Check, row: int) -> list[Any]:
    named = [styles.text_cell(sheet, check.sheet), styles.text_cell(sheet, check.what)]
    close = f"ABS(E{row})<={TOLERANCE}*MAX(1,ABS(C{row}))"
    figures = [WriteOnlyCell(sheet, each) for each in (check.total, check.formula, f"=D{row}-C{row}")]
    for cell in figures:
        cell.number_format = check.number_format
    verdict = WriteOnlyCell(sheet, f'=IF({close},"{OK}","{DIFFERS}")')
    return _lined([*named, *figures, verdict])


def _lined(cells: list[Any]) -> list[Any]:
    for cell in cells:
        cell.border = styles.LINE
    return cells
