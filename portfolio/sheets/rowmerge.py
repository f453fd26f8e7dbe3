"""The merge of one row of a file: which of its cells were edited, by whom, and which clash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.filecells import came_back, is_cut
from portfolio.sheets.filerow import FileRow
from portfolio.sheets.merge import NO_BASE, Verdict, merge_cell
from portfolio.tabs.columns import Column


@dataclass(frozen=True)
class Merged:
    """One cell that says something, and what becomes of it. The values are JSON; ``base`` may be NO_BASE."""

    column: Column
    verdict: Verdict
    base: Any
    here: Any
    file: Any


def merge_row(
    row: FileRow, here: Mapping[str, Any], base_of: Callable[[str, Any], Any]
) -> dict[Verdict, list[Merged]]:
    """The cells of ``row`` that people enter, by verdict.

    ``here`` is what Lodestar shows by column, ``base_of(column, here)`` what the cell said before the file
    was edited. KEEP are texts that an export cut and a person edited, so that their end is unknown.
    """
    found: dict[Verdict, list[Merged]] = {verdict: [] for verdict in Verdict}
    for column in row.columns:
        if column.entered_here and (cell := _merged(row, column, here.get(column.name), base_of)):
            found[cell.verdict].append(cell)
    return found


def _merged(row: FileRow, column: Column, here: Any, base_of: Callable[[str, Any], Any]) -> Merged | None:
    raw, base = row.raw(column.name), base_of(column.name, here)
    if raw is None and base in (None, NO_BASE):
        return None  # it was blank before; a blank cell speaks where a value was cleared
    for told in (base, here):
        if told is not NO_BASE and came_back(raw, column.type_name, told):
            return Merged(column, merge_cell(base, told, here, by_person=True), base, here, told)
    return Merged(column, _verdict(row, column, base, here), base, here, row[column.name])


def _verdict(row: FileRow, column: Column, base: Any, here: Any) -> Verdict:
    if is_cut(row.raw(column.name)):
        return Verdict.KEEP
    if row.misread(column.name):
        return Verdict.PULL  # by the gate, which says what is wrong with it
    return merge_cell(base, row[column.name], here, by_person=True)


def typed_over(row: FileRow, base: Mapping[str, Any]) -> Iterator[Column]:
    """Columns that Lodestar fills and in which the file says something else than the export did."""
    for column in row.columns:
        raw = row.raw(column.name)
        if not column.entered_here and raw is not None and column.name in base:
            told = base[column.name]
            if not came_back(raw, column.type_name, told) and row[column.name] != told:
                yield column
