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
    """JSON values by column; of a column the file doesn't have, what a blank cell stands for.

    A cell that can't be read gives its text: enough to match a key by, and the gate will say what is wrong.
    """

    def __init__(self, tab: Tab, matching: Matching, number: int, cells: tuple[Any, ...]) -> None:
        self.tab, self.matching, self.number = tab, matching, number
        self._cells = cells
        self._read_as: dict[str, Any] = {}
        self._misread: set[str] = set()

    def _filled_at(self, column: str) -> int | None:
        """Where the column's cell is: of a column that several headers feed, the filled one."""
        for at in self.matching.places.get(column, ()):
            if self._fills(at):
                return at
        return None

    def _fills(self, at: int) -> bool:
        if at >= len(self._cells):
            return False
        cell = self._cells[at]
        return bool(cell.strip()) if isinstance(cell, str) else cell is not None

    @property
    def sheet(self) -> str:
        return self.matching.sheet.title

    @property
    def key(self) -> str:
        """What the row calls itself, readable: its key, or what it says first."""
        named = [column for column in self.filled if column.name in self.tab.key] or self.entered[:1]
        return " · ".join(str(self.raw(column.name)) for column in named)

    @property
    def given_key(self) -> Column | None:
        """The filled key column of a tab whose keys Lodestar, not a person, gives."""
        key = self.tab.column(self.tab.key[0])
        return key if key in self.filled and not key.entered_here else None

    def address(self, column: str | None = None) -> str:
        """``Backlog!C7``; of a column that several headers feed, the filled one."""
        at = self._filled_at(column) if column else None
        if at is None:
            at = self.matching.places.get(column or "", (None,))[0]
        return self.matching.sheet.address(self.number, at)

    def raw(self, column: str) -> Any:
        """What the cell holds, as the file has it; blank is None."""
        filled = (self._cells[at] for at in self.matching.places.get(column, ()) if self._fills(at))
        return next(filled, None)

    @cached_property
    def filled(self) -> list[Column]:
        """The columns about which this row says something."""
        return [column for column in self.columns if self._filled_at(column.name) is not None]

    @cached_property
    def entered(self) -> list[Column]:
        """Those of them that people enter on this tab."""
        return [column for column in self.filled if column.entered_here]

    @property
    def columns(self) -> list[Column]:
        """The columns the file has, filled in this row or not."""
        return [self.tab.column(name) for name in self.matching.places]

    def filled_twice(self) -> Column | None:
        """A column that two cells of this row both fill, though only one may."""
        for name, places in self.matching.places.items():
            if len(places) > 1 and sum(map(self._fills, places)) > 1:
                return self.tab.column(name)
        return None

    def unreadable(self) -> Iterator[tuple[Column, Unreadable]]:
        for column in self.entered:
            cell = self.raw(column.name)
            if isinstance(cell, Unreadable):
                yield column, cell

    def misread(self, name: str) -> bool:
        """Whether the cell can't be read as its column's kind of value."""
        self[name]
        return name in self._misread

    def __getitem__(self, name: str) -> Any:
        if name not in self._read_as:
            self._read_as[name] = self._read(name)
        return self._read_as[name]

    def _read(self, name: str) -> Any:
        column, cell = self.tab.column(name), self.raw(name)
        if column.stored is None:  # computed: nothing to read it into
            return cell
        try:
            return column.show(column.parse(str(cell) if isinstance(cell, Unreadable) else cell))
        except CellError:
            self._misread.add(name)
            return None if cell is None else str(cell)

    def __contains__(self, name: object) -> bool:
        """Whether the file has the column."""
        return name in self.matching.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.matching.places)

    def __len__(self) -> int:
        return len(self.matching.places)
