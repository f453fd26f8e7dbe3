"""Whether what was written met the cells it was meant for, by the look that Google's answer brings along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from portfolio.sheets.google.book import Book, Look
from portfolio.sheets.google.grid import BLANK
from portfolio.sheets.sync.identity import plain_cell
from portfolio.sheets.sync.writes import Write, set_cells


def landed(writes: Collection[Write], look: Look) -> Iterator[Write]:
    """Those that met the row and the column they were meant for."""
    now = {write.sheet_id: write.guarded.after(look) for write in writes}
    written: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for write in writes:
        written[write.sheet_id].add((write.row, write.push.at))
    for write in writes:
        if now[write.sheet_id].is_still(write.guarded, write.row, written[write.sheet_id]):
            yield write


def value_now(look: Look, write: Write) -> Any:
    return look.cells.get(write.sheet_id, {}).get((write.row, write.push.at), BLANK).value


def put_back(book: Book, astray: Iterable[Write]) -> None:
    """What met another row or column, moved there since the look, becomes again what it was."""
    before = [replace(write, value=plain_cell(write.seen.value)) for write in astray]
    for batch in set_cells(before):
        book.update(batch.requests)
