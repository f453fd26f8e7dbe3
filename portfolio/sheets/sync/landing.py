"""Whether what was written met the cells it was meant for, by the look that Google's answer brings along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from portfolio.sheets.google.book import Book, Look
from portfolio.sheets.google.grid import BLANK
from portfolio.sheets.sync.identity import plain_cell, same_cell
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


def header_now(look: Look, write: Write) -> Any:
    cells = look.cells.get(write.sheet_id, {})
    return cells.get((write.guarded.table.matching.header_row, write.push.at), BLANK).value


def is_column_of(write: Write, header: Any) -> bool:
    """Whether the column it met has the header that stood above it."""
    headers = _headers(write)
    return same_cell(header, headers[write.push.at] if write.push.at < len(headers) else None)


def put_back(book: Book, astray: Iterable[Write]) -> None:
    """What took the place of the same in another row or column becomes again what it was."""
    _set(book, [replace(write, value=plain_cell(write.seen.value)) for write in astray])


def put_back_as_read(
    book: Book, astray: Iterable[tuple[Write, Any]], since: Mapping[tuple[int, int, int], Any]
) -> None:
    """What met another column, whatever stood there: that column gets back what it said when it was read.

    Or what was written ``since``, by sheet, row and column as they were read.
    """
    _set(book, [replace(write, value=_before(write, header, since)) for write, header in astray])


def _before(write: Write, header: Any, since: Mapping[tuple[int, int, int], Any]) -> Any:
    headers = enumerate(_headers(write))
    found = [at for at, title in headers if header is not None and same_cell(title, header)]
    if len(found) != 1:
        return None  # a new column, in which nothing stood
    row = write.guarded.table.matching.sheet.rows.get(write.push.number, ())
    read = plain_cell(row[found[0]]) if found[0] < len(row) else None
    return since.get((write.sheet_id, write.push.number, found[0]), read)


def _headers(write: Write) -> tuple[Any, ...]:
    matching = write.guarded.table.matching
    return matching.sheet.rows[matching.header_row]


def _set(book: Book, writes: Iterable[Write]) -> None:
    for batch in set_cells(writes):
        book.update(batch.requests)
