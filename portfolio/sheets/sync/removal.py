"""Rows whose deletion a person confirmed, taken out of the sheet.

Google deletes by position only. So the sheet is looked at once more right before, and right afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portfolio.sheets.google.book import Book
from portfolio.sheets.google.grid import a1
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.bases import drop_bases
from portfolio.sheets.sync.guard import Guarded, key_places, look_again
from portfolio.sheets.sync.plan import Push


def remove(book: Book, guarded: Guarded, fence: Callable[[], Any], check: Callable[[], None]) -> None:
    """Take the rows out, the lowest first, so that none moves another; not those that were edited since.

    Never repeated where the outcome is unknown. A row that was hit by mistake comes back with the next sync.
    """
    plan = guarded.plan
    if not plan.removals or plan.appends:  # rows may have moved: next time
        return
    check()
    found = look_again(book, [(plan, guarded.table, _cells(guarded))])
    rows = _unchanged(found[0]) if found and found[0].header_stands else {}
    if not rows:
        return
    requests = [_deletion(guarded.sheet_id, row) for row in sorted(rows.values(), reverse=True)]
    _, look = book.update(requests, _key_columns(found[0]), once=True)
    with fence():
        _note(found[0], found[0].after(look), list(rows))


def _note(before: Guarded, after: Guarded, removed: list[int]) -> None:
    plan, keys = before.plan, _keys(before)
    gone = [pk for pk in removed if not after.holds_row(keys[plan.removals[pk]])]
    others = ((pk, keys[number]) for pk, number in plan.numbers.items())
    astray = [pk for pk, key in others if before.holds_row(key) and not after.holds_row(key)]
    drop_bases(plan.linked, [*gone, *astray])  # without a base, a row is one that the sheet never had
    # Done: should a row come back and be deleted once more, a person is asked once more.
    agreed = plan.linked.conflicts.filter(kind=Conflict.Kind.DELETED, row__in=gone)
    agreed.update(choice=Conflict.Choice.AGREED)
    plan.counts.removed += len(gone)


def _keys(guarded: Guarded) -> dict[int, tuple[Any, ...]]:
    places = key_places(guarded.table)
    return {row.number: tuple(row.raw_at(at) for at in places) for row in guarded.table.rows}


def _unchanged(now: Guarded) -> dict[int, int]:
    """Where the rows stand, by primary key, that still say what was read."""
    rows = {pk: now.row_now(number) for pk, number in now.plan.removals.items()}
    edited = {push.pk for push in _cells(now) if (at := rows[push.pk or 0]) and not now.still_says(at, push)}
    return {pk: row for pk, row in rows.items() if row is not None and pk not in edited}


def _cells(guarded: Guarded) -> list[Push]:
    """Every cell of the rows to take out, as it was read."""
    numbers = {number: pk for pk, number in guarded.plan.removals.items()}
    return [
        Push(numbers[row.number], row.number, at, placed.column, None, row.raw_at(at))
        for row in guarded.table.rows
        if row.number in numbers
        for placed in guarded.table.columns
        for at in placed.at
    ]


def _key_columns(guarded: Guarded) -> list[str]:
    first = guarded.table.matching.header_row + 1
    return [a1(guarded.title, at, first, None) for at in key_places(guarded.table)]


def _deletion(sheet_id: int, row: int) -> dict[str, Any]:
    span = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": row - 1, "endIndex": row}
    return {"deleteDimension": {"range": span}}
