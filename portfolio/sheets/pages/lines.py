"""Conflicts in words: which cell, what each side says, and who may settle it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.actions import IMPORTERS
from portfolio.sheets.models import Conflict
from portfolio.tabs import registry, wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import remembering
from portfolio.textdiff import Piece, pieces

CLIPPED = 160  # characters; longer texts open on demand
HAS_ROW, NO_ROW = "Has the row", "Row is gone"
SIDES = {
    Conflict.Kind.LOST: (HAS_ROW, NO_ROW, "deletes the row here, too"),
    Conflict.Kind.DELETED: ("Row was deleted", "Still has the row", "brings it back here"),
}


@dataclass(frozen=True)
class Value:
    """What one side says; ``pieces`` tell a long text by what was changed in it."""

    text: str
    pieces: tuple[Piece, ...] = ()

    @property
    def is_long(self) -> bool:
        return len(self.text) > CLIPPED or self.text.count("\n") > 3


@dataclass(frozen=True)
class Line:
    """One conflict as a person reads it. ``may_settle``: as far as roles say; the gate has the last word."""

    conflict: Conflict
    column: str
    base: Value
    mine: Value
    theirs: Value
    roles: str
    may_settle: bool

    @property
    def other(self) -> str:
        """Whose the other side is."""
        return "sheet" if self.conflict.linked_tab_id else "file"

    @property
    def consequence(self) -> str:
        """What taking the other side does to the row, where the conflict is about one."""
        return SIDES[Conflict.Kind(self.conflict.kind)][2] if self.conflict.kind in SIDES else ""


def lines(conflicts: Iterable[Conflict], actor: Actor) -> list[Line]:
    with remembering():
        return [_line(conflict, actor) for conflict in conflicts]


def _line(conflict: Conflict, actor: Actor) -> Line:
    column = conflict.declared
    base, mine, theirs = _row_sides(conflict) if conflict.kind in SIDES else _cell_sides(conflict, column)
    roles = roles_for(conflict.tab_name, conflict.column, conflict.kind)
    label = column.label if column else conflict.column
    return Line(conflict, label, base, mine, theirs, " or ".join(sorted(roles)), actor.has(*roles))


def roles_for(tab_name: str, column: str, kind: str) -> frozenset[str]:
    """Whose decision a conflict is."""
    tab = registry.tab(tab_name)
    if kind == Conflict.Kind.DISCARDED:
        return frozenset(IMPORTERS)
    if kind == Conflict.Kind.CELL:
        try:
            return tab.column(column).roles
        except KeyError:
            return frozenset(IMPORTERS)
    return tab.roles


def _cell_sides(conflict: Conflict, column: Column | None) -> tuple[Value, Value, Value]:
    shown = column or Column(conflict.column)
    base, mine, theirs = (words(shown, each) for each in (conflict.base, conflict.mine, conflict.theirs))
    return Value(base), Value(mine, pieces(base, mine)), Value(theirs, pieces(base, theirs))


def _row_sides(conflict: Conflict) -> tuple[Value, Value, Value]:
    mine, theirs, _ = SIDES[Conflict.Kind(conflict.kind)]
    columns = conflict.tab.columns
    edits = _in_words(columns, _edits(conflict.base, conflict.theirs))
    told = "\n".join(filter(None, [theirs, edits]))
    entered = [column for column in columns if column.entered_here]
    return Value(_in_words(entered, conflict.base)), Value(mine), Value(told)


def _edits(base: Any, theirs: Any) -> dict[str, Any]:
    """What the sheet's row says anew since both sides agreed."""
    if not isinstance(base, dict) or not isinstance(theirs, dict):
        return {}
    return {name: value for name, value in theirs.items() if value != base.get(name)}


def _in_words(columns: Iterable[Column], cells: Any) -> str:
    """What a row said in these columns, one a line."""
    if not isinstance(cells, dict):
        return ""
    told = [(column, words(column, cells.get(column.name))) for column in columns]
    return "\n".join(f"{column.label}: {text}" for column, text in told if text)


def words(column: Column, value: Any) -> str:
    return wording.readable(column, value)
