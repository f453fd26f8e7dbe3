"""``apply_changes()``: the only way a value that people enter is ever changed.

permission → ownership → parse → validate → compare with the old cell value → write → CellChange.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from portfolio.tabs.actor import Actor
from portfolio.tabs.cells import CellError
from portfolio.tabs.changes import (
    CONFLICT,
    DENIED,
    INVALID,
    OK,
    UNSET,
    CellResult,
    Change,
    CreateRow,
    DeleteRow,
    Outcome,
    RestoreRow,
    SetCell,
    Surface,
)
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import remembering
from portfolio.tabs.models import Batch, CellChange, gate_open
from portfolio.tabs.saving import record, save
from portfolio.tabs.tab import Tab, Violation
from portfolio.tabs.turns import writers_turn
from portfolio.tabs.writing import RowState, Writing

CHUNK = 5_000
NOT_WITHOUT_ITS_ROW = "Not saved, because another cell of this row was refused."


def apply_changes(
    tab: Tab,
    actor: Actor,
    surface: str,
    changes: Sequence[Change],
    *,
    batch_id: uuid.UUID | None = None,
    row_atomic: bool = False,
    undoes: Batch | None = None,
) -> Outcome:
    """Put a batch through the gate; answers per cell and stores what stands, in one transaction.

    With ``row_atomic`` one refused cell refuses its whole row (imports, forms); a new row always is.
    Refusals are answers, not exceptions.
    """
    with writers_turn(), remembering(), gate_open():
        gate = _Gate(tab, actor, surface, Outcome(batch_id or uuid.uuid4()))
        return gate.run(changes, row_atomic, undoes)


class _Gate:
    def __init__(self, tab: Tab, actor: Actor, surface: str, outcome: Outcome) -> None:
        self.tab, self.actor, self.outcome = tab, actor, outcome
        self.writing = Writing(tab, actor, surface, outcome)
        self.rows: dict[int, RowState] = {}

    def run(self, changes: Sequence[Change], row_atomic: bool, undoes: Batch | None) -> Outcome:
        self.row_atomic = row_atomic
        self._load({change.row for change in changes if not isinstance(change, CreateRow)})
        for change in changes:
            self._stage(change)
        if row_atomic:
            self._refuse_broken_rows()
        self.tab.prepare(self.writing, [state for state in self.writing.standing if state.created])
        for state in self.writing.standing:
            self.tab.derive(self.writing, state)
        self._hold_invariants()
        save(self.writing)
        record(self.writing, undoes)
        return self._answer()

    # Stage ---------------------------------------------------------------------------------------

    def _load(self, pks: set[int]) -> None:
        wanted = sorted(pks)
        for start in range(0, len(wanted), CHUNK):
            for row in self._locked(wanted[start : start + CHUNK]):
                self.rows[row.pk] = RowState(self.tab, row)

    def _locked(self, pks: list[int]) -> Iterable[Any]:
        rows = self.tab.queryset().filter(pk__in=pks)
        # Left joins of records that may not exist can't be locked; the row itself stands for them.
        return rows.select_for_update(of=("self",)) if connection.features.has_select_for_update_of else rows

    def _stage(self, change: Change) -> None:
        if isinstance(change, CreateRow):
            self._create(change)
        elif isinstance(change, RestoreRow):
            self._restore(change)
        elif change.row not in self.rows:
            self._answer_missing(change)
        elif isinstance(change, DeleteRow):
            self._delete(self._state(change.row))
        else:
            self._set(self._state(change.row), change)

    def _state(self, pk: int) -> RowState:
        state = self.rows[pk]
        if not state.listed:
            state.listed = True
            self.writing.states.append(state)
        return state

    def _answer_missing(self, change: SetCell | DeleteRow) -> None:
        column = change.column if isinstance(change, SetCell) else None
        message = f"This row is no longer on {self.tab.title}; someone deleted it."
        self.outcome.results.append(CellResult(change.row, column, INVALID, message=message))

    def _set(self, state: RowState, change: SetCell) -> None:
        result = CellResult(state.id, change.column)
        state.results.append(result)
        try:
            column = self.tab.column(change.column)
        except KeyError:
            result.status, result.message = INVALID, f"{self.tab.title} has no column “{change.column}”."
            return
        if not self._allowed(column, state, result):
            if self._repeated(column, state, change.value):
                result.status, result.message = OK, ""
            return
        try:
            value = column.parse(change.value)
        except CellError as error:
            result.status, result.message = INVALID, str(error)
            return
        self._write(column, state, value, change.expected, result)

    def _repeated(self, column: Column, state: RowState, cell: Any) -> bool:
        """Whether a file, which comes with whole rows, only repeats what isn't its sender's to change."""
        if self.writing.surface not in (Surface.IMPORT, Surface.SHEET):
            return False
        try:
            return column.same(column.show(column.read(state.row)), column.show(column.parse(cell)))
        except CellError:
            return False

    def _allowed(self, column: Column, state: RowState, result: CellResult) -> bool:
        if column.on_create:
            result.message = f"{column.label} is chosen when the row is made and can't change."
        elif not column.entered_here and not self.actor.is_llm:
            result.message = f"{column.label} is read-only here.{_entered_on(column)}"
        elif not column.may_enter(self.actor, state.row):
            result.message = not_theirs(column, self.actor)
        if result.message:
            result.status = DENIED
        return not result.message

    def _write(self, column: Column, state: RowState, value: Any, expected: Any, result: CellResult) -> None:
        current = column.show(column.read(state.row))
        result.value = shown = column.show(value)
        state.stated.add(column.name)
        if column.same(current, shown):
            return
        if expected is not UNSET and not column.same(current, expected):
            self._conflict(column, state, current, result)
            return
        state.put(column, value)

    def _conflict(self, column: Column, state: RowState, current: Any, result: CellResult) -> None:
        result.status, result.theirs = CONFLICT, current
        last = (
            CellChange.objects.filter(tab=self.tab.name, row=state.row.pk, column=column.name)
            .select_related("batch")
            .order_by("-pk")
            .first()
        )
        if last:
            result.who, result.when = last.batch.who, last.batch.when
        result.message = f"{result.who or 'Someone'} changed this in the meantime."

    def _create(self, change: CreateRow) -> None:
        state = RowState(self.tab, self.tab.model(), ref=change.ref)
        self.writing.states.append(state)
        if not self.tab.may_create(self.actor):
            state.results = [CellResult(change.ref, None, DENIED, message=self._no_new_rows())]
            state.refused = True
            return
        if change.key is not None:
            self._give_key(state, change.key)
        for name, value in change.given.items():
            state.put(self.tab.column(name), value)
        for name, value in self._given(change.values).items():
            self._fill(state, name, value)
        self._require(state)
        self._settle_new(state)

    def _no_new_rows(self) -> str:
        if not self.tab.can_create:
            return f"Rows can't be added on {self.tab.title}."
        return f"Your role may not add rows on {self.tab.title}. {_roles(self.tab.roles)} may."

    def _give_key(self, state: RowState, key: str) -> None:
        column = self.tab.column(self.tab.key[0])
        try:
            state.put(column, column.parse(key))
        except CellError as error:
            state.results.append(CellResult(state.id, column.name, INVALID, message=str(error)))

    @staticmethod
    def _given(values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value not in (None, "")}

    def _fill(self, state: RowState, name: str, value: Any) -> None:
        result = CellResult(state.id, name)
        state.results.append(result)
        try:
            column = self.tab.column(name)
            if not (column.entered_here and column.may_enter(self.actor, state.row)):
                raise CellError(f"{column.label} can't be given here.{_entered_on(column)}")
            parsed = column.parse(value)
        except KeyError:
            result.status, result.message = INVALID, f"{self.tab.title} has no column “{name}”."
        except CellError as error:
            result.status, result.message = INVALID, str(error)
        else:
            result.value = column.show(parsed)
            state.stated.add(name)
            state.put(column, parsed)

    def _require(self, state: RowState) -> None:
        given = {result.column for result in state.results}
        for column in self.tab.columns:
            if column.required and column.entered_here and column.name not in given:
                message = f"{column.label} can't be blank."
                state.results.append(CellResult(state.id, column.name, INVALID, message=message))

    def _settle_new(self, state: RowState) -> None:
        broken = [result for result in state.results if result.status != OK]
        state.refused = bool(broken)
        state.results = broken or [CellResult(state.id, None)]

    def _delete(self, state: RowState) -> None:
        result = CellResult(state.id, None)
        state.results.append(result)
        if not self.tab.may_delete(self.actor):
            result.status, result.message = DENIED, f"Your role may not delete rows on {self.tab.title}."
            return
        reason = self.tab.check_delete(self.writing, state.row)
        if reason:
            result.status, result.message = INVALID, reason
            return
        state.deleted = True

    def _restore(self, change: RestoreRow) -> None:
        manager = getattr(self.tab.model, "all_objects", self.tab.model._default_manager)
        row = manager.filter(pk=change.row).exclude(deleted_at=None).first()
        if row is None:
            return
        state = RowState(self.tab, row, restored=True)
        state.results.append(CellResult(row.pk, None))
        self.writing.states.append(state)
        if not self.tab.may_delete(self.actor):
            state.refuse((), f"Your role may not restore rows on {self.tab.title}.")

    # Check ---------------------------------------------------------------------------------------

    def _refuse_broken_rows(self) -> None:
        for state in self.writing.states:
            if not state.created and any(result.status != OK for result in state.results):
                state.refuse((), NOT_WITHOUT_ITS_ROW)

    def _hold_invariants(self) -> None:
        """Take back what breaks an invariant until the rest stands; every round takes something back."""
        while True:
            broken = [*self._duplicates(), *self.tab.check(self.writing, self.writing.standing)]
            taken_back = [self._take_back(violation) for violation in broken]
            if not any(taken_back):
                return

    def _take_back(self, violation: Violation) -> bool:
        state = violation.state
        took = state.refuse(violation.columns, violation.message)
        if self.row_atomic and not state.refused:
            took = state.refuse((), NOT_WITHOUT_ITS_ROW) or took
        return took

    def _duplicates(self) -> list[Violation]:
        keyed = [s for s in self.writing.standing if s.created or s.restored or s.changed & set(self.tab.key)]
        if not keyed:
            return []
        staged = {state.row.pk for state in self.writing.states if state.row.pk}
        others = {key for key, pk in self.tab.index().items() if pk not in staged}
        counts = Counter(self.tab.key_of(state.row) for state in self.writing.standing)
        return [
            Violation(state, self.tab.key[::-1], self._already(state))
            for state in keyed
            if (key := self.tab.key_of(state.row)) in others or self._repeats(key, counts)
        ]

    @staticmethod
    def _repeats(key: tuple[str, ...], counts: Counter[tuple[str, ...]]) -> bool:
        if counts[key] < 2:
            return False
        counts[key] -= 1  # the last of them may stay
        return True

    def _already(self, state: RowState) -> str:
        return f"{self.tab.title} already has a row {self.tab.label_of(state.row)}."

    # Answer --------------------------------------------------------------------------------------

    def _answer(self) -> Outcome:
        for state in self.writing.states:
            for result in state.results:
                if state.created and not state.refused:
                    result.row = state.row.pk
                self.outcome.results.append(result)
        for state in self.writing.effective:
            (self.outcome.removed if state.deleted else self.outcome.touched).add(state.row.pk)
        return self.outcome


def _entered_on(column: Column) -> str:
    where = entry_tab(column)
    return f" It is entered on {where.title}." if where else ""


def entry_tab(column: Column) -> Tab | None:
    """The other tab on which people enter this column's value, if any."""
    owner = getattr(column, "owner", None)
    return owner.tab if owner is not None and owner.entered_here else None


def not_theirs(column: Column, actor: Actor) -> str:
    """Why ``actor`` may not enter ``column``, in a sentence."""
    if actor.has(*column.roles):
        # Their role may, but not in this row; the column's help says whose it is.
        return f"{column.label} of this row is not yours to enter. {column.help}"
    return f"Your role may not enter {column.label}. {_roles(column.roles)} may."


def _roles(roles: Iterable[str]) -> str:
    return " or ".join(sorted(roles))
