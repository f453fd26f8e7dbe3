"""How a batch that stands reaches the database: rows saved, changes kept, revisions raised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import models

from portfolio.tabs.models import Batch, CellChange, TabRevision
from portfolio.tabs.registry import reactions, tabs_showing
from portfolio.tabs.writing import RowState, Writing

STAMPS = {"updated_at", "updated_by", "updated_source"}


# Save --------------------------------------------------------------------------------------------


def save(writing: Writing) -> None:
    """Store what the batch changes, makes and deletes."""
    effective = writing.effective
    _save_new(writing, [state for state in effective if state.created])
    for state in effective:
        if state.deleted or state.restored:
            _bury(writing, state)
    _save_cells(writing, [s for s in effective if not (s.deleted or s.restored or s.created)])


def _save_new(writing: Writing, states: list[RowState]) -> None:
    for state in states:
        writing.stamp(state.row)
    _bulk(writing, [state.row for state in states])
    beside = [h for s in states for h in s.holders.values() if h is not s.row and h.pk is None]
    by_model: dict[type[models.Model], dict[int, models.Model]] = {}
    for holder in beside:
        writing.stamp(holder)
        by_model.setdefault(type(holder), {})[id(holder)] = holder
    for holders in by_model.values():
        _bulk(writing, list(holders.values()))
    for state in states:
        writing.outcome.created[str(state.ref)] = state.row.pk


def _bulk(writing: Writing, records: list[models.Model]) -> None:
    if records:
        writing.touch(type(records[0]))
        type(records[0])._default_manager.bulk_create(records, batch_size=500)


def _save_cells(writing: Writing, states: list[RowState]) -> None:
    beside: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    there: dict[tuple[type[models.Model], tuple[str, ...]], list[models.Model]] = defaultdict(list)
    for state in states:
        for holder, fields in _holders(state):
            writing.stamp(holder)
            if holder.pk is None:
                beside[type(holder)].append(holder)
            else:
                there[type(holder), tuple(sorted(fields | STAMPS))].append(holder)
    for holders in beside.values():
        _bulk(writing, holders)
    for (model, names), holders in there.items():
        writing.touch(model)
        records: Any = model._default_manager
        records.bulk_set(holders, names)


def _holders(state: RowState) -> Iterable[tuple[models.Model, set[str]]]:
    """The records that hold what changed of the row, each with the fields to write."""
    found: dict[int, tuple[models.Model, set[str]]] = {}
    for name, holder in state.holders.items():
        field = state.tab.column(name).place.stored.field
        found.setdefault(id(holder), (holder, set()))[1].add(field)
    return found.values()


def _bury(writing: Writing, state: RowState) -> None:
    row: Any = state.row
    row.deleted_at = writing.now if state.deleted else None
    writing.stamp(row)
    writing.touch(type(row))
    row.save(update_fields=["deleted_at", *STAMPS])


# Record ------------------------------------------------------------------------------------------


def record(writing: Writing, undoes: Batch | None) -> None:
    """Keep the batch for history and undo, with all that follows from it on this tab and others."""
    for state in writing.effective:
        _record_state(writing, state)
    writing.tab.after(writing)
    for react in reactions(writing.tab.name):
        react(writing)
    if writing.records:
        TabRevision.bump(writing.tab.name, *tabs_showing(writing.written), *writing.touched_tabs)
    writing.outcome.revision = TabRevision.current(writing.tab.name)
    if writing.records:
        _keep(writing, undoes)


def _keep(writing: Writing, undoes: Batch | None) -> None:
    batch = Batch.objects.create(
        id=writing.outcome.batch_id,
        tab=writing.tab.name,
        revision=writing.outcome.revision,
        user=writing.actor.user,
        who=writing.actor.name,
        surface=writing.surface,
        undoes=undoes,
    )
    for change in writing.records:
        change.batch = batch
    CellChange.objects.bulk_add(writing.records)


def _record_state(writing: Writing, state: RowState) -> None:
    kinds = CellChange.Kind
    if state.created:
        writing.record(state.tab, state.row, new=dict(_shown(state)), kind=kinds.CREATE)
    elif state.deleted or state.restored:
        writing.record(state.tab, state.row, kind=kinds.DELETE if state.deleted else kinds.RESTORE)
    else:
        _record_cells(writing, state)


def _shown(state: RowState) -> Iterable[tuple[str, Any]]:
    for column in map(state.tab.column, state.before):
        yield column.name, column.show(column.read(state.row))


def _record_cells(writing: Writing, state: RowState) -> None:
    for name, new in _shown(state):
        old = state.tab.column(name).show(state.before[name])
        writing.record(state.tab, state.row, name, old, new, derived=name in state.derived)
