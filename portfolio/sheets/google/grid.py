"""Google's ways to name cells and to hand them over, as plain values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from portfolio.sheets.opening import ERRORS, Sheet, Unreadable

MOST_BLANK_ROWS = 500  # in a row; what comes below them is not read
ERROR = "The cell shows {}. Correct its formula, or type the value."
LOADING = "The cell is still loading. It is read again at the next sync."


@dataclass(frozen=True)
class Range:
    """Cells of one sheet: rows and columns from 0, ends exclusive; an end None is the sheet's."""

    sheet_id: int
    row: int
    end_row: int | None
    column: int
    end_column: int | None

    def as_json(self) -> dict[str, int]:
        limits = {
            "sheetId": self.sheet_id,
            "startRowIndex": self.row,
            "endRowIndex": self.end_row,
            "startColumnIndex": self.column,
            "endColumnIndex": self.end_column,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class Seen:
    """One cell as the guard saw it: its value, the text it shows, and whether a formula fills it."""

    value: Any = None
    shown: str = ""
    formula: bool = False


BLANK = Seen()


def a1(title: str, column: int, first_row: int, last_row: int | None) -> str:
    """``'Q2 ''26'!C7:C90`` (rows from 1, the column from 0); without a last row to the sheet's end."""
    letter = get_column_letter(column + 1)
    return f"{_quoted(title)}!{letter}{first_row}:{letter}{last_row or ''}"


def a1_row(title: str, row: int) -> str:
    """``'Backlog'!1:1``, a whole row."""
    return f"{_quoted(title)}!{row}:{row}"


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def title_of(a1_range: str) -> str:
    """The sheet's title in a range that Google wrote."""
    quoted = re.fullmatch(r"'((?:[^']|'')*)'(?:!.*)?", a1_range)
    return quoted[1].replace("''", "'") if quoted else a1_range.split("!")[0]


def width_of(a1_range: str) -> int:
    """How many columns a range like ``Backlog!A1:Z1000`` has from A on."""
    last = re.search(r":([A-Z]+)\d*$", a1_range)
    return column_index_from_string(last[1]) if last else 1


def sheet_of(title: str, values: Sequence[Sequence[Any]]) -> tuple[Sheet, int | None]:
    """The rows of a sheet as files have them, and the row from which on it was not read, if it goes on."""
    rows: dict[int, tuple[Any, ...]] = {}
    last = 0
    for number, cells in enumerate(values, start=1):
        if not any(cell not in ("", None) for cell in cells):
            continue
        if number - last > MOST_BLANK_ROWS + 1:
            return Sheet(title, rows), last
        rows[number] = tuple(map(cell_value, cells))
        last = number
    return Sheet(title, rows), None


def cell_value(value: Any) -> Any:
    """A value of the values API; blank is None, an error Unreadable."""
    if value == "" and isinstance(value, str):
        return None
    if isinstance(value, str) and value in ERRORS:
        return Unreadable(LOADING if value == "Loading..." else ERROR.format(value), value)
    return value


def seen_cells(data: dict[str, Any]) -> Iterator[tuple[int, int, Seen]]:
    """Row (from 1), column (from 0) and cell of one block of grid data; blank cells are left out."""
    first_row, first_column = data.get("startRow", 0), data.get("startColumn", 0)
    for down, row in enumerate(data.get("rowData", ()), start=first_row + 1):
        for across, cell in enumerate(row.get("values", ()), start=first_column):
            if cell:
                yield down, across, _seen(cell)


def _seen(cell: dict[str, Any]) -> Seen:
    shown = cell.get("formattedValue", "")
    effective = cell.get("effectiveValue", {})
    value: Any = next(iter(effective.values()), None)
    if "errorValue" in effective:
        value = cell_value(shown) if shown in ERRORS else Unreadable(ERROR.format(shown or "an error"), shown)
    elif value == "":
        value = None
    elif isinstance(value, str):
        value = cell_value(value)
    return Seen(value, shown, "formulaValue" in cell.get("userEnteredValue", {}))
