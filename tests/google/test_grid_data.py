"""Metadata and cells in one call: field masks, data filters, formulas next to what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from tests.google import Book, masks

GUARD = (
    "properties.title,sheets(properties(sheetId,title,index,gridProperties),"
    "data(startRow,startColumn,rowData.values(effectiveValue,formattedValue,userEnteredValue)))"
)


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("a", {"a": {}}),
        ("a,b.c,b.d", {"a": {}, "b": {"c": {}, "d": {}}}),
        ("a(b,c/d),e", {"a": {"b": {}, "c": {"d": {}}}, "e": {}}),
        ("a.b(c.d(e,f))", {"a": {"b": {"c": {"d": {"e": {}, "f": {}}}}}}),
        ("a.b,a", {"a": {}}),
        ("a,a.b", {"a": {}}),
        ("*", {}),
        ("a(*)", {"a": {}}),
    ],
)
def test_a_mask_is_read(text: str, mask: masks.Mask) -> None:
    assert masks.parse(text) == mask


@pytest.mark.parametrize("text", ["", "a,", "a(b", "a)b", "a..b", "a b", "a,b;c"])
def test_what_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="invalid argument"):
        masks.parse(text)


def test_metadata_comes_without_cells_unless_they_are_asked_for(
    ask: Callable[..., Any], spreadsheet: gspread.Spreadsheet
) -> None:
    plain = spreadsheet.fetch_sheet_metadata()
    assert [sheet["properties"]["title"] for sheet in plain["sheets"]] == ["Backlog", "It's"]
    assert plain["sheets"][0]["properties"]["gridProperties"] == {"rowCount": 100, "columnCount": 8}
    assert all("data" not in sheet for sheet in plain["sheets"])
    assert "data" in ask("GET", "", params={"includeGridData": "true"})["sheets"][0]
    assert "data" in ask("GET", "", params={"fields": "sheets.data.rowData"})["sheets"][0]
    only_titles = ask("GET", "", params={"fields": "sheets.properties.title", "includeGridData": "true"})
    assert only_titles["sheets"] == [{"properties": {"title": "Backlog"}}, {"properties": {"title": "It's"}}]


def test_ranges_leave_other_sheets_out(ask: Callable[..., Any]) -> None:
    params = {"ranges": ["Backlog!A2:B2", "Backlog!C3"], "fields": "sheets(properties.title,data)"}
    [sheet] = ask("GET", "", params=params)["sheets"]
    assert [(data.get("startRow"), data.get("startColumn")) for data in sheet["data"]] == [(1, None), (2, 2)]
    assert len(sheet["data"][0]["rowMetadata"]) == 1
    assert sheet["data"][0]["columnMetadata"] == [{"pixelSize": 100}, {"pixelSize": 100}]


def test_the_guard_sees_formulas_values_and_displayed_text(ask: Callable[..., Any], book: Book) -> None:
    book["Backlog"].type("C3", "=C2*50%*2")
    book["Backlog"].type("C2", "12%")
    filters = [
        {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "endColumnIndex": 1}},
        {"gridRange": {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 3}},
    ]
    answer = ask("POST", ":getByDataFilter", params={"fields": GUARD}, json={"dataFilters": filters})
    key = {"stringValue": "Key"}
    assert answer == {
        "properties": {"title": "Plan"},
        "sheets": [
            {
                "properties": {
                    "sheetId": 0,
                    "title": "Backlog",
                    "index": 0,
                    "gridProperties": {"rowCount": 100, "columnCount": 8},
                },
                "data": [
                    {
                        "rowData": [
                            {
                                "values": [
                                    {
                                        "userEnteredValue": key,
                                        "effectiveValue": key,
                                        "formattedValue": "Key",
                                    }
                                ]
                            }
                        ]
                    },
                    {
                        "startRow": 1,
                        "startColumn": 2,
                        "rowData": [
                            {
                                "values": [
                                    {
                                        "userEnteredValue": {"numberValue": 0.12},
                                        "effectiveValue": {"numberValue": 0.12},
                                        "formattedValue": "12%",
                                    }
                                ]
                            },
                            {
                                "values": [
                                    {
                                        "userEnteredValue": {"formulaValue": "=C2*50%*2"},
                                        "effectiveValue": {
                                            "errorValue": {"type": "NAME"},
                                        },
                                        "formattedValue": "#NAME?",
                                    }
                                ]
                            },
                        ],
                    },
                ],
            }
        ],
    }


def test_blank_cells_in_between_are_empty(ask: Callable[..., Any]) -> None:
    params = {"ranges": "Backlog!A3:D7", "fields": "sheets.data.rowData.values.userEnteredValue.stringValue"}
    [sheet] = ask("GET", "", params=params)["sheets"]
    beta = [{"userEnteredValue": {"stringValue": text}} for text in ("A-2", "Beta")]
    gamma = [{"userEnteredValue": {"stringValue": text}} for text in ("A-3", "Gamma")]
    numbers = [{"userEnteredValue": {}}, {"userEnteredValue": {}}]
    assert sheet["data"][0]["rowData"] == [{"values": [*beta, *numbers]}, {}, {"values": gamma}]


@pytest.mark.parametrize(
    ("method", "path", "rest", "message"),
    [
        ("GET", "", {"params": {"fields": "sheets.title"}}, "invalid argument"),
        ("GET", "", {"params": {"fields": "sheets(data(rowdata))"}}, "invalid argument"),
        ("GET", "", {"params": {"ranges": "Foo!A1"}}, "Unable to parse range: Foo!A1"),
        ("GET", "", {"params": {"ranges": "Backlog!A101", "includeGridData": "true"}}, "exceeds grid limits"),
        (
            "POST",
            ":getByDataFilter",
            {"json": {"dataFilters": [{"gridRange": {"sheetId": 77}}]}},
            "No grid with id: 77",
        ),
        (
            "POST",
            ":getByDataFilter",
            {"json": {"dataFilters": [{"gridRange": {"sheetID": 0}}]}},
            "Unknown name \"sheetID\" at 'data_filters[0].grid_range'",
        ),
    ],
)
def test_a_wrong_mask_or_filter_is_told(
    ask: Callable[..., Any], method: str, path: str, rest: Any, message: str
) -> None:
    error = ask(method, path, **rest)["error"]
    assert (error["code"], message in error["message"]) == (400, True), error


def test_a_misspelt_mask_is_named(ask: Callable[..., Any]) -> None:
    error = ask("GET", "", params={"fields": "sheets.properties.name"})["error"]
    assert error["details"][0]["fieldViolations"] == [
        {
            "field": "fields",
            "description": "Error expanding 'fields' parameter. "
            "Cannot find matching fields for path 'sheets.properties.name'.",
        }
    ]
