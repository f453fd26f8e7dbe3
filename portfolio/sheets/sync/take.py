"""Lodestar's half of a sync: what the sheet says goes through the gate, disagreements into the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils import timezone

from portfolio.sheets.models import Conflict, LinkedTab, SyncedRow
from portfolio.sheets.sync.bases import drop_bases, save_bases
from portfolio.sheets.sync.plan import Plan
from portfolio.sheets.sync.tabmerge import Answers
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import OK, Change, Outcome, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange


def take(plan: Plan, actor: Actor, bases: dict[int, SyncedRow]) -> Answers:
    """Send what the sheet says through the gate; ``bases`` move for what was taken."""
    changes: list[Change] = [*plan.creates.values()]
    for pk, pulls in plan.pulls.items():
        changes += [*pulls, *plan.repeats.get(pk, ())]
    outcome = apply_changes(plan.linked.tab, actor, Surface.SHEET, changes)
    answers = Answers({int(ref): pk for ref, pk in outcome.created.items()})
    _note_pulls(plan, outcome, answers, bases)
    _note_creates(plan, outcome, answers, bases)
    return answers


def _note_pulls(plan: Plan, outcome: Outcome, answers: Answers, bases: dict[int, SyncedRow]) -> None:
    for result in outcome.results:
        cell = (result.row, result.column)
        if cell not in plan.says:
            continue
        pk, column = int(result.row), str(result.column)
        if result.status != OK:
            answers.refused[pk, column] = result.message
            continue
        plan.counts.pulled += 1
        answers.taken.setdefault(pk, []).append(column)
        if pk not in bases:
            bases[pk] = SyncedRow(linked_tab_id=plan.linked.pk, row=pk)
        # What the sheet says, not what the gate made of it: a difference left is Lodestar's to push.
        bases[pk].cells[column] = plan.says[pk, column]


def _note_creates(plan: Plan, outcome: Outcome, answers: Answers, bases: dict[int, SyncedRow]) -> None:
    for number, pk in answers.made.items():
        bases[pk] = SyncedRow(linked_tab_id=plan.linked.pk, row=pk, cells=plan.said_by[number])
        plan.counts.created += 1
    for result in outcome.refused:
        if isinstance(result.row, str):
            column = plan.linked.tab.column(result.column).label + ": " if result.column else ""
            answers.refused_rows[int(result.row)] = f"{column}{result.message}"


# Bases and conflicts ----------------------------------------------------------------------------------


def settle(plan: Plan, bases: dict[int, SyncedRow], whole: bool) -> None:
    """Store what the merge agreed on and what it could not decide; ``whole``: every row was looked at."""
    save_bases(_moved_bases(plan, bases))
    drop_bases(plan.linked, plan.forgotten)
    _store_discarded([found for found in plan.conflicts if found.kind == Conflict.Kind.DISCARDED])
    _store_open(plan, [found for found in plan.conflicts if found.kind != Conflict.Kind.DISCARDED], whole)


def _moved_bases(plan: Plan, bases: dict[int, SyncedRow]) -> Iterator[SyncedRow]:
    for pk, (key, cells) in plan.bases.items():
        base = bases.get(pk) or SyncedRow(linked_tab_id=plan.linked.pk, row=pk)
        base.key, base.cells = key, cells
        yield base


def _store_discarded(found: list[Conflict]) -> None:
    Conflict.objects.bulk_create(found, batch_size=500)


def _store_open(plan: Plan, found: list[Conflict], whole: bool) -> None:
    waiting = Conflict.objects.waiting().filter(linked_tab=plan.linked)
    there = {(each.kind, each.row, each.column): each for each in waiting}
    _name_who(plan.linked, found)
    fresh = []
    for conflict in found:
        known = there.pop((conflict.kind, conflict.row, conflict.column), None)
        if known is None:
            fresh.append(conflict)
        elif _moved(known, conflict):
            known.save()
    Conflict.objects.bulk_create(fresh, batch_size=500)
    if whole and not plan.left_alone:
        over = [each.pk for each in there.values()]
        closed = {"closed": timezone.now(), "closed_by": "", "choice": Conflict.Choice.AGREED}
        Conflict.objects.filter(pk__in=over).update(**closed)


def _moved(known: Conflict, now: Conflict) -> bool:
    """Bring an open conflict up to date; whether there was anything to bring."""
    moved = False
    for name in ("base", "mine", "theirs", "place", "key", "who", "when"):
        if getattr(known, name) != getattr(now, name):
            setattr(known, name, getattr(now, name))
            moved = True
    return moved


def _name_who(linked: LinkedTab, conflicts: Iterable[Conflict]) -> None:
    """Who changed Lodestar's side last, and when."""
    wanted = list(conflicts)
    rows = {each.row for each in wanted if each.row is not None}
    if not rows:
        return
    changes = CellChange.objects.filter(Q(kind="delete") | ~Q(column=""), tab=linked.tab_name, row__in=rows)
    last = {
        # A member of a family, like override:revenue, belongs to the one cell of its family.
        (change.row, change.column.split(":")[0]): change.batch
        for change in changes.select_related("batch").order_by("pk")
    }
    for conflict in wanted:
        batch = last.get((conflict.row or 0, conflict.column))
        if batch:
            conflict.who, conflict.when = batch.who, batch.when
