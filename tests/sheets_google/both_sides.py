"""What both sides say, in a form in which they can be compared."""

from __future__ import annotations

from typing import Any

from portfolio.tabs import payload
from portfolio.tabs.cells import CellError
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.registry import plain
from portfolio.tabs.tab import Tab
from tests.google import BookSheet

STATUS = "run status"


def rows_of(tab: Tab, dead: bool = False) -> dict[int, dict[str, Any]]:
    """What every row shows, by primary key; with the deleted ones where ``dead``."""
    names = [column.name for column in tab.columns]
    found = {
        row[0]: dict(zip(names, row[1:], strict=True)) for row in payload.rows(tab, surface=Surface.SHEET)
    }
    for row in tab.model.all_objects.exclude(deleted_at=None) if dead else ():
        stored = [column for column in tab.columns if column.stored is not None]
        found[row.pk] = {column.name: column.show(column.read(row)) for column in stored}
    return found


def canonical(column: Column, raw: Any) -> Any:
    """``raw`` as Lodestar would show it; as it is where it can't be read."""
    try:
        value = column.clean(None if raw == "" else raw)
    except CellError:
        return raw
    return column.show(column.when_blank if value is None else value)


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same, numbers as far as a database or a sheet keeps their digits."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    return bool(one == other)


def column_of(tab: Tab, header: str) -> Column | None:
    for column in tab.columns:
        if plain(header) in {plain(each) for each in (column.name, column.label, *column.aliases)}:
            return column
    return None


def sheet_rows(tab: Tab, sheet: BookSheet) -> list[dict[str, Any]]:
    """The filled rows below the header: raw cells by column, the run status as ``STATUS``."""
    header, *rows = sheet.rows() or [[]]
    names = [_placed(tab, str(cell)) for cell in header]
    found = []
    for row in rows:
        cells = [*row, *[""] * (len(names) - len(row))]
        placed = {name: cell for name, cell in zip(names, cells, strict=False) if name}
        if any(cell != "" for name, cell in placed.items() if name != STATUS):
            found.append(placed)
    return found


def _placed(tab: Tab, header: str) -> str:
    if plain(header) == "runstatus":
        return STATUS
    column = column_of(tab, header)
    return column.name if column else ""


def label(tab: Tab, cells: dict[str, Any]) -> str:
    """The key, comparable; something else of intake's rows that have none yet."""
    names = ("initiative_key",) if "initiative_key" in tab.key else tab.key
    key = " · ".join(Tab.match_key(cells.get(name) for name in names)).strip(" ·")
    return key or str(cells.get("title") or cells.get("requester_email") or "").casefold()


def names(tab: Tab, cells: dict[str, Any]) -> set[str]:
    """What a row may be known by: its key, its title."""
    return {label(tab, cells), str(cells.get("title") or "").casefold()} - {""}
