"""Whether a row of the sheet that Lodestar doesn't know may become a new one."""

from __future__ import annotations

from portfolio.sheets.filerow import FileRow
from portfolio.sheets.sync.here import Here
from portfolio.tabs.columns import Column


def why_not_new(row: FileRow, here: Here) -> str:
    """Why not, in a sentence that says what would be right; nothing where it may."""
    if not here.tab.can_create:
        return f"There is no {row.key} on {here.tab.title}, and rows can't be added there."
    if row.given_key:
        return _unknown_key(row, row.given_key)
    twin = here.twin(row, row.address())
    return twin and f"{twin} says the same in its title. Write its key in this row, or change the title."


def _unknown_key(row: FileRow, key: Column) -> str:
    said = f"There is no {key.label} “{row.raw(key.name)}”; Lodestar gives the keys. "
    return f"{said}Clear the cell for a new row."
