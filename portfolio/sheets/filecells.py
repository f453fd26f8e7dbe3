"""A value as a cell of a file: typed where the file has the type, else text that reads back the same."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

LONGEST = 32_767  # characters in one cell of Excel
EXACT_DIGITS = 10**15  # Excel rounds longer whole numbers
MARK = " … [cut by the export]"


def for_file(type_name: str, shown: Any) -> Any:
    """A column's JSON value as str, bool, int, float, date, datetime (UTC, naive) or None."""
    if shown is None or shown == "":
        return None
    if type_name == "date" and isinstance(shown, str):
        return date.fromisoformat(shown)
    if type_name == "datetime" and isinstance(shown, str):
        moment = datetime.fromisoformat(shown)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    if isinstance(shown, list):
        return cut(", ".join(map(str, shown)))
    if isinstance(shown, dict):
        return cut(json.dumps(shown, ensure_ascii=False))
    if type_name == "integer" and abs(shown) >= EXACT_DIGITS:
        return str(shown)
    return cut(shown) if isinstance(shown, str) else shown


def cut(text: str) -> str:
    """``text``, or as much of it as a cell holds with a mark at its end; without what no .xlsx can hold."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text if len(text) <= LONGEST else text[: LONGEST - len(MARK)] + MARK


def is_cut(cell: Any) -> bool:
    return isinstance(cell, str) and cell.endswith(MARK)


def came_back(cell: Any, type_name: str, shown: Any) -> bool:
    """Whether ``cell`` still holds what an export writes for ``shown``.

    Programs that save a file again keep 15 digits of a number and round times.
    """
    if type(cell) is type(shown) and cell == shown:
        return True
    written = for_file(type_name, shown)
    if isinstance(cell, float) and isinstance(written, int | float):
        return math.isclose(cell, written, rel_tol=1e-14)
    if isinstance(cell, datetime) and isinstance(written, datetime):
        return abs(cell - written) < timedelta(seconds=1)
    if isinstance(cell, datetime) and isinstance(written, date):
        return cell == datetime.combine(written, time())
    return bool(cell == written)
