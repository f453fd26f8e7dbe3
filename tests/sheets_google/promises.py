"""What the sync promises, whatever people and Google did: each function fails where a promise is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from portfolio.sheets.models import Conflict, LinkedTab, SyncedRow
from portfolio.sheets.sync.status import MARK
from portfolio.tabs.changes import Surface
from portfolio.tabs.models import CellChange
from portfolio.tabs.tab import Tab
from tests.sheets_google.both_sides import canonical, rows_of
from tests.sheets_google.play import Play, word, words

Cells = dict[str, Any]


def converges(play: Play) -> None:
    """Two syncs without faults agree on everything that can be agreed on; a third one does nothing."""
    play.clean_sync()
    linked = LinkedTab.objects.get(link=play.link)
    if linked.missing_rows:
        linked.take_losses()
        play.clean_sync()
    play.clean_sync()
    before = everything(play)
    play.google.reset_calls()
    play.clean_sync()
    assert [call.kind for call in play.google.calls if not call.reads] == []
    after = everything(play)
    assert {name: what for name, what in after.items() if what != before[name]} == {}


def everything(play: Play) -> dict[str, Any]:
    said = ("kind", "row", "column", "mine", "theirs", "closed")
    return {
        "sheet": play.sheet.formulas(),
        "rows": rows_of(play.tab),
        "changes": CellChange.objects.count(),
        "conflicts": list(Conflict.objects.order_by("pk").values_list(*said)),
        "bases": {base.row: (base.key, base.cells) for base in SyncedRow.objects.all()},
    }


# Nothing is lost --------------------------------------------------------------------------------------


def loses_nothing(play: Play) -> None:
    """Every value typed into the sheet is somewhere, unless who typed it took it back."""
    somewhere = {word(cell) for row in play.sheet.rows() for cell in row}
    somewhere |= words([*rows_of(play.tab, dead=True).values()])
    for change in CellChange.objects.all():
        somewhere |= words([change.old, change.new])
    for found in Conflict.objects.all():
        somewhere |= words([found.base, found.mine, found.theirs])
    lost = [text for text, said in play.typed.items() if not said.gone and text not in somewhere]
    assert not lost, f"{lost} are nowhere"


def overwrites_nothing_unseen(play: Play) -> None:
    """The sheet only replaces what its author had before them, or was told to replace.

    Keys aside: a row that comes back with another key and else unchanged is taken for the same row.
    """
    changes = CellChange.objects.filter(batch__surface=Surface.SHEET, kind=CellChange.Kind.SET, derived=False)
    for change in changes if not play.swapped else ():
        said = play.typed.get(word(change.new))
        told = change.column in play.tab.key or word(change.new) in play.chosen
        if said is None or told or change.old in (None, ""):
            continue
        seen = said.over | play.cleared
        assert word(change.old) in seen, f"{change.new} replaced {change.old}, which nobody had seen"


def doubles_nothing(play: Play) -> None:
    """A row typed once is made once. A row that was given another's key is another from then on.

    One that was deleted in Lodestar, while its line lost its key, is a new one to whoever reads that line.
    """
    names = [play.column(header).name for header in play.stage.needs]
    made = CellChange.objects.filter(tab=play.tab.name, kind=CellChange.Kind.CREATE)
    counted = Counter(word((change.new or {}).get(names[0])) for change in made)
    for text, times in counted.items() if not play.swapped else ():
        anew = text in play.unkeyed & play.removed
        assert times <= 1 + play.copies[text] + anew, f"{text} was made {times} times"


# Both sides agree -------------------------------------------------------------------------------------


def agrees(play: Play) -> None:
    """Row by row and cell by cell, except where a listed conflict or a run status says otherwise."""
    waiting = {(each.row, each.column) for each in Conflict.objects.waiting()}
    linked = LinkedTab.objects.get(link=play.link)
    if linked.left_alone:
        assert linked.status
        return
    there = list(sheet_rows(play))
    here = {key_of(play, cells): (pk, cells) for pk, cells in rows_of(play.tab).items()}
    keys = Counter(key for key, _ in there)
    for key, cells in there:
        told = str(cells["Run Status"]).startswith(MARK)
        if keys[key] > 1 or key not in here:
            assert told or not says_something(play, cells), f"nothing is said of row {cells}"
        else:
            _agree(play, here[key], cells, waiting)
    for key, (pk, cells) in here.items():
        if key not in keys:
            asked = any(row == pk for row, _ in waiting)
            unclear = [row for found, row in there if found not in here or keys[found] > 1]
            strange = any(str(row["Run Status"]).startswith(MARK) for row in unclear)
            assert asked or strange, f"{cells} is not in the sheet, and nobody was asked"


def _agree(play: Play, here: tuple[int, Cells], there: Cells, waiting: set[tuple[int | None, str]]) -> None:
    pk, cells = here
    status = str(there["Run Status"])
    if status.startswith(MARK) and "Only one may stay" in status:
        return
    for header in play.headers[:-1]:
        column = play.column(header)
        if (pk, column.name) in waiting or (status.startswith(MARK) and header in status):
            continue
        said = canonical(column, there[header])
        assert said == cells[column.name], f"{header} of {cells}: the sheet says {there[header]!r}, {status}"


def sheet_rows(play: Play) -> Iterator[tuple[tuple[str, ...], Cells]]:
    """The rows in which anything is filled, each with its key."""
    for row in play.sheet.rows()[1:]:
        cells = dict(zip(play.headers, [*row, *[""] * len(play.headers)], strict=False))
        if any(word(cells[header]) for header in (play.stage.key, *play.stage.kinds)):
            yield key_of(play, {play.column(name).name: cells[name] for name in play.headers[:-1]}), cells


def says_something(play: Play, cells: Cells) -> bool:
    """Whether people have filled anything that counts."""
    filled = [header for header in play.headers[:-1] if word(cells[header])]
    return any(header in play.stage.kinds or play.column(header).name in play.tab.key for header in filled)


def key_of(play: Play, cells: Cells) -> tuple[str, ...]:
    return Tab.match_key([_number(cells[play.column(play.stage.key).name])])


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


PROMISES: Iterable[Any] = (converges, loses_nothing, overwrites_nothing_unseen, doubles_nothing, agrees)
