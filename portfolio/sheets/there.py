"""What a tab has when a file arrives: rows by every key a file may know them by, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portfolio.sheets.filerow import FileRow
from portfolio.sheets.merge import Base, Pairing, SheetRow, pair_rows
from portfolio.tabs.columns import Column
from portfolio.tabs.tab import Tab


class There:
    """Live rows of ``tab``; ``shown`` holds the columns of ``named`` that people enter, as JSON values."""

    def __init__(self, tab: Tab, named: set[str]) -> None:
        self.tab = tab
        self.entered = [column for column in tab.columns if column.entered_here and column.name in named]
        self.shown = _shown(tab, self.entered)

    def pair(self, rows: list[FileRow], bases: Mapping[int, Base]) -> Pairing:
        """Which row of the file is which; in the answer rows are numbered as in ``rows``."""
        return pair_rows(
            [self._as_sheet_row(at, row) for at, row in enumerate(rows)],
            here=self.shown,
            index=self.tab.index_for_files(),
            ids=self._ids(),
            bases=bases,
            entered=[column.name for column in self.entered],
            key_columns=[column.name for column in self._renamable],
        )

    def _as_sheet_row(self, at: int, row: FileRow) -> SheetRow:
        key = self.tab.key_in_file(row, row.sheet)
        hidden = self.tab.id_in_file(row)
        return SheetRow(at, key, row, hidden=hidden)

    def _ids(self) -> dict[tuple[str, ...], int]:
        return _by(self.tab, [self.tab.column(name) for name in self.tab.file_key])

    @property
    def _renamable(self) -> list[Column]:
        """Key columns that a person may change in a row that is there: one so changed is still that row."""
        return [column for column in self.entered if column.name in self.tab.key and not column.on_create]


def _by(tab: Tab, columns: list[Column]) -> dict[tuple[str, ...], int]:
    if not columns:
        return {}
    rows = tab.queryset().values_list("pk", *(column.lookup for column in columns))
    return {Tab.match_key(values): pk for pk, *values in rows}


def _shown(tab: Tab, columns: list[Column]) -> dict[int, dict[str, Any]]:
    """What the columns show, by column, by primary key."""
    rows = tab.queryset().values_list("pk", *(column.lookup for column in columns))
    return {
        pk: {column.name: column.show(value) for column, value in zip(columns, values, strict=True)}
        for pk, *values in rows
    }
