"""The last look before writing: whether every cell still is where it was and says what it said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portfolio.sheets.google.book import Book, Look
from portfolio.sheets.google.grid import BLANK, Range, Seen
from portfolio.sheets.opening import Unreadable
from portfolio.sheets.sync.plan import Plan, Push
from portfolio.sheets.sync.rows import SheetTable


@dataclass
class Guarded:
    """One tab's sheet as it is now, beside how it was when it was read."""

    plan: Plan
    table: SheetTable
    look: Look

    @property
    def sheet_id(self) -> int:
        return self.plan.linked.sheet_id

    @property
    def title(self) -> str:
        return self.look.sheets[self.sheet_id].title

    def seen(self, row: int, at: int) -> Seen:
        return self._cells.get((row, at), BLANK)

    @cached_property
    def _cells(self) -> dict[tuple[int, int], Seen]:
        return self.look.cells.get(self.sheet_id, {})

    @cached_property
    def header_stands(self) -> bool:
        """Whether no column was inserted, moved or renamed meanwhile."""
        number = self.table.matching.header_row
        header = self.table.matching.sheet.rows[number]
        there = (at for row, at in self._cells if row == number)
        width = max(len(header), max(there, default=0) + 1)
        return all(
            plain_cell(self.seen(number, at).value) == plain_cell(header[at] if at < len(header) else None)
            for at in range(width)
        )

    def row_now(self, number: int) -> int | None:
        """Where the row that was read as ``number`` stands now; None where it can't be told."""
        known_as = self._read_as[number]
        if self._known_as_now(number) == known_as:
            return number
        rows = self._now.get(known_as, [])
        return rows[0] if len(rows) == 1 and any(known_as) else None

    @cached_property
    def _read_as(self) -> dict[int, tuple[Any, ...]]:
        return {
            row.number: tuple(plain_cell(row.raw_at(at)) for at in self.identity) for row in self.table.rows
        }

    @cached_property
    def identity(self) -> list[int]:
        return identity(self.table)

    def _known_as_now(self, number: int) -> tuple[Any, ...]:
        return tuple(plain_cell(self.seen(number, at).value) for at in self.identity)

    @cached_property
    def _numbers(self) -> list[int]:
        """The rows below the header of which anything was seen."""
        cells = self.look.cells.get(self.sheet_id, {})
        return sorted({row for row, _ in cells if row > self.table.matching.header_row})

    @cached_property
    def _now(self) -> dict[tuple[Any, ...], list[int]]:
        found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number in self._numbers:
            found[self._known_as_now(number)].append(number)
        return found

    def holds_row(self, known_as: tuple[Any, ...]) -> bool:
        """Whether a row with these key cells stands there, whoever wrote it."""
        return tuple(map(_folded, known_as)) in self._keys_now

    @cached_property
    def _keys_now(self) -> set[tuple[str, ...]]:
        return set(map(self._key_now, self._numbers))

    def _key_now(self, number: int) -> tuple[str, ...]:
        return tuple(_folded(self.seen(number, at).value) for at in self._keys)

    @cached_property
    def _keys(self) -> list[int]:
        return key_places(self.table)

    def rows_of(self, known_as: tuple[Any, ...]) -> list[int]:
        """Where rows with these key cells stand."""
        wanted = tuple(map(_folded, known_as))
        return [row for row in self._numbers if self._key_now(row) == wanted]

    def still_says(self, row: int, push: Push) -> bool:
        return same_cell(self.seen(row, push.at).value, push.was)

    def after(self, look: Look) -> Guarded:
        """The same sheet a moment later."""
        return Guarded(self.plan, self.table, look)

    def is_still(self, before: Guarded, row: int, written: Collection[tuple[int, int]]) -> bool:
        """Whether this row is the one that stood there ``before``, judged by what was not ``written``."""
        return self.header_stands and all(
            same_cell(self.seen(row, at).value, before.seen(row, at).value)
            for at in self.identity
            if (row, at) not in written and not before.seen(row, at).formula
        )


def look_again(book: Book, tables: Iterable[tuple[Plan, SheetTable, list[Push]]]) -> list[Guarded]:
    """One call for all that is about to be written: headers, keys and target cells."""
    tables = list(tables)
    look = book.look([each for plan, table, pushes in tables for each in _ranges(plan, table, pushes)])
    return [Guarded(plan, table, look) for plan, table, _ in tables if plan.linked.sheet_id in look.sheets]


def _ranges(plan: Plan, table: SheetTable, pushes: list[Push]) -> Iterable[Range]:
    sheet, header = plan.linked.sheet_id, table.matching.header_row
    yield Range(sheet, header - 1, header, 0, None)
    whole = identity(table)
    for at in whole:
        yield Range(sheet, header, None, at, at + 1)
    spans: dict[int, list[int]] = defaultdict(list)
    for push in pushes:
        spans[push.at].append(push.number)
        if push.by_person and table.status_at is not None:  # should a formula turn out to fill the cell
            spans[table.status_at].append(push.number)
    for at, numbers in spans.items():
        if at not in whole:
            yield Range(sheet, min(numbers) - 1, max(numbers), at, at + 1)


def key_places(table: SheetTable) -> list[int]:
    """The positions of the key's columns."""
    places = table.matching.places
    return [at for name in table.tab.key for at in places.get(name, ())]


def identity(table: SheetTable) -> list[int]:
    """The positions by which a row is known again: its key, and what new rows must say while it is blank."""
    tab, places = table.tab, table.matching.places
    told = [
        column.name for column in tab.columns if column.entered_here and (column.required or column.wanted)
    ]
    given = any(not tab.column(name).entered_here for name in tab.key)
    names = [*tab.key, *tab.file_key, *(told if given else ())]
    return sorted({at for name in names for at in places.get(name, ())})


def same_cell(one: Any, other: Any) -> bool:
    """Whether two cells hold the same, blank and errors included."""
    return bool(plain_cell(one) == plain_cell(other))


def plain_cell(value: Any) -> Any:
    """A cell to compare and to write: blank is None, an error its text."""
    return value.written if isinstance(value, Unreadable) else None if value == "" else value


def _folded(value: Any) -> str:
    plain = plain_cell(value)
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    return "" if plain is None else " ".join(str(plain).split()).casefold()
