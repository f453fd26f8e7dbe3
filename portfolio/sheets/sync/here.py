"""Lodestar's side of the merge: what every row of a tab shows now."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from portfolio.sheets.merge import Key
from portfolio.tabs import payload
from portfolio.tabs.changes import Surface
from portfolio.tabs.tab import Tab

STAMPS = ("updated_at", "updated_by", "updated_source")


class Here:
    """Live rows of ``tab`` as JSON values by column, by primary key; read once, within one transaction."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        names = [column.name for column in tab.columns_for(Surface.SHEET)]
        self.rows: dict[int, dict[str, Any]] = {
            row[0]: dict(zip(names, row[1:], strict=True)) for row in payload.rows(tab, surface=Surface.SHEET)
        }

    @cached_property
    def index(self) -> dict[Key, int]:
        return self.tab.index_for_files()

    @cached_property
    def ids(self) -> dict[Key, int]:
        """Rows by their hidden columns, where the tab has any."""
        if not self.tab.file_key:
            return {}
        return {self.tab.id_in_file(cells): pk for pk, cells in self.rows.items()}

    def label(self, pk: int) -> str:
        """The row's key, readable."""
        values = (self.rows.get(pk, {}).get(name) for name in self.tab.key)
        return " · ".join(_readable(value) for value in values if value not in (None, ""))


def _readable(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
