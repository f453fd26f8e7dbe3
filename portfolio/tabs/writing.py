"""A batch on its way through the gate: rows as staged, what changed, and what is to blame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import INVALID, OK, CellResult, Outcome
from portfolio.tabs.columns import Column
from portfolio.tabs.models import CellChange, Tracked
from portfolio.tabs.tab import Tab


@dataclass(eq=False)
class RowState:
    """One row of a batch. ``before`` holds the canonical old value of every changed column."""

    tab: Tab
    row: Any
    ref: str | None = None
    before: dict[str, Any] = field(default_factory=dict)
    holders: dict[str, models.Model] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    results: list[CellResult] = field(default_factory=list)
    listed: bool = False
    refused: bool = False
    deleted: bool = False
    restored: bool = False

    @property
    def created(self) -> bool:
        return self.ref is not None

    @property
    def id(self) -> int | str:
        return self.ref if self.ref is not None else self.row.pk

    @property
    def alive(self) -> bool:
        return not (self.refused or self.deleted)

    @property
    def effective(self) -> bool:
        return not self.refused and bool(self.before or self.created or self.deleted or self.restored)

    @property
    def changed(self) -> set[str]:
        return set(self.before)

    def __getitem__(self, column: str) -> Any:
        return self.tab.column(column).read(self.row)

    def put(self, column: Column, value: Any) -> None:
        """Stage a canonical value."""
        self.before.setdefault(column.name, column.read(self.row))
        self.holders[column.name] = column.write(self.row, value)

    def derive(self, name: str, value: Any) -> None:
        """Stage a value that follows from the others, unless it holds already."""
        column = self.tab.column(name)
        if column.show(column.read(self.row)) != column.show(value):
            self.put(column, value)
            self.derived.add(name)
            if column.show(self.before[name]) == column.show(value):
                self.take_back(name)

    def take_back(self, name: str) -> None:
        column = self.tab.column(name)
        column.write(self.row, self.before.pop(name))
        del self.holders[name]
        self.derived.discard(name)

    def refuse(self, columns: tuple[str, ...], message: str) -> bool:
        """Take back the cells to blame (else all of the row); False when nothing was left to take."""
        if self.created or self.deleted or self.restored:
            return self._refuse_row(next((name for name in columns if name in self.stated), None), message)
        blamed = [name for name in self.before if name in columns] or list(self.before)
        for name in blamed:
            self.take_back(name)
        self._mark(set(blamed), message)
        return bool(blamed)

    def _refuse_row(self, column: str | None, message: str) -> bool:
        self.refused, was = True, self.refused
        self.deleted = self.restored = False
        self.results = [CellResult(self.id, column, INVALID, message=message)]
        return not was

    def _mark(self, names: set[str], message: str) -> None:
        for result in self.results:
            if result.column in names and result.status == OK:
                result.status, result.message = INVALID, message


@dataclass
class Writing:
    """Everything one batch stages, saves and records."""

    tab: Tab
    actor: Actor
    surface: str
    outcome: Outcome
    states: list[RowState] = field(default_factory=list)
    records: list[CellChange] = field(default_factory=list)
    written: set[type[models.Model]] = field(default_factory=set)
    touched_tabs: set[str] = field(default_factory=set)
    now: Any = field(default_factory=timezone.now)

    @property
    def standing(self) -> list[RowState]:
        """Rows that will exist after this batch."""
        return [state for state in self.states if state.alive]

    @property
    def effective(self) -> list[RowState]:
        """Rows this batch really changes."""
        return [state for state in self.states if state.effective]

    def join(self, row: models.Model) -> RowState:
        """A row that nobody mentioned, but that changes because of one that was."""
        state = RowState(self.tab, row, listed=True)
        self.states.append(state)
        return state

    def stamp(self, record: models.Model) -> None:
        if isinstance(record, Tracked):
            record.updated_at, record.updated_by = self.now, self.actor.name
            record.updated_source = self.surface

    def touch(self, *models_written: type[models.Model]) -> None:
        """Say that a reaction wrote records of these models."""
        self.written.update(models_written)

    def record(
        self,
        tab: Tab,
        row: models.Model,
        column: str = "",
        old: Any = None,
        new: Any = None,
        *,
        kind: str = CellChange.Kind.SET,
        derived: bool = False,
    ) -> None:
        """Keep one change for the history (values as JSON)."""
        self.records.append(
            CellChange(
                tab=tab.name,
                row=row.pk,
                key=tab.label_of(row)[:400],
                column=column,
                old=old,
                new=new,
                kind=kind,
                derived=derived,
            )
        )
