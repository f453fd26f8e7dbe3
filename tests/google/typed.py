"""What Google Sheets makes of text typed into a cell (locale en_US)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from tests.google.cells import Content, Formula, number, raw, short_enough

EPOCH = date(1899, 12, 30)
NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?(?P<currency>\$)?(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)"
    r"(?P<power>[eE][+-]?\d+)?(?P<percent>\s?%)?(?(open)\))"
)
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")

Format = dict[str, str]


def typed(value: Any, plain_text: bool = False) -> tuple[Content, Format | None]:
    """The content and the number format that typing ``value`` suggests.

    ``plain_text``: the cell is formatted as text, which keeps everything but a formula as it was typed.
    """
    if not isinstance(value, str) or value == "":
        return raw(value), None
    short_enough(value)
    if value.startswith("'"):
        return value[1:] or None, None
    if plain_text:
        return value, None
    if value.startswith("=") and len(value) > 1:
        return Formula(value), None
    return _recognised(value.strip()) or (value, None)


def _recognised(text: str) -> tuple[Content, Format | None] | None:
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE", None
    return _number(text) or _moment(text)


def _number(text: str) -> tuple[Content, Format | None] | None:
    match = NUMBER.fullmatch(text)
    if match is None or not match["digits"].strip("."):
        return None
    size = float(match["digits"].replace(",", "") + (match["power"] or ""))
    value = -size if match["sign"] == "-" or match["open"] else size
    decimals = "." in match["digits"]
    if match["percent"]:
        pattern = "0.00%" if decimals else "0%"
        return number(value / 100), {"type": "PERCENT", "pattern": pattern}
    if match["currency"]:
        return number(value), {"type": "CURRENCY", "pattern": '"$"#,##0.00' if decimals else '"$"#,##0'}
    if "," in match["digits"]:
        return number(value), {"type": "NUMBER", "pattern": "#,##0.00" if decimals else "#,##0"}
    return number(value), None


def _moment(text: str) -> tuple[Content, Format | None] | None:
    for shape, order, day_pattern in ((ISO, (1, 2, 3), "yyyy-mm-dd"), (AMERICAN, (3, 1, 2), "m/d/yyyy")):
        if match := shape.fullmatch(text):
            return _dated([int(match[at]) for at in order], match.groups()[3:], day_pattern)
    if match := CLOCK.fullmatch(text):
        return _fraction(match.groups()), {"type": "TIME", "pattern": "h:mm:ss" if match[3] else "h:mm"}
    return None


def _dated(
    day: list[int], clock: tuple[str | None, ...], pattern: str
) -> tuple[Content, Format | None] | None:
    try:
        days = (date(*day) - EPOCH).days
    except ValueError:
        return None
    if clock[0] is None:
        return days, {"type": "DATE", "pattern": pattern}
    return number(days + _fraction(clock)), {"type": "DATE_TIME", "pattern": f"{pattern} h:mm:ss"}


def _fraction(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds = (int(part or 0) for part in clock)
    return (hours * 3600 + minutes * 60 + seconds) / 86400


def serial(moment: date | datetime) -> int | float:
    """The serial number of a day or a moment, as Sheets stores it."""
    day = moment.date() if isinstance(moment, datetime) else moment
    days = (day - EPOCH).days
    if not isinstance(moment, datetime):
        return days
    return number(days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400)
