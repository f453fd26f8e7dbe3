"""One Google spreadsheet through gspread's client: read whole, looked at cell by cell, written in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL, SPREADSHEET_VALUES_BATCH_UPDATE_URL

from portfolio.sheets.google.grid import Range, Seen, seen_cells, title_of, width_of
from portfolio.sheets.google.http import GoogleHTTPClient

LOOKED_AT = "data(startRow,startColumn,rowData.values(effectiveValue,formattedValue,userEnteredValue))"
PROPERTIES = "properties(sheetId,title,index,hidden,sheetType,gridProperties)"


@dataclass(frozen=True)
class SheetInfo:
    """A sheet of the spreadsheet as Google knows it; sizes of its grid."""

    sheet_id: int
    title: str
    rows: int
    columns: int

    @classmethod
    def of(cls, properties: dict[str, Any]) -> SheetInfo:
        grid = properties.get("gridProperties", {})
        return cls(
            properties.get("sheetId", 0),
            properties["title"],
            grid.get("rowCount", 0),
            grid.get("columnCount", 0),
        )


@dataclass(frozen=True)
class Values:
    """All of a sheet: its title, how many columns its grid has, and its rows without trailing blanks."""

    title: str
    columns: int
    rows: list[list[Any]]

    @classmethod
    def of(cls, told: dict[str, Any]) -> Values:
        return cls(title_of(told["range"]), width_of(told["range"]), told.get("values", []))


@dataclass
class Look:
    """Cells as they are now, by sheet id: ``cells[sheet_id][(row from 1, column from 0)]``."""

    sheets: dict[int, SheetInfo] = field(default_factory=dict)
    cells: dict[int, dict[tuple[int, int], Seen]] = field(default_factory=dict)

    @classmethod
    def at(cls, sheets: Iterable[dict[str, Any]]) -> Look:
        look = cls()
        for each in sheets:
            info = SheetInfo.of(each["properties"])
            look.sheets[info.sheet_id] = info
            found = look.cells.setdefault(info.sheet_id, {})
            for block in each.get("data", ()):
                found.update(((row, column), seen) for row, column, seen in seen_cells(block))
        return look


class Book:
    """Raises what ``portfolio.sheets.google.http`` raises."""

    def __init__(self, spreadsheet_id: str, http: GoogleHTTPClient) -> None:
        self.id, self.http = spreadsheet_id, http

    # Reading -----------------------------------------------------------------------------------------

    def metadata(self) -> tuple[str, list[SheetInfo]]:
        """The spreadsheet's title and its sheets with cells."""
        told = self.http.fetch_sheet_metadata(
            self.id, params={"fields": f"properties.title,sheets({PROPERTIES})"}
        )
        sheets = [each["properties"] for each in told.get("sheets", ())]
        grids = [SheetInfo.of(each) for each in sheets if each.get("sheetType", "GRID") == "GRID"]
        return told["properties"]["title"], grids

    def values(self, sheet_ids: Sequence[int]) -> list[Values]:
        """Each sheet, found by its id; dates are serial numbers."""
        body = {
            "dataFilters": [{"gridRange": {"sheetId": sheet_id}} for sheet_id in sheet_ids],
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "majorDimension": "ROWS",
        }
        told = self._post(f"{SPREADSHEET_URL % self.id}/values:batchGetByDataFilter", body)
        return [Values.of(each["valueRange"]) for each in _in_order(told["valueRanges"], sheet_ids)]

    def look(self, ranges: Sequence[Range]) -> Look:
        """The cells of ``ranges`` as they are at this moment."""
        body = {"dataFilters": [{"gridRange": each.as_json()} for each in ranges]}
        told = self._post(
            f"{SPREADSHEET_URL % self.id}:getByDataFilter",
            body,
            params={"fields": f"properties.title,sheets({PROPERTIES},{LOOKED_AT})"},
        )
        return Look.at(told.get("sheets", ()))

    # Writing -----------------------------------------------------------------------------------------

    def update(
        self, requests: Sequence[dict[str, Any]], look_at: Sequence[str] = (), once: bool = False
    ) -> tuple[list[dict[str, Any]], Look]:
        """Do ``requests`` all or none; answers their replies and the cells of ``look_at`` (A1) afterwards.

        ``once``: never repeated where the outcome is unknown, because a repetition would do it twice.
        """
        body: dict[str, Any] = {"requests": list(requests)}
        fields = "replies"
        if look_at:
            body |= {
                "includeSpreadsheetInResponse": True,
                "responseRanges": list(look_at),
                "responseIncludeGridData": True,
            }
            fields = f"replies,updatedSpreadsheet.sheets({PROPERTIES},{LOOKED_AT})"
        told = self._post(
            SPREADSHEET_BATCH_UPDATE_URL % self.id, body, params={"fields": fields}, idempotent=not once
        )
        return told.get("replies", []), Look.at(told.get("updatedSpreadsheet", {}).get("sheets", ()))

    def write_columns(self, columns: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Any]]:
        """Write one range (A1, one column wide) each, RAW; None leaves a cell as it is, "" clears it.

        Answers each range's values afterwards, from its first row on.
        """
        body = {
            "valueInputOption": "RAW",
            "data": [
                {"range": at, "majorDimension": "COLUMNS", "values": [list(cells)]} for at, cells in columns
            ],
            "includeValuesInResponse": True,
            "responseValueRenderOption": "UNFORMATTED_VALUE",
            "responseDateTimeRenderOption": "SERIAL_NUMBER",
        }
        told = self._post(SPREADSHEET_VALUES_BATCH_UPDATE_URL % self.id, body)
        return [_first_column(each["updatedData"]) for each in told["responses"]]

    def _post(
        self, url: str, body: dict[str, Any], params: dict[str, Any] | None = None, idempotent: bool = True
    ) -> dict[str, Any]:
        answer = self.http.request("post", url, params=params, json=body, idempotent=idempotent)
        told: dict[str, Any] = answer.json()
        return told


def _in_order(ranges: list[dict[str, Any]], sheet_ids: Sequence[int]) -> list[dict[str, Any]]:
    """As asked: an answer names the filters it is for."""
    by_id = {each["dataFilters"][0]["gridRange"].get("sheetId", 0): each for each in ranges}
    return [by_id[sheet_id] for sheet_id in sheet_ids]


def _first_column(values: dict[str, Any]) -> list[Any]:
    cells = values.get("values", [])
    if values.get("majorDimension") == "COLUMNS":
        return cells[0] if cells else []
    return [row[0] if row else "" for row in cells]
