"""Taking back what was done on several tabs at once, as one step: all of its batches, or none."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.models import Batch, CellChange
from portfolio.tabs.turns import writers_turn
from portfolio.tabs.undo import CannotUndoError, undo


def batches_of(ids: Iterable[uuid.UUID]) -> list[Batch]:
    """Those of math models and params, in the order they happened."""
    return list(Batch.objects.filter(pk__in=set(ids), tab__in=("math_models", "params")).order_by("when"))


def may_take_back(batches: Sequence[Batch], actor: Actor) -> bool:
    """Whether these are this person's to undo and nobody undid one of them."""
    theirs = all(batch.who == actor.name for batch in batches) or actor.has(ADMIN)
    return bool(batches) and theirs and not Batch.objects.filter(undoes__in=batches).exists()


def take_back(batches: Sequence[Batch], actor: Actor) -> None:
    """Undo all of them, the last one first. Raises CannotUndoError, then nothing is undone."""
    with writers_turn():
        if changed := _worked_on(batches):
            raise CannotUndoError(f"{', '.join(changed)} changed since. Delete by hand what you don't want.")
        for batch in reversed(batches):
            outcome = undo(registry.tab(batch.tab), actor, Surface.FORM, batch.pk)
            if not outcome.ok:
                raise CannotUndoError(outcome.refused[0].message)


def _worked_on(batches: Sequence[Batch]) -> list[str]:
    """Rows these batches made that somebody has changed since: undoing would take that away as well."""
    made = CellChange.objects.filter(batch__in=batches, kind=CellChange.Kind.CREATE)
    keys = {(change.tab, change.row): change.key for change in made if change.tab == change.batch.tab}
    later = CellChange.objects.filter(pk__gt=max((change.pk for change in made), default=0))
    changed = set(later.exclude(batch__in=batches).values_list("tab", "row"))
    return [key for row, key in keys.items() if row in changed]
