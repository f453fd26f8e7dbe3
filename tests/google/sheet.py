"""One sheet: a grid with limits, its rows, what protects it and how it is set up."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tests.google.a1 import Area, area_of
from tests.google.cells import EMPTY, Content, Formula, Json, Row
from tests.google.errors import PROTECTED, invalid

INHERITED = ("userEnteredFormat", "dataValidation")


class Sheet:
    """``rows`` holds the grid's rows up to the last one that has anything; the rest are blank."""

    def __init__(self, id_: int, title: str, row_count: int = 1000, column_count: int = 26) -> None:
        self.id, self.title = id_, title
        self.row_count, self.column_count = row_count, column_count
        self.rows: list[Row] = []
        self.properties: Json = {}
        self.grid_properties: Json = {}
        self.protections: dict[int, Json] = {}
        self.basic_filter: Json | None = None
        self.sizes: dict[str, dict[int, Json]] = {"ROWS": {}, "COLUMNS": {}}
        self.calculates = False

    def copy(self) -> Sheet:
        """Independent of this one; rows are shared until they are written."""
        other = copy.copy(self)
        other.rows = list(self.rows)
        other.properties, other.grid_properties = dict(self.properties), dict(self.grid_properties)
        other.protections = dict(self.protections)
        other.sizes = {axis: dict(sizes) for axis, sizes in self.sizes.items()}
        return other

    # Reading ------------------------------------------------------------------------------------------

    def row(self, at: int) -> Row:
        return self.rows[at] if at < len(self.rows) else EMPTY

    def used_rows(self) -> int:
        """The number of rows up to the last one that holds a value."""
        used = len(self.rows)
        while used and not self.rows[used - 1].contents:
            used -= 1
        return used

    def whole(self) -> Area:
        return Area(self.id, 0, self.row_count, 0, self.column_count)

    def clipped(self, area: Area) -> Area:
        return area.clipped(self.row_count, self.column_count)

    def count(self, axis: str) -> int:
        return self.row_count if axis == "ROWS" else self.column_count

    def formulas(self) -> Iterator[tuple[int, int, Formula]]:
        if not self.calculates:
            return
        for at, row in enumerate(self.rows):
            for column, content in enumerate(row.contents):
                if isinstance(content, Formula):
                    yield at, column, content

    # Limits -------------------------------------------------------------------------------------------

    def starts_inside(self, area: Area) -> None:
        """Refuses an area that begins outside the grid; one that only ends outside is clipped."""
        if area.top >= self.row_count or area.left >= self.column_count:
            raise self.beyond(area)

    def holds(self, area: Area) -> None:
        """Refuses an area that is not wholly in the grid."""
        self.starts_inside(area)
        if (area.bottom or 0) > self.row_count or (area.right or 0) > self.column_count:
            raise self.beyond(area)

    def beyond(self, area: Area) -> Exception:
        limits = f"Max rows: {self.row_count}, max columns: {self.column_count}"
        return invalid(f"Range ({area.a1(self.title)}) exceeds grid limits. {limits}")

    def guard(self, area: Area, editor: str | None) -> None:
        """Refuses to let ``editor`` (None: the owner) change a protected cell of ``area``."""
        if editor is None:
            return
        for protection in self.protections.values():
            if may_edit(protection, editor) or not area.meets(area_of(protection["range"])):
                continue
            if not any(_inside(area, area_of(hole)) for hole in protection.get("unprotectedRanges") or []):
                raise invalid(PROTECTED)

    # Writing ------------------------------------------------------------------------------------------

    def put(self, at: int, left: int, contents: list[Content]) -> None:
        self.set_row(at, self.row(at).with_contents(left, contents))
        self.calculates = self.calculates or any(isinstance(each, Formula) for each in contents)

    def put_dress(self, at: int, column: int, dress: Json) -> None:
        self.set_row(at, self.row(at).with_dress(column, dress))

    def set_row(self, at: int, row: Row) -> None:
        if at >= len(self.rows):
            self.rows += [EMPTY] * (at + 1 - len(self.rows))
        self.rows[at] = row

    def grow(self, axis: str, length: int) -> None:
        if axis == "ROWS":
            self.row_count += length
        else:
            self.column_count += length

    def rearrange(self, axis: str, order: list[int | None]) -> dict[int, int]:
        """Puts old rows or columns where ``order`` lists them (None: a new one); says where each went."""
        moves = {old: new for new, old in enumerate(order) if old is not None}
        if axis == "ROWS":
            self.rows = [EMPTY if old is None else self.row(old) for old in order]
            self.row_count = len(order)
            while self.rows and not self.rows[-1]:
                self.rows.pop()
        else:
            self.rows = [row.mapped(moves) for row in self.rows]
            self.column_count = len(order)
        self.sizes[axis] = {moves[at]: size for at, size in self.sizes[axis].items() if at in moves}
        self._move_ranges(axis, moves)
        return moves

    def inherit(self, start: int, length: int, source: int) -> None:
        """New rows look like the row they were inserted next to."""
        looks = {
            column: {name: dress[name] for name in INHERITED if name in dress}
            for column, dress in self.row(source).dress.items()
        }
        looks = {column: dress for column, dress in looks.items() if dress}
        for at in range(start, start + length) if looks else ():
            self.set_row(at, Row([], looks))

    def _move_ranges(self, axis: str, moves: dict[int, int]) -> None:
        moved = {
            id_: {**each, "range": _moved_range(each["range"], axis, moves)}
            for id_, each in self.protections.items()
        }
        self.protections = {id_: each for id_, each in moved.items() if each["range"] is not None}
        if self.basic_filter and "range" in self.basic_filter:
            left = _moved_range(self.basic_filter["range"], axis, moves)
            self.basic_filter = {**self.basic_filter, "range": left} if left else None


def may_edit(protection: Json, editor: str | None) -> bool:
    return bool(
        editor is None
        or protection.get("warningOnly")
        or editor in ((protection.get("editors") or {}).get("users") or [])
    )


def _inside(area: Area, hole: Area) -> bool:
    def within(start: int, end: int | None, outer_start: int, outer_end: int | None) -> bool:
        return start >= outer_start and (outer_end is None or (end is not None and end <= outer_end))

    return within(area.top, area.bottom, hole.top, hole.bottom) and within(
        area.left, area.right, hole.left, hole.right
    )


def _moved_range(grid_range: Json, axis: str, moves: dict[int, int]) -> Json | None:
    names = ("startRowIndex", "endRowIndex") if axis == "ROWS" else ("startColumnIndex", "endColumnIndex")
    start, end = (grid_range.get(name) for name in names)
    result: dict[str, Any] = dict(grid_range)
    if end is None:
        result.update({names[0]: moves.get(start, start)} if start is not None else {})
        return result
    left = [moves[old] for old in range(start or 0, end) if old in moves]
    if not left:
        return None
    result.update({names[0]: min(left), names[1]: max(left) + 1})
    return result
