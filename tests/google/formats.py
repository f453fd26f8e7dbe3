"""How a value is shown: the number formats a plan's sheet uses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tests.google.cells import ErrorValue, Json, Value

DEFAULT_PATTERNS = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": '"$"#,##0.00',
    "DATE": "m/d/yyyy",
    "TIME": "h:mm:ss",
    "DATE_TIME": "m/d/yyyy h:mm:ss",
    "SCIENTIFIC": "0.00E+00",
}
MOMENTS = frozenset({"DATE", "TIME", "DATE_TIME"})
PIECES = re.compile(r'"([^"]*)"|\\(.)|([#0,.]*[#0][#0,.]*)|(%)|(E\+0+)|(.)')
CLOCK_PIECES = re.compile(r'"([^"]*)"|y+|m+|d+|h+|s+|.', re.IGNORECASE)


def number_format(dress: Json | None) -> Json | None:
    """The number format a cell wears, if any."""
    return ((dress or {}).get("userEnteredFormat") or {}).get("numberFormat")


def is_moment(dress: Json | None) -> bool:
    return (number_format(dress) or {}).get("type") in MOMENTS


def display(value: Value, dress: Json | None = None) -> str:
    """The text a person sees in the cell; "" for a blank one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, ErrorValue):
        return value.text
    if isinstance(value, str):
        return value
    worn = number_format(dress)
    pattern = worn and (worn.get("pattern") or DEFAULT_PATTERNS.get(worn.get("type", "")))
    if not pattern:
        return general(value)
    return _moment(value, pattern) if is_moment(dress) else _number(value, pattern)


def general(value: float) -> str:
    """The automatic format: ten digits after rounding, fifteen where the number is whole."""
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    text = f"{value:.10g}".upper() if abs(value) < 10**15 else f"{value:.5E}"
    if "E" not in text:
        return text
    digits, _, power = text.partition("E")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}E{int(power):+03d}"


def _number(value: float, pattern: str) -> str:
    sections = pattern.split(";")
    if value < 0 and len(sections) > 1:
        value, pattern = -value, sections[1]
    else:
        pattern = sections[0]
    sign = "-" if value < 0 else ""
    body = "".join(_piece(match, abs(value), "%" in pattern) for match in PIECES.finditer(pattern))
    return sign + body


def _piece(match: re.Match[str], size: float, percent: bool) -> str:
    literal, escaped, digits, percent_sign, power, other = match.groups()
    if digits:
        if "E+" in match.string:
            return f"{size:.{_decimals(digits)}E}".partition("E")[0]
        comma = "," if "," in digits else ""
        return f"{size * 100 if percent else size:{comma}.{_decimals(digits)}f}"
    if power:
        return "E" + f"{size:E}".partition("E")[2]
    if literal is not None:
        return literal
    return {"@": "", "_": "", "*": ""}.get(other or "", escaped or percent_sign or other or "")


def _decimals(digits: str) -> int:
    return len(digits.partition(".")[2])


def _moment(value: float, pattern: str) -> str:
    moment = datetime(1899, 12, 30) + timedelta(seconds=round(value * 86400))
    shown, after_hours = [], False
    for match in CLOCK_PIECES.finditer(pattern):
        piece = match[0]
        shown.append(match[1] if match[1] is not None else _clock_piece(moment, piece, after_hours))
        if piece[0].lower() in "hsmdy":
            after_hours = piece[0].lower() in "hs"
    return "".join(shown)


def _clock_piece(moment: datetime, piece: str, after_hours: bool) -> str:
    kind, width = piece[0].lower(), len(piece)
    if kind == "m" and width > 2:
        return moment.strftime("%B" if width > 3 else "%b")
    if kind == "d" and width > 2:
        return moment.strftime("%A" if width > 3 else "%a")
    numbers = {
        "y": moment.year if width > 2 else moment.year % 100,
        "m": moment.minute if after_hours else moment.month,
        "d": moment.day,
        "h": moment.hour,
        "s": moment.second,
    }
    return f"{numbers[kind]:0{min(width, 4)}d}" if kind in numbers else piece
