"""Cells to write, packed into as few calls as Google takes: atomic requests, or columns with gaps."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from portfolio.sheets.google.encoding import cell_data, typed
from portfolio.sheets.google.grid import Seen, a1, a1_row
from portfolio.sheets.sync.guard import Guarded
from portfolio.sheets.sync.plan import Push

MOST_RANGES = 200  # per call
MOST_BYTES = 2_000_000

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Write:
    """``push`` at the ``row`` where it stands now: ``value`` for the sheet, over what was ``seen``."""

    guarded: Guarded
    push: Push
    row: int
    value: Any
    seen: Seen

    @property
    def sheet_id(self) -> int:
        return self.guarded.sheet_id

    @property
    def column(self) -> tuple[int, int]:
        return self.sheet_id, self.push.at

    @property
    def can_compare(self) -> bool:
        """Whether find-and-replace can find what stands there: text that is shown, or a blank."""
        return not self.seen.formula and (bool(self.seen.shown) or self.seen.value is None)

    @property
    def must_compare(self) -> bool:
        """Whether people write there, or rows are told apart by it."""
        return self.push.by_person or self.push.at in self.guarded.identity.places


Part = tuple[dict[str, Any], list[Write]]  # a request and the cells it writes


@dataclass(frozen=True)
class Batch:
    """Requests that succeed or fail together."""

    parts: list[Part]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [request for request, _ in self.parts]

    @property
    def writes(self) -> list[Write]:
        return [write for _, writes in self.parts for write in writes]

    @property
    def plain(self) -> list[Write]:
        """What it writes without comparing."""
        return [write for request, writes in self.parts if "updateCells" in request for write in writes]

    @property
    def look_at(self) -> list[str]:
        """The cells it writes, and what their rows and columns are known by."""
        by_sheet: dict[int, list[Write]] = defaultdict(list)
        for write in self.writes:
            by_sheet[write.sheet_id].append(write)
        return [at for writes in by_sheet.values() for at in _with_surroundings(writes)]

    def replaced(self, replies: Iterable[dict[str, Any]]) -> set[Write]:
        """What find-and-replace has written."""
        changed = (reply.get("findReplace", {}).get("occurrencesChanged") for reply in replies)
        return {
            write
            for (_, writes), count in zip(self.parts, changed, strict=False)
            if count
            for write in writes
        }


def _with_surroundings(writes: Sequence[Write]) -> Iterator[str]:
    guarded, rows = writes[0].guarded, [write.row for write in writes]
    yield a1_row(guarded.title, guarded.table.matching.header_row)
    for at in guarded.identity.places:
        yield a1(guarded.title, at, min(rows), max(rows))
    for (_, at), column in _by_column(writes).items():
        if at not in guarded.identity.places:
            yield _around(column)


@dataclass(frozen=True)
class Gapped:
    """One column from its header to its last written row; None leaves a cell as it is."""

    at: str
    first_row: int
    cells: list[Any]
    writes: list[Write]


def pack(writes: Sequence[Write]) -> tuple[list[Batch], list[list[Gapped]]]:
    """Everything in one atomic batch where that is small enough; else the backend's cells as columns.

    Few cells are all compared with what stood there; of many only those that others may write.
    """
    few = len(writes) <= MOST_RANGES
    compared, plain = _split(writes, lambda write: write.can_compare and (few or write.must_compare))
    made, runs = [*map(_compare_and_set, compared)], list(_runs(plain))
    if len(made) + len(runs) <= MOST_RANGES:
        return _batches([*made, *map(_set_run, runs)]), []
    entered, backend = _split(plain, lambda write: write.push.by_person)
    columns = [_gapped(column) for column in _by_column(backend).values()]
    batches = _batches([*made, *map(_set_run, _runs(entered))])
    return batches, list(chunks(columns, lambda column: column.cells))


def together(writes: Sequence[Write]) -> Batch:
    """All of it or nothing, each cell compared where that is possible."""
    compared, plain = _split(writes, lambda write: write.can_compare)
    return Batch([*map(_compare_and_set, compared), *map(_set_run, _runs(plain))])


def set_cells(writes: Iterable[Write]) -> list[Batch]:
    """Write these without comparing: the caller knows what stands there."""
    return _batches(list(map(_set_run, _runs(writes))))


# Atomic requests --------------------------------------------------------------------------------------


def _batches(parts: Sequence[Part]) -> list[Batch]:
    return [Batch(chunk) for chunk in chunks(parts, lambda part: part[0])]


def _compare_and_set(write: Write) -> Part:
    """Replace the whole old text of this one cell: nothing happens where somebody was quicker."""
    cell = grid_range(write.sheet_id, write.row, write.row, write.push.at)
    return replace_whole(write.seen.shown, typed(write.value), cell), [write]


def replace_whole(old: str, new: str, cell: dict[str, int]) -> dict[str, Any]:
    """The request that makes one ``cell`` which shows ``old`` (nothing: which is blank) hold ``new``."""
    if old:
        how: dict[str, Any] = {"find": old, "replacement": new, "matchCase": True}
    else:
        # Only a pattern finds nothing. What replaces it may refer to groups, by $ and \\.
        new = re.sub(r"([\\$])", r"\\\1", new)
        how = {"find": "^$", "replacement": new, "searchByRegex": True}
    return {"findReplace": {**how, "matchEntireCell": True, "range": cell}}


def _set_run(writes: list[Write]) -> Part:
    first = writes[0]
    request = {
        "range": grid_range(first.sheet_id, first.row, writes[-1].row, first.push.at),
        "rows": [{"values": [cell_data(write.value)]} for write in writes],
        "fields": "userEnteredValue",
    }
    return {"updateCells": request}, writes


def _runs(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Cells of one column in rows that follow each other."""
    for column in _by_column(writes).values():
        run: list[Write] = []
        for write in column:
            if run and write.row != run[-1].row + 1:
                yield run
                run = []
            run.append(write)
        yield run


# Columns with gaps ------------------------------------------------------------------------------------


def _gapped(writes: list[Write]) -> Gapped:
    guarded, at, last = writes[0].guarded, writes[0].push.at, writes[-1].row
    first = guarded.table.matching.header_row
    cells: list[Any] = [None] * (last - first + 1)
    for write in writes:
        cells[write.row - first] = "" if write.value is None else write.value
    return Gapped(a1(guarded.title, at, first, last), first, cells, writes)


# Packing ----------------------------------------------------------------------------------------------


def _split(writes: Iterable[Write], wanted: Callable[[Write], bool]) -> tuple[list[Write], list[Write]]:
    """Those that are wanted, and the others."""
    found: tuple[list[Write], list[Write]] = ([], [])
    for write in writes:
        found[not wanted(write)].append(write)
    return found


def _by_column(writes: Iterable[Write]) -> dict[tuple[int, int], list[Write]]:
    found: dict[tuple[int, int], list[Write]] = defaultdict(list)
    for write in sorted(writes, key=lambda write: write.row):
        found[write.column].append(write)
    return found


def _around(writes: Sequence[Write]) -> str:
    rows = [write.row for write in writes]
    return a1(writes[0].guarded.title, writes[0].push.at, min(rows), max(rows))


def grid_range(sheet_id: int, first_row: int, last_row: int, at: int) -> dict[str, int]:
    """Cells of one column; rows from 1 and inclusive, the column from 0."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": first_row - 1,
        "endRowIndex": last_row,
        "startColumnIndex": at,
        "endColumnIndex": at + 1,
    }


def chunks(
    items: Sequence[T], body_of: Callable[[T], Any], most: int | None = MOST_RANGES
) -> Iterator[list[T]]:
    """``items`` in order, so that the JSON of each chunk is small enough for one call."""
    chunk: list[T] = []
    size = 0
    for item in items:
        weight = len(json.dumps(body_of(item)))
        if chunk and (len(chunk) == most or size + weight > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += weight
    if chunk:
        yield chunk
