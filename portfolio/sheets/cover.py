"""The first sheet of an exported workbook: what it is, from when, and what its colours mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portfolio.sheets.table import Table
from portfolio.tabs.registry import WORKBOOKS


def cover_lines(
    workbook: str, who: str, when: datetime, run_id: str, tables: list[Table]
) -> Iterator[tuple[str, ...]]:
    """The lines of the sheet, each one or two cells."""
    yield (f"Lodestar: {WORKBOOKS[workbook]}",)
    yield "Exported", f"{when:%Y-%m-%d %H:%M} UTC by {who}"
    if run_id:
        yield "Run", f"{run_id}; sheets of runs hold this run only"
    yield ()
    yield "White cells", "Yours. Change them and import the file again; a blank cell says nothing."
    yield "Grey cells", "Lodestar fills them. They are locked, and an import leaves them alone."
    yield "Headers", "Each has a note that says what the column means. Order doesn't matter; names do."
    yield "Columns of your own", "Add them where you like; Lodestar leaves them alone."
    yield "Numbers and dates", "1200.5 or 1,200.50, 12% and dates like 2026-04-30."
    yield ()
    for table in tables:
        yield table.tab.title, f"{_rows(len(table.rows))}. {table.tab.help}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
