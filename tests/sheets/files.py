"""Workbooks for tests, made as people's programs make them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook

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
    report = ImportReport(workbook, path.name, preview)
    sheets = read_workbook(path)
    if preview:
        with taken_back():
            import_sheets(by or actor(), sheets, report, keep_keys=keep_keys)
    else:
        import_sheets(by or actor(), sheets, report, keep_keys=keep_keys)
    return {tab.tab: tab for tab in report.tabs}


def rewritten(path: Path, to: Path, member: str, change: Any) -> Path:
    """A copy of a workbook with one part of it changed (``change(bytes) -> bytes``) or added."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        parts[member] = change(parts.get(member, b""))
        for name, content in parts.items():
            new.writestr(name, content)
    return to
