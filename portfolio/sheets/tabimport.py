"""One tab's rows of a file: paired with the rows there are, merged, sent through the gate, accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from portfolio.sheets import remarks
from portfolio.sheets.before import Before
from portfolio.sheets.clashes import Cell, Clashes
from portfolio.sheets.filerow import FileRow
from portfolio.sheets.headers import Placed
from portfolio.sheets.merge import NO_BASE, Pairing, Verdict
from portfolio.sheets.newrows import NewRows
from portfolio.sheets.report import MOST_SHOWN, Clash, Difference, Said, TabReport
from portfolio.sheets.rowmerge import Merged, merge_row
from portfolio.sheets.there import There
from portfolio.tabs import wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.cells import CellError
from portfolio.tabs.changes import Change, CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import NOT_WITHOUT_ITS_ROW, apply_changes
from portfolio.tabs.memo import remembering

MOST_TOLD = 120  # characters of a new row's cell in the report
CUT = "The export cut this text, so the rest of it is missing here. Change it in Lodestar."
GONE = (
    "This row isn't on {} any more; someone deleted it since the export. Restore it there, or leave it out."
)


class TabImport:
    """``run()`` once. What a row says is merged with what Lodestar says; only edits are sent."""

    def __init__(self, actor: Actor, placed: Placed, before: Before, keep_keys: bool = False) -> None:
        self.actor, self.tab, self.matchings, self.before = actor, placed.tab, placed.matchings, before
        self.keep_keys = keep_keys
        self.clashes = Clashes(actor, placed.tab, before.export)
        self.report = TabReport(self.tab.name, self.tab.title, refused=placed.refusal)
        self.report.sheets = [matching.sheet.title for matching in placed.matchings]
        self.changes: list[Change] = []
        self.sent: dict[int | str, FileRow] = {}  #: by primary key; by ref what is new
        self.pulled: dict[int, list[Merged]] = {}  #: the edits of rows that are there
        self.known: dict[int, FileRow] = {}  #: rows that are there, by primary key
        self.gone: list[FileRow] = []  #: rows that were there, and that the file leaves as they were
        self.met: dict[Any, FileRow] = {}
        self.failed: set[str] = set()

    def run(self) -> TabReport:
        if self.report.refused:
            return self.report
        with remembering():
            self._read()
        self._account(apply_changes(self.tab, self.actor, Surface.IMPORT, self.changes, row_atomic=True))
        self._settle_conflicts()
        self._remark()
        return self.report

    def _read(self) -> None:
        rows = list(self._rows())
        self.report.read = len(rows)
        self.there = There(self.tab, {name for each in self.matchings for name in each.places})
        self.new_rows = NewRows(self.tab, self.keep_keys)
        self.pairing = self.there.pair(rows, self.before.bases)
        partners = _partners(self.pairing)
        for at, row in enumerate(rows):
            self._take(row, partners.get(at))

    def _rows(self) -> Iterator[FileRow]:
        for matching in self.matchings:
            for number, cells in matching.rows():
                row = FileRow(self.tab, matching, number, cells)
                if row.filled:
                    yield row

    # One row -------------------------------------------------------------------------------------

    def _take(self, row: FileRow, pk: int | None) -> None:
        if self._refuse_unreadable(row) or self._refuse_repeated(row, pk):
            return
        if pk is None:
            self._create(row)
        elif pk in self.there.shown:
            self._merge(row, pk)
        else:
            self._leave_deleted(row, pk)

    def _refuse_unreadable(self, row: FileRow) -> bool:
        twice = row.filled_twice()
        if twice:
            message = f"Two cells of this row both fill {twice.label}. Fill only one of them."
            self._reject(row, twice.name, message)
        for column, cell in row.unreadable():
            self._reject(row, column.name, cell.reason)
        return row.address() in self.failed

    def _refuse_repeated(self, row: FileRow, pk: int | None) -> bool:
        key = self.tab.key_in_file(row, row.sheet)
        known_as: int | tuple[str, ...] = pk or key
        if known_as in self.met:
            first = self.met[known_as].address()
            self._reject(row, None, f"{first} is about the same row; only that one was read.")
            return True
        if pk or any(key):  # new rows whose key Lodestar gives have none yet
            self.met[known_as] = row
        return False

    def _merge(self, row: FileRow, pk: int) -> None:
        self.known[pk] = row
        merged = merge_row(row, self.there.shown[pk], partial(self.before.cell, row, pk))
        for cell in merged[Verdict.KEEP]:
            self._reject(row, cell.column.name, CUT)
            return
        self.clashes.agreed.update((pk, cell.column.name) for cell in merged[Verdict.AGREED])
        for cell in merged[Verdict.CONFLICT]:
            self.clashes.add(row, pk, cell)
        if merged[Verdict.PULL]:
            self._send(row, pk, merged)

    def _send(self, row: FileRow, pk: int, merged: dict[Verdict, list[Merged]]) -> None:
        for cell in merged[Verdict.PULL]:
            raw = row.raw(cell.column.name)
            self.changes.append(SetCell(pk, cell.column.name, raw, expected=cell.here))
        # What the row repeats counts as said, so that an approval beside a new value stands.
        repeated = [cell for cell in merged[Verdict.AGREED] if _can_be_said_again(cell)]
        self.changes += [SetCell(pk, cell.column.name, cell.here) for cell in repeated]
        self.sent[pk], self.pulled[pk] = row, merged[Verdict.PULL]

    def _leave_deleted(self, row: FileRow, pk: int) -> None:
        was = self.before.bases[pk].cells
        merged = merge_row(row, was, lambda name, here: here)
        edited = [*merged[Verdict.PULL], *merged[Verdict.KEEP]]
        if edited:
            self._reject(row, edited[0].column.name, GONE.format(self.tab.title))
        else:
            self.gone.append(row)

    def _create(self, row: FileRow) -> None:
        problem = self.new_rows.why_not(row)
        if problem:
            self._reject(row, self.tab.key[0], problem)
            return
        values = {column.name: row.raw(column.name) for column in row.entered}
        given = self.tab.given_by_file(row, row.sheet)
        key = self.new_rows.kept_key(row)
        self.changes.append(CreateRow(row.address(), values, key=key, given=given))
        self.sent[row.address()] = row

    # Afterwards ----------------------------------------------------------------------------------

    def _reject(self, row: FileRow, column: str | None, message: str) -> None:
        self.failed.add(row.address())
        self.report.rejected.append(Said.about(row, column, message))

    def _account(self, outcome: Outcome) -> None:
        self._blame(outcome)
        made = {pk: self.sent[ref] for ref, pk in outcome.created.items()}
        self.known |= made
        self.pulled = {pk: cells for pk, cells in self.pulled.items() if pk in outcome.touched}
        report = self.report
        report.created, report.changed, report.failed = len(made), len(self.pulled), len(self.failed)
        report.unchanged = report.read - report.created - report.changed - report.failed
        report.differences = list(self._differences(set(outcome.created)))[:MOST_SHOWN]

    def _blame(self, outcome: Outcome) -> None:
        causes = [result for result in outcome.refused if result.message != NOT_WITHOUT_ITS_ROW]
        blamed = {result.row for result in causes}
        causes += [result for result in outcome.refused if result.row not in blamed]
        for result in causes:
            self._reject(self.sent[result.row], result.column, result.message)
        self.report.rejected.sort(key=lambda said: (said.cell.split("!")[0], said.row))

    def _differences(self, created: set[str]) -> Iterator[Difference]:
        for ref, row in self.sent.items():
            if ref in created:
                yield Difference(row.address(), row.key, cells=_readable(row))
            for cell in self.pulled.get(ref, ()) if isinstance(ref, int) else ():
                address = row.address(cell.column.name)
                yield Difference(address, row.key, cell.column.label, cell.here, cell.file)

    def _settle_conflicts(self) -> None:
        edited = {(pk, cell.column.name): cell.file for pk, cells in self.pulled.items() for cell in cells}
        self.clashes.agreed.update(edited)

        def now(cell: Cell) -> Any:
            shown = self.there.shown.get(cell[0], {})
            return edited.get(cell, shown.get(cell[1], NO_BASE))

        for found in self.clashes.settle(now):
            label = self.tab.column(found.column).label
            when = found.when.isoformat() if found.when else ""
            said = found.base, found.mine, found.theirs
            self.report.conflicts.append(Clash(found.place, found.key, label, *said, found.who, when))

    def _remark(self) -> None:
        shown = {name for each in self.matchings for name in each.places}
        self.report.not_entered_here = [
            column.label for column in self.tab.columns if column.name in shown and not column.entered_here
        ]
        self.report.warnings += [
            *remarks.about_return(self.tab, self.before, self.pairing, self.known, self.gone),
            *remarks.about_columns(self.tab, self.matchings),
            *remarks.about_cells(self.tab, self.known),
        ]


def _partners(pairing: Pairing) -> dict[int, int]:
    """The primary key of the row that each row of the file is, by its number."""
    single = pairing.pairs | pairing.gone_here
    found = {row.number: pk for pk, row in single.items()}
    return found | {row.number: pk for pk, rows in pairing.repeated.items() for row in rows}


def _can_be_said_again(cell: Merged) -> bool:
    """Not what is there but could no longer be entered, like the key of a KPI that was retired."""
    try:
        return cell.here is not None and cell.column.parse(cell.here) is not None
    except CellError:
        return False


def _readable(row: FileRow) -> dict[str, str]:
    """The cells of a new row by label, long texts cut."""
    told = {column.label: wording.readable(column, row[column.name]) for column in row.entered}
    return {label: text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…" for label, text in told.items()}
