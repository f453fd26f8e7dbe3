"""One spreadsheet brought in step: lease, read, merge and take in one transaction, send, verify."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from portfolio.actions.job import Job
from portfolio.sheets.google.book import Book
from portfolio.sheets.google.connection import client
from portfolio.sheets.google.errors import SheetsError
from portfolio.sheets.importing import in_order, taken_back
from portfolio.sheets.models import Conflict, LinkedTab, SheetLink, SyncedRow
from portfolio.sheets.sync.bases import bases_of
from portfolio.sheets.sync.columns import add_columns
from portfolio.sheets.sync.here import Here
from portfolio.sheets.sync.plan import Plan
from portfolio.sheets.sync.reading import ReadTab, discover, read
from portfolio.sheets.sync.report import link_report, named, refused_report, tab_report
from portfolio.sheets.sync.send import Prepared, Sending
from portfolio.sheets.sync.status import Statuses
from portfolio.sheets.sync.tabmerge import Answers, TabMerge
from portfolio.sheets.sync.take import settle, take
from portfolio.tabs.actor import PM, Actor
from portfolio.tabs.memo import forget, remembering
from portfolio.tabs.models import TabRevision
from portfolio.tabs.registry import notes
from portfolio.tabs.turns import writers_turn

NOT_CONFIRMED = "Not started yet: look at the preview first, then start it."


class Busy(Exception):  # noqa: N818 - somebody else is at it, which is no error
    """Another sync of the same spreadsheet is under way."""


class LostLease(Exception):  # noqa: N818
    """The sync took so long that another one was let in; nothing more is written."""


@dataclass(frozen=True)
class Asked:
    """What of a link is to be brought in step. None means all of it.

    ``confirm``: linked tabs whose first sync may happen now. ``only`` keys are casefolded. ``explicit``:
    every row is told in its run status what came of it, also where nothing had to be done.
    """

    preview: bool = False
    confirm: frozenset[int] = frozenset()
    confirm_all: bool = False
    explicit: bool = False
    tabs: frozenset[str] | None = None
    only: frozenset[str] | None = None


def sync_link(link: SheetLink, job: Job, asked: Asked) -> dict[str, Any]:
    """The report of the link. Raises Busy; what Google says goes into the report and onto the link."""
    with _leased(link) as token:
        return _Run(link, job, asked, token).through_google()


def sync_book(link: SheetLink, job: Job, asked: Asked, book: Book) -> dict[str, Any]:
    """The same with a spreadsheet that is open already. Raises Busy and what ``book`` raises."""
    with _leased(link) as token:
        return _Run(link, job, asked, token).with_book(book)


@contextmanager
def _leased(link: SheetLink) -> Iterator[uuid.UUID]:
    token = link.take_lease()
    if token is None:
        raise Busy(f"{link} is being synced already.")
    try:
        with _without_collector():
            yield token
    finally:
        link.free_lease(token)


@contextmanager
def _without_collector() -> Iterator[None]:
    """A sync makes millions of records without cycles; looking for some takes a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Run:
    def __init__(self, link: SheetLink, job: Job, asked: Asked, token: uuid.UUID) -> None:
        self.link, self.job, self.asked, self.token = link, job, asked, token
        self.actor = Actor(f"Google Sheets · {link}", frozenset({PM}))
        self.since: datetime | None = link.synced
        self.tabs: dict[str, Any] = {}
        self.sent_all = True

    def with_book(self, book: Book) -> dict[str, Any]:
        self._sync(book)
        return link_report(self.link, self.tabs, 0)

    def through_google(self) -> dict[str, Any]:
        try:
            http = client().http_client
        except SheetsError as problem:
            return self._failed(problem, 0)
        with http.within(self._seconds(), self._check) as calls:
            try:
                self._sync(Book(self.link.spreadsheet_id, http))
            except SheetsError as problem:
                return self._failed(problem, calls.total)
            return link_report(self.link, self.tabs, calls.total)

    def _seconds(self) -> float:
        deadline = self.job.run.deadline
        return max(30.0, (deadline - timezone.now()).total_seconds() - 10) if deadline else 900.0

    def _failed(self, problem: SheetsError, calls: int) -> dict[str, Any]:
        if not self.asked.preview:
            SheetLink.objects.filter(pk=self.link.pk).update(problem=str(problem))
        return link_report(self.link, self.tabs, calls, str(problem))

    def _check(self) -> None:
        """Raises whatever stops the job, and LostLease."""
        self.job.check()
        if not self.link.renew_lease(self.token):
            raise LostLease(f"The sync of {self.link} was taken over by another one.")

    @contextmanager
    def _fence(self) -> Iterator[None]:
        """A transaction that commits only while job and lease are ours."""
        with self.job.commit():
            self._check()
            yield

    # The steps -----------------------------------------------------------------------------------------

    def _sync(self, book: Book) -> None:
        # Seen before reading: what changes from here on is for the next sync.
        self.link.refresh_from_db()
        seen = self.link.changes_seen
        self._say("Reading")
        if self.asked.preview or not self.link.linked_tabs.exists():
            discover(self.link, book)
        found = read(self.link, linked, book) if (linked := self._chosen()) else []
        if not self.asked.preview:
            self._add_columns(found, book)
        self._check()
        self._say("Merging")
        prepared, revisions = self._merge(found)
        if not self.asked.preview:
            self._say("Writing")
            self._send(prepared, book)
            self._close(found, prepared, revisions, seen)
        for tab in prepared:
            self._tell(tab)

    def _say(self, what: str) -> None:
        self.job.progress(0, 0, f"{what} {self.link}")

    def _chosen(self) -> list[LinkedTab]:
        linked = [each for each in self.link.linked_tabs.all() if self._wanted(each)]
        for each in linked:
            each.link = self.link
        if self.asked.preview:
            return linked
        for each in linked:
            if each.confirmed is None and (self.asked.confirm_all or each.pk in self.asked.confirm):
                each.confirm(self.job.actor.name)
        for each in linked:
            if each.confirmed is None:
                self.tabs[named(each)] = refused_report(each, NOT_CONFIRMED)
        return [each for each in linked if each.confirmed]

    def _wanted(self, linked: LinkedTab) -> bool:
        return self.asked.tabs is None or linked.tab_name in self.asked.tabs

    def _add_columns(self, found: Sequence[ReadTab], book: Book) -> None:
        for each in found:
            # Once: who deletes such a column later doesn't want it.
            if each.table is not None and not each.linked.counts:
                add_columns(each, book)

    # Merge and take: one transaction ------------------------------------------------------------------------

    def _merge(self, found: Sequence[ReadTab]) -> tuple[list[Prepared], dict[str, int]]:
        with self._fence(), taken_back() if self.asked.preview else writers_turn(), remembering():
            merges = [_Merging(each, self.asked.only) for each in self._readable(found)]
            self._take(merges)
            for merge in merges:
                if self.asked.explicit:
                    merge.tell_every_row()
                settle(merge.plan, merge.bases, whole=self.asked.only is None)
                merge.note_columns()
                self._note_rows(merge)
            return [merge.prepared(self.since) for merge in merges], self._revisions()

    def _take(self, merges: Sequence[_Merging]) -> None:
        for merge in merges:
            merge.merge()  # when the tabs before it, which may change what it shows, have been taken
            if merge.plan.takes:
                merge.take(self.actor)
        for merge in merges:
            if merge.has_moved:
                merge.merge_again()

    def _readable(self, found: Sequence[ReadTab]) -> Iterator[ReadTab]:
        tabs = in_order({each.linked.tab for each in found})
        for each in sorted(found, key=lambda each: tabs.index(each.linked.tab)):
            if each.refusal:
                self._leave_alone(each.linked, each.refusal)
            else:
                yield each

    def _leave_alone(self, linked: LinkedTab, why: str) -> None:
        self.tabs[named(linked)] = refused_report(linked, why)
        if not self.asked.preview:
            linked.note(asdict(Plan(linked).counts), why, left_alone=True)

    def _revisions(self) -> dict[str, int]:
        return {name: TabRevision.current(name) for name in self.link.linked_names()}

    def _note_rows(self, merge: _Merging) -> None:
        plan, pk_of = merge.plan, {number: pk for pk, number in merge.plan.numbers.items()}
        for status, said in (("failed", plan.problems), ("changed", plan.happened)):
            for number, texts in said.items():
                self.job.row(merge.place(number, pk_of.get(number)), status, "; ".join(texts))

    # Send ----------------------------------------------------------------------------------------------

    def _send(self, prepared: Sequence[Prepared], book: Book) -> None:
        sending = Sending(
            book, [tab for tab in prepared if not tab.plan.left_alone], self._fence, self._check
        )
        sending.run()
        self.sent_all = sending.sent_all

    def _close(
        self, found: Sequence[ReadTab], prepared: Sequence[Prepared], revisions: dict[str, int], seen: int
    ) -> None:
        with self._fence():
            for tab in prepared:
                plan = tab.plan
                plan.linked.note(asdict(plan.counts), _status(plan), left_alone=bool(plan.left_alone))
            whole = self.asked.only is None and self.asked.tabs is None
            told: dict[str, Any] = {"synced": timezone.now(), "problem": ""}
            if whole and self.sent_all:
                told |= {"changes_taken": seen, "revisions": revisions}
            SheetLink.objects.filter(pk=self.link.pk).update(**told)

    def _tell(self, tab: Prepared) -> None:
        plan = tab.plan
        if self.asked.preview:
            plan.counts.pushed, plan.counts.appended = len(plan.pushes), len(plan.appends)
        self.tabs[named(plan.linked)] = tab_report(plan, _status(plan))


def _status(plan: Plan) -> str:
    lost = plan.counts.lost
    rows = "1 row was" if lost == 1 else f"{lost} rows were"
    stays = f"{rows} taken out of the sheet." if lost and not plan.left_alone else ""
    return " ".join(filter(None, [plan.left_alone, *plan.remarks, stays]))


class _Merging:
    """One tab on its way through the transaction."""

    def __init__(self, found: ReadTab, only: frozenset[str] | None) -> None:
        assert found.table is not None
        self.found, self.table, self.only = found, found.table, only
        self.linked = found.linked
        self.bases: dict[int, SyncedRow] = bases_of(self.linked)
        self.answers = Answers()

    def merge(self) -> None:
        forget()  # the tabs before it may have made what its cells refer to
        self.revision = TabRevision.current(self.table.tab.name)
        self.here = Here(self.table.tab)
        self.plan = TabMerge(
            self.linked,
            self.table,
            self.here,
            self.bases,
            self.answers,
            cut_at=self.found.cut_at,
            only=self.only,
            removable=self._removable(),
        ).plan()

    def _removable(self) -> dict[int, Any]:
        """Rows whose deletion in Lodestar a person wants in the sheet, too, as they saw them there."""
        agreed = Conflict.objects.filter(
            linked_tab=self.linked, kind=Conflict.Kind.DELETED, choice=Conflict.Choice.MINE
        )
        return {each.row: each.theirs for each in agreed.order_by("pk") if each.row is not None}

    def take(self, actor: Actor) -> None:
        self.answers = take(self.plan, actor, self.bases)

    @property
    def has_moved(self) -> bool:
        """Whether Lodestar took or refused what the sheet says, or says something else by now."""
        return self.plan.takes or self.revision != TabRevision.current(self.table.tab.name)

    def merge_again(self) -> None:
        """What was taken agrees now, and what followed from it is to be sent."""
        before = self.plan
        self.merge()
        plan = self.plan
        plan.counts.pulled, plan.counts.created = before.counts.pulled, before.counts.created
        plan.told = [line for line in before.told if line.verdict in ("pull", "create")] + plan.told
        for pk, columns in self.answers.taken.items():
            labels = ", ".join(self.table.tab.column(name).label for name in columns)
            plan.event(plan.numbers.get(pk, 0), f"taken: {labels}")
        for number in self.answers.made:
            plan.event(number, "added to Lodestar")

    def tell_every_row(self) -> None:
        """Somebody asked about these rows: each is told that it is saved, and what is remarkable about it."""
        remarks = notes(self.table.tab, list(self.plan.numbers))
        for pk, number in self.plan.numbers.items():
            self.plan.event(number, "saved")
            for text in dict.fromkeys(note.text for note in remarks.get(pk, ())):
                self.plan.event(number, text)

    def note_columns(self) -> None:
        if not self.plan.left_alone and self.only is None:
            self.linked.note_columns([placed.name for placed in self.table.columns])

    def place(self, number: int, pk: int | None) -> str:
        """The key of the row, else where it stands."""
        label = self.here.label(pk) if pk is not None else ""
        return f"{self.table.tab.title}: {label or self.table.matching.sheet.address(number)}"[:200]

    def prepared(self, since: datetime | None) -> Prepared:
        return Prepared(self.plan, self.table, self.here, Statuses(self.plan, self.table, self.here, since))
