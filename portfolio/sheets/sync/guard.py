"""The last look before writing: whether every cell still is where it was and says what it said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portfolio.sheets.google.book import Book, Look
from portfolio.sheets.google.grid import BLANK, Range, Seen
from portfolio.sheets.sync.identity import (
    GIVEN,
    TOLD,
    Identity,
    Name,
    folded,
    key_places,
    plain_cell,
    same_cell,
)
from portfolio.sheets.sync.plan import Plan, Push
from portfolio.sheets.sync.rows import SheetTable


@dataclass
class Guarded:
    """One tab's sheet as it is now, beside how it was when it was read."""

    plan: Plan
    table: SheetTable
    look: Look
    _found: dict[int, int | None] = field(default_factory=dict, repr=False)

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

    # Which row is which --------------------------------------------------------------------------------

    def row_now(self, number: int) -> int | None:
        """Where the row that was read as ``number`` stands now; None where it can't be told."""
        if number not in self._found:
            self._found[number] = self._find(number)
        return self._found[number]

    def _find(self, number: int) -> int | None:
        name = self._read_as[number]
        if self.name(number) == name:
            return number
        rows = self._now.get(name, [])
        if not rows and self._renamed(number, name, self._read_names):
            return number
        return rows[0] if len(rows) == 1 and any(name[1]) else None

    def is_still(self, before: Guarded, row: int, written: Collection[tuple[int, int]]) -> bool:
        """Whether this row is the one that stood there ``before``, judged by what was not ``written``."""
        kind, _ = name = before.name(row)
        places = self.identity.given if kind == GIVEN else self.identity.told
        same = all(
            same_cell(self.seen(row, at).value, before.seen(row, at).value)
            for at in places
            if (row, at) not in written and not before.seen(row, at).formula
        )
        return self.header_stands and (same or self._renamed(row, name, before.names))

    def _renamed(self, row: int, name: Name, known: Collection[Name]) -> bool:
        """Whether a row without its key was edited where it stands: what it says now was not ``known``."""
        kind, _ = name
        told = tuple(plain_cell(self.seen(row, at).value) for at in self.identity.told)
        edited = any(value is not None for value in told) and (TOLD, told) not in known
        return bool(self.identity.given) and kind == TOLD and edited

    @cached_property
    def identity(self) -> Identity:
        return Identity.of(self.table)

    def name(self, number: int) -> Name:
        """What the row goes by that stands there now."""
        return self.identity.name(lambda at: self.seen(number, at).value)

    @property
    def names(self) -> Collection[Name]:
        return self._now.keys()

    @cached_property
    def _read_as(self) -> dict[int, Name]:
        return {row.number: self.identity.name(row.raw_at) for row in self.table.rows}

    @cached_property
    def _read_names(self) -> set[Name]:
        return set(self._read_as.values())

    @cached_property
    def _numbers(self) -> list[int]:
        """The rows below the header of which anything was seen."""
        return sorted({row for row, _ in self._cells if row > self.table.matching.header_row})

    @cached_property
    def _now(self) -> dict[Name, list[int]]:
        found: dict[Name, list[int]] = defaultdict(list)
        for number in self._numbers:
            found[self.name(number)].append(number)
        return found

    # Keys ----------------------------------------------------------------------------------------------

    def holds_row(self, known_as: tuple[Any, ...]) -> bool:
        """Whether a row with these key cells stands there, whoever wrote it."""
        return tuple(map(folded, known_as)) in self._keys_now

    @cached_property
    def _keys_now(self) -> set[tuple[str, ...]]:
        return set(map(self._key_now, self._numbers))

    def _key_now(self, number: int) -> tuple[str, ...]:
        return tuple(folded(self.seen(number, at).value) for at in self._keys)

    @cached_property
    def _keys(self) -> list[int]:
        return key_places(self.table)

    def rows_of(self, known_as: tuple[Any, ...]) -> list[int]:
        """Where rows with these key cells stand."""
        wanted = tuple(map(folded, known_as))
        return [row for row in self._numbers if self._key_now(row) == wanted]

    def still_says(self, row: int, push: Push) -> bool:
        return same_cell(self.seen(row, push.at).value, push.was)

    def after(self, look: Look) -> Guarded:
        """The same sheet a moment later."""
        return Guarded(self.plan, self.table, look)


def look_again(book: Book, tables: Iterable[tuple[Plan, SheetTable, list[Push]]]) -> list[Guarded]:
    """One call for all that is about to be written: headers, keys and target cells."""
    tables = list(tables)
    look = book.look([each for plan, table, pushes in tables for each in _ranges(plan, table, pushes)])
    return [Guarded(plan, table, look) for plan, table, _ in tables if plan.linked.sheet_id in look.sheets]


def _ranges(plan: Plan, table: SheetTable, pushes: list[Push]) -> Iterable[Range]:
    sheet, header = plan.linked.sheet_id, table.matching.header_row
    yield Range(sheet, header - 1, header, 0, None)
    whole = Identity.of(table).places
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
