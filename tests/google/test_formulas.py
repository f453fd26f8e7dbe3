"""What formulas show, and that they follow the cells they name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.google import Book


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=-A2/4", -2.5),
        ("=10-2-3", 5),
        ("=A2", 10),
        ("=$A$2*B2", 200),
        ("=A9", 0),
        ("='It''s'!B2+Other!A1", 5),
        ("=SUM(A1:B3)", 75),
        ("=SUM(A:A, 1)", 41),
        ("=COUNTA(A1:B4)", 6),
        ('=CONCATENATE(A1, "-", A2, "-", TRUE)', "Key-10-TRUE"),
        ('=A1&" ""x"" "&1/4', 'Key "x" 0.25'),
        ("=NA()", "#N/A"),
        ("=1/0", "#DIV/0!"),
        ("=SUM(A2, 1/0)", "#DIV/0!"),
        ("=A1+1", "#VALUE!"),
        ("=#REF!+1", "#REF!"),
        ("=Nowhere!A1", "#REF!"),
        ("=C9", "#REF!"),
        ("=VLOOKUP(A1,B:B,1)", "#NAME?"),
        ("=1+", "#NAME?"),
        ("=SUM(A1", "#NAME?"),
        ("=A1:B2", "#VALUE!"),
    ],
)
def test_a_formula_shows_its_result(book: Book, formula: str, value: Any) -> None:
    book.add_sheet("Other", [[1]])
    book["Backlog"].clear("A1:H")
    for at, row in enumerate([["Key", "Name"], [10, 20], [30, 15]], 1):
        book["Backlog"].put_row(at, row)
    book["Backlog"].type("C9", formula)
    assert book["Backlog"].value("C9") == value


def test_errors_have_a_type_and_pass_on(book: Book) -> None:
    sheet = book["Backlog"]
    sheet.type("A9", "=1/0")
    sheet.type("B9", "=A9*2")
    assert sheet.cell("B9")["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    sheet.show_error("A9", "Loading...")
    assert sheet.cell("A9")["userEnteredValue"] == {"formulaValue": "=1/0"}
    assert (sheet.text("A9"), sheet.text("B9")) == ("Loading...", "Loading...")
    sheet.show("A9", 21)
    assert sheet.value("B9") == 42
    sheet.type("A9", "8")
    assert sheet.value("B9") == 16


def test_an_error_can_be_shown_where_no_formula_was(book: Book) -> None:
    book["Backlog"].show_error("A2", "#REF!")
    assert book["Backlog"].rows()[1][0] == "#REF!"
    assert book["Backlog"].formula("A2") == '=IMPORTRANGE("elsewhere")'


@pytest.mark.parametrize(
    ("change", "formulas"),
    [
        (lambda sheet: sheet.insert_row(2), ["=C3+$C$4", "=SUM(C3:C4)", "='It''s'!A1", '=C3&"C2"']),
        (lambda sheet: sheet.insert_row(3), ["=C2+$C$4", "=SUM(C2:C4)", "='It''s'!A1", '=C2&"C2"']),
        (lambda sheet: sheet.delete_row(2), ["=#REF!+$C$2", "=SUM(C2:C2)", "='It''s'!A1", '=#REF!&"C2"']),
        (lambda sheet: sheet.insert_column("A"), ["=D2+$D$3", "=SUM(D2:D3)", "='It''s'!A1", '=D2&"C2"']),
        (
            lambda sheet: sheet.delete_column("C"),
            ["=#REF!+#REF!", "=SUM(#REF!)", "='It''s'!A1", '=#REF!&"C2"'],
        ),
        (lambda sheet: sheet.move_row(2, 4), ["=C4+$C$2", "=SUM(C2:C4)", "='It''s'!A1", '=C4&"C2"']),
        (lambda sheet: sheet.book["It's"].rename("Its"), ["=C2+$C$3", "=SUM(C2:C3)", "=Its!A1", '=C2&"C2"']),
        (lambda sheet: sheet.book["It's"].delete(), ["=C2+$C$3", "=SUM(C2:C3)", "=#REF!", '=C2&"C2"']),
    ],
)
def test_formulas_follow_what_moves(book: Book, change: Any, formulas: list[str]) -> None:
    sheet = book["Backlog"]
    for cell, text in zip(
        ["H9", "H10", "H11", "H12"], ["=C2+$C$3", "=SUM(C2:C3)", "='It''s'!A1", '=C2&"C2"'], strict=True
    ):
        sheet.type(cell, text)
    change(sheet)
    found = [
        value for row in sheet.formulas() for value in row if isinstance(value, str) and value.startswith("=")
    ]
    assert found == formulas


def test_a_sorted_row_keeps_pointing_at_itself(book: Book) -> None:
    sheet = book["It's"]
    sheet.type("C1", "=A1*10+$A$1")
    sheet.type("C2", "=A2*10+$A$1")
    sheet.sort("A", descending=True, header_rows=0)
    assert sheet.formulas() == [[3, 4, "=A1*10+$A$1"], [1, 2, "=A2*10+$A$1"]]


def test_formulas_see_what_the_api_writes(book: Book) -> None:
    book["It's"].type("D1", '=SUM(A1:B2)&" in "&Backlog!A2')
    book["It's"].put("A1", 100)
    book["Backlog"].rename("List")
    assert book["It's"].text("D1") == "109 in A-1"
    assert book["It's"].formula("D1") == '=SUM(A1:B2)&" in "&List!A2'
