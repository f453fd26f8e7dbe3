"""How cells of an exported workbook look, and how numbers are written in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties

from portfolio.sheets.filecells import for_file
from portfolio.tabs.columns import Column
from portfolio.tabs.tab import Tab

HEADER = PatternFill("solid", fgColor="1F3A5F")
LOCKED = PatternFill("solid", fgColor="EEEEEE")
OPEN = PatternFill("solid", fgColor="FFFFFF")
LINE_HEIGHT = 16  # points
LINE = Border(bottom=Side("thin", color="D9D9D9"))
BOX = Border(*(Side("thin", color="BFBFBF") for _ in range(4)))
# With its name, for a font without one is another one in every program.
WHITE, GREY, BOLD, TITLE = (
    Font("Calibri", 11, bold=True, color="FFFFFF"),
    Font("Calibri", 11, color="595959"),
    Font("Calibri", 11, bold=True),
    Font("Calibri", 14, bold=True),
)
TOP = Alignment(vertical="top")
CENTRED = Alignment(vertical="top", horizontal="center")
WRAPPED = Alignment(vertical="top", wrap_text=True)
UNLOCKED = Protection(locked=False)

TEXT, GENERAL = "@", "General"
FORMATS = {
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "fraction": "0.0##%",
    "boolean": '"TRUE";"TRUE";"FALSE"',  # or LibreOffice shows 1
}
WHOLE, BROKEN = "#,##0", "#,##0.00####"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
#: Their cells are text whatever is typed: else a long number is rounded, and 1-2 becomes a date.
NAMES = {"text", "email", "keys"}


def blank_format(type_name: str) -> str:
    """The format of a cell in which nothing is typed yet."""
    return TEXT if type_name in NAMES else FORMATS.get(type_name, GENERAL)


def number_format(type_name: str, unit: str, value: Any) -> str:
    """The format of a cell that holds ``value``."""
    if value is None:
        return blank_format(type_name)
    if isinstance(value, bool):
        return FORMATS["boolean"]
    if isinstance(value, date | datetime):
        return FORMATS["datetime" if isinstance(value, datetime) else "date"]
    if type_name in FORMATS:
        return FORMATS[type_name]
    digits = WHOLE if float(value).is_integer() else BROKEN
    return f'{digits} "{unit}"' if unit else digits


def fit_to_width(sheet: Any) -> None:
    """Print it one page wide and as many long as it takes."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def text_cell(sheet: Any, text: str) -> Any:
    """A cell of text that is never a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def may_fill(column: Column, tab: Tab, new: bool) -> bool:
    """Whether a person may type in the column, in a row that is there or in a ``new`` one."""
    if new:
        return column.entered_here and tab.can_create
    return column.entered_here and not column.on_create


class Pen:
    """Writes one column, whose ``column`` is None for the run status.

    With few cell objects, over and over, which a write-only sheet allows and is quick: one per look, because
    openpyxl keeps a cell's style by reference, so that changing it would change the cells before.
    """

    def __init__(self, sheet: Any, column: Column | None, tab: Tab) -> None:
        self.sheet = sheet
        self.type_name, self.unit = (column.type_name, column.unit) if column else ("text", "")
        self.locked = column is None or not may_fill(column, tab, new=False)
        self.cells: dict[tuple[str, bool], Any] = {}

    def write(self, shown: Any) -> Any:
        value = for_file(self.type_name, shown)
        if not isinstance(value, str):
            cell = self._cell(number_format(self.type_name, self.unit, value))
            cell.value = value
            return cell
        # Never a formula, whatever it begins with: as a string, and quoted should somebody edit it.
        quoted = value.startswith(DANGEROUS) or value.isdigit()
        cell = self._cell(TEXT if quoted or self.type_name in NAMES else GENERAL, quoted)
        cell.value = value
        cell.data_type = "s"
        return cell

    def _cell(self, number_format: str, quoted: bool = False) -> Any:
        look = number_format, quoted
        if look not in self.cells:
            self.cells[look] = self._made(number_format, quoted)
        return self.cells[look]

    def _made(self, number_format: str, quoted: bool) -> Any:
        cell = WriteOnlyCell(self.sheet)
        cell.alignment = CENTRED if self.type_name == "boolean" else TOP
        cell.border, cell.number_format = LINE, number_format
        cell.quotePrefix = quoted
        if self.locked:
            cell.fill, cell.font = LOCKED, GREY
        else:
            cell.protection = UNLOCKED
        return cell
