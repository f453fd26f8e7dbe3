"""The methods of the Sheets API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.google import requests, schema, sheet_requests, values
from tests.google.calls import Call
from tests.google.cell_requests import put_cell
from tests.google.cells import Json
from tests.google.drive import Drive
from tests.google.errors import PayloadError, invalid, within
from tests.google.formulas import Evaluator
from tests.google.masks import Mask, below, wants
from tests.google.resources import Areas, spreadsheet_resource
from tests.google.spreadsheet import Spreadsheet

RENDER = ("majorDimension", "valueRenderOption", "dateTimeRenderOption")


# Spreadsheets -----------------------------------------------------------------------------------------


def create(drive: Drive, call: Call, mask: Mask | None) -> Json:
    given = call.json()
    file = drive.create((given.get("properties") or {}).get("title") or "Untitled spreadsheet", drive.account)
    draft = file.spreadsheet.draft(drive.account)
    if given.get("sheets"):
        draft.given_ids = 1  # only the sheet that nobody asked for has the id 0
    for each in given.get("sheets") or [{}]:
        sheet_requests.add_sheet(draft, {"properties": each.get("properties") or {}})
        _fill(draft, each.get("data") or [])
    drive.save(draft, drive.account)
    return spreadsheet_resource(file.spreadsheet, drive.account, mask)


def _fill(draft: Spreadsheet, data: list[Json]) -> None:
    sheet = draft.sheets[-1]
    for block in data:
        for at, row in enumerate(block.get("rowData") or [], block.get("startRow") or 0):
            for column, cell in enumerate((row or {}).get("values") or [], block.get("startColumn") or 0):
                put_cell(sheet, at, column, cell or {}, {})


def get(drive: Drive, call: Call, mask: Mask | None) -> Json:
    spreadsheet = drive.opened(call.spreadsheet_id)
    areas = [spreadsheet.area(text) for text in call.params.get("ranges", [])] or None
    return spreadsheet_resource(spreadsheet, drive.account, mask, areas, call.flag("includeGridData"))


def get_by_data_filter(drive: Drive, call: Call, mask: Mask | None) -> Json:
    spreadsheet, body = drive.opened(call.spreadsheet_id), call.json()
    areas = _filtered(spreadsheet, body.get("dataFilters") or []) or None
    return spreadsheet_resource(spreadsheet, drive.account, mask, areas, bool(body.get("includeGridData")))


def _filtered(spreadsheet: Spreadsheet, filters: list[Json]) -> Areas:
    areas = []
    for at, each in enumerate(filters):
        with within(f"dataFilters[{at}]"):
            areas.append(spreadsheet.filtered(each))
    return areas


def batch_update(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft, body = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account), call.json()
    replies = requests.apply(draft, body.get("requests") or [])
    answer: Json = {"spreadsheetId": draft.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        answer["updatedSpreadsheet"] = _updated(draft, body, drive.account, mask)
    drive.save(draft, drive.account)
    return answer


def _updated(draft: Spreadsheet, body: Json, editor: str, mask: Mask | None) -> Json:
    if not wants(mask, "updatedSpreadsheet"):
        return {}
    areas = [draft.area(text) for text in body.get("responseRanges") or []] or None
    grid = bool(body.get("responseIncludeGridData"))
    inner = None if mask is None else below(mask, "updatedSpreadsheet")
    return spreadsheet_resource(draft, editor, inner, areas, grid)


# Values -----------------------------------------------------------------------------------------------


def values_get(drive: Drive, call: Call, mask: Mask | None) -> Json:
    return _ranges(drive.opened(call.spreadsheet_id), [call.place["range"]], _render(call))[0]


def values_batch_get(drive: Drive, call: Call, mask: Mask | None) -> Json:
    spreadsheet = drive.opened(call.spreadsheet_id)
    ranges = _ranges(spreadsheet, call.params.get("ranges", []), _render(call))
    return {"spreadsheetId": spreadsheet.id, **({"valueRanges": ranges} if ranges else {})}


def values_batch_get_by_data_filter(drive: Drive, call: Call, mask: Mask | None) -> Json:
    spreadsheet, body = drive.opened(call.spreadsheet_id), call.json()
    evaluator, filters = Evaluator(spreadsheet), body.get("dataFilters") or []
    if not filters:
        raise invalid("Must specify at least one data filter.")
    matched = [
        {"valueRange": values.value_range(sheet, area, evaluator, body), "dataFilters": [each]}
        for each, (sheet, area) in zip(filters, _filtered(spreadsheet, filters), strict=True)
    ]
    return {"spreadsheetId": spreadsheet.id, "valueRanges": matched}


def _render(call: Call) -> Json:
    return {name: _choice(call, name) for name in RENDER if name in call.params}


def _choice(call: Call, name: str) -> str:
    known = {
        **schema.MESSAGES["BatchGetValuesByDataFilterRequest"],
        **schema.MESSAGES["BatchUpdateValuesRequest"],
    }
    if call.param(name) not in known[name].split("|"):
        raise PayloadError(name, f"Invalid value at '{name}' (TYPE_ENUM), \"{call.param(name)}\"")
    return call.param(name)


def _ranges(spreadsheet: Spreadsheet, ranges: list[str], options: Json) -> list[Json]:
    evaluator = Evaluator(spreadsheet)
    return [values.value_range(*spreadsheet.area(text), evaluator, options) for text in ranges]


def values_update(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account)
    body = call.json()
    if body.get("range") not in (None, call.place["range"]):
        raise invalid(
            f"Requested range {call.place['range']} does not match the range {body['range']} given."
        )
    answer = _written(draft, {**body, "range": call.place["range"]}, _input(call))
    drive.save(draft, drive.account)
    return answer


def _input(call: Call) -> Json:
    return {
        "valueInputOption": call.param("valueInputOption") or None,
        "includeValuesInResponse": call.flag("includeValuesInResponse"),
        "responseValueRenderOption": call.param("responseValueRenderOption") or None,
        "responseDateTimeRenderOption": call.param("responseDateTimeRenderOption") or None,
    }


def _written(draft: Spreadsheet, value_range: Json, options: Json) -> Json:
    answer = values.write(draft, value_range, options.get("valueInputOption"))
    if options.get("includeValuesInResponse"):
        answer["updatedData"] = _now(draft, value_range, answer["updatedRange"], options)
    return answer


def _now(draft: Spreadsheet, value_range: Json, written: str, options: Json) -> Json:
    """What now stands in the range asked for, or in what was written from a single cell on."""
    sheet, area = draft.area(value_range["range"])
    if area.bottom == area.top + 1 and area.right == area.left + 1:
        sheet, area = draft.area(written)
    render = {
        "majorDimension": value_range.get("majorDimension"),
        "valueRenderOption": options.get("responseValueRenderOption"),
        "dateTimeRenderOption": options.get("responseDateTimeRenderOption"),
    }
    return values.value_range(sheet, area, Evaluator(draft), render)


def values_batch_update(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft, body = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account), call.json()
    responses = []
    for at, each in enumerate(body.get("data") or []):
        with within(f"data[{at}]"):
            responses.append(values.write(draft, each, body.get("valueInputOption")))
    if body.get("includeValuesInResponse"):
        for each, response in zip(body.get("data") or [], responses, strict=True):
            response["updatedData"] = _now(draft, each, response["updatedRange"], body)
    drive.save(draft, drive.account)
    return {"spreadsheetId": draft.id, **_totals(draft, responses), "responses": responses}


def _totals(draft: Spreadsheet, responses: list[Json]) -> Json:
    sheets = {draft.area(each["updatedRange"])[0].id for each in responses}
    names = ("updatedRows", "updatedColumns", "updatedCells")
    totals = {f"total{name[0].upper()}{name[1:]}": sum(each[name] for each in responses) for name in names}
    return {**totals, "totalUpdatedSheets": len(sheets)}


def values_append(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account)
    options, insert = _input(call), call.param("insertDataOption") == "INSERT_ROWS"
    answer = values.append(draft, call.place["range"], call.json(), options["valueInputOption"], insert)
    if options["includeValuesInResponse"]:
        written = answer["updates"]["updatedRange"]
        shape = {"range": written, "majorDimension": call.json().get("majorDimension")}
        answer["updates"]["updatedData"] = _now(draft, shape, written, options)
    drive.save(draft, drive.account)
    return answer


def values_clear(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account)
    cleared = values.clear(draft, call.place["range"])
    drive.save(draft, drive.account)
    return {"spreadsheetId": draft.id, "clearedRange": cleared}


def values_batch_clear(drive: Drive, call: Call, mask: Mask | None) -> Json:
    draft = drive.opened(call.spreadsheet_id, writing=True).draft(drive.account)
    cleared = []
    for at, text in enumerate(call.json().get("ranges") or []):
        with within(f"range[{at}]"):
            cleared.append(values.clear(draft, text))
    drive.save(draft, drive.account)
    return {"spreadsheetId": draft.id, "clearedRanges": cleared}


METHODS: dict[str, Callable[[Drive, Call, Mask | None], Any]] = {
    "spreadsheets.create": create,
    "spreadsheets.get": get,
    "spreadsheets.getByDataFilter": get_by_data_filter,
    "spreadsheets.batchUpdate": batch_update,
    "values.get": values_get,
    "values.batchGet": values_batch_get,
    "values.batchGetByDataFilter": values_batch_get_by_data_filter,
    "values.update": values_update,
    "values.append": values_append,
    "values.clear": values_clear,
    "values.batchUpdate": values_batch_update,
    "values.batchClear": values_batch_clear,
}
