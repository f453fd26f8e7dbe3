"""findReplace as compare-and-set: what is found is what people see, what replaces it counts as typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.google import Book

Batch = Callable[..., Any]
ONE_CELL = {"sheetId": 0, "startRowIndex": 8, "endRowIndex": 9, "startColumnIndex": 0, "endColumnIndex": 1}
WHOLE = {"matchEntireCell": True, "matchCase": True}


def changed(values: int, occurrences: int, rows: int = 1, sheets: int = 1) -> dict[str, int]:
    return {
        "valuesChanged": values,
        "rowsChanged": rows,
        "sheetsChanged": sheets,
        "occurrencesChanged": occurrences,
    }


@pytest.mark.parametrize(
    ("typed", "find", "replacement", "more", "reply", "value"),
    [
        ("Alpha", "Alpha", "Omega", WHOLE, changed(1, 1), "Omega"),
        ("Alpha 2", "Alpha", "Omega", WHOLE, {}, "Alpha 2"),
        ("alpha", "Alpha", "Omega", WHOLE, {}, "alpha"),
        ("alpha", "Alpha", "Omega", {"matchEntireCell": True}, changed(1, 1), "Omega"),
        ("Alpha, alpha", "alpha", "x", {}, changed(1, 2), "x, x"),
        ("12%", "12%", "13%", WHOLE, changed(1, 1), 0.13),
        ("12%", "0.12", "13%", WHOLE, {}, 0.12),
        ("1200.5", "1200.5", "7", WHOLE, changed(1, 1), 7),
        ("2026-04-30", "2026-04-30", "2026-05-01", WHOLE, changed(1, 1), 46143),
        ("TRUE", "TRUE", "FALSE", WHOLE, changed(1, 1), False),
        ("x", "x", "007", WHOLE, changed(1, 1), 7),
        ("x", "x", "'007", WHOLE, changed(1, 1), "007"),
        ("x", "x", "=1+1", WHOLE, changed(1, 1), 2),
        ("x", "x", "", WHOLE, changed(1, 1), ""),
        ("a.c", "a.c", "b\\1", WHOLE, changed(1, 1), "b\\1"),
        ("abc", "a.c", "x", WHOLE, {}, "abc"),
        ("abc", "a(.)c", "$1", {"searchByRegex": True, **WHOLE}, changed(1, 1), "b"),
        ("", "^$", "new", {"searchByRegex": True}, changed(1, 1), "new"),
        ("=1+1", "2", "3", WHOLE, {}, 2),
        ("=1+1", "=1+1", "=1+2", {**WHOLE, "includeFormulas": True}, None, 3),
    ],
)
def test_a_cell_changes_only_if_it_still_shows_what_was_expected(
    batch: Batch,
    book: Book,
    typed: str,
    find: str,
    replacement: str,
    more: dict[str, bool],
    reply: dict[str, int] | None,
    value: Any,
) -> None:
    book["Backlog"].type("A9", typed)
    request = {"findReplace": {"find": find, "replacement": replacement, "range": ONE_CELL, **more}}
    if reply is None:
        reply = {"formulasChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1}
    assert batch(request)["replies"] == [{"findReplace": reply}]
    assert (book["Backlog"].value("A9"), type(book["Backlog"].value("A9"))) == (value, type(value))


def test_a_range_a_sheet_or_all_sheets_are_searched(batch: Batch, book: Book) -> None:
    for sheet in book:
        sheet.put("A9", "here")
        sheet.put("B9", "here")

    def replies(**scope: Any) -> Any:
        return batch({"findReplace": {"find": "here", "replacement": "gone", **scope}})["replies"][0][
            "findReplace"
        ]

    assert replies(range=ONE_CELL) == changed(1, 1)
    assert replies(sheetId=0) == changed(1, 1)
    assert replies(allSheets=True) == changed(2, 2)
    assert replies(allSheets=True) == {}


def test_a_cell_formatted_as_text_keeps_what_replaces_it_as_text(batch: Batch, book: Book) -> None:
    book["Backlog"].put("A9", "x")
    cell = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    batch({"repeatCell": {"range": ONE_CELL, "cell": cell, "fields": "userEnteredFormat.numberFormat"}})
    batch({"findReplace": {"find": "x", "replacement": "007", "range": ONE_CELL}})
    assert book["Backlog"].value("A9") == "007"
