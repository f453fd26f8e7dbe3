"""Resolving a conflict: a person says which side is right, the next sync does the rest.

Taking the sheet's side is an edit like any other and goes through the gate. Keeping Lodestar's moves the
base: once both are said to have agreed on the sheet's value, only Lodestar's looks edited, and is pushed.
"""

from __future__ import annotations

from collections.abc import Callable

from django.template.defaultfilters import truncatechars

from portfolio.sheets.models import Conflict, SyncedRow
from portfolio.tabs import wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import CONFLICT, CellResult, Change, DeleteRow, RestoreRow, SetCell, Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.gate import apply_changes, not_theirs
from portfolio.tabs.turns import writers_turn

Kind, MINE, THEIRS = Conflict.Kind, Conflict.Choice.MINE, Conflict.Choice.THEIRS


class CannotResolveError(Exception):
    """The conflict stays as it is; the message says why."""


class AlreadyResolvedError(CannotResolveError):
    """Somebody, or a sync, was quicker."""


class _MovedOnError(Exception):
    """Lodestar says something else than the conflict shows."""

    def __init__(self, found: CellResult) -> None:
        self.found = found


def resolve(conflict: Conflict, choice: str, actor: Actor, seen: str = "") -> str:
    """Settle ``conflict`` for one side and close it; answers what became of it, in a sentence.

    ``seen`` is the conflict's ``stamp`` when the person looked at it, where that is known. Raises
    CannotResolveError where the person may not, where the gate refuses the sheet's value, or where one of
    the sides says something else by now, which the conflict then shows.
    """
    try:
        with writers_turn():
            _read_again(conflict, seen)
            return _settle(conflict, choice, actor)
    except _MovedOnError as moved:
        raise CannotResolveError(_show_anew(conflict, moved.found)) from None


def _settle(conflict: Conflict, choice: str, actor: Actor) -> str:
    answer = _ANSWERS.get((conflict.kind, choice))
    if choice not in (MINE, THEIRS):
        raise CannotResolveError("Choose one of the sides: Lodestar's or the sheet's.")
    if answer is None:
        raise CannotResolveError("There is nothing to take here: Lodestar fills this column in by itself.")
    said = answer(conflict, actor)
    conflict.close(choice, actor.name)
    if conflict.linked_tab is not None:
        conflict.linked_tab.link.look_again()
    return said


def _read_again(conflict: Conflict, seen: str) -> None:
    try:
        conflict.refresh_from_db()
    except Conflict.DoesNotExist:
        raise AlreadyResolvedError("This conflict is gone; its sheet is no longer linked.") from None
    if conflict.closed is not None:
        how = conflict.get_choice_display() or "closed"
        raise AlreadyResolvedError(f"{conflict.closed_by or 'A sync'} resolved this already: {how}.")
    if seen and seen != conflict.stamp:
        raise CannotResolveError("One of the sides says something else by now. Look again.")


def _show_anew(conflict: Conflict, found: CellResult) -> str:
    conflict.mine, conflict.who, conflict.when = found.theirs, found.who, found.when
    conflict.save(update_fields=["mine", "who", "when"])
    now = _readable(conflict, found.theirs)
    return (
        f"{found.who or 'Someone'} changed this in Lodestar in the meantime. It says {now} now; look again."
    )


# A cell that both sides changed ---------------------------------------------------------------------------


def _keep_value(conflict: Conflict, actor: Actor) -> str:
    column = conflict.declared
    if column and not column.may_enter(actor, conflict.tab.queryset().filter(pk=conflict.row).first()):
        raise CannotResolveError(not_theirs(column, actor))
    _agree_on(conflict)
    what = f"{_what(conflict)}: Lodestar's value stays."
    return what if conflict.linked_tab is None else f"{what} The next sync writes it into the sheet."


def _take_value(conflict: Conflict, actor: Actor) -> str:
    wanted = SetCell(_row(conflict), conflict.column, conflict.theirs, expected=conflict.mine)
    announced = _through_the_gate(conflict, actor, wanted)
    _agree_on(conflict)
    return " ".join([f"{_what(conflict)} is now {_readable(conflict, conflict.theirs)}.", *announced])


def _agree_on(conflict: Conflict) -> None:
    """The sheet's value becomes what both sides last agreed on."""
    if conflict.linked_tab is None:
        return
    base, _ = SyncedRow.objects.get_or_create(linked_tab=conflict.linked_tab, row=_row(conflict))
    base.cells[conflict.column] = conflict.theirs
    base.save(update_fields=["cells"])


# A row that one side lost ---------------------------------------------------------------------------------


def _send_again(conflict: Conflict, actor: Actor) -> str:
    _refuse_unless_editor(conflict, actor)
    _forget_base(conflict)
    return f"{_what(conflict)} stays. The next sync adds it to the sheet again."


def _delete_row(conflict: Conflict, actor: Actor) -> str:
    announced = []
    if conflict.tab.queryset().filter(pk=conflict.row).exists():
        announced = _through_the_gate(conflict, actor, DeleteRow(_row(conflict)))
    _forget_base(conflict)
    return " ".join([f"{_what(conflict)} is deleted.", *announced])


def _stay_deleted(conflict: Conflict, actor: Actor) -> str:
    if not conflict.tab.may_delete(actor):
        raise CannotResolveError(f"Your role may not delete rows on {conflict.tab.title}.")
    return f"{_what(conflict)} stays deleted. The next sync removes it from the sheet."


def _restore_row(conflict: Conflict, actor: Actor) -> str:
    announced = _through_the_gate(conflict, actor, RestoreRow(_row(conflict)))
    if not conflict.tab.queryset().filter(pk=conflict.row).exists():
        raise CannotResolveError(f"{_what(conflict)} can't be brought back; nothing of it is left.")
    return " ".join([f"{_what(conflict)} is back.", *announced])


def _refuse_unless_editor(conflict: Conflict, actor: Actor) -> None:
    entered = [column for column in conflict.tab.columns if column.entered_here]
    if not any(column.may_enter(actor) for column in entered):
        raise CannotResolveError(f"Your role may not change {conflict.tab.title}.")


def _forget_base(conflict: Conflict) -> None:
    SyncedRow.objects.filter(linked_tab=conflict.linked_tab_id, row=_row(conflict)).delete()


# A value that was not taken -------------------------------------------------------------------------------


def _dismiss(conflict: Conflict, actor: Actor) -> str:
    return f"{_what(conflict)}: dismissed."


# Words and the gate ---------------------------------------------------------------------------------------


def _through_the_gate(conflict: Conflict, actor: Actor, change: Change) -> list[str]:
    surface = Surface.IMPORT if conflict.linked_tab is None else Surface.SHEET
    outcome = apply_changes(conflict.tab, actor, surface, [change])
    for refused in outcome.refused:
        raise _MovedOnError(refused) if refused.status == CONFLICT else CannotResolveError(refused.message)
    return outcome.announced


def _row(conflict: Conflict) -> int:
    assert conflict.row is not None  # a row that is only in the sheet is new, never disputed
    return conflict.row


def _what(conflict: Conflict) -> str:
    key = conflict.key or "This row"
    column = conflict.declared
    return f"{column.label if column else conflict.column} of {key}" if conflict.column else key


def _readable(conflict: Conflict, value: object) -> str:
    text = wording.readable(conflict.declared or Column(conflict.column), value)
    return f"“{truncatechars(text, 60)}”" if text else "blank"


Answer = Callable[[Conflict, Actor], str]
_ANSWERS: dict[tuple[str, str], Answer] = {
    (Kind.CELL, MINE): _keep_value,
    (Kind.CELL, THEIRS): _take_value,
    (Kind.LOST, MINE): _send_again,
    (Kind.LOST, THEIRS): _delete_row,
    (Kind.DELETED, MINE): _stay_deleted,
    (Kind.DELETED, THEIRS): _restore_row,
    (Kind.DISCARDED, MINE): _dismiss,
}
