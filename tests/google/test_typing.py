"""What typed text becomes, and how values look."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.google.cells import Formula
from tests.google.formats import display
from tests.google.typed import serial, typed


@pytest.mark.parametrize(
    ("text", "content", "pattern"),
    [
        ("5", 5, None),
        ("-5.50", -5.5, None),
        ("+7", 7, None),
        (" 8 ", 8, None),
        (".5", 0.5, None),
        ("1e3", 1000, None),
        ("(5)", -5, None),
        ("1,200.50", 1200.5, "#,##0.00"),
        ("1,200", 1200, "#,##0"),
        ("12,00", "12,00", None),
        ("1.200,50", "1.200,50", None),
        ("12%", 0.12, "0%"),
        ("12.5 %", 0.125, "0.00%"),
        ("$5", 5, '"$"#,##0'),
        ("true", True, None),
        ("FALSE", False, None),
        ("yes", "yes", None),
        ("2026-04-30", 46142, "yyyy-mm-dd"),
        ("4/30/2026", 46142, "m/d/yyyy"),
        ("30/4/2026", "30/4/2026", None),
        ("2026-02-30", "2026-02-30", None),
        ("2026-04-30 12:00", 46142.5, "yyyy-mm-dd h:mm:ss"),
        ("6:00", 0.25, "h:mm"),
        ("'5", "5", None),
        ("'=A1", "=A1", None),
        ("'", None, None),
        ("", None, None),
        ("=A1", Formula("=A1"), None),
        ("=", "=", None),
        (" padded ", " padded ", None),
        (".", ".", None),
        ("A-1", "A-1", None),
        (12, 12, None),
    ],
)
def test_typed_text_is_read(text: Any, content: Any, pattern: str | None) -> None:
    found, suggested = typed(text)
    assert (found, type(found)) == (content, type(content))
    assert (suggested or {}).get("pattern") == pattern


def test_a_cell_formatted_as_text_takes_text() -> None:
    assert [typed(text, plain_text=True)[0] for text in ("007", "12%", "=A1")] == ["007", "12%", "=A1"]


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (None, None, ""),
        (True, None, "TRUE"),
        (5, None, "5"),
        (0.1 + 0.2, None, "0.3"),
        (100 / 3, None, "33.33333333"),
        (1234567.5, None, "1234567.5"),
        (1e16, None, "1E+16"),
        (0.000001234, None, "1.234E-06"),
        (1200.5, "#,##0.00", "1,200.50"),
        (-1200.5, "#,##0", "-1,200"),
        (0.125, "0.0%", "12.5%"),
        (5, '"€"0.00', "€5.00"),
        (5, "0 [days]", "5 [days]"),
        (-5, "0;(0)", "(5)"),
        (1200, "0.00E+00", "1.20E+03"),
        ("text", "0.00", "text"),
    ],
)
def test_a_number_looks_as_formatted(value: Any, pattern: str | None, text: str) -> None:
    dress = (
        {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": pattern}}} if pattern else None
    )
    assert display(value, dress) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", "4/30/2026 13:05:09"),
        ("yyyy-mm-dd", "2026-04-30"),
        ("dd/mm/yy", "30/04/26"),
        ("d mmm yyyy", "30 Apr 2026"),
        ("dddd, mmmm d", "Thursday, April 30"),
        ("yyyy-mm-dd hh:mm:ss", "2026-04-30 13:05:09"),
        ('h:mm "on" m/d', "13:05 on 4/30"),
    ],
)
def test_a_moment_looks_as_formatted(pattern: str, text: str) -> None:
    dress = {"userEnteredFormat": {"numberFormat": {"type": "DATE_TIME", "pattern": pattern}}}
    assert display(serial(datetime(2026, 4, 30, 13, 5, 9)), dress) == text


def test_days_are_counted_from_the_end_of_1899() -> None:
    assert [serial(day) for day in (date(1899, 12, 31), date(1900, 3, 1), date(2026, 4, 30))] == [
        1,
        61,
        46142,
    ]
