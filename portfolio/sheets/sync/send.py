"""The sheet's half of a sync: guard, write in batches, verify, move the base for what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.filecells import came_back, is_cut
from portfolio.sheets.google.book import Book
from portfolio.sheets.google.encoding import for_sheet
from portfolio.sheets.google.grid import cell_value
from portfolio.sheets.models import SyncedRow
from portfolio.sheets.sync import newrows, removal
from portfolio.sheets.sync.guard import Guarded, look_again
from portfolio.sheets.sync.here import Here
from portfolio.sheets.sync.identity import same_cell
from portfolio.sheets.sync.landing import (
    header_now,
    is_column_of,
    landed,
    put_back,
    put_back_as_read,
    value_now,
)
from portfolio.sheets.sync.plan import Plan, Push
from portfolio.sheets.sync.rows import SheetTable
from portfolio.sheets.sync.status import Statuses
from portfolio.sheets.sync.tabmerge import HELD
from portfolio.sheets.sync.writes import Batch, Gapped, Write, pack, set_cells

Fence = Callable[[], Any]  # a transaction that holds only while the sync is still ours


@dataclass
class Prepared:
    """One tab of the spreadsheet, merged; ``statuses`` says what belongs into its last column."""

    plan: Plan
    table: SheetTable
    here: Here
    statuses: Statuses

    @property
    def has_writes(self) -> bool:
        planned = self.plan.pushes or self.plan.appends or self.plan.removals
        return bool(planned) or any(self.statuses.pushes())

    def pushes(self) -> list[Push]:
        return [*self.plan.pushes, *self.statuses.pushes()]

    def looked_at(self) -> list[Push]:
        return self.pushes() + removal.cells(self.plan, self.table)


class Sending:
    """``run()`` once. ``fence()`` opens a transaction for what is acknowledged; ``check()`` may raise."""

    def __init__(self, book: Book, tabs: Sequence[Prepared], fence: Fence, check: Callable[[], None]) -> None:
        self.book, self.fence, self.check = book, fence, check
        self.tabs = [tab for tab in tabs if tab.has_writes]
        self.acknowledged = 0
        self.written: dict[tuple[int, int, int], Any] = {}  # by sheet, row and column as they were read
        self.has_moved = False  #: since the last look; what follows is for the next sync

    def run(self) -> None:
        if not self.tabs:
            return
        self.check()
        found = look_again(self.book, [(tab.plan, tab.table, tab.looked_at()) for tab in self.tabs])
        by_sheet = {guarded.sheet_id: guarded for guarded in found}
        standing = [
            (tab, guarded)
            for tab in self.tabs
            if (guarded := by_sheet.get(tab.plan.linked.sheet_id)) and guarded.header_stands
        ]
        self._hold_formulas(standing)
        self._write([write for tab, guarded in standing for write in _writes(tab, guarded)])
        if self.has_moved:
            return
        newrows.append(self.book, [(guarded, tab.here) for tab, guarded in standing], self.fence, self.check)
        for _, guarded in standing:
            removal.remove(self.book, guarded, self.fence, self.check)

    @property
    def sent_all(self) -> bool:
        """Whether nothing is left for the next sync: no cell was edited, no row moved meanwhile."""
        plans = [tab.plan for tab in self.tabs]
        rows = all(
            len(plan.appends) == plan.counts.appended and len(plan.removals) == plan.counts.removed
            for plan in plans
        )
        return rows and self.acknowledged >= sum(len(tab.pushes()) for tab in self.tabs)

    # Formulas ----------------------------------------------------------------------------------------

    @staticmethod
    def _hold_formulas(standing: Iterable[tuple[Prepared, Guarded]]) -> None:
        """A person's formula is not written over; its row says so."""
        for tab, guarded in standing:
            sent = []
            for push in tab.plan.pushes:
                if push.column is not None and push.by_person and _is_formula(guarded, push):
                    tab.plan.problem(push.number, f"{push.column.label}: {HELD}.")
                    tab.plan.counts.held += 1
                else:
                    sent.append(push)
            tab.plan.pushes = sent

    # Cells -------------------------------------------------------------------------------------------

    def _write(self, writes: list[Write]) -> None:
        batches, columns = pack(writes)
        again = [write for batch in batches for write in self._update(batch)]
        for chunk in columns:
            self._fill(chunk)
        # What was compared and set, but is not what was meant: Google read it as something else, or did not
        # find the old value because of how it is shown. The look says that nobody else was there.
        for batch in set_cells(again):
            self._update(batch)

    def _update(self, batch: Batch) -> list[Write]:
        """Answers what has to be written once more, as it is."""
        if self.has_moved:
            return []
        self.check()
        replies, look = self.book.update(batch.requests, batch.look_at)
        replaced, there = batch.replaced(replies), set(landed(batch.writes, look))
        arrived = {write for write in there if _arrived(write, value_now(look, write))}
        self._acknowledge(list(arrived))
        self.has_moved = len(there) < len(batch.writes)
        put_back(self.book, replaced - there)
        self._put_back_columns([(write, header_now(look, write)) for write in batch.plain])
        return [
            write
            for write in batch.writes
            if write in there - arrived
            and write.can_compare
            and (write in replaced or same_cell(value_now(look, write), write.push.was))
        ]

    def _fill(self, columns: list[Gapped]) -> None:
        if self.has_moved:
            return
        self.check()
        answers = self.book.write_columns([(column.at, column.cells) for column in columns])
        met = [
            (write, _cell(cells, 0), _cell(cells, write.row - column.first_row))
            for column, cells in zip(columns, answers, strict=True)
            for write in column.writes
        ]
        there = ((write, value) for write, header, value in met if is_column_of(write, header))
        self._acknowledge([write for write, value in there if _arrived(write, value)])
        self._put_back_columns([(write, header) for write, header, _ in met])

    def _put_back_columns(self, met: Iterable[tuple[Write, Any]]) -> None:
        """``met``: what was written without comparing, and the header it stands below now."""
        astray = [(write, header) for write, header in met if not is_column_of(write, header)]
        if astray:
            self.has_moved = True
            put_back_as_read(self.book, astray, self.written)

    def _acknowledge(self, writes: list[Write]) -> None:
        """The base moves for what is known to stand in the sheet."""
        self.acknowledged += len(writes)
        self.written |= {(write.sheet_id, write.push.number, write.push.at): write.value for write in writes}
        by_tab: dict[int, list[Write]] = {}
        for write in writes:
            by_tab.setdefault(write.sheet_id, []).append(write)
        with self.fence():
            for found in by_tab.values():
                _move_bases(found)


def _writes(tab: Prepared, guarded: Guarded) -> Iterable[Write]:
    for push in tab.pushes():
        row = guarded.row_now(push.number)
        if row is not None and guarded.still_says(row, push):
            yield Write(guarded, push, row, _for_sheet(tab.table, push), guarded.seen(row, push.at))


def _for_sheet(table: SheetTable, push: Push) -> Any:
    if push.column is None:
        return push.value
    return for_sheet(push.column.type_name, push.value, table.holds_serials(push.at))


def _is_formula(guarded: Guarded, push: Push) -> bool:
    row = guarded.row_now(push.number)
    return row is not None and guarded.seen(row, push.at).formula


def _cell(cells: list[Any], at: int) -> Any:
    return cell_value(cells[at]) if at < len(cells) else None


def _arrived(write: Write, now: Any) -> bool:
    """Whether the cell holds what was meant."""
    column = write.push.column
    if column is None or (now == write.value and type(now) is type(write.value)):
        return bool(now == write.value)
    if is_cut(now):
        return came_back(now, column.type_name, write.push.value)
    return bool(write.guarded.table.read(column, now) == write.push.value)


def _move_bases(writes: list[Write]) -> None:
    plan, table = writes[0].guarded.plan, writes[0].guarded.table
    cells: dict[int, dict[str, Any]] = {}
    for write in writes:
        if write.push.pk is not None and write.push.column is not None:
            cells.setdefault(write.push.pk, {})[write.push.column.name] = write.push.value
    plan.counts.pushed += sum(map(len, cells.values()))
    bases = list(SyncedRow.objects.filter(linked_tab=plan.linked, row__in=list(cells)))
    rekeyed = []
    for base in bases:
        base.cells |= cells[base.row]
        if not cells[base.row].keys().isdisjoint(table.tab.key):
            base.key = list(table.tab.key_in_file(base.cells, table.matching.sheet.title))
            rekeyed.append(base)
    SyncedRow.objects.bulk_set(bases, ["cells"])
    SyncedRow.objects.bulk_set(rekeyed, ["key"])
