"""What a test does as a person at the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.google import Book, BookSheet, GoogleError, GoogleServer


@pytest.mark.parametrize(
    ("act", "rows"),
    [
        (lambda sheet: sheet.put("B2", "New"), [["A-1", "New", 5, True], ["A-2", "Beta", 7.5, False]]),
        (lambda sheet: sheet.put("C2", "5"), [["A-1", "Alpha", "5", True], ["A-2", "Beta", 7.5, False]]),
        (lambda sheet: sheet.put("C2", None), [["A-1", "Alpha", "", True], ["A-2", "Beta", 7.5, False]]),
        (
            lambda sheet: sheet.put("C2", date(2026, 4, 30)),
            [["A-1", "Alpha", 46142, True], ["A-2", "Beta", 7.5, False]],
        ),
        (lambda sheet: sheet.type("C2", "12%"), [["A-1", "Alpha", 0.12, True], ["A-2", "Beta", 7.5, False]]),
        (lambda sheet: sheet.type("D3", ""), [["A-1", "Alpha", 5, True], ["A-2", "Beta", 7.5]]),
        (lambda sheet: sheet.insert_row(2), [[], ["A-1", "Alpha", 5, True]]),
        (lambda sheet: sheet.insert_row(3, ["A-9", "=C2*2"]), [["A-1", "Alpha", 5, True], ["A-9", 10]]),
        (lambda sheet: sheet.delete_row(2), [["A-2", "Beta", 7.5, False]]),
        (lambda sheet: sheet.move_row(3, 2), [["A-2", "Beta", 7.5, False], ["A-1", "Alpha", 5, True]]),
        (lambda sheet: sheet.move_row(2, 3), [["A-2", "Beta", 7.5, False], ["A-1", "Alpha", 5, True]]),
        (
            lambda sheet: sheet.insert_column("B"),
            [["A-1", "", "Alpha", 5, True], ["A-2", "", "Beta", 7.5, False]],
        ),
        (lambda sheet: sheet.delete_column("C"), [["A-1", "Alpha", True], ["A-2", "Beta", False]]),
        (
            lambda sheet: sheet.sort("C", descending=True),
            [["A-2", "Beta", 7.5, False], ["A-1", "Alpha", 5, True]],
        ),
        (lambda sheet: sheet.clear("A2:D"), []),
    ],
)
def test_a_person_edits(book: Book, act: Callable[[BookSheet], None], rows: list[list[Any]]) -> None:
    sheet = book["Backlog"]
    sheet.clear("A4:D")
    act(sheet)
    assert sheet.rows()[1:3] == rows[:2]
    assert sheet.rows()[0][0] == "Key"


def test_a_sheet_is_the_same_after_it_was_renamed(book: Book) -> None:
    sheet = book["Backlog"]
    sheet.rename("Ideas")
    sheet.put("A1", "Id")
    assert (book["Ideas"].id, sheet.title, book["Ideas"].value("A1")) == (0, "Ideas", "Id")
    with pytest.raises(KeyError, match="Plan has no sheet Backlog; it has Ideas, It's"):
        book["Backlog"]
    sheet.delete()
    assert (book.titles, "Ideas" in book) == (["It's"], False)


def test_cells_are_found_by_what_they_show(book: Book) -> None:
    sheet = book["Backlog"]
    sheet.type("C9", "12%")
    assert (sheet.find("12%"), sheet.find("Beta"), sheet.find("Bet")) == ("C9", "B3", None)
    assert (sheet.row_of("Beta"), sheet.column("Cost")) == (3, "C")
    with pytest.raises(LookupError, match="Backlog shows no 'Delta'"):
        sheet.row_of("Delta")


def test_tick_boxes_hold_false_and_count_as_values(book: Book) -> None:
    sheet = book["Backlog"]
    sheet.tick_boxes("D2:D20")
    assert [row[3] for row in sheet.rows()[1:]] == [True, *[False] * 18]
    assert sheet.cell("D20")["dataValidation"]["condition"] == {"type": "BOOLEAN"}
    row = {"values": [{"userEnteredValue": {"stringValue": "A-9"}}]}
    book.do({"appendCells": {"sheetId": sheet.id, "rows": [row], "fields": "userEnteredValue"}})
    assert sheet.find("A-9") == "A21"


def test_nobody_types_beyond_the_grid(book: Book) -> None:
    with pytest.raises(GoogleError, match="exceeds grid limits"):
        book["Backlog"].type("A101", "x")


def test_books_are_made_as_large_as_they_must_be(google: GoogleServer) -> None:
    book = google.book("Big", {"Wide": [list(range(30))], "Long": [["x"]] * 1200}, rows=5, columns=3)
    assert [(sheet.sheet.row_count, sheet.sheet.column_count) for sheet in book] == [(5, 30), (1200, 3)]
    assert google.book("Plain").titles == ["Sheet1"]
    assert google.book("Plain").id != google.book("Plain").id


def test_the_same_test_sees_the_same_ids_and_times() -> None:
    def seen() -> Any:
        google = GoogleServer()
        book = google.book("Plan", {"A": [], "B": []})
        file = google.drive.files[book.id]
        return book.id, [sheet.id for sheet in book], file.modified

    assert seen() == seen()
