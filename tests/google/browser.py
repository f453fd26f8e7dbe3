"""A person at the browser: opens a book and types, sorts, inserts and renames in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.google import a1, formats, requests, values
from tests.google.a1 import Area
from tests.google.cells import ERROR_TEXTS, Content, ErrorValue, Formula, Json, Value, raw
from tests.google.formulas import Evaluator
from tests.google.resources import grid_data, sheet_properties
from tests.google.sheet import Sheet
from tests.google.spreadsheet import Spreadsheet
from tests.google.typed import serial

if TYPE_CHECKING:
    from tests.google.server import GoogleServer

DATE_DRESS = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}


class Book:
    """A spreadsheet as a person has it open. ``book["Backlog"]`` is one of its sheets."""

    def __init__(self, google: GoogleServer, id_: str) -> None:
        self.google, self.id = google, id_

    @property
    def spreadsheet(self) -> Spreadsheet:
        return self.google.drive.files[self.id].spreadsheet

    @property
    def title(self) -> str:
        return self.spreadsheet.title

    @property
    def titles(self) -> list[str]:
        """The sheets' titles in order."""
        return [sheet.title for sheet in self.spreadsheet.sheets]

    def __getitem__(self, title: str) -> BookSheet:
        sheet = self.spreadsheet.find_title(title)
        if sheet is None:
            raise KeyError(f"{self.title} has no sheet {title}; it has {', '.join(self.titles)}.")
        return BookSheet(self, sheet.id)

    def __contains__(self, title: str) -> bool:
        return title in self.titles

    def __iter__(self) -> Iterator[BookSheet]:
        return iter([BookSheet(self, sheet.id) for sheet in self.spreadsheet.sheets])

    def add_sheet(
        self, title: str, filled: Iterable[list[Any]] = (), *, rows: int = 1000, columns: int = 26
    ) -> BookSheet:
        """A sheet filled with typed values (``=…`` is a formula); its grid is as large as they need."""

        def work(draft: Spreadsheet) -> int:
            sheet = draft.add_sheet(title, None)
            sheet.row_count, sheet.column_count = rows, columns
            for at, row in enumerate(filled):
                _fill(sheet, at, row)
            return sheet.id

        return BookSheet(self, self.change(work))

    def rename(self, title: str) -> None:
        self.do({"updateSpreadsheetProperties": {"properties": {"title": title}, "fields": "title"}})

    def share(self, role: str | None, email: str = "") -> None:
        """Gives the account (or ``email``) the role "reader" or "writer"; None takes it away."""
        with self.google.lock:
            drive = self.google.drive
            drive.share(drive.files[self.id], email or drive.account, role)

    def remove(self) -> None:
        """Deletes the file for good."""
        with self.google.lock:
            self.google.drive.remove(self.id)

    def do(self, *batch: Json) -> list[Json]:
        """Any ``batchUpdate`` requests, as the person."""
        return self.change(lambda draft: requests.apply(draft, list(batch)))

    def change(self, work: Callable[[Spreadsheet], Any]) -> Any:
        return self.google.change(self.id, work)


def _fill(sheet: Sheet, at: int, row: list[Any]) -> None:
    sheet.row_count = max(sheet.row_count, at + 1)
    sheet.column_count = max(sheet.column_count, len(row))
    sheet.put(at, 0, [_given(value) for value in row])
    for column, value in enumerate(row):
        if isinstance(value, date):
            sheet.put_dress(at, column, DATE_DRESS)


def _given(value: Any) -> Content:
    if isinstance(value, date):
        return serial(value)
    return Formula(value) if isinstance(value, str) and value.startswith("=") else raw(value)


class BookSheet:
    """One sheet of a book, whatever it is called meanwhile. Cells are named as ``"B7"``, rows from 1."""

    def __init__(self, book: Book, id_: int) -> None:
        self.book, self.id = book, id_

    @property
    def sheet(self) -> Sheet:
        return self.book.spreadsheet.sheet(self.id)

    @property
    def title(self) -> str:
        return self.sheet.title

    @property
    def properties(self) -> Json:
        """As the API's SheetProperties."""
        return sheet_properties(self.book.spreadsheet, self.sheet)

    # Looking ------------------------------------------------------------------------------------------

    def rows(self) -> list[list[Any]]:
        """All values, blanks as "", without trailing blanks."""
        return self._values("UNFORMATTED_VALUE")

    def shown(self) -> list[list[str]]:
        """All cells as they look."""
        return self._values("FORMATTED_VALUE")

    def formulas(self) -> list[list[Any]]:
        """All values, formulas as they were typed."""
        return self._values("FORMULA")

    def value(self, cell: str) -> Any:
        """The value of one cell, "" for a blank one and the text of an error."""
        value = self._value(cell)
        return "" if value is None else value.text if isinstance(value, ErrorValue) else value

    def text(self, cell: str) -> str:
        """What one cell looks like."""
        row, column = self._place(cell)
        return formats.display(self._value(cell), self.sheet.row(row).dress.get(column))

    def formula(self, cell: str) -> str | None:
        """The formula as typed, or None where there is none."""
        row, column = self._place(cell)
        content = self.sheet.row(row).content(column)
        return content.text if isinstance(content, Formula) else None

    def cell(self, cell: str) -> Json:
        """The whole CellData: values, format, note, data validation."""
        data = grid_data(self.sheet, self._area(cell), {}, Evaluator(self.book.spreadsheet))
        rows = data.get("rowData") or [{}]
        return (rows[0].get("values") or [{}])[0]

    def find(self, text: str) -> str | None:
        """The first cell that shows exactly ``text``, row by row."""
        for at, row in enumerate(self.shown()):
            if text in row:
                return f"{a1.letters(row.index(text))}{at + 1}"
        return None

    def row_of(self, text: str) -> int:
        """The number of the row in which a cell shows ``text``. Raises: LookupError."""
        cell = self.find(text)
        if cell is None:
            raise LookupError(f"{self.title} shows no {text!r}.")
        return self._place(cell)[0] + 1

    def column(self, header: str) -> str:
        """The letters of the column whose first row shows ``header``. Raises: LookupError."""
        first = (self.shown() or [[]])[0]
        if header not in first:
            raise LookupError(f"{self.title} has no column {header!r}; it has {first}.")
        return a1.letters(first.index(header))

    # Typing -------------------------------------------------------------------------------------------

    def type(self, cell: str, text: str) -> None:
        """Types ``text`` as at the keyboard: 12% is a number, =A1 a formula, "" clears."""
        self._write(cell, lambda sheet, row, column: values.write_row(sheet, row, column, [text], True))

    def put(self, cell: str, value: Any) -> None:
        """Makes the cell hold exactly this text, number, truth value or date; None and "" clear."""
        content = serial(value) if isinstance(value, date) else raw(value)
        self._write(cell, lambda sheet, row, column: sheet.put(row, column, [content]))
        if isinstance(value, date):
            self._write(cell, lambda sheet, row, column: sheet.put_dress(row, column, DATE_DRESS))

    def put_row(self, n: int, row: list[Any]) -> None:
        """Fills row ``n`` from column A on; ``=…`` is a formula."""
        self.book.change(lambda draft: _fill(draft.sheet(self.id), n - 1, row))

    def show_error(self, cell: str, text: str) -> None:
        """Makes a cell show ``#REF!``, ``#N/A``, ``Loading...`` or another error until it is typed over."""
        type_ = next(name for name, each in ERROR_TEXTS.items() if each == text)
        self._show(cell, ErrorValue(type_))

    def show(self, cell: str, value: Value) -> None:
        """Makes a formula cell show ``value`` instead of its result."""
        self._show(cell, value)

    def clear(self, range_: str) -> None:
        self.book.change(lambda draft: values.clear(draft, self._named(range_)))

    def tick_boxes(self, range_: str) -> None:
        """Insert ▸ Tick box: every cell gets a box, and a blank one the value FALSE."""
        area = self.sheet.clipped(self._area(range_))

        def fill(draft: Spreadsheet) -> None:
            sheet = draft.sheet(self.id)
            for at in range(area.top, area.bottom or 0):
                old = [sheet.row(at).content(column) for column in range(area.left, area.right or 0)]
                sheet.put(at, area.left, [False if content is None else content for content in old])

        self.book.change(fill)
        rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
        self.book.do({"setDataValidation": {"range": area.grid_range(), "rule": rule}})

    # Rows and columns ---------------------------------------------------------------------------------

    def insert_row(self, n: int, row: list[Any] | None = None) -> None:
        """A new row before row ``n``, filled where values are given."""
        self._dimension("insertDimension", "ROWS", n - 1)
        if row:
            self.put_row(n, row)

    def delete_row(self, n: int) -> None:
        self._dimension("deleteDimension", "ROWS", n - 1)

    def move_row(self, n: int, to: int) -> None:
        """Row ``n`` becomes row ``to``."""
        source = {"sheetId": self.id, "dimension": "ROWS", "startIndex": n - 1, "endIndex": n}
        self.book.do({"moveDimension": {"source": source, "destinationIndex": to - 1 if to < n else to}})

    def insert_column(self, column: str, header: str = "") -> None:
        """A new column before ``column`` (letters), with a header where given."""
        self._dimension("insertDimension", "COLUMNS", a1.column(column))
        if header:
            self.put(f"{column}1", header)

    def delete_column(self, column: str) -> None:
        self._dimension("deleteDimension", "COLUMNS", a1.column(column))

    def sort(self, column: str, descending: bool = False, header_rows: int = 1) -> None:
        """Sorts the rows below the header by a column (letters)."""
        order = "DESCENDING" if descending else "ASCENDING"
        self.book.do(
            {
                "sortRange": {
                    "range": {"sheetId": self.id, "startRowIndex": header_rows},
                    "sortSpecs": [{"dimensionIndex": a1.column(column), "sortOrder": order}],
                }
            }
        )

    # The sheet itself ---------------------------------------------------------------------------------

    def rename(self, title: str) -> None:
        properties = {"sheetId": self.id, "title": title}
        self.book.do({"updateSheetProperties": {"properties": properties, "fields": "title"}})

    def delete(self) -> None:
        self.book.do({"deleteSheet": {"sheetId": self.id}})

    def protect(self, range_: str = "", editors: Iterable[str] = (), warning_only: bool = False) -> int:
        """Lets only the owner and ``editors`` write in a range ("": the whole sheet); the protection's id."""
        area = self._area(range_) if range_ else Area(self.id)
        users = {} if warning_only else {"editors": {"users": list(editors)}}
        protection = {"range": area.grid_range(), "warningOnly": warning_only, **users}
        [reply] = self.book.do({"addProtectedRange": {"protectedRange": protection}})
        return reply["addProtectedRange"]["protectedRange"]["protectedRangeId"]

    # In common ----------------------------------------------------------------------------------------

    def _named(self, range_: str) -> str:
        return f"{a1.quoted(self.title)}!{range_}"

    def _area(self, range_: str) -> Area:
        return self.book.spreadsheet.area(self._named(range_))[1]

    def _place(self, cell: str) -> tuple[int, int]:
        area = self._area(cell)
        self.sheet.holds(area)
        return area.top, area.left

    def _value(self, cell: str) -> Value:
        row, column = self._place(cell)
        return Evaluator(self.book.spreadsheet).value(self.sheet, row, column)

    def _values(self, render: str) -> list[list[Any]]:
        options = {"valueRenderOption": render}
        with self.book.google.lock:
            evaluator = Evaluator(self.book.spreadsheet)
            return values.value_range(self.sheet, self.sheet.whole(), evaluator, options).get("values", [])

    def _write(self, cell: str, work: Callable[[Sheet, int, int], None]) -> None:
        row, column = self._place(cell)

        def write(draft: Spreadsheet) -> None:
            sheet = draft.sheet(self.id)
            sheet.guard(Area(self.id, row, row + 1, column, column + 1), draft.editor)
            work(sheet, row, column)

        self.book.change(write)

    def _show(self, cell: str, value: Value) -> None:
        row, column = self._place(cell)
        content = self.sheet.row(row).content(column)
        formula = content if isinstance(content, Formula) else Formula('=IMPORTRANGE("elsewhere")')
        shown = replace(formula, shows=value)
        self._write(cell, lambda sheet, row, column: sheet.put(row, column, [shown]))

    def _dimension(self, kind: str, axis: str, at: int) -> None:
        range_ = {"sheetId": self.id, "dimension": axis, "startIndex": at, "endIndex": at + 1}
        self.book.do({kind: {"range": range_}})
