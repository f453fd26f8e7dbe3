"""One tab's rows of a file: matched with the rows there are, sent through the gate, accounted for."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from portfolio.sheets.filecells import is_cut, repeats_the_cut
from portfolio.sheets.filerow import FileRow
from portfolio.sheets.headers import Placed
from portfolio.sheets.report import MOST_SHOWN, Difference, Said, TabReport
from portfolio.tabs import wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Change, CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.columns import Column, Shown
from portfolio.tabs.gate import NOT_WITHOUT_ITS_ROW, apply_changes
from portfolio.tabs.memo import remembering
from portfolio.tabs.tab import Tab

MOST_TOLD = 120  # characters of a new row's cell in the report
CUT = "The export cut this text, so the rest of it is missing here. Change it in Lodestar."


class TabImport:
    """``run()`` once. Blank cells say nothing; what the rows say already is not sent."""

    def __init__(self, actor: Actor, placed: Placed, keep_keys: bool = False) -> None:
        self.actor, self.tab, self.matchings, self.keep_keys = actor, placed.tab, placed.matchings, keep_keys
        self.report = TabReport(self.tab.name, self.tab.title, refused=placed.refusal)
        self.report.sheets = [matching.sheet.title for matching in placed.matchings]
        self.changes: list[Change] = []
        self.sent: dict[int | str, FileRow] = {}  #: by primary key; by ref what is new
        self.differences: dict[int | str, list[Difference]] = {}
        self.known: dict[int, FileRow] = {}  #: rows that are there, by primary key
        self.met: dict[Any, FileRow] = {}
        self.failed: set[str] = set()

    def run(self) -> TabReport:
        if self.report.refused:
            return self.report
        with remembering():
            self.there = _There(self.tab, {name for each in self.matchings for name in each.places})
            for row in self._rows():
                self.report.read += 1
                self._take(row)
        self._account(apply_changes(self.tab, self.actor, Surface.IMPORT, self.changes, row_atomic=True))
        self._remark()
        return self.report

    def _rows(self) -> Iterator[FileRow]:
        for matching in self.matchings:
            for number, cells in matching.rows():
                row = FileRow(self.tab, matching, number, cells)
                if row.filled:
                    yield row

    # One row -------------------------------------------------------------------------------------

    def _take(self, row: FileRow) -> None:
        if self._refuse_unreadable(row):
            return
        pk = self.there.find(row)
        key = self.tab.key_in_file(row, row.sheet)
        known_as: int | tuple[str, ...] = pk or key
        if known_as in self.met:
            first = self.met[known_as].address()
            self._reject(row, None, f"{first} is about the same row; only that one was read.")
            return
        if pk or any(key):  # new rows whose key Lodestar gives have none yet
            self.met[known_as] = row
        if pk:
            self._compare(row, pk)
        else:
            self._create(row)

    def _refuse_unreadable(self, row: FileRow) -> bool:
        twice = row.filled_twice()
        if twice:
            message = f"Two cells of this row both fill {twice.label}. Fill only one of them."
            self._reject(row, twice.name, message)
        for column, cell in row.unreadable():
            self._reject(row, column.name, cell.reason)
        return row.address() in self.failed

    def _compare(self, row: FileRow, pk: int) -> None:
        self.known[pk] = row
        differs = []
        for column in row.entered:
            raw, now = row.raw(column.name), self.there.shown[pk][column.name]
            if is_cut(raw):
                if not repeats_the_cut(raw, column.type_name, now):
                    self._reject(row, column.name, CUT)
                    return
            elif not column.same(now, row.would_show(column)):
                differs.append(
                    Difference(row.address(column.name), row.key, column.label, now, row.would_show(column))
                )
        if differs:
            self._send(row, pk, differs)

    def _send(self, row: FileRow, pk: int, differs: list[Difference]) -> None:
        # The whole row: what it repeats counts as said, so that an approval beside a new value stands.
        said = {column.name: row.raw(column.name) for column in row.entered}
        self.changes += [SetCell(pk, name, raw) for name, raw in said.items() if not is_cut(raw)]
        self.sent[pk], self.differences[pk] = row, differs

    def _create(self, row: FileRow) -> None:
        kept = self._kept_key(row)
        problem = "" if kept else self._why_not_new(row)
        if problem:
            self._reject(row, self.tab.key[0], problem)
            return
        values = {column.name: row.raw(column.name) for column in row.entered}
        given = self.tab.given_by_file(row, row.sheet)
        self.changes.append(CreateRow(row.address(), values, key=kept, given=given))
        self.sent[row.address()] = row
        self.differences[row.address()] = [Difference(row.address(), row.key, cells=_readable(row))]

    # New rows ------------------------------------------------------------------------------------

    def _kept_key(self, row: FileRow) -> str | None:
        key = row.given_key
        return str(row[key.name]) if key and self.keep_keys and self._owns(key) else None

    def _owns(self, key: Column) -> bool:
        return self.tab.key == (key.name,) and not isinstance(key, Shown)

    def _why_not_new(self, row: FileRow) -> str:
        if not self.tab.can_create:
            return f"There is no {row.key} on {self.tab.title}, and rows can't be added there."
        if row.given_key:
            return self._unknown_key(row, row.given_key)
        twin = self.there.twin(row) if self._owns(self.tab.column(self.tab.key[0])) else ""
        return twin and f"{twin} says the same in its title. Write its key in this row, or change the title."

    def _unknown_key(self, row: FileRow, key: Column) -> str:
        said = f"There is no {key.label} “{row.raw(key.name)}”; Lodestar gives the keys. "
        if self._owns(key):
            return f"{said}Clear the cell for a new row; an Admin may import the file keeping its keys."
        return f"{said}Clear the cell for a new row."

    # Afterwards ----------------------------------------------------------------------------------

    def _reject(self, row: FileRow, column: str | None, message: str) -> None:
        self.failed.add(row.address())
        self.report.rejected.append(Said.about(row, column, message))

    def _account(self, outcome: Outcome) -> None:
        causes = [result for result in outcome.refused if result.message != NOT_WITHOUT_ITS_ROW]
        blamed = {result.row for result in causes}
        causes += [result for result in outcome.refused if result.row not in blamed]
        for result in causes:
            self._reject(self.sent[result.row], result.column, result.message)
        made = {pk: self.sent[ref] for ref, pk in outcome.created.items()}
        self.known |= made
        report = self.report
        report.created, report.failed = len(made), len(self.failed)
        report.changed = len(outcome.touched & set(self.sent))
        report.unchanged = report.read - report.created - report.changed - report.failed
        report.rejected.sort(key=lambda said: (said.cell.split("!")[0], said.row))
        saved = {*outcome.created, *outcome.touched}
        found = [
            difference for one in self.differences if one in saved for difference in self.differences[one]
        ]
        report.differences = found[:MOST_SHOWN]

    def _remark(self) -> None:
        for matching in self.matchings:
            for header in matching.own:
                self.report.warnings.append(Said(self._left_alone(matching.sheet.title, header)))
        shown = {name for each in self.matchings for name in each.places}
        only = [
            column.label for column in self.tab.columns if column.name in shown and not column.entered_here
        ]
        self.report.not_entered_here = only
        for pk, notes in self.tab.notes(list(self.known)).items():
            for note in notes:
                self.report.warnings.append(Said.about(self.known[pk], note.column, note.text))

    def _left_alone(self, sheet: str, header: str) -> str:
        labels = {column.label.casefold(): column.label for column in self.tab.columns}
        near = difflib.get_close_matches(header.casefold(), labels, n=1, cutoff=0.8)
        meant = f" Did you mean {labels[near[0]]}?" if near else ""
        return f"Sheet {sheet}: {self.tab.title} has no column “{header}”, so it was left alone.{meant}"


def _readable(row: FileRow) -> dict[str, str]:
    """The cells of a new row by label, long texts cut."""
    told = {column.label: wording.readable(column, row.would_show(column)) for column in row.entered}
    return {label: text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…" for label, text in told.items()}


class _There:
    """What the tab has now: rows by every key a file may know them by, and what they show."""

    def __init__(self, tab: Tab, named: set[str]) -> None:
        self.tab = tab
        self.index = tab.index_for_files()
        self.ids = _by(tab, [tab.column(name) for name in tab.file_key]) if tab.file_key else {}
        self.shown = _shown(tab, [c for c in tab.columns if c.entered_here and c.name in named])

    def find(self, row: FileRow) -> int | None:
        """The row's primary key: by the hidden columns where they know it, else by its key."""
        if self.ids:
            found = self.ids.get(Tab.match_key(row.get(name) for name in self.tab.file_key))
            if found:
                return found
        return self.index.get(self.tab.key_in_file(row, row.sheet))

    def twin(self, row: FileRow) -> str:
        """The row there is, or came before in the file, that says the same in every required column."""
        same = Tab.match_key(row.get(column.name) for column in self.required)
        if same in self.twins:
            return self.twins[same]
        self.twins[same] = row.address()
        return ""

    @cached_property
    def twins(self) -> dict[tuple[str, ...], str]:
        columns = [self.tab.column(self.tab.key[0]), *self.required]
        rows = self.tab.queryset().values_list(*(column.lookup for column in columns))
        return {Tab.match_key(values): str(key) for key, *values in rows}

    @cached_property
    def required(self) -> list[Column]:
        return [column for column in self.tab.columns if column.required and column.entered_here]


def _by(tab: Tab, columns: list[Column]) -> dict[tuple[str, ...], int]:
    rows = tab.queryset().values_list("pk", *(column.lookup for column in columns))
    return {Tab.match_key(values): pk for pk, *values in rows}


def _shown(tab: Tab, columns: list[Column]) -> dict[int, dict[str, Any]]:
    """What the columns show, as JSON values by column, by primary key."""
    rows = tab.queryset().values_list("pk", *(column.lookup for column in columns))
    return {
        pk: {column.name: column.show(value) for column, value in zip(columns, values, strict=True)}
        for pk, *values in rows
    }
