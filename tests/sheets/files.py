"""Workbooks for tests, made as people's programs make them."""

from __future__ import annotations

import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from portfolio.sheets.exporting import export_workbook
from portfolio.sheets.exports import origin_of
from portfolio.sheets.importing import import_sheets, taken_back
from portfolio.sheets.opening import read_workbook
from portfolio.sheets.report import ImportReport, TabReport
from portfolio.tabs.actor import Actor
from tests.factories import actor

Rows = list[list[Any]]


def xlsx(path: Path, **sheets: Rows) -> Path:
    """A workbook with these sheets, header first."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def take(
    path: Path, workbook: str, by: Actor | None = None, preview: bool = False, keep_keys: bool = False
) -> dict[str, TabReport]:
    """Import a file; what became of it, by tab."""
    return {tab.tab: tab for tab in imported(path, workbook, by, preview, keep_keys).tabs}


def imported(
    path: Path, workbook: str, by: Actor | None = None, preview: bool = False, keep_keys: bool = False
) -> ImportReport:
    """Import a file; the whole report."""
    report = ImportReport(workbook, path.name, preview)
    sheets = read_workbook(path)
    origin = origin_of(path, sheets, report)
    with taken_back() if preview else nullcontext():
        import_sheets(by or actor(), sheets, report, origin=origin, keep_keys=keep_keys)
    return report


def exported(path: Path, workbook: str, **options: Any) -> Path:
    """An export of what there is now, made by ana."""
    export_workbook(workbook, path, "ana", **options)
    return path


def edited(path: Path, sheet: str, row: int = 2, **cells: Any) -> Path:
    """Type into a row of an exported sheet, by column name (``country="Peru"``), and save the file."""
    book = load_workbook(path)
    heads = {str(cell.value).replace(" ", "_").casefold(): cell.column for cell in book[sheet][1]}
    for name, value in cells.items():
        book[sheet].cell(row, heads[name.casefold()]).value = value
    book.save(path)
    return path


def rewritten(path: Path, to: Path, member: str, change: Any) -> Path:
    """A copy of a workbook with one part of it changed (``change(bytes) -> bytes``) or added."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        parts[member] = change(parts.get(member, b""))
        for name, content in parts.items():
            new.writestr(name, content)
    return to
