"""The sheet's side of the merge: its rows as canonical values, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portfolio.sheets.filecells import came_back, is_cut
from portfolio.sheets.filerow import FileRow
from portfolio.sheets.headers import RUN_STATUS, Matching
from portfolio.sheets.merge import UNREADABLE, SheetRow
from portfolio.sheets.opening import Unreadable
from portfolio.sheets.sync.here import STAMPS
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import Column
from portfolio.tabs.registry import plain
from portfolio.tabs.tab import Tab

CUT = "The text was cut to fit the sheet, so the rest of it is missing here. Change it in Lodestar."
TWICE = "Two cells of this row both fill it. Fill only one of them."
DATED = ("date", "datetime")


@dataclass(frozen=True)
class Placed:
    """A column of the tab that the sheet has. ``by_person``: edits of the sheet count."""

    column: Column
    at: tuple[int, ...]
    by_person: bool

    @cached_property
    def name(self) -> str:
        return self.column.name

    @property
    def is_stamp(self) -> bool:
        return self.name in STAMPS


class SheetTable:
    """The rows of one sheet below its header, and where the tab's columns stand in it."""

    def __init__(self, tab: Tab, matching: Matching) -> None:
        self.tab, self.matching = tab, matching
        self.columns = [
            Placed(column, matching.places[column.name], column.entered_here and not column.on_create)
            for column in tab.columns
            if column.name in matching.places
        ]
        self.status_at = self._status_at()
        self._read: dict[tuple[str, str, Any], Any] = {}
        self._serials: dict[int, bool] = {}

    def _status_at(self) -> int | None:
        header = self.matching.sheet.rows[self.matching.header_row]
        found = (at for at, cell in enumerate(header) if isinstance(cell, str) and _is_status(cell))
        return next(found, None)

    @cached_property
    def rows(self) -> list[RowCells]:
        """Those in which any column of the tab is filled."""
        every = (RowCells(self, number, cells) for number, cells in self.matching.rows())
        return [row for row in every if row.is_filled]

    @cached_property
    def given_keys(self) -> list[str]:
        """The key columns of the sheet that Lodestar fills."""
        known_by = (self.tab.column(name) for name in self.tab.key if name in self.matching.places)
        return [column.name for column in known_by if not column.entered_here]

    def holds_serials(self, at: int) -> bool:
        """Whether dates in this column are real dates, not text."""
        if at not in self._serials:
            cells = (row[at] for _, row in self.matching.rows() if at < len(row))
            self._serials[at] = any(isinstance(cell, int | float) for cell in cells)
        return self._serials[at]

    def read(self, column: Column, raw: Any) -> Any:
        """The canonical JSON value of a cell, UNREADABLE, or the sentence that says why it can't be read."""
        if isinstance(raw, Unreadable):
            return _Refused(raw.reason)
        known = (column.name, type(raw).__name__, raw)
        if known in self._read:
            return self._read[known]
        found = self._parse(column, raw)
        if not isinstance(found, _Refused):  # what it refers to may be made yet
            self._read[known] = found
        return found

    def _parse(self, column: Column, raw: Any) -> Any:
        try:
            # A blank is what it stands for; whether it may be blank is for the gate to say.
            value = column.when_blank if raw is None else column.clean(raw)
            return column.show(column.when_blank if value is None else value)
        except CellError as error:
            # Nobody enters a backend's column, so what stands there only differs.
            return _Refused(str(error)) if column.entered_here else str(raw)


@dataclass(frozen=True)
class _Refused:
    reason: str


class RowCells(Mapping[str, Any]):
    """One row of the sheet: canonical values by column; what can't be read is UNREADABLE."""

    def __init__(self, table: SheetTable, number: int, cells: tuple[Any, ...]) -> None:
        self.table, self.number, self.cells = table, number, cells
        self.reasons: dict[str, str] = {}

    @cached_property
    def row(self) -> FileRow:
        return FileRow(self.table.tab, self.table.matching, self.number, self.cells)

    @property
    def is_filled(self) -> bool:
        return any(bool(cell.strip()) if isinstance(cell, str) else cell is not None for cell in self.raws)

    @cached_property
    def sheet_row(self) -> SheetRow:
        """The row as rows are told apart."""
        row, tab = self.row, self.table.tab
        return SheetRow(
            self.number,
            tab.key_in_file(row, row.sheet),
            self,
            keyed=all(row.raw(name) is not None for name in self.table.given_keys),
            hidden=tab.id_in_file(row),
        )

    def raw_at(self, at: int) -> Any:
        return self.cells[at] if at < len(self.cells) else None

    @cached_property
    def raws(self) -> list[Any]:
        """The cells of the tab's columns, in their order."""
        cells, width = self.cells, len(self.cells)
        return [
            (cells[at[0]] if at[0] < width else None) if len(at) == 1 else self._one_of(placed)
            for placed in self.table.columns
            if (at := placed.at)
        ]

    def _one_of(self, placed: Placed) -> Any:
        """Of a column that several headers feed, the filled cell."""
        if sum(self.raw_at(at) is not None for at in placed.at) > 1:
            return Unreadable(TWICE, str(self.row.raw(placed.name)))
        return self.row.raw(placed.name)

    def value(self, placed: Placed, raw: Any, base: Any, here: Any) -> Any:
        """The canonical value of its cell ``raw``, found the quick way where it is what the base says."""
        if raw == base and type(raw) is type(base) and placed.column.type_name not in DATED:
            return base
        if is_cut(raw):
            return self._uncut(placed, raw, here)
        return self._read(placed.column, raw)

    def _uncut(self, placed: Placed, raw: str, here: Any) -> Any:
        if came_back(raw, placed.column.type_name, here):
            return here
        self.reasons[placed.name] = CUT
        return UNREADABLE

    def _read(self, column: Column, raw: Any) -> Any:
        found = self.table.read(column, raw)
        if isinstance(found, _Refused):
            self.reasons[column.name] = found.reason
            return UNREADABLE
        return found

    def __getitem__(self, name: str) -> Any:
        return self._read(self.table.tab.column(name), self.row.raw(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.matching.places)

    def __len__(self) -> int:
        return len(self.table.matching.places)


def _is_status(header: str) -> bool:
    return plain(header) == plain(RUN_STATUS)
