"""Which rows of a file may be new ones, and why the others may not."""

from __future__ import annotations

from portfolio.sheets.filerow import FileRow
from portfolio.sheets.there import There
from portfolio.tabs.columns import Column, Shown


class NewRows:
    """``keep_keys``: in a migration, rows bring the keys that Lodestar else gives."""

    def __init__(self, there: There, keep_keys: bool) -> None:
        self.there, self.tab, self.keep_keys = there, there.tab, keep_keys

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
        twin = self.there.twin(row) if self._owns(self.tab.column(self.tab.key[0])) else ""
        return twin and f"{twin} says the same in its title. Write its key in this row, or change the title."

    def _unknown_key(self, row: FileRow, key: Column) -> str:
        said = f"There is no {key.label} “{row.raw(key.name)}”; Lodestar gives the keys. "
        if self._owns(key):
            return f"{said}Clear the cell for a new row; an Admin may import the file keeping its keys."
        return f"{said}Clear the cell for a new row."

    def _owns(self, key: Column) -> bool:
        return self.tab.key == (key.name,) and not isinstance(key, Shown)
