"""The first sheet of an exported workbook: what it is, from when, and what its colours mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

from portfolio.sheets import exports, styles
from portfolio.sheets.headers import CHECKS, COVER
from portfolio.sheets.models import Export
from portfolio.sheets.table import Table
from portfolio.tabs.registry import WORKBOOKS

WIDTH = 110  # characters of the column that explains


@dataclass(frozen=True)
class Line:
    """``fill`` shows the colour that the line is about."""

    label: str = ""
    text: str = ""
    font: Font = styles.BOLD
    fill: PatternFill | None = None


def write_cover(book: Workbook, export: Export, run_id: str, tables: list[Table]) -> None:
    sheet = book.create_sheet(COVER)
    sheet.protection.sheet = True
    sheet.sheet_view.showGridLines = False
    styles.fit_to_width(sheet)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, WIDTH
    lines = [*_origin(export, run_id), Line(), *_legend(), Line(), *_contents(tables)]
    for number, line in enumerate(lines, start=1):
        sheet.row_dimensions[number].height = _height(line)
        sheet.append(_cells(sheet, line))


def _height(line: Line) -> float:
    return styles.LINE_HEIGHT * (1.5 if line.font is styles.TITLE else max(1, -(-len(line.text) // WIDTH)))


def _origin(export: Export, run_id: str) -> Iterator[Line]:
    yield Line(f"Lodestar: {WORKBOOKS[export.workbook]}", font=styles.TITLE)
    yield Line("Exported", f"{export.when:%Y-%m-%d %H:%M} UTC by {export.who}")
    if run_id:
        yield Line("Run", f"{run_id}; sheets of runs hold this run only")
    yield Line(exports.LABEL, f"{export.pk} (leave this line: by it Lodestar knows what you were given)")


def _legend() -> Iterator[Line]:
    yield Line(
        "White cells",
        "Yours. Change or clear them and import the file again. "
        "What you leave as it is stays as it is in Lodestar, whatever happened to it there meanwhile.",
        fill=styles.OPEN,
    )
    yield Line(
        "Grey cells",
        "Lodestar fills them. They are locked, and an import leaves them alone.",
        fill=styles.LOCKED,
    )
    yield Line(
        "Both changed",
        "A cell that you changed here and someone else in Lodestar: neither is lost, a person chooses.",
    )
    yield Line("New rows", "Below the last row. A row that you delete here is not deleted in Lodestar.")
    yield Line("Headers", "Each has a note that says what the column means. Order doesn't matter; names do.")
    yield Line("Columns of your own", "Add them where you like; Lodestar leaves them alone.")
    yield Line("Numbers and dates", "1200.5 or 1,200.50, 12% and dates like 2026-04-30.")
    yield Line(
        CHECKS,
        "What Lodestar counted and added up at the export, beside what these sheets add up to now. "
        "What differs was changed here since.",
    )


def _contents(tables: list[Table]) -> Iterator[Line]:
    for table in tables:
        yield Line(table.tab.title, f"{_rows(len(table.rows))}. {table.tab.help}")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _cells(sheet: Any, line: Line) -> list[Any]:
    label, text = styles.text_cell(sheet, line.label), styles.text_cell(sheet, line.text)
    # A title is longer than its column and runs on over the next one.
    label.font, label.alignment = line.font, styles.TOP if not line.text else styles.WRAPPED
    text.alignment = styles.WRAPPED
    if line.fill:
        label.fill, label.border = line.fill, styles.BOX
    return [label, text] if line.text else [label] if line.label else []
