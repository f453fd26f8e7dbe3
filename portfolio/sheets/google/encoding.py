"""Values on their way into a Google sheet, as they are and never as formulas. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from portfolio.sheets.filecells import for_file

_DAY_ZERO = datetime(1899, 12, 30)
FORMULA_LIKE = ("=", "+", "-", "@")
FORMATS = {
    "date": {"type": "DATE", "pattern": "yyyy-mm-dd"},
    "datetime": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"},
    "fraction": {"type": "PERCENT", "pattern": "0.0#%"},
    "integer": {"type": "NUMBER", "pattern": "#,##0"},
    "number": {"type": "NUMBER", "pattern": "#,##0.######"},
}


def for_sheet(type_name: str, shown: Any, as_serial: bool) -> Any:
    """A column's JSON value as str, bool, int, float or None; dates as serial numbers or ISO text."""
    value = for_file(type_name, shown)
    if isinstance(value, datetime):
        return serial(value) if as_serial else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return serial(value) if as_serial else value.isoformat()
    return value


def serial(moment: date) -> float | int:
    """Days since 1899-12-30, as Sheets and Excel count them."""
    at = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    passed = at - _DAY_ZERO
    return passed.days if not passed.seconds else passed.days + passed.seconds / 86_400


def cell_data(value: Any) -> dict[str, Any]:
    """``value`` as the user-entered value of CellData; nothing where it is blank."""
    if value is None or value == "":
        return {}
    kind = (
        "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    )
    return {"userEnteredValue": {kind: value}}


def typed(value: Any) -> str:
    """``value`` as somebody would type it, for find and replace. An apostrophe keeps text text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    keeps = isinstance(value, str) and value.startswith(("'", *FORMULA_LIKE))
    return f"'{value}" if keeps else str(value)
