"""One row of a file, read as a row of a tab: cells found by column, parsed when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from portfolio.sheets.headers import Matching
from portfolio.sheets.opening import Unreadable
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import Column
from portfolio.tabs.tab import Tab


class FileRow(Mapping[str, Any]):
    """The columns the file has, by name, with their canonical values (blank is None).

    A cell that can't be parsed gives its text: enough to match a key by, and the gate will say what is wrong.
    """

    def __init__(self, tab: Tab, matching: Matching, number: int, cells: tuple[Any, ...]) -> None:
        self.tab, self.matching, self.number = tab, matching, number
        self._cells = cells
        self._parsed: dict[str, Any] = {}

    @property
    def sheet(self) -> str:
        return self.matching.sheet.title

    @property
    def key(self) -> str:
        """What the row calls itself, readable."""
        named = (self.raw(name) for name in self.tab.key if name in self)
        return " · ".join(str(value) for value in named if not _is_blank(value))

    @property
    def given_key(self) -> Column | None:
        """The filled key column of a tab whose keys Lodestar, not a person, gives."""
        key = self.tab.column(self.tab.key[0])
        return key if key in self.filled and not key.entered_here else None

    def address(self, column: str | None = None) -> str:
        """``Backlog!C7``; of a column that several headers feed, the filled one."""
        at = self._at(column) if column in self.matching.places else None
        return self.matching.sheet.address(self.number, at)

    def _at(self, column: str) -> int:
        places = self.matching.places[column]
        return next((at for at in places if not _is_blank(self._cell(at))), places[0])

    def _cell(self, at: int) -> Any:
        return self._cells[at] if at < len(self._cells) else None

    def raw(self, column: str) -> Any:
        """What the cell holds, as the file has it."""
        return self._cell(self._at(column))

    @cached_property
    def filled(self) -> list[Column]:
        """The columns about which this row says something."""
        return [self.tab.column(name) for name in self.matching.places if not _is_blank(self.raw(name))]

    @property
    def entered(self) -> list[Column]:
        """Those of them that people enter on this tab."""
        return [column for column in self.filled if column.entered_here]

    def filled_twice(self) -> Column | None:
        """A column that two cells of this row both fill, though only one may."""
        for name, places in self.matching.places.items():
            if len(places) > 1 and sum(not _is_blank(self._cell(at)) for at in places) > 1:
                return self.tab.column(name)
        return None

    def unreadable(self) -> Iterator[tuple[Column, Unreadable]]:
        for column in self.entered:
            cell = self.raw(column.name)
            if isinstance(cell, Unreadable):
                yield column, cell

    def would_show(self, column: Column) -> Any:
        """What the tab would show after this row; the written text where the gate will refuse it."""
        try:
            return column.show(self[column.name])
        except (AttributeError, TypeError):
            return str(self[column.name])

    def __getitem__(self, name: str) -> Any:
        if name not in self._parsed:
            self._parsed[name] = self._parse(name)
        return self._parsed[name]

    def _parse(self, name: str) -> Any:
        column, cell = self.tab.column(name), self.raw(name)
        if column.stored is None:  # computed: nothing to read it into
            return cell
        try:
            return column.parse(str(cell) if isinstance(cell, Unreadable) else cell)
        except CellError:
            return cell

    def __iter__(self) -> Iterator[str]:
        return iter(self.matching.places)

    def __len__(self) -> int:
        return len(self.matching.places)


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
