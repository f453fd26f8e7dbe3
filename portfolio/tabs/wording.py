"""A column's values and rules in words, for pages. The grid says the same in static/js/grid/format.js."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from portfolio.tabs.columns import By, Column

KINDS = {
    "text": "Text",
    "longtext": "Long text",
    "script": "Formula script",
    "email": "E-mail address",
    "integer": "Whole number",
    "number": "Number",
    "fraction": "Fraction, written 0.8 or 80%",
    "boolean": "Yes or no",
    "date": "Date, written 2026-04-30",
    "datetime": "Date and time",
    "choice": "One of a list",
    "keys": "Keys, separated by commas",
    "json": "JSON object",
}


def written(column: Column, shown: Any) -> str:
    """A shown (JSON) value as the text a field holds: exact, and read back as the same value."""
    if shown is None or shown == "":
        return ""
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, list):
        return ", ".join(str(item) for item in shown)
    if isinstance(shown, dict):
        return json.dumps(shown, ensure_ascii=False, indent=1)
    return str(shown)


def readable(column: Column, shown: Any) -> str:
    """A shown (JSON) value as people read it; blank is an empty text."""
    if isinstance(shown, bool):
        return "Yes" if shown else "No"
    if isinstance(shown, int | float):
        return _figure(column, shown)
    if isinstance(shown, dict):
        return "\n".join(f"{name}: {readable(column, value)}" for name, value in shown.items())
    if isinstance(shown, str) and column.type_name == "datetime":
        return moment(shown)
    choices = {value: label for value, label in column.choices() or () if value == shown}
    return choices.get(shown, written(column, shown)) if isinstance(shown, str) else written(column, shown)


def moment(iso: str) -> str:
    """``2026-04-03T09:05:00+00:00`` → "3 Apr 2026 09:05"."""
    at = datetime.fromisoformat(iso)
    return f"{at.day} {at:%b %Y %H:%M}"


def _figure(column: Column, value: float) -> str:
    if column.type_name == "fraction":
        return f"{value * 100:.6g}%"
    text = f"{value:,.6f}" if isinstance(value, float) and abs(value) >= 0.001 else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def who_enters(column: Column) -> str:
    """Where a value comes from, in a sentence of its own."""
    from portfolio.tabs.gate import entry_tab

    where = entry_tab(column)
    if where is not None:
        return f"Entered on {where.title}, shown here."
    if column.by is By.LLM:
        return "Suggested by the assistant."
    if column.by is By.BACKEND:
        return "Worked out by Lodestar."
    roles = ", ".join(sorted(column.roles))
    suggested = " May be suggested by the assistant while blank." if column.by is By.LLM_THEN_PM else ""
    return f"Entered here by {roles}.{suggested}"


def limits(column: Column) -> str:
    """``0 to 1``, ``at least 0``, ``more than 0``, or nothing."""
    low, high, above = (getattr(column, name, None) for name in ("min", "max", "above"))
    if above is not None:
        return f"more than {above:g}" + (f", at most {high:g}" if high is not None else "")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}"
    return f"at most {high:g}" if high is not None else ""
