"""Cells changed in a returned file and in Lodestar since its export: kept for a person to choose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from portfolio.sheets.filerow import FileRow
from portfolio.sheets.merge import NO_BASE
from portfolio.sheets.models import Conflict, Export
from portfolio.sheets.rowmerge import Merged
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.models import CellChange
from portfolio.tabs.tab import Tab

Cell = tuple[int, str]  # a row's primary key, a column's name
LONGEST_KEY = 400
TOLD = ("key", "place", "base", "mine", "theirs", "who", "when")  # what a stored conflict takes over


@dataclass(frozen=True)
class _Step:
    """A value that a cell got in Lodestar since the export."""

    value: Any
    surface: str
    who: str
    when: datetime


class Clashes:
    """The conflicts between one file of an export and one tab.

    A file that comes twice says nothing new: what was taken from it before, and what a person has chosen
    about, is no conflict again.
    """

    def __init__(self, actor: Actor, tab: Tab, export: Export | None) -> None:
        self.actor, self.tab, self.export = actor, tab, export
        self.found: list[Conflict] = []
        self.agreed: set[Cell] = set()  #: where the file says the same as Lodestar

    def add(self, row: FileRow, pk: int, cell: Merged) -> None:
        self.found.append(
            Conflict(
                export=self.export,
                tab_name=self.tab.name,
                row=pk,
                key=row.key[:LONGEST_KEY],
                column=cell.column.name,
                place=row.address(cell.column.name),
                base=None if cell.base is NO_BASE else cell.base,
                mine=cell.here,
                theirs=cell.file,
                who_there=self.actor.name,
            )
        )

    def settle(self, now: Callable[[Cell], Any]) -> list[Conflict]:
        """Store what is new and close what is over; answers the conflicts that this file is in.

        ``now`` answers what Lodestar says in a cell after the import.
        """
        if self.export is None:
            return []
        closed, waiting = self._stored()
        self._close_agreed([old for olds in waiting.values() for old in olds], now)
        history = _history(self.tab, self.export) if self.found else {}
        open_now = []
        for conflict in self.found:
            cell = _cell(conflict)
            steps = history.get(cell, [])
            chosen = any(old.theirs == conflict.theirs for old in closed[cell])
            if not chosen and not _was_taken(conflict, steps):
                _sign(conflict, steps)
                open_now.append(self._kept(conflict, waiting[cell]))
        Conflict.objects.bulk_create([each for each in open_now if each.pk is None], batch_size=500)
        return open_now

    def _stored(self) -> tuple[dict[Cell, list[Conflict]], dict[Cell, list[Conflict]]]:
        """This export's conflicts that are closed, and those that are open."""
        closed: dict[Cell, list[Conflict]] = defaultdict(list)
        waiting: dict[Cell, list[Conflict]] = defaultdict(list)
        for old in Conflict.objects.filter(export=self.export, tab_name=self.tab.name):
            (closed if old.closed else waiting)[_cell(old)].append(old)
        return closed, waiting

    def _close_agreed(self, waiting: list[Conflict], now: Callable[[Cell], Any]) -> None:
        over = [old.pk for old in waiting if self._agrees(old) or old.theirs == now(_cell(old))]
        if over:
            agreed = Conflict.objects.filter(pk__in=over)
            agreed.update(closed=timezone.now(), closed_by=self.actor.name, choice=Conflict.Choice.AGREED)

    def _agrees(self, old: Conflict) -> bool:
        """Whether the person whose file brought the conflict sends one without it."""
        return old.who_there == self.actor.name and _cell(old) in self.agreed

    def _kept(self, conflict: Conflict, waiting: list[Conflict]) -> Conflict:
        """The stored conflict that this one is; itself where it is new."""
        for old in waiting:
            # One person's copy, however often they correct it; or two copies that say the same.
            if old.theirs == conflict.theirs or old.who_there == conflict.who_there:
                return _updated(old, conflict)
        return conflict


def _cell(conflict: Conflict) -> Cell:
    return conflict.row or 0, conflict.column


def _updated(old: Conflict, new: Conflict) -> Conflict:
    if any(getattr(old, name) != getattr(new, name) for name in TOLD):
        for name in TOLD:
            setattr(old, name, getattr(new, name))
        old.seen = timezone.now()
        old.save()
    return old


# What happened in Lodestar meanwhile ------------------------------------------------------------------


def _history(tab: Tab, export: Export) -> dict[Cell, list[_Step]]:
    """The values that the cells of ``tab`` got since ``export``, oldest first."""
    found: dict[Cell, list[_Step]] = defaultdict(list)
    since = CellChange.objects.filter(tab=tab.name, batch__when__gte=export.when)
    for change in since.select_related("batch").order_by("pk"):
        for name, value in _said(change):
            step = _Step(value, change.batch.surface, change.batch.who, change.batch.when)
            # A member of a family, like contribution:revenue, belongs to the one cell of its family.
            found[change.row, name.split(":")[0]].append(step)
    return found


def _said(change: CellChange) -> list[tuple[str, Any]]:
    if change.kind == CellChange.Kind.CREATE:
        return list((change.new or {}).items())
    return [(change.column, change.new)]


def _was_taken(conflict: Conflict, steps: list[_Step]) -> bool:
    """Whether an import brought the file's value already, so that Lodestar's is the later edit of it."""
    return any(step.surface == Surface.IMPORT and step.value == conflict.theirs for step in steps)


def _sign(conflict: Conflict, steps: list[_Step]) -> None:
    if steps:
        conflict.who, conflict.when = steps[-1].who, steps[-1].when
