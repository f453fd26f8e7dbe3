"""One tab merged with one sheet: a plan of what moves where. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from portfolio.sheets.merge import (
    NO_BASE,
    UNREADABLE,
    Base,
    Pairing,
    SheetRow,
    Verdict,
    merge_cell,
    pair_rows,
)
from portfolio.sheets.models import Conflict, LinkedTab, SyncedRow
from portfolio.sheets.newrows import NewRows
from portfolio.sheets.sync.here import Here
from portfolio.sheets.sync.plan import Plan, Push, Told
from portfolio.sheets.sync.rows import TWICE, Placed, RowCells, SheetTable
from portfolio.tabs.changes import CreateRow, SetCell
from portfolio.tabs.tab import Tab

HELD = "A formula fills this cell, so Lodestar's value was not written over it"
BRING_BACK = "Bring them back, or say in Lodestar that they are meant to be gone."
GOES_ON = "Rows below {row} were not read: more than {blank} blank rows come before them. Delete those."


@dataclass
class Answers:
    """What the gate said to the first round: rows made by the sheet's row, refusals by cell and by row."""

    made: dict[int, int] = field(default_factory=dict)
    refused: dict[tuple[int, str], str] = field(default_factory=dict)
    refused_rows: dict[int, str] = field(default_factory=dict)
    taken: dict[int, list[str]] = field(default_factory=dict)


class TabMerge:
    """``plan()`` once. ``bases`` by primary key; ``only`` limits it to rows of these keys (casefolded).

    ``removable``: what rows said that a person saw and wants out of the sheet, by primary key.
    """

    def __init__(
        self,
        linked: LinkedTab,
        table: SheetTable,
        here: Here,
        bases: Mapping[int, SyncedRow],
        answers: Answers,
        *,
        cut_at: int | None = None,
        only: frozenset[str] | None = None,
        removable: Mapping[int, Any] | None = None,
    ) -> None:
        self.tab: Tab = table.tab
        self.linked, self.table, self.here, self.bases = linked, table, here, bases
        self.answers, self.cut_at, self.only, self.removable = answers, cut_at, only, removable or {}
        self.cells = {row.number: row for row in table.rows}
        self.new_rows = NewRows(self.tab)
        self.result = Plan(linked)

    def plan(self) -> Plan:
        plan = self.result
        plan.counts.read = len(self.cells)
        pairing = self._paired()
        plan.left_alone = self._damage(pairing)
        if plan.left_alone:
            plan.counts.lost = len(pairing.gone_there)
            return plan
        for pk, row in pairing.pairs.items():
            if self._wanted(pk):
                self._merge_row(pk, self.cells[row.number], row)
        for pk, rows in pairing.repeated.items():
            self._quarantine(pk, [row.number for row in rows])
        if self.only is None:
            self._account(pairing)
        return plan

    def _wanted(self, pk: int) -> bool:
        if self.only is None:
            return True
        cells = self.here.rows[pk]
        return any(str(cells.get(name)).casefold() in self.only for name in self.tab.key)

    # Which row is which ------------------------------------------------------------------------------

    def _paired(self) -> Pairing:
        given = self.table.given_keys
        bases = {
            pk: Base(tuple(base.key), base.cells, _keyed(base.cells, given), self.tab.id_in_file(base.cells))
            for pk, base in self.bases.items()
        }
        return pair_rows(
            [self._sheet_row(cells) for cells in self.table.rows],
            self.here.rows,
            self.here.index,
            self.here.ids,
            bases,
            [placed.name for placed in self.table.columns if placed.by_person],
            self.tab.key,
            self.cut_at is not None,
            {column.name: column.show(column.when_blank) for column in self.tab.columns},
        )

    def _sheet_row(self, cells: RowCells) -> SheetRow:
        made = self.answers.made.get(cells.number)
        partner = self._imported_before(cells) if made is None else made
        return cells.sheet_row if partner is None else replace(cells.sheet_row, partner=partner)

    def _imported_before(self, cells: RowCells) -> int | None:
        """A department's row that came in a file, under the sheet's title, before the sheet was linked."""
        if not self.tab.many_sheets or self.bases or cells.sheet_row.key in self.here.index:
            return None
        return self.here.index.get(self.tab.key_in_file(cells.row, self.linked.title))

    def _damage(self, pairing: Pairing) -> str:
        if self.cut_at is not None or self.linked.takes_losses or self.only is not None:
            return ""
        lost = len(pairing.gone_there)
        if lost and not self.cells:
            return f"The sheet was emptied; {lost} rows stood there. {BRING_BACK}"
        if pairing.lost_too_many:
            return f"{lost} of {pairing.known} rows are missing in the sheet. {BRING_BACK}"
        return ""

    # One row on both sides ---------------------------------------------------------------------------

    def _merge_row(self, pk: int, cells: RowCells, row: SheetRow) -> None:
        base = self.bases.get(pk)
        agreed = self._came_blank(base, cells)
        known = {**base.cells, **agreed} if base else {}
        here = self.here.rows[pk]
        self.result.numbers[pk] = row.number
        for placed, raw in zip(self.table.columns, cells.raws, strict=True):
            before, mine = known.get(placed.name, NO_BASE), here[placed.name]
            if raw == mine and raw == before and type(raw) is type(mine):
                continue  # the quick way; most cells are like this
            sheet = cells.value(placed, raw, None if before is NO_BASE else before, mine)
            if sheet == mine and sheet == before:
                continue
            verdict = merge_cell(before, sheet, mine, by_person=placed.by_person)
            if verdict is Verdict.AGREED or self._settle(verdict, pk, cells, placed, before, sheet, mine):
                agreed[placed.name] = None if sheet is UNREADABLE else sheet
        if pk in self.result.pulls:
            self.result.repeats[pk] = self._repeated(pk, cells)
        fresh = pk in self.answers.taken or row.number in self.answers.made
        if base is None or agreed or fresh or list(row.key) != base.key:
            self.result.bases[pk] = list(row.key), {**known, **agreed}

    def _came_blank(self, base: SyncedRow | None, cells: RowCells) -> dict[str, Any]:
        """Blank cells of columns that the sheet lacked: nobody has cleared what was not there."""
        if base is None or not self._new_columns:
            return {}
        return {name: None for name in self._new_columns & base.cells.keys() if cells.row.raw(name) is None}

    @cached_property
    def _new_columns(self) -> set[str]:
        names = {placed.name for placed in self.table.columns}
        return names - set(self.linked.columns) if self.linked.columns else set()

    def _settle(
        self, verdict: Verdict, pk: int, cells: RowCells, placed: Placed, base: Any, sheet: Any, mine: Any
    ) -> bool:
        """Put one cell that differs into the plan; whether the base moves to what the sheet says."""
        if verdict is Verdict.PULL:
            self._pull(pk, cells, placed, mine, sheet)
        elif verdict is Verdict.PUSH:
            self._push(pk, cells, placed, sheet, mine)
        elif verdict is Verdict.CONFLICT:
            self._clash(pk, cells, placed, base, sheet, mine)
        elif verdict is Verdict.KEEP:
            self._unreadable(pk, cells, placed, mine)
        elif verdict is Verdict.OVERWRITE:
            return self._overwrite(pk, cells, placed, base, sheet, mine)
        return False

    def _pull(self, pk: int, cells: RowCells, placed: Placed, mine: Any, sheet: Any) -> None:
        refusal = self.answers.refused.get((pk, placed.name))
        raw = cells.row.raw(placed.name)
        if refusal:
            self.result.problem(cells.number, f"{placed.column.label}: {refusal}")
        else:
            change = SetCell(pk, placed.name, raw, expected=mine)
            self.result.pulls.setdefault(pk, []).append(change)
            self.result.says[pk, placed.name] = sheet
        self._tell(Verdict.PULL, pk, cells, placed, mine, sheet, refusal or "")

    def _repeated(self, pk: int, cells: RowCells) -> list[SetCell]:
        # A yes or no that the row repeats counts as said, so that an approval beside a new value stands.
        pulled = {change.column for change in self.result.pulls[pk]}
        here = self.here.rows[pk]
        return [
            SetCell(pk, placed.name, cells.row.raw(placed.name))
            for placed in self.table.columns
            if placed.by_person
            and placed.column.type_name == "boolean"
            and placed.name not in pulled
            and here[placed.name] is not None
            and cells[placed.name] == here[placed.name]
        ]

    def _push(self, pk: int, cells: RowCells, placed: Placed, sheet: Any, mine: Any) -> None:
        self._write(pk, cells, placed, mine)
        self._tell(Verdict.PUSH, pk, cells, placed, mine, sheet)

    def _write(self, pk: int, cells: RowCells, placed: Placed, mine: Any) -> None:
        at = self._cell_at(cells, placed)
        push = Push(pk, cells.number, at, placed.column, mine, cells.raw_at(at), placed.by_person)
        self.result.pushes.append(push)

    @staticmethod
    def _cell_at(cells: RowCells, placed: Placed) -> int:
        filled = [at for at in placed.at if cells.raw_at(at) is not None]
        return (filled or placed.at)[0]

    def _overwrite(self, pk: int, cells: RowCells, placed: Placed, base: Any, sheet: Any, mine: Any) -> bool:
        self._write(pk, cells, placed, mine)
        typed = sheet is not None and sheet != (None if base is NO_BASE else base)
        if typed and not placed.is_stamp:
            self.result.conflicts.append(
                self._conflict(Conflict.Kind.DISCARDED, pk, cells, placed, base, sheet, mine)
            )
            self.result.counts.discarded += 1
            self._tell(Verdict.OVERWRITE, pk, cells, placed, mine, sheet)
        return True  # noted, so that it is not noted again

    def _clash(self, pk: int, cells: RowCells, placed: Placed, base: Any, sheet: Any, mine: Any) -> None:
        self.result.conflicts.append(self._conflict(Conflict.Kind.CELL, pk, cells, placed, base, sheet, mine))
        self.result.counts.conflicts += 1
        self.result.problem(
            cells.number,
            f"{placed.column.label} was changed here and in Lodestar; choose in Lodestar which counts.",
        )
        self._tell(Verdict.CONFLICT, pk, cells, placed, mine, sheet)

    def _unreadable(self, pk: int, cells: RowCells, placed: Placed, mine: Any) -> None:
        reason = cells.reasons.get(placed.name, "The cell can't be read.")
        self.result.problem(cells.number, f"{placed.column.label}: {reason}")
        self.result.counts.quarantined += 1
        self._tell(Verdict.KEEP, pk, cells, placed, mine, str(cells.row.raw(placed.name)), reason)

    def _conflict(
        self, kind: str, pk: int, cells: RowCells, placed: Placed, base: Any, sheet: Any, mine: Any
    ) -> Conflict:
        return Conflict(
            linked_tab=self.linked,
            kind=kind,
            tab_name=self.tab.name,
            row=pk,
            key=self.here.label(pk)[:400],
            column=placed.name,
            place=cells.row.address(placed.name)[:120],
            base=None if base is NO_BASE else base,
            mine=mine,
            theirs=sheet,
        )

    def _tell(
        self,
        verdict: Verdict,
        pk: int,
        cells: RowCells,
        placed: Placed,
        here: Any,
        sheet: Any,
        said: str = "",
    ) -> None:
        if self.result.tells_more:
            place, label = cells.row.address(placed.name), placed.column.label
            line = Told(place, self.here.label(pk), label, verdict.value, here, sheet, said)
            self.result.told.append(line)

    # Rows on one side --------------------------------------------------------------------------------

    def _quarantine(self, pk: int, numbers: list[int]) -> None:
        listed = " and ".join(str(number) for number in numbers)
        label = self.here.label(pk) or (_label(self.tab, self.bases[pk]) if pk in self.bases else "")
        for number in numbers:
            self.result.problem(
                number, f"Rows {listed} are all about {label or 'one row'}. Only one may stay."
            )
        self.result.counts.quarantined += len(numbers)

    def _account(self, pairing: Pairing) -> None:
        for row in pairing.fresh:
            self._create(self.cells[row.number])
        for pk, row in pairing.gone_here.items():
            self._gone_here(pk, self.cells[row.number], row)
        for pk in pairing.gone_there:
            self._gone_there(pk)
        self.result.forgotten = pairing.forgotten
        if not self.tab.many_sheets:
            self.result.appends = pairing.unsent
        if self.cut_at is not None:
            self.result.remarks.append(GOES_ON.format(row=self.cut_at, blank=500))

    def _create(self, cells: RowCells) -> None:
        row = cells.row
        # Asked about every row, in order: the rows after it may repeat it.
        problem = self.new_rows.why_not(row)
        problem = self.answers.refused_rows.get(cells.number) or problem
        unreadable = [f"{column.label}: {cell.reason}" for column, cell in row.unreadable()]
        if twice := row.filled_twice():
            unreadable.append(f"{twice.label}: {TWICE}")
        for text in unreadable or ([problem] if problem else []):
            self.result.problem(cells.number, text)
        if problem or unreadable:
            self.result.counts.quarantined += 1
        elif row.entered:
            values = {column.name: row.raw(column.name) for column in row.entered}
            given = self.tab.given_by_file(row, row.sheet)
            self.result.creates[cells.number] = CreateRow(str(cells.number), values, given=given)
            self.result.said_by[cells.number] = {name: cells[name] for name in values}
            if self.result.tells_more:
                line = Told(row.address(), row.key, "", "create", said=_summary(cells))
                self.result.told.append(line)

    def _gone_here(self, pk: int, cells: RowCells, row: SheetRow) -> None:
        said = self._says(pk, cells)
        if pk in self.removable and self.removable[pk] == said:
            self.result.removals[pk] = row.number
        elif self.tab.can_delete:
            self.result.conflicts.append(self._lost(Conflict.Kind.DELETED, pk, cells.row.address(), said))
            self.result.problem(row.number, "Deleted in Lodestar; choose there whether it goes here too.")
        else:
            self.result.problem(row.number, f"No longer on {self.tab.title} in Lodestar.")

    def _says(self, pk: int, cells: RowCells) -> dict[str, Any]:
        """What people typed into the row, also where it can't be read or wasn't theirs to type."""
        base = self.bases[pk].cells

        def is_typed(placed: Placed) -> bool:
            return placed.by_person or not (placed.is_stamp or cells[placed.name] == base.get(placed.name))

        said = {placed.name: cells[placed.name] for placed in self.table.columns if is_typed(placed)}
        told = {name: str(cells.row.raw(name)) if v is UNREADABLE else v for name, v in said.items()}
        return {name: value for name, value in told.items() if value is not None}

    def _gone_there(self, pk: int) -> None:
        self.result.counts.lost += 1
        if self.tab.can_delete:
            self.result.conflicts.append(self._lost(Conflict.Kind.LOST, pk, self.linked.title))

    def _lost(self, kind: str, pk: int, place: str, theirs: Any = None) -> Conflict:
        base = self.bases[pk]
        return Conflict(
            linked_tab=self.linked,
            kind=kind,
            tab_name=self.tab.name,
            row=pk,
            key=(self.here.label(pk) or _label(self.tab, base))[:400],
            place=place[:120],
            base=base.cells,
            theirs=theirs,
        )


def _keyed(cells: Mapping[str, Any], given: list[str]) -> bool:
    return all(cells.get(name) is not None for name in given)


def _label(tab: Tab, base: SyncedRow) -> str:
    return " · ".join(str(base.cells[name]) for name in tab.key if base.cells.get(name) is not None)


def _summary(cells: RowCells) -> str:
    told = [f"{column.label}: {cells.row.raw(column.name)}" for column in cells.row.entered]
    return "; ".join(told)[:500]
