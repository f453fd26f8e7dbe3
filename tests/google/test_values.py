"""The values endpoints, as gspread uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from tests.google import Book
from tests.google.conftest import ROWS

RAW = {"valueInputOption": "RAW"}


# Reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("range_", "echoed", "values"),
    [
        ("Backlog", "Backlog!A1:H100", [*ROWS[:4], ["A-3", "Gamma"]]),
        ("Backlog!A2:B3", "Backlog!A2:B3", [["A-1", "Alpha"], ["A-2", "Beta"]]),
        ("A:A", "Backlog!A1:A100", [["Key"], ["A-1"], ["A-2"], [], ["A-3"]]),
        ("C2:C", "Backlog!C2:C100", [[5], [7.5]]),
        ("5:5", "Backlog!A5:H5", [["A-3", "Gamma"]]),
        ("B4:D5", "Backlog!B4:D5", [[], ["Gamma"]]),
        ("Backlog!G1:ZZ200", "Backlog!G1:H100", None),
        ("'It''s'!B2", "'It''s'!B2", [[4]]),
    ],
)
def test_blanks_are_trimmed_behind_and_kept_between(
    spreadsheet: gspread.Spreadsheet, range_: str, echoed: str, values: list[list[Any]] | None
) -> None:
    answer = spreadsheet.values_batch_get([range_], params={"valueRenderOption": "UNFORMATTED_VALUE"})
    expected = {"range": echoed, "majorDimension": "ROWS"} | ({} if values is None else {"values": values})
    assert answer == {"spreadsheetId": spreadsheet.id, "valueRanges": [expected]}


def test_a_gap_in_a_row_is_an_empty_text(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    book["Backlog"].put("G2", "far")
    assert spreadsheet.worksheet("Backlog").get("E2:H2") == [["", "", "far"]]


def test_columns_come_as_lists_where_asked(spreadsheet: gspread.Spreadsheet) -> None:
    answer = spreadsheet.values_get("A1:B5", params={"majorDimension": "COLUMNS"})
    assert answer["values"] == [["Key", "A-1", "A-2", "", "A-3"], ["Name", "Alpha", "Beta", "", "Gamma"]]


@pytest.mark.parametrize(
    ("render", "dates", "expected"),
    [
        ("FORMATTED_VALUE", "SERIAL_NUMBER", ["12%", "2026-04-30", "TRUE", "24", "#DIV/0!", "1,200.50"]),
        ("UNFORMATTED_VALUE", "SERIAL_NUMBER", [0.12, 46142, True, 24, "#DIV/0!", 1200.5]),
        ("UNFORMATTED_VALUE", "FORMATTED_STRING", [0.12, "2026-04-30", True, 24, "#DIV/0!", 1200.5]),
        ("FORMULA", "SERIAL_NUMBER", [0.12, 46142, True, "=12*2", "=1/0", 1200.5]),
    ],
)
def test_values_are_rendered_as_asked(
    spreadsheet: gspread.Spreadsheet, book: Book, render: str, dates: str, expected: list[Any]
) -> None:
    for column, text in zip(
        "ABCDEF", ["12%", "2026-04-30", "true", "=12*2", "=1/0", "1,200.50"], strict=True
    ):
        book["Backlog"].type(f"{column}9", text)
    params = {"valueRenderOption": render, "dateTimeRenderOption": dates}
    assert spreadsheet.values_get("9:9", params=params)["values"] == [expected]


def test_sheets_are_read_by_id_and_tell_their_present_title(ask: Callable[..., Any], book: Book) -> None:
    book["It's"].rename("Numbers now")
    id_ = book["Numbers now"].id
    filters = [{"gridRange": {"sheetId": id_}}, {"a1Range": "Backlog!A1:B1"}]
    answer = ask(
        "POST",
        "/values:batchGetByDataFilter",
        json={"dataFilters": filters, "valueRenderOption": "UNFORMATTED_VALUE"},
    )
    assert [each["valueRange"]["range"] for each in answer["valueRanges"]] == [
        "'Numbers now'!A1:H100",
        "Backlog!A1:B1",
    ]
    assert answer["valueRanges"][0]["valueRange"]["values"] == [[1, 2], [3, 4]]
    assert [each["dataFilters"] for each in answer["valueRanges"]] == [[each] for each in filters]


# Writing ----------------------------------------------------------------------------------------------


def test_null_skips_and_an_empty_text_clears(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    answer = spreadsheet.values_batch_update(
        {
            **RAW,
            "data": [{"range": "Backlog!B2:C3", "values": [[None, ""], ["Beta 2", None]]}],
            "includeValuesInResponse": True,
            "responseValueRenderOption": "UNFORMATTED_VALUE",
        }
    )
    assert book["Backlog"].rows()[1:3] == [["A-1", "Alpha", "", True], ["A-2", "Beta 2", 7.5, False]]
    [response] = answer["responses"]
    assert response["updatedData"]["values"] == [["Alpha"], ["Beta 2", 7.5]]
    assert (response["updatedRange"], response["updatedCells"]) == ("Backlog!B2:C3", 2)
    assert (answer["totalUpdatedRows"], answer["totalUpdatedColumns"], answer["totalUpdatedSheets"]) == (
        2,
        2,
        1,
    )


@pytest.mark.parametrize(
    ("option", "value", "stored"),
    [
        ("RAW", "12%", "12%"),
        ("RAW", "=1+1", "=1+1"),
        ("RAW", "'07", "'07"),
        ("RAW", 5.0, 5),
        ("RAW", 12345678901234567890, 1.2345678901234567e19),
        ("USER_ENTERED", "12%", 0.12),
        ("USER_ENTERED", "=1+1", 2),
        ("USER_ENTERED", "'07", "07"),
        ("USER_ENTERED", 7, 7),
        ("USER_ENTERED", False, False),
    ],
)
def test_raw_keeps_text_and_user_entered_reads_it(
    spreadsheet: gspread.Spreadsheet, book: Book, option: str, value: Any, stored: Any
) -> None:
    spreadsheet.worksheet("Backlog").update([[value]], "A9", value_input_option=option)
    assert (book["Backlog"].value("A9"), type(book["Backlog"].value("A9"))) == (stored, type(stored))


def test_columns_are_written_where_asked(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    column = {"range": "Backlog!A8:A10", "majorDimension": "COLUMNS", "values": [["x", None, "z"]]}
    spreadsheet.values_batch_update({**RAW, "data": [column]})
    assert book["Backlog"].rows()[7:] == [["x"], [], ["z"]]


@pytest.mark.parametrize(
    ("range_", "values", "message"),
    [
        ("Backlog!A101", [["x"]], "Range (Backlog!A101) exceeds grid limits. Max rows: 100, max columns: 8"),
        (
            "Backlog!I1:J1",
            [["x"]],
            "Range (Backlog!I1:J1) exceeds grid limits. Max rows: 100, max columns: 8",
        ),
        ("Backlog!A99:A101", [["x"]], "Range (Backlog!A99:A101) exceeds grid limits."),
        ("Backlog!A100", [["x"], ["y"]], "within range [Backlog!A100], but tried writing to row [101]"),
        ("Backlog!H1", [["x", "y"]], "within range [Backlog!H1], but tried writing to column [I]"),
        ("'It''s'!A1:B1", [["x"], ["y"]], "within range ['It''s'!A1:B1], but tried writing to row [2]"),
        ("Nowhere!A1", [["x"]], "Unable to parse range: Nowhere!A1"),
        ("Backlog!A1", [["x" * 50_001]], "more than the maximum of 50000 characters in a single cell"),
        ("Backlog!A1", [[{"a": 1}]], "Invalid values"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_of_the_call_is_written(
    spreadsheet: gspread.Spreadsheet, book: Book, range_: str, values: list[list[Any]], message: str
) -> None:
    before = book["Backlog"].rows()
    data = [{"range": "Backlog!B2", "values": [["changed"]]}, {"range": range_, "values": values}]
    with pytest.raises(APIError) as refused:
        spreadsheet.values_batch_update({**RAW, "data": data})
    assert refused.value.code == 400
    assert refused.value.error["status"] == "INVALID_ARGUMENT"
    assert refused.value.error["message"].startswith("Invalid data[1]: ")
    assert message in refused.value.error["message"]
    assert book["Backlog"].rows() == before


def test_the_input_option_must_be_said(ask: Callable[..., Any]) -> None:
    answer = ask("PUT", "/values/Backlog!A1", json={"values": [["x"]]})
    assert answer["error"]["message"] == "'valueInputOption' is required but not specified"


@pytest.mark.parametrize(
    ("filled", "range_", "table", "written"),
    [
        ({}, "Backlog", "Backlog!A5:B5", "Backlog!A6:B6"),
        ({"C9": 1, "D9": 2, "C10": 3}, "Backlog", "Backlog!C9:D10", "Backlog!C11:D11"),
        ({}, "Backlog!A1", "Backlog!A1:D3", "Backlog!A4:B4"),
        ({}, "Backlog!G20", None, "Backlog!G20:H20"),
        ({"A100": "last"}, "Backlog", "Backlog!A100", "Backlog!A101:B101"),
    ],
)
def test_values_are_appended_below_the_last_table(
    spreadsheet: gspread.Spreadsheet,
    book: Book,
    filled: dict[str, Any],
    range_: str,
    table: str | None,
    written: str,
) -> None:
    for cell, value in filled.items():
        book["Backlog"].put(cell, value)
    answer = spreadsheet.values_append(range_, RAW, {"values": [["new", "row"]]})
    assert (answer.get("tableRange"), answer["updates"]["updatedRange"]) == (table, written)
    assert book["Backlog"].find("new") == written.partition("!")[2].partition(":")[0]


def test_inserted_rows_push_what_is_below_down(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    book["Backlog"].clear("A5:B5")
    book["Backlog"].put("A4", "note below")
    params = {**RAW, "insertDataOption": "INSERT_ROWS"}
    spreadsheet.values_append("Backlog!A1:D3", params, {"values": [["x"]]})
    assert [row[0] for row in book["Backlog"].rows()[2:]] == ["A-2", "note below", "x"]
    assert book["Backlog"].sheet.row_count == 101


def test_cleared_ranges_keep_their_formats(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    book["Backlog"].type("C9", "12%")
    answer = spreadsheet.values_batch_clear(body={"ranges": ["Backlog!C9:C", "'It''s'"]})
    assert answer["clearedRanges"] == ["Backlog!C9:C100", "'It''s'!A1:H100"]
    assert book["It's"].rows() == []
    assert book["Backlog"].cell("C9") == {
        "userEnteredFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0%"}},
        "effectiveFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0%"}},
    }


# How requests are refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "rest", "code", "message"),
    [
        ("GET", "/values/Backlog!A1", {"params": {"valueRender": "x"}}, 400, 'Unknown name "valueRender"'),
        ("GET", "/values/Backlog!A1", {"params": {"valueRenderOption": "x"}}, 400, "TYPE_ENUM"),
        ("GET", "/values/Backlog!A1", {"params": {"fields": "value"}}, 400, "invalid argument"),
        ("GET", "/values/Backlog!A101", {}, 400, "exceeds grid limits"),
        ("GET", "/values/Foo", {}, 400, "Unable to parse range: Foo"),
        (
            "POST",
            "/values:batchUpdate",
            {"json": {"valueInputOption": "RAW", "date": []}},
            400,
            'name "date"',
        ),
        ("POST", "/values:batchUpdate", {"json": {"valueInputOption": "raw"}}, 400, "value_input_option"),
        ("POST", "/values:batchUpdate", {"data": "no json"}, 400, "Invalid JSON payload"),
        (
            "POST",
            "/values:batchGetByDataFilter",
            {"json": {"dataFilters": []}},
            400,
            "at least one data filter",
        ),
        (
            "POST",
            "/values:batchGetByDataFilter",
            {"json": {"dataFilters": [{"gridRange": {"sheetId": 5}}]}},
            400,
            "No grid with id: 5",
        ),
        ("GET", "/nothing", {}, 404, "was not found on this server"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    ask: Callable[..., Any], method: str, path: str, rest: Any, code: int, message: str
) -> None:
    error = ask(method, path, **rest)["error"]
    assert (error["code"], message in error["message"]) == (code, True), error


def test_an_unknown_spreadsheet_is_not_found(gc: gspread.Client, book: Book) -> None:
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open_by_key("1nothing").sheet1  # noqa: B018
    book.share(None)
    with pytest.raises(PermissionError):
        gc.open_by_key(book.id).sheet1  # noqa: B018


def test_a_reader_may_not_write(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    book.share("reader")
    assert spreadsheet.worksheet("Backlog").acell("A1").value == "Key"
    with pytest.raises(APIError, match=r"\[403\]: The caller does not have permission"):
        spreadsheet.values_clear("Backlog!A1")
