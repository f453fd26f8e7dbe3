"""One tab as .csv, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from portfolio.sheets.filecells import for_file
from portfolio.sheets.table import table_of
from portfolio.tabs.tab import Tab

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(tab: Tab) -> Iterator[str]:
    """The tab's lines, header first. The byte order mark tells Excel that it is UTF-8."""
    table = table_of(tab)
    writer = csv.writer(_Echo())
    types = [column.type_name for column in table.columns] + ["text"]
    yield "\ufeff" + writer.writerow(table.headers)
    for row in table.rows:
        yield writer.writerow([_cell(kind, value) for kind, value in zip(types, row, strict=True)])


def _cell(type_name: str, shown: Any) -> Any:
    value = for_file(type_name, shown)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | datetime):
        return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
    # A text that a spreadsheet program would run as a formula begins with an apostrophe instead.
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
