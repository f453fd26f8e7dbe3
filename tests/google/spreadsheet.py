"""A spreadsheet: its sheets in order, found by id, title or range, and what changes all of them at once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import count

from tests.google import a1, references
from tests.google.a1 import Area
from tests.google.cells import Formula, Json
from tests.google.errors import TOO_MANY_CELLS, invalid
from tests.google.sheet import Sheet

MOST_CELLS = 10_000_000


class Spreadsheet:
    """Changed only as a draft that is adopted when all went well: a refused one leaves no trace."""

    def __init__(self, id_: str, title: str, owner: str) -> None:
        self.id, self.owner = id_, owner
        self.properties: Json = {
            "title": title,
            "locale": "en_US",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Etc/GMT",
        }
        self.sheets: list[Sheet] = []
        self.editor: str | None = None
        self.given_ids = 0

    @property
    def title(self) -> str:
        return self.properties["title"]

    def draft(self, editor: str) -> Spreadsheet:
        other = copy.copy(self)
        other.properties = dict(self.properties)
        other.sheets = [sheet.copy() for sheet in self.sheets]
        other.editor = None if editor == self.owner else editor
        return other

    def adopt(self, draft: Spreadsheet) -> None:
        if sum(sheet.row_count * sheet.column_count for sheet in draft.sheets) > MOST_CELLS:
            raise invalid(TOO_MANY_CELLS)
        self.__dict__.update(draft.__dict__)

    # Finding ------------------------------------------------------------------------------------------

    def sheet(self, id_: int) -> Sheet:
        for sheet in self.sheets:
            if sheet.id == id_:
                return sheet
        raise invalid(f"No grid with id: {id_}")

    def find_title(self, title: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.title == title), None)

    def area(self, text: str) -> tuple[Sheet, Area]:
        """The sheet and rectangle of a range in A1 notation, with its open ends still open."""
        title, area = a1.parse(text)
        sheet = self.sheets[0] if title is None else self.find_title(title)
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, Area(sheet.id, area.top, area.bottom, area.left, area.right)

    def filtered(self, data_filter: Json) -> tuple[Sheet, Area]:
        """What a DataFilter selects."""
        if data_filter.get("a1Range"):
            return self.area(data_filter["a1Range"])
        if data_filter.get("gridRange") is None:
            raise invalid("A data filter needs a gridRange or an a1Range here.")
        area = a1.area_of(data_filter["gridRange"])
        return self.sheet(area.sheet_id), area

    # Sheets -------------------------------------------------------------------------------------------

    def add_sheet(self, title: str | None, id_: int | None, index: int | None = None) -> Sheet:
        self.given_ids += 1
        title = title or next(free for n in count(1) if self.find_title(free := f"Sheet{n}") is None)
        self._free(title)
        if id_ is None:
            id_ = self._new_id()
        if any(sheet.id == id_ for sheet in self.sheets):
            raise invalid(f"A sheet with the ID {id_} already exists. Please enter another ID.")
        sheet = Sheet(id_, title)
        self.sheets.insert(len(self.sheets) if index is None else index, sheet)
        return sheet

    def rename_sheet(self, sheet: Sheet, title: str) -> None:
        if title.casefold() != sheet.title.casefold():
            self._free(title)
        old, sheet.title = sheet.title, title
        self._rewrite(lambda _, formula: references.retitled(formula, old, title))

    def delete_sheet(self, sheet: Sheet) -> None:
        if len(self.sheets) == 1:
            raise invalid("You can't remove all the sheets in a document.")
        sheet.guard(sheet.whole(), self.editor)
        self.sheets.remove(sheet)
        self._rewrite(lambda _, formula: references.retitled(formula, sheet.title, None))

    def rearrange(self, sheet: Sheet, axis: str, order: list[int | None]) -> None:
        """Moves, inserts or deletes rows or columns; formulas everywhere follow."""
        moves = sheet.rearrange(axis, order)
        self._rewrite(
            lambda home, formula: references.after_move(formula, home.title, sheet.title, axis, moves.get)
        )

    def _rewrite(self, change: Callable[[Sheet, str], str]) -> None:
        for sheet in self.sheets:
            for row, column, formula in list(sheet.formulas()):
                text = change(sheet, formula.text)
                if text != formula.text:
                    sheet.put(row, column, [Formula(text, formula.shows)])

    def _free(self, title: str) -> None:
        if any(sheet.title.casefold() == title.casefold() for sheet in self.sheets):
            raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')

    def _new_id(self) -> int:
        """0 for the first sheet, as Google does; then numbers that nobody takes for positions."""
        taken = {sheet.id for sheet in self.sheets}
        id_ = 0 if not self.sheets and self.given_ids == 1 else self.given_ids * 7_368_787 % 2**31
        while id_ in taken:
            id_ += 1
        return id_
