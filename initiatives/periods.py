"""Planning periods: quarters, halves, months and years, however people write them. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_FORMS = (
    re.compile(r"(?P<year>\d{4})(?:(?P<kind>[QHM])(?P<part>\d{1,2})|-?(?P<month>\d{2}))?"),
    re.compile(r"(?P<kind>[QHM])(?P<part>\d{1,2})(?P<year>\d{4})"),
)
_MONTHS_IN = {"Q": 3, "H": 6, "M": 1}


class PeriodError(ValueError):
    """Text that names no period; the message says how to write one."""


@dataclass(frozen=True)
class Period:
    """``key`` as stored (``2026-Q2``), and its first and last day."""

    key: str
    start: date
    end: date


def canonical(text: str) -> str:
    """The stored form of a period: ``Q2_2026``, ``2026 q2`` and ``2026-Q2`` are one. Raises PeriodError."""
    return parse(text).key


def parse(text: str) -> Period:
    """``2026-Q2``, ``2026-H1``, ``2026-07`` or ``2026``. Raises PeriodError."""
    for form in _FORMS:
        found = form.fullmatch(re.sub(r"[\s_/]+|-(?=[QHM\d]{1,3}$|\d{4}$)", "", text.strip().upper()))
        if found:
            return _period(text, **found.groupdict())
    raise PeriodError(f"“{text}” is not a period. Write it like 2026-Q2, 2026-H1, 2026-07 or 2026.")


def _period(text: str, year: str, kind: str | None, part: str | None, month: str | None = None) -> Period:
    if kind is None and month is None:
        return _span(year, int(year), 1, 12)
    length = _MONTHS_IN[kind or "M"]
    number = int(part or month or 0)
    if not 1 <= number <= 12 // length:
        raise PeriodError(f"“{text}” is not a period: there is no such part of a year.")
    key = f"{year}-{number:02d}" if length == 1 else f"{year}-{kind}{number}"
    return _span(key, int(year), (number - 1) * length + 1, length)


def _span(key: str, year: int, first_month: int, months: int) -> Period:
    last_month = first_month + months - 1
    if year < 1900:
        raise PeriodError(f"“{key}” is not a period: the year is out of range.")
    end = date(year, last_month, monthrange(year, last_month)[1])
    return Period(key, date(year, first_month, 1), end)
