"""A1 notation: what a range names, how a range is named, and where the grid ends."""

from __future__ import annotations

import pytest

from tests.google import a1
from tests.google.a1 import Area


@pytest.mark.parametrize(
    ("text", "title", "area"),
    [
        ("A1", None, Area(0, 0, 1, 0, 1)),
        ("B2:C4", None, Area(0, 1, 4, 1, 3)),
        ("C4:B2", None, Area(0, 1, 4, 1, 3)),
        ("$B$2:C$4", None, Area(0, 1, 4, 1, 3)),
        ("A:C", None, Area(0, 0, None, 0, 3)),
        ("A2:C", None, Area(0, 1, None, 0, 3)),
        ("3:5", None, Area(0, 2, 5, 0, None)),
        ("B3:5", None, Area(0, 2, 5, 1, None)),
        ("Backlog", "Backlog", Area(0)),
        ("Backlog!AA10", "Backlog", Area(0, 9, 10, 26, 27)),
        ("'It''s'!B2", "It's", Area(0, 1, 2, 1, 2)),
        ("'A1'", "A1", Area(0)),
        ("'What! If'!A:A", "What! If", Area(0, 0, None, 0, 1)),
        ("Two words", "Two words", Area(0)),
    ],
)
def test_a_range_is_read(text: str, title: str | None, area: Area) -> None:
    assert a1.parse(text) == (title, area)


@pytest.mark.parametrize(
    ("area", "title", "text"),
    [
        (Area(0, 0, 1, 0, 1), "Backlog", "Backlog!A1"),
        (Area(0, 0, 5, 0, 27), "Backlog", "Backlog!A1:AA5"),
        (Area(0, 1, 2, 1, 3), "It's", "'It''s'!B2:C2"),
        (Area(0, 0, 1, 0, 1), "Central backlog", "'Central backlog'!A1"),
        (Area(0, 0, 1, 0, 1), "KPI1", "'KPI1'!A1"),
        (Area(0, 0, 1, 0, 1), "2026", "'2026'!A1"),
        (Area(0, 0, 1, 0, 1), "Gaps & Alerts", "'Gaps & Alerts'!A1"),
        (Area(0, 1000, None, 0, 2), "T", "T!A1001:B"),
        (Area(0, 0, 2, 26, None), "T", "T!AA1:2"),
    ],
)
def test_a_range_is_named(area: Area, title: str, text: str) -> None:
    assert area.a1(title) == text


@pytest.mark.parametrize(
    "text", ["Backlog!A1:[5", "Backlog!A0", "Backlog!A1:B2:C3", "'Open!A1", "Backlog!Foo"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="Unable to parse range: "):
        a1.parse(text)


def test_letters_and_columns_are_each_others_inverse() -> None:
    assert [a1.column(a1.letters(n)) for n in range(800)] == list(range(800))
    assert [a1.letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
