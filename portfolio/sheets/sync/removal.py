"""Rows whose deletion a person confirmed, taken out of the sheet: their cells are cleared, the line stays.

Google deletes lines by position, whatever stands there by then; cells it clears only where they are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from portfolio.sheets.google.book import Book
from portfolio.sheets.google.grid import a1
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.bases import drop_bases
from portfolio.sheets.sync.guard import Guarded
from portfolio.sheets.sync.identity import key_places
from portfolio.sheets.sync.landing import landed, put_back, value_now
from portfolio.sheets.sync.plan import Plan, Push
from portfolio.sheets.sync.rows import RowCells, SheetTable
from portfolio.sheets.sync.writes import MOST_RANGES, Write, chunks, together


def cells(plan: Plan, table: SheetTable) -> list[Push]:
    """What there is to clear."""
    numbers = {number: pk for pk, number in plan.removals.items()}
    rows = (row for row in table.rows if row.number in numbers)
    return [push for row in rows for push in _filled(row, numbers[row.number])]


def _filled(row: RowCells, pk: int) -> Iterator[Push]:
    status = [] if row.table.status_at is None else [row.table.status_at]
    for at in [*(at for placed in row.table.columns for at in placed.at), *status]:
        if row.raw_at(at) is not None:
            yield Push(pk, row.number, at, None, None, row.raw_at(at))


def remove(book: Book, guarded: Guarded, fence: Callable[[], Any], check: Callable[[], None]) -> None:
    """Clear each row that still says all it said; leave the others to the next sync."""
    rows = _by_row(guarded)
    most = MOST_RANGES // max(map(len, rows.values()), default=1)
    for chunk in chunks(list(rows), lambda pk: [write.seen.shown for write in rows[pk]], max(most, 1)):
        check()
        gone = _cleared(book, guarded, {pk: rows[pk] for pk in chunk})
        with fence():
            _note(guarded.plan, gone)


def _by_row(guarded: Guarded) -> dict[int, list[Write]]:
    found: dict[int, list[Write]] = {}
    moved: set[int] = set()
    for push in cells(guarded.plan, guarded.table):
        assert push.pk is not None
        row = guarded.row_now(push.number)
        if row is None or not guarded.still_says(row, push):
            moved.add(push.pk)
        else:
            write = Write(guarded, push, row, None, guarded.seen(row, push.at))
            found.setdefault(push.pk, []).append(write)
    return {pk: writes for pk, writes in found.items() if pk not in moved}


def _cleared(book: Book, guarded: Guarded, rows: dict[int, list[Write]]) -> list[int]:
    """The rows that are gone; where somebody was quicker, a row is as it was."""
    batch = together([write for writes in rows.values() for write in writes])
    places = key_places(guarded.table)
    first = guarded.table.matching.header_row + 1
    keys = [a1(guarded.title, at, first, None) for at in places]
    replies, look = book.update(batch.requests, [*batch.look_at, *keys])
    now, there = guarded.after(look), set(landed(batch.writes, look))

    def is_gone(writes: list[Write]) -> bool:
        key = tuple(guarded.seen(writes[0].row, at).value for at in places)
        blank = all(write in there and value_now(look, write) is None for write in writes)
        return blank and not now.holds_row(key)

    gone = [pk for pk, writes in rows.items() if is_gone(writes)]
    stay = [write for pk, writes in rows.items() if pk not in gone for write in writes]
    put_back(book, batch.replaced(replies).intersection(stay))
    return gone


def _note(plan: Plan, gone: list[int]) -> None:
    drop_bases(plan.linked, gone)
    # Done: should a row come back and be deleted once more, a person is asked once more.
    agreed = plan.linked.conflicts.filter(kind=Conflict.Kind.DELETED, row__in=gone)
    agreed.update(choice=Conflict.Choice.AGREED)
    plan.counts.removed += len(gone)
