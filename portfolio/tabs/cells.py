"""Reading what a person or a sheet wrote in a cell. Pure; every refusal says what would be right."""

from __future__ import annotations

import json
import math
import re
import sys
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_PERCENT = re.compile(r"\s*%$")
_HUGE = sys.float_info.max
_BRACKETED = re.compile(r"\((.+)\)")
_SLASHED = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")
# Half a surrogate pair can be written in JSON, but no database takes it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_YES = {"true", "yes", "y", "1", "on", "✓"}
_NO = {"false", "no", "n", "0", "off"}
# Day 0 of the serial dates of Sheets and Excel; the range is 1954-10 to 2119-01.
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_YEARS = range(1900, 2200)  # sheets know no earlier ones
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y/%m/%d")


class CellError(ValueError):
    """A cell that can't be read; the message says what is wrong and what would be right."""


def text(cell: Any) -> str | None:
    """``cell`` as NFC text without control characters, NBSP as a space, \\n as line break, trimmed.

    Blank is None; a date is written as ISO.
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        cell = "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    clean = re.sub(r"\r\n?", "\n", _CONTROL.sub("", str(cell))).replace("\u00a0", " ")
    return unicodedata.normalize("NFC", clean).strip() or None


def number(cell: Any) -> float | int | None:
    """A finite number from ``1200``, ``1,200.50``, ``12%`` (0.12) or ``(5)`` (−5)."""
    if isinstance(cell, bool):
        raise CellError(f"{text(cell)} is not a number.")
    if isinstance(cell, int | float):
        return _finite(cell)
    written = text(cell)
    return None if written is None else _number_from(written)


def _number_from(written: str) -> float | int:
    bracketed = _BRACKETED.fullmatch(written)
    digits, percent = _PERCENT.subn("", bracketed[1].strip() if bracketed else written)
    signed = digits.startswith(("+", "-"))
    if (_GROUPED.fullmatch(digits) or _PLAIN.fullmatch(digits)) and not (bracketed and signed):
        value = _shortest(digits.replace(",", ""), percent)
        return _finite(-value if bracketed else value)
    raise CellError(f"“{written}” is not a number. Write it like 1200.5 or 1,200.50.")


def _shortest(digits: str, percent: int) -> float | int:
    if percent:
        # Not divided as a float: 0.7 % would become 0.006999….
        return float(Decimal(digits).scaleb(-2))
    # Past 2**53 a float would round what was typed; int keeps it.
    return int(digits) if re.fullmatch(r"[+-]?\d{1,300}", digits) else float(digits)


def _finite(value: float | int) -> float | int:
    if not -_HUGE <= value <= _HUGE:
        raise CellError("The number must be finite.")
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def integer(cell: Any) -> int | None:
    value = number(cell)
    if isinstance(value, float):
        raise CellError(f"{value:g} is not a whole number.")
    return value


def boolean(cell: Any) -> bool | None:
    if cell is None or isinstance(cell, bool):
        return cell
    written = (text(cell) or "").casefold()
    if written in _YES or written in _NO:
        return written in _YES
    if not written:
        return None
    raise CellError(f"“{written}” is neither yes nor no. Write TRUE or FALSE.")


def day(cell: Any) -> date | None:
    """A date from ISO text, a worded date or a sheet's serial number; ``03/04/2026`` is refused."""
    found = _day(cell)
    if found is not None and found.year not in _YEARS:
        raise CellError(f"The year {found.year} can't be meant. Write the date like 2026-04-30.")
    return found


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_serial(cell)
    written = text(cell)
    return None if written is None else _date_from(written)


def _from_serial(serial: float) -> date:
    if isinstance(serial, float) and not math.isfinite(serial):
        raise CellError("The date must be finite. Write it like 2026-04-30.")
    if int(serial) not in _SERIALS:
        raise CellError(f"{str(serial)[:30]} is not a date. Write it like 2026-04-30.")
    return _EPOCH + timedelta(days=int(serial))


def _date_from(written: str) -> date:
    if re.fullmatch(r"\d{5}(\.\d+)?", written):
        return _from_serial(float(written))
    if _SLASHED.fullmatch(written):
        raise CellError(f"“{written}” can be read in two ways. Write the date like 2026-04-30.")
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:
        return _worded(written)


def _worded(written: str) -> date:
    for pattern in _WORDED:
        try:
            return datetime.strptime(written, pattern).date()
        except ValueError:
            continue
    raise CellError(f"“{written}” is not a date. Write it like 2026-04-30.")


def moment(cell: Any) -> datetime | None:
    """A time from ISO text or a sheet's serial number, to the second; without a zone it is UTC."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=UTC)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        midnight = datetime.combine(_from_serial(cell), time(), UTC)
        return midnight + timedelta(seconds=round(cell % 1 * 86_400))
    written = text(cell)
    if written is None:
        return None
    try:
        return moment(datetime.fromisoformat(written))
    except ValueError:
        raise CellError(f"“{written}” is not a time. Write it like 2026-04-30T09:00:00Z.") from None


def keys(cell: Any) -> list[str] | None:
    """Keys separated by commas, semicolons or line breaks: order kept, repeats (in any case) dropped."""
    written = "\n".join(map(str, cell)) if isinstance(cell, list | tuple) else text(cell)
    found: dict[str, str] = {}
    for part in re.split(r"[,;\n]", written or ""):
        key = text(part)
        if key:
            found.setdefault(key.casefold(), key)
    return list(found.values()) or None


def mapping(cell: Any) -> dict[str, Any] | None:
    """A JSON object, as text or already read. An empty one is blank."""
    if isinstance(cell, dict):
        return cell or None
    written = text(cell)
    if written is None:
        return None
    try:
        value = json.loads(
            written, parse_int=_number_from, parse_constant=_refuse_constant, object_pairs_hook=_pairs_once
        )
    except json.JSONDecodeError as error:
        raise CellError(f"This is not JSON ({error.msg} at character {error.pos + 1}).") from None
    except RecursionError:
        raise CellError('This is nested too deep. Write a JSON object like {"revenue": 120000}.') from None
    if not isinstance(value, dict):
        raise CellError('Write a JSON object like {"revenue": 120000}.')
    return value or None


def _refuse_constant(name: str) -> None:
    raise CellError(f"{name} is not a number a KPI can have.")


def _pairs_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise CellError("The same key stands twice in this JSON object.")
    return dict(pairs)
