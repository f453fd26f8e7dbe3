"""Which rows of a file or a sheet may be new ones, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from portfolio.sheets.filerow import FileRow
from portfolio.tabs.columns import Column, Shown
from portfolio.tabs.tab import Tab


class NewRows:
    """``keep_keys``: in a migration, rows bring the keys that Lodestar else gives."""

    def __init__(self, tab: Tab, keep_keys: bool = False) -> None:
        self.tab, self.keep_keys = tab, keep_keys

    def kept_key(self, row: FileRow) -> str | None:
        key = row.given_key
        return str(row[key.name]) if key and self.keep_keys and self._owns(key) else None

    def why_not(self, row: FileRow) -> str:
        """Why ``row`` is no new row, though it is none that is there; blank where it is one."""
        if self.kept_key(row):
            return ""
        if not self.tab.can_create:
            return f"There is no {row.key} on {self.tab.title}, and rows can't be added there."
        if row.given_key:
            return self._unknown_key(row, row.given_key)
        twin = self._twin(row) if self._gives_keys else ""
        return twin and f"{twin} says the same in its title. Write its key in this row, or change the title."

    def _unknown_key(self, row: FileRow, key: Column) -> str:
        said = f"There is no {key.label} “{row.raw(key.name)}”; Lodestar gives the keys. "
        if self._owns(key):
            return f"{said}Clear the cell for a new row; an Admin may import a file keeping its keys."
        return f"{said}Clear the cell for a new row."

    @property
    def _gives_keys(self) -> bool:
        """Elsewhere rows are told apart by what people typed."""
        key = self.tab.column(self.tab.key[0])
        return self._owns(key) and not key.entered_here

    def _owns(self, key: Column) -> bool:
        return self.tab.key == (key.name,) and not isinstance(key, Shown)

    # Twins -------------------------------------------------------------------------------------------

    def _twin(self, row: FileRow) -> str:
        """The row there is, or that came before, which says the same in every required column."""
        same = self._said(row)
        if same in self._twins:
            return self._twins[same]
        self._twins[same] = row.address()
        return ""

    def _said(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        return Tab.match_key(row.get(column.name) for column in self._required)

    @cached_property
    def _twins(self) -> dict[tuple[str, ...], str]:
        columns = [self.tab.column(self.tab.key[0]), *self._required]
        rows = self.tab.queryset().values_list(*(column.lookup for column in columns))
        return {Tab.match_key(values): str(key) for key, *values in rows}

    @cached_property
    def _required(self) -> list[Column]:
        return [column for column in self.tab.columns if column.required and column.entered_here]
