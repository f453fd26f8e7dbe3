"""batchUpdate: every kind of request, and that a batch is done whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from tests.google import Book, GoogleServer

Batch = Callable[..., Any]


def cells(*values: Any) -> dict[str, Any]:
    """A RowData of typed values; None is an empty cell."""
    kinds = {bool: "boolValue", str: "stringValue", int: "numberValue", float: "numberValue"}
    return {
        "values": [
            {} if value is None else {"userEnteredValue": {kinds[type(value)]: value}} for value in values
        ]
    }


def start(row: int, column: int, sheet: int = 0) -> dict[str, int]:
    return {"sheetId": sheet, "rowIndex": row, "columnIndex": column}


def dimension(first: int, end: int, axis: str = "ROWS") -> dict[str, Any]:
    return {"sheetId": 0, "dimension": axis, "startIndex": first, "endIndex": end}


# Cells ------------------------------------------------------------------------------------------------


def test_cells_are_updated_from_a_start_and_missing_ones_cleared(batch: Batch, book: Book) -> None:
    update = {
        "start": start(1, 1),
        "rows": [cells("New", None), cells(None, 9)],
        "fields": "userEnteredValue",
    }
    assert batch({"updateCells": update})["replies"] == [{}]
    assert book["Backlog"].rows()[1:3] == [["A-1", "New", "", True], ["A-2", "", 9, False]]


def test_a_range_is_cleared_where_no_cell_is_given(batch: Batch, book: Book) -> None:
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 1, "endColumnIndex": 3}
    batch({"updateCells": {"range": area, "rows": [cells("only")], "fields": "userEnteredValue"}})
    assert book["Backlog"].rows()[1:] == [["A-1", "only", "", True], ["A-2", "", "", False], [], ["A-3"]]


def test_text_that_looks_like_a_formula_stays_text(batch: Batch, book: Book) -> None:
    row = {
        "values": [
            {"userEnteredValue": {"stringValue": "=1+1"}},
            {"userEnteredValue": {"formulaValue": "=1+1"}},
        ]
    }
    batch({"updateCells": {"start": start(8, 0), "rows": [row], "fields": "userEnteredValue"}})
    assert book["Backlog"].rows()[8] == ["=1+1", 2]
    assert book["Backlog"].formula("A9") is None


def test_only_what_the_mask_names_is_written(batch: Batch, book: Book) -> None:
    cell = {
        "userEnteredValue": {"stringValue": "not this"},
        "note": "Owned by the app",
        "userEnteredFormat": {
            "numberFormat": {"type": "NUMBER", "pattern": "0.00"},
            "textFormat": {"bold": True},
        },
    }
    fields = "note,userEnteredFormat.numberFormat"
    batch({"updateCells": {"start": start(1, 2), "rows": [{"values": [cell]}], "fields": fields}})
    worn = {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}
    assert book["Backlog"].cell("C2") == {
        "userEnteredValue": {"numberValue": 5},
        "effectiveValue": {"numberValue": 5},
        "formattedValue": "5.00",
        "note": "Owned by the app",
        "userEnteredFormat": worn,
        "effectiveFormat": worn,
    }
    batch({"updateCells": {"start": start(1, 2), "rows": [{"values": [{}]}], "fields": "*"}})
    assert book["Backlog"].cell("C2") == {}


def test_cells_are_appended_below_the_last_value_and_the_grid_grows(batch: Batch, book: Book) -> None:
    book["Backlog"].put("H99", "someone types where the row would go")
    rows = [cells("A-4", "Delta"), cells("A-5", "Epsilon", 1)]
    batch({"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}})
    assert book["Backlog"].rows()[99:] == [["A-4", "Delta"], ["A-5", "Epsilon", 1]]
    assert book["Backlog"].sheet.row_count == 101


def test_a_repeated_cell_stops_at_the_grid(batch: Batch, book: Book) -> None:
    area = {"sheetId": 0, "startRowIndex": 98, "endRowIndex": 200, "endColumnIndex": 1}
    batch({"repeatCell": {"range": area, "cell": {"note": "end"}, "fields": "note"}})
    assert [book["Backlog"].cell(cell).get("note") for cell in ("A98", "A99", "A100")] == [None, "end", "end"]
    assert book["Backlog"].sheet.row_count == 100


def test_a_choice_of_values_can_be_put_on_a_column(batch: Batch, book: Book) -> None:
    rule = {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "Yes"}, {"userEnteredValue": "No"}],
        },
        "strict": True,
        "showCustomUi": True,
    }
    area = {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 3, "endColumnIndex": 4}
    batch({"setDataValidation": {"range": area, "rule": rule}})
    assert book["Backlog"].cell("D100") == {"dataValidation": rule}
    assert "dataValidation" not in book["Backlog"].cell("D1")
    batch({"setDataValidation": {"range": area}})
    assert book["Backlog"].cell("D100") == {}


def test_rows_are_sorted_numbers_first_and_blanks_last(batch: Batch, book: Book) -> None:
    for at, value in enumerate(["b", 10, "", True, "A", 2], 10):
        book["Backlog"].put_row(at, [value, f"was {at}"])
    area = {"sheetId": 0, "startRowIndex": 9, "endRowIndex": 15, "endColumnIndex": 2}
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    batch({"sortRange": {"range": area, "sortSpecs": specs}})
    assert [row[0] for row in book["Backlog"].rows()[9:]] == [2, 10, "A", "b", True, ""]
    batch({"sortRange": {"range": area, "sortSpecs": [{**specs[0], "sortOrder": "DESCENDING"}]}})
    assert [row[0] for row in book["Backlog"].rows()[9:]] == [True, "b", "A", 10, 2, ""]


# Sheets, rows and columns -----------------------------------------------------------------------------


def test_gspread_manages_sheets(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    sheet = spreadsheet.add_worksheet("Results", rows=20, cols=4, index=0)
    assert book.titles == ["Results", "Backlog", "It's"]
    sheet.update_title("Runs")
    sheet.freeze(rows=1)
    sheet.resize(rows=10, cols=3)
    sheet.hide()
    assert book["Runs"].properties == {
        "sheetId": sheet.id,
        "title": "Runs",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 10, "columnCount": 3, "frozenRowCount": 1},
        "hidden": True,
    }
    spreadsheet.reorder_worksheets([spreadsheet.worksheet(title) for title in ("Backlog", "Runs", "It's")])
    assert book.titles == ["Backlog", "Runs", "It's"]
    spreadsheet.del_worksheet(sheet)
    assert book.titles == ["Backlog", "It's"]


def test_gspread_manages_rows_and_columns(spreadsheet: gspread.Spreadsheet, book: Book) -> None:
    sheet = spreadsheet.worksheet("Backlog")
    sheet.insert_rows([["A-0", "Zero"]], row=2)
    sheet.delete_rows(3)
    sheet.insert_cols([["Team"]], col=1)
    sheet.delete_columns(4)
    sheet.add_rows(5)
    assert book["Backlog"].rows() == [
        ["Team", "Key", "Name", "Live"],
        ["", "A-0", "Zero"],
        ["", "A-2", "Beta", False],
        [],
        ["", "A-3", "Gamma"],
    ]
    assert (book["Backlog"].sheet.row_count, book["Backlog"].sheet.column_count) == (105, 8)


@pytest.mark.parametrize(
    ("first", "end", "to", "keys"),
    [
        (1, 2, 3, ["Key", "A-2", "A-1", "", "A-3"]),
        (4, 5, 1, ["Key", "A-3", "A-1", "A-2"]),
        (1, 3, 5, ["Key", "", "A-3", "A-1", "A-2"]),
    ],
)
def test_rows_move_to_where_they_were_counted(
    batch: Batch, book: Book, first: int, end: int, to: int, keys: list[str]
) -> None:
    batch({"moveDimension": {"source": dimension(first, end), "destinationIndex": to}})
    assert [row[0] if row else "" for row in book["Backlog"].rows()] == keys


def test_new_rows_look_like_the_row_they_come_after(batch: Batch, book: Book) -> None:
    book["Backlog"].type("C2", "12%")
    batch({"insertDimension": {"range": dimension(2, 4), "inheritFromBefore": True}})
    book["Backlog"].put("C4", 0.5)
    assert book["Backlog"].text("C4") == "50%"


def test_sizes_and_filters_are_kept_and_move_along(ask: Batch, batch: Batch) -> None:
    batch(
        {
            "updateDimensionProperties": {
                "range": dimension(1, 2, "COLUMNS"),
                "properties": {"pixelSize": 250},
                "fields": "pixelSize",
            }
        },
        {"setBasicFilter": {"filter": {"range": {"sheetId": 0, "endColumnIndex": 4}}}},
        {"insertDimension": {"range": dimension(0, 1, "COLUMNS")}},
        {"autoResizeDimensions": {"dimensions": dimension(3, 4, "COLUMNS")}},
    )
    fields = "sheets(basicFilter,data.columnMetadata.pixelSize)"
    [sheet] = ask("GET", "", params={"ranges": "Backlog!A1:E1", "fields": fields})["sheets"]
    assert sheet["basicFilter"]["range"] == {
        "sheetId": 0,
        "startRowIndex": 0,
        "endRowIndex": 100,
        "startColumnIndex": 1,
        "endColumnIndex": 5,
    }
    assert [size["pixelSize"] for size in sheet["data"][0]["columnMetadata"]] == [100, 100, 250, 42, 100]
    batch({"clearBasicFilter": {"sheetId": 0}})
    assert ask("GET", "", params={"ranges": "Backlog!A1", "fields": "sheets.basicFilter"})["sheets"] == [{}]


# Protection -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        {"updateCells": {"start": start(1, 1), "rows": [cells("x")], "fields": "userEnteredValue"}},
        {"repeatCell": {"range": {"sheetId": 0}, "cell": {}, "fields": "note"}},
        {"findReplace": {"find": "Alpha", "replacement": "x", "allSheets": True}},
        {"deleteDimension": {"range": dimension(1, 2)}},
        {"sortRange": {"range": {"sheetId": 0}, "sortSpecs": [{}]}},
        {"deleteProtectedRange": {"protectedRangeId": 1001}},
    ],
)
def test_what_the_account_may_not_edit_is_refused(
    batch: Batch, book: Book, google: GoogleServer, request_: dict[str, Any]
) -> None:
    before = book["Backlog"].rows()
    assert book["Backlog"].protect("B2:C3") == 1001
    error = batch(request_)["error"]
    [kind] = request_
    assert error["code"] == 400
    assert error["message"].startswith(f"Invalid requests[0].{kind}: You are trying to edit a protected cell")
    assert book["Backlog"].rows() == before
    book.do({"deleteProtectedRange": {"protectedRangeId": 1001}})
    assert book["Backlog"].protect("B2:C3", editors=[google.account]) == 1001
    assert "error" not in batch(request_)


def test_a_warning_stops_no_program_and_values_obey_protection_too(
    spreadsheet: gspread.Spreadsheet, book: Book
) -> None:
    book["Backlog"].protect("B:B", warning_only=True)
    book["Backlog"].protect("C2")
    sheet = spreadsheet.worksheet("Backlog")
    sheet.update([["may", None]], "B2:C2")
    with pytest.raises(APIError, match="protected cell"):
        sheet.update([[None, "may not"]], "B2:C2")
    assert book["Backlog"].rows()[1] == ["A-1", "may", 5, True]


def test_who_protects_may_edit_and_others_may_not(batch: Batch, book: Book, google: GoogleServer) -> None:
    area = {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}
    reply = batch({"addProtectedRange": {"protectedRange": {"range": area, "description": "Computed"}}})
    protection = reply["replies"][0]["addProtectedRange"]["protectedRange"]
    assert protection == {
        "protectedRangeId": 1001,
        "range": area,
        "description": "Computed",
        "editors": {"users": [google.person, google.account]},
        "requestingUserCanEdit": True,
    }
    book["Backlog"].put("C2", "the owner may")
    google.person = "pm@example.com"
    with pytest.raises(Exception, match="protected cell"):
        book["Backlog"].put("C2", "a colleague may not")


# The whole batch --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteSheet": {"sheetId": 9}}, "Invalid requests[1].deleteSheet: No grid with id: 9"),
        ({"addSheet": {"properties": {"title": "backlog"}}}, "already exists. Please enter another name."),
        (
            {"updateCells": {"start": start(0, 0), "rows": []}},
            "At least one field must be listed in 'fields'.",
        ),
        (
            {"updateCells": {"start": start(100, 0), "rows": [cells("x")], "fields": "note"}},
            "Invalid requests[1].updateCells: Range (Backlog!A101) exceeds grid limits. "
            "Max rows: 100, max columns: 8",
        ),
        (
            {"repeatCell": {"range": {"sheetId": 0, "startColumnIndex": 8}, "cell": {}, "fields": "note"}},
            "exceeds grid limits",
        ),
        (
            {
                "updateCells": {
                    "start": start(0, 0),
                    "rows": [cells("x" * 50_001)],
                    "fields": "userEnteredValue",
                }
            },
            "maximum of 50000 characters",
        ),
        ({"updateCells": {"start": start(0, 0), "rows": [], "fields": "value"}}, "invalid argument"),
        ({"deleteDimension": {"range": dimension(99, 101)}}, "Tried to delete row index 100"),
        ({"deleteDimension": {"range": dimension(0, 100)}}, "can't delete all the rows"),
        ({"findReplace": {"find": "x", "replacement": "y"}}, "Exactly one of range, sheetId and allSheets"),
        ({"dance": {}}, "Unknown name \"dance\" at 'requests[1]': Cannot find field."),
        ({"updateCells": {"Rows": []}}, "Unknown name \"Rows\" at 'requests[1].update_cells'"),
        (
            {"deleteSheet": {"sheetId": "one"}},
            "Invalid value at 'requests[1].delete_sheet.sheet_id' (TYPE_INT32)",
        ),
        ({}, "No request set."),
        ({"deleteSheet": {}, "addSheet": {}}, "oneof field 'kind' is already set"),
        (
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 2_000_000}},
            "above the limit of 10000000 cells",
        ),
    ],
)
def test_one_bad_request_undoes_the_batch(
    batch: Batch, book: Book, request_: dict[str, Any], message: str
) -> None:
    before, version = book["Backlog"].rows(), book.google.drive.files[book.id].version
    good = {"updateCells": {"start": start(1, 1), "rows": [cells("x")], "fields": "userEnteredValue"}}
    error = batch(good, request_)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert message in error["message"]
    assert book["Backlog"].rows() == before
    assert book.google.drive.files[book.id].version == version


def test_the_answer_shows_what_was_written(batch: Batch, ask: Batch) -> None:
    requests = [
        {"updateCells": {"start": start(1, 1), "rows": [cells("New")], "fields": "userEnteredValue"}},
        {"findReplace": {"find": "A-2", "replacement": "A-9", "sheetId": 0}},
    ]
    shown = {
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Backlog!A2:B3"],
        "responseIncludeGridData": True,
    }
    answer = batch(*requests, **shown)
    assert answer["replies"][0] == {}
    [sheet] = answer["updatedSpreadsheet"]["sheets"]
    texts = [[cell["formattedValue"] for cell in row["values"]] for row in sheet["data"][0]["rowData"]]
    assert texts == [["A-1", "New"], ["A-9", "Beta"]]

    fields = "replies,updatedSpreadsheet(sheets(data(rowData.values.formattedValue)))"
    body = {"requests": requests[:1], **shown}
    masked = ask("POST", ":batchUpdate", params={"fields": fields}, json=body)
    [sheet] = masked["updatedSpreadsheet"]["sheets"]
    assert set(masked) == {"replies", "updatedSpreadsheet"}
    assert sheet == {
        "data": [
            {
                "rowData": [
                    {"values": [{"formattedValue": "A-1"}, {"formattedValue": "New"}]},
                    {"values": [{"formattedValue": "A-9"}, {"formattedValue": "Beta"}]},
                ]
            }
        ]
    }


def test_without_being_asked_the_answer_has_no_cells(batch: Batch) -> None:
    request = {"addSheet": {"properties": {"title": "Runs", "gridProperties": {"frozenRowCount": 1}}}}
    answer = batch(request, includeSpreadsheetInResponse=True)
    properties = answer["replies"][0]["addSheet"]["properties"]
    assert properties["gridProperties"] == {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 1}
    assert [sheet["properties"]["title"] for sheet in answer["updatedSpreadsheet"]["sheets"]] == [
        "Backlog",
        "It's",
        "Runs",
    ]
    assert "data" not in answer["updatedSpreadsheet"]["sheets"][0]
