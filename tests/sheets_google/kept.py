"""What a desk is promised once it has settled: nothing lost, nothing twice, both sides agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from portfolio.tabs import registry
from portfolio.tabs.models import CellChange
from tests.sheets_google.both_sides import STATUS, canonical, equal, label, names, rows_of, sheet_rows

if TYPE_CHECKING:
    from tests.sheets_google.desk import Desk

Row = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """``value`` as the cell has it; ``row`` as a primary key, or by the text that it is known by."""

    side: str
    row: int | str
    column: str
    value: Any

    @property
    def cell(self) -> tuple[int | str, str]:
        return self.row, self.column

    @property
    def pk(self) -> int:
        return self.row if isinstance(self.row, int) else 0


# Nothing lost -------------------------------------------------------------------------------------------


def keeps_everything(desk: Desk) -> None:
    """Each word still stands where it was said. Once its cell was written again, history will do."""
    words = [replace(said, row=desk.pk_of(str(said.row)) or said.row) for said in desk.said]
    for at, said in enumerate(words):
        later = {other.side for other in words[at + 1 :] if other.cell == said.cell}
        if said.side in later or (said.value == "" and not desk.tab.column(said.column).entered_here):
            continue  # who said it took it back, or only wiped what Lodestar fills in
        places = list(_said_now(desk, said))
        if later or not desk.settled.isdisjoint({said.cell, (said.row, "")}):
            places += _said_before(desk, said)
        assert any(_same(desk, said, place) for place in places), f"{said} is lost; there is {places}"


def _same(desk: Desk, said: Said, place: Any) -> bool:
    column = desk.tab.column(said.column)
    return place == said.value or equal(canonical(column, place), canonical(column, said.value))


def _said_now(desk: Desk, said: Said) -> Iterator[Any]:
    known_as = {str(said.row).casefold()}
    for pk, cells in rows_of(desk.tab, dead=True).items():
        if said.row == pk:
            yield cells.get(said.column)
            known_as |= names(desk.tab, cells)
    for found in _conflicts(desk, said):
        if found.closed is None or found.kind == Conflict.Kind.DISCARDED:
            yield from _words(found, said.column)
    for cells in sheet_rows(desk.tab, desk.sheet):
        if known_as & names(desk.tab, cells):
            yield cells.get(said.column, "")


def _said_before(desk: Desk, said: Said) -> Iterator[Any]:
    for change in CellChange.objects.filter(tab=desk.tab.name, row=said.pk, column=said.column):
        yield from (change.old, change.new)
    for found in _conflicts(desk, said):
        yield from _words(found, said.column)


def _conflicts(desk: Desk, said: Said) -> Collection[Conflict]:
    return Conflict.objects.filter(linked_tab__link=desk.link, row=said.pk)


def _words(found: Conflict, column: str) -> Iterator[Any]:
    for said in (found.base, found.mine, found.theirs):
        if found.column == column:
            yield said
        elif not found.column and isinstance(said, dict):
            yield said.get(column)


# Nothing twice ------------------------------------------------------------------------------------------


def doubles_nothing(desk: Desk, twice: Collection[str]) -> None:
    """No key in two rows of the sheet, but those that a person wrote ``twice``; no two rows of one name."""
    keys = Counter(key for cells in sheet_rows(desk.tab, desk.sheet) if (key := label(desk.tab, cells)))
    assert {key for key, count in keys.items() if count > 1} == {key.casefold() for key in twice}
    for tab in (desk.tab, registry.tab("backlog")):
        told_by = [column.name for column in tab.columns if column.required and column.entered_here]
        typed = [*(name for name in tab.key if tab.column(name).entered_here), *told_by]
        made = Counter(repr([cells[name] for name in typed]) for cells in rows_of(tab).values())
        assert max(made.values(), default=1) == 1, made.most_common(2)


# Agreed -------------------------------------------------------------------------------------------------


def agrees(desk: Desk) -> None:
    """Row by row and cell by cell, except where a conflict or a run status says so."""
    linked_tab = desk.linked_tab
    if linked_tab.left_alone:
        assert linked_tab.status
        return
    asked = Conflict.objects.waiting().filter(linked_tab=linked_tab)
    waiting = {(conflict.row, conflict.column) for conflict in asked}
    strangers = sheet_rows(desk.tab, desk.sheet)
    for pk, cells in rows_of(desk.tab).items():
        same = _rows_for(desk, cells, strangers)
        strangers = [row for row in strangers if row not in same]
        if len(same) == 1 and (pk, "") not in waiting:
            disputed = {column for row, column in waiting if row == pk}
            _agree(desk, cells, same[0], disputed)
        elif same:
            assert all(map(_is_told, same)), same
        else:
            assert (pk, "") in waiting or desk.tab.many_sheets, f"{cells} is not in the sheet"
    for row in strangers:
        assert _is_told(row), f"{row} is not in Lodestar"


def _rows_for(desk: Desk, cells: Row, there: list[Row]) -> list[Row]:
    """The sheet's rows with this row's key; where there are none, those without a key, by their title."""
    keyed = [row for row in there if label(desk.tab, row) == label(desk.tab, cells)]
    without = [row for row in there if "initiative_key" in row and not row["initiative_key"]]
    return keyed or [row for row in without if names(desk.tab, row) & names(desk.tab, cells)]


def _agree(desk: Desk, here: Row, there: Row, disputed: set[str]) -> None:
    for name, raw in there.items():
        if name == STATUS or name in disputed:
            continue
        column = desk.tab.column(name)
        if canonical(column, raw) != here[name]:
            assert _is_told(there), f"{name}: sheet {raw!r}, Lodestar {here[name]!r}, and no word"
            assert column.label in there[STATUS]


def _is_told(row: Row) -> bool:
    return str(row.get(STATUS, "")).startswith(MARK)
