"""What dropdowns offer, on a hidden sheet: a list in the cell itself ends at 255 characters."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portfolio.sheets.headers import LISTS
from portfolio.sheets.styles import text_cell
from portfolio.sheets.table import Table
from portfolio.tabs.columns import Column


class Dropdowns:
    """Collects the lists of all sheets; equal ones are kept once."""

    def __init__(self) -> None:
        self.columns: list[list[str]] = []

    def offer(self, sheet: Any, table: Table, last_row: int) -> None:
        """Give the columns of ``table`` that have choices their dropdowns, down to ``last_row``."""
        for at, column in enumerate(table.columns, start=1):
            offered = _offered(column)
            if offered:
                letter = get_column_letter(at)
                rule = self._rule(column, offered)
                rule.add(f"{letter}2:{letter}{last_row}")
                sheet.data_validations.append(rule)

    def _rule(self, column: Column, offered: list[str]) -> DataValidation:
        rule = DataValidation(
            type="list", formula1=self._range(offered), allow_blank=True, showErrorMessage=True
        )
        rule.error = f"Choose one of the list for {column.label}."
        rule.errorTitle = column.label[:32]
        return rule

    def _range(self, values: list[str]) -> str:
        if values not in self.columns:
            self.columns.append(values)
        letter = get_column_letter(self.columns.index(values) + 1)
        return f"{LISTS}!${letter}$1:${letter}${len(values)}"

    def write(self, book: Workbook) -> None:
        sheet = book.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        depth = max(map(len, self.columns), default=0)
        for at in range(depth):
            row = [text_cell(sheet, values[at]) if at < len(values) else None for values in self.columns]
            sheet.append(row)


def _offered(column: Column) -> list[str]:
    if not column.entered_here:
        return []
    if column.type_name == "boolean":
        return ["TRUE", "FALSE"]
    return [value for value, _ in column.choices() or ()]
