"""What the sender of a file had before them when they edited it: the base of the merge, one tab at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portfolio.sheets.filerow import FileRow
from portfolio.sheets.merge import NO_BASE, Base
from portfolio.sheets.models import Export
from portfolio.tabs.tab import Tab


class Before:
    """Nothing is known of a file from anywhere: all it says is meant, as if edited this very moment.

    What it leaves blank says nothing. ``bases`` are by primary key; a file of an ``export`` has some.
    """

    export: Export | None = None
    bases: Mapping[int, Base] = {}

    def cell(self, row: FileRow, pk: int, name: str, here: Any) -> Any:
        """What the cell said before ``row`` was edited, as a JSON value, or NO_BASE; ``here`` it says now."""
        return NO_BASE if row.raw(name) is None else here


class Exported(Before):
    """The rows of ``tab`` as the export had them that the file was made from."""

    def __init__(self, export: Export, tab: Tab, snapshot: dict[str, Any]) -> None:
        self.export = export
        self.bases = dict(_bases(tab, snapshot["columns"], snapshot["rows"]))

    def cell(self, row: FileRow, pk: int, name: str, here: Any) -> Any:
        base = self.bases.get(pk)
        return NO_BASE if base is None else base.cells.get(name, NO_BASE)


def _bases(tab: Tab, columns: list[str], rows: list[list[Any]]) -> Iterator[tuple[int, Base]]:
    for pk, *shown in rows:
        cells = dict(zip(columns, shown, strict=True))
        yield pk, Base(tab.key_in_file(cells, tab.title), cells, hidden=tab.id_in_file(cells))
