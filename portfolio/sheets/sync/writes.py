"""Cells to write, packed into as few calls as Google takes: atomic requests, or columns with gaps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from portfolio.sheets.google.encoding import cell_data, typed
from portfolio.sheets.google.grid import Seen, a1
from portfolio.sheets.sync.guard import Guarded
from portfolio.sheets.sync.plan import Push

MOST_RANGES = 200  # per call
MOST_BYTES = 2_000_000

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True)
class Batch:
    """Requests that succeed or fail together, the cells they write, and where to look at them afterwards."""

    requests: list[dict[str, Any]]
    writes: list[Write]

    @property
    def look_at(self) -> list[str]:
        return [_around(writes) for writes in _by_column(self.writes).values()]


@dataclass(frozen=True)
class Gapped:
    """One column from its first to its last written row; None leaves a cell as it is."""

    at: str
    first_row: int
    cells: list[Any]
    writes: list[Write]


def pack(writes: Sequence[Write]) -> tuple[list[Batch], list[list[Gapped]]]:
    """Everything in one atomic batch where that is small enough; else the backend's cells as columns."""
    guarded = [write for write in writes if _compares(write)]
    plain = [write for write in writes if not _compares(write)]
    runs = list(_runs(plain))
    if len(runs) + len(guarded) <= MOST_RANGES:
        return _batches([*map(_compare_and_set, guarded), *map(_set_run, runs)]), []
    entered = [write for write in plain if write.push.by_person]
    backend = [write for write in plain if not write.push.by_person]
    batches = _batches([*map(_compare_and_set, guarded), *map(_set_run, _runs(entered))])
    columns = [_gapped(column) for column in _by_column(backend).values()]
    return batches, list(chunks(columns, lambda column: column.cells))


def set_cells(writes: Sequence[Write]) -> list[Batch]:
    """Write these without comparing: the caller knows what stands there."""
    return _batches(list(map(_set_run, _runs(writes))))


def _compares(write: Write) -> bool:
    """Whether find-and-replace can write it: where a person owns the cell, it holds text to find."""
    return write.push.by_person and write.seen.shown != "" and typed(write.value) is not None


# Atomic requests --------------------------------------------------------------------------------------


def _batches(made: list[tuple[dict[str, Any], list[Write]]]) -> list[Batch]:
    return [
        Batch([request for request, _ in chunk], [write for _, writes in chunk for write in writes])
        for chunk in chunks(made, lambda each: each[0])
    ]


def _compare_and_set(write: Write) -> tuple[dict[str, Any], list[Write]]:
    """Replace the whole old text of this one cell: nothing happens where somebody was quicker."""
    request = {
        "find": write.seen.shown,
        "replacement": typed(write.value),
        "matchCase": True,
        "matchEntireCell": True,
        "range": _grid_range(write.sheet_id, write.row, write.row, write.push.at),
    }
    return {"findReplace": request}, [write]


def _set_run(writes: list[Write]) -> tuple[dict[str, Any], list[Write]]:
    first = writes[0]
    request = {
        "range": _grid_range(first.sheet_id, first.row, writes[-1].row, first.push.at),
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
    first, last = writes[0].row, writes[-1].row
    cells: list[Any] = [None] * (last - first + 1)
    for write in writes:
        cells[write.row - first] = "" if write.value is None else write.value
    return Gapped(_around(writes), first, cells, writes)


# Packing ----------------------------------------------------------------------------------------------


def _by_column(writes: Iterable[Write]) -> dict[tuple[int, int], list[Write]]:
    found: dict[tuple[int, int], list[Write]] = defaultdict(list)
    for write in sorted(writes, key=lambda write: write.row):
        found[write.column].append(write)
    return found


def _around(writes: Sequence[Write]) -> str:
    rows = [write.row for write in writes]
    return a1(writes[0].guarded.title, writes[0].push.at, min(rows), max(rows))


def _grid_range(sheet_id: int, first_row: int, last_row: int, at: int) -> dict[str, int]:
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
