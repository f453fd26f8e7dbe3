"""Undo: the inverse of a batch, posted through the same gate. Undoing an undo is redo."""

from __future__ import annotations

import uuid

from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor
from portfolio.tabs.changes import Change, DeleteRow, Outcome, RestoreRow, SetCell
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import Batch, CellChange
from portfolio.tabs.tab import Tab
from portfolio.tabs.turns import writers_turn


class CannotUndoError(Exception):
    """The batch isn't there, isn't yours, or was undone already; the message says which."""


def undo(tab: Tab, actor: Actor, surface: str, batch_id: uuid.UUID) -> Outcome:
    """Put every value of the batch back, cell by cell; a cell changed since then answers a conflict."""
    with writers_turn():
        batch = _undoable(actor, tab, batch_id)
        changes = [inverse for change in _own(batch) if (inverse := _inverse(change))]
        return apply_changes(tab, actor, surface, changes, undoes=batch)


def _undoable(actor: Actor, tab: Tab, batch_id: uuid.UUID) -> Batch:
    batch = Batch.objects.filter(pk=batch_id, tab=tab.name).first()
    if batch is None:
        raise CannotUndoError(f"There is no such change on {tab.title} to undo.")
    if batch.who != actor.name and not actor.has(ADMIN):
        raise CannotUndoError(f"Only {batch.who} or an admin can undo this change.")
    if Batch.objects.filter(undoes=batch).exists():
        raise CannotUndoError("This change was undone already.")
    return batch


def _own(batch: Batch) -> list[CellChange]:
    # What a batch caused on other tabs follows by itself when the batch is taken back.
    return list(batch.changes.filter(tab=batch.tab).order_by("-pk"))


def _inverse(change: CellChange) -> Change | None:
    kinds = CellChange.Kind
    if change.kind in (kinds.CREATE, kinds.RESTORE):
        return DeleteRow(change.row)
    if change.kind == kinds.DELETE:
        return RestoreRow(change.row)
    column = registry.tab(change.tab).column(change.column)
    if not column.entered_here:
        return None
    return SetCell(change.row, change.column, change.old, expected=change.new)
