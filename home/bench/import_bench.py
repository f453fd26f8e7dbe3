"""A Backlog file of many rows: all new, and none of them changed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from openpyxl import Workbook

from home.bench import Bench, Case, filling

WORKBOOK = "central_backlog"
NEW, EXPORTED = "new.xlsx", "exported.xlsx"


def prepare(size: int) -> None:
    write(at(NEW), size)
    read(NEW)
    call_command("export_workbook", str(at(EXPORTED)), workbook=WORKBOOK, stdout=io.StringIO())


def at(name: str) -> Path:
    path: Path = settings.DATA_DIR / name
    return path


def write(path: Path, size: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Backlog")
    sheet.append(["Initiative Key", *(name.replace("_", " ").title() for name in filling.initiative(0))])
    for number in range(size):
        sheet.append([None, *filling.initiative(number).values()])
    book.save(path)


def read(name: str) -> None:
    call_command("import_workbook", str(at(name)), workbook=WORKBOOK, stdout=io.StringIO())


def created(size: int) -> Callable[[], object]:
    return lambda: read(NEW)


def unchanged(size: int) -> Callable[[], object]:
    return lambda: read(EXPORTED)


BENCH = Bench(
    size=10_000,
    prepare=prepare,
    cases={"create": Case(created, on_empty=True), "unchanged": Case(unchanged)},
)
