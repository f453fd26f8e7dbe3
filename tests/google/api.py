"""The methods of both APIs: which path is which method, what it takes and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.google import drive_methods, masks, schema, sheets_methods
from tests.google.calls import Call
from tests.google.drive import Drive
from tests.google.errors import GoogleError, PayloadError
from tests.google.masks import Mask

STANDARD = frozenset({"alt", "fields", "key", "access_token", "oauth_token", "prettyPrint", "quotaUser"})
SHEETS = "/v4/spreadsheets"
FILES = "/drive/v3/files"
ID = r"/(?P<id>[^/:]+)"
RANGE = r"/values/(?P<range>[^/]+?)"
RENDER = "majorDimension valueRenderOption dateTimeRenderOption"
INPUT = "valueInputOption includeValuesInResponse responseValueRenderOption responseDateTimeRenderOption"


@dataclass(frozen=True)
class Method:
    """``answers`` names the message of its response, ``takes`` that of its body."""

    verb: str
    path: re.Pattern[str]
    kind: str
    do: Callable[[Drive, Call, Mask | None], Any]
    answers: str
    takes: str = ""
    params: str = ""
    reads: bool = False


def _sheets(
    verb: str, path: str, kind: str, answers: str, takes: str = "", params: str = "", reads: bool = False
) -> Method:
    do = sheets_methods.METHODS[kind]
    return Method(verb, re.compile(SHEETS + path), kind, do, answers, takes, params, reads)


def _drive(verb: str, path: str, kind: str, answers: str) -> Method:
    do = drive_methods.METHODS[kind]
    return Method(verb, re.compile(path), kind, do, answers, reads=verb == "GET")


METHODS = [
    _sheets("POST", "", "spreadsheets.create", "Spreadsheet", "Spreadsheet"),
    _sheets(
        "GET",
        ID,
        "spreadsheets.get",
        "Spreadsheet",
        "",
        "ranges includeGridData excludeTablesInBandedRanges",
        True,
    ),
    _sheets(
        "POST",
        ID + ":getByDataFilter",
        "spreadsheets.getByDataFilter",
        "Spreadsheet",
        "GetSpreadsheetByDataFilterRequest",
        "",
        True,
    ),
    _sheets(
        "POST",
        ID + ":batchUpdate",
        "spreadsheets.batchUpdate",
        "BatchUpdateSpreadsheetResponse",
        "BatchUpdateSpreadsheetRequest",
    ),
    _sheets(
        "GET",
        ID + "/values:batchGet",
        "values.batchGet",
        "BatchGetValuesResponse",
        "",
        "ranges " + RENDER,
        True,
    ),
    _sheets(
        "POST",
        ID + "/values:batchGetByDataFilter",
        "values.batchGetByDataFilter",
        "BatchGetValuesByDataFilterResponse",
        "BatchGetValuesByDataFilterRequest",
        "",
        True,
    ),
    _sheets(
        "POST",
        ID + "/values:batchUpdate",
        "values.batchUpdate",
        "BatchUpdateValuesResponse",
        "BatchUpdateValuesRequest",
    ),
    _sheets(
        "POST",
        ID + "/values:batchClear",
        "values.batchClear",
        "BatchClearValuesResponse",
        "BatchClearValuesRequest",
    ),
    _sheets("GET", ID + RANGE, "values.get", "ValueRange", "", RENDER, True),
    _sheets("PUT", ID + RANGE, "values.update", "UpdateValuesResponse", "ValueRange", INPUT),
    _sheets(
        "POST",
        ID + RANGE + ":append",
        "values.append",
        "AppendValuesResponse",
        "ValueRange",
        INPUT + " insertDataOption",
    ),
    _sheets("POST", ID + RANGE + ":clear", "values.clear", "ClearValuesResponse", "ClearValuesRequest"),
    _drive("GET", FILES, "drive.files.list", "FileList"),
    _drive("POST", FILES, "drive.files.create", "File"),
    _drive("GET", FILES + ID, "drive.files.get", "File"),
    _drive("PATCH", FILES + ID, "drive.files.update", "File"),
    _drive("DELETE", FILES + ID, "drive.files.delete", ""),
    _drive("GET", FILES + ID + "/permissions", "drive.permissions.list", "PermissionList"),
    _drive("POST", FILES + ID + "/permissions", "drive.permissions.create", "Permission"),
    _drive("DELETE", FILES + ID + "/permissions/(?P<permission>[^/]+)", "drive.permissions.delete", ""),
    _drive("GET", "/drive/v3/changes/startPageToken", "drive.changes.getStartPageToken", "StartPageToken"),
    _drive("GET", "/drive/v3/changes", "drive.changes.list", "ChangeList"),
]


def recognise(call: Call) -> Method | None:
    """The method a call is for; the call learns its kind and the parts of its path."""
    for method in METHODS:
        match = method.path.fullmatch(call.path) if method.verb == call.method else None
        if match:
            call.kind, call.reads = method.kind, method.reads
            call.place = {name: unquote(part) for name, part in match.groupdict().items()}
            return method
    return None


def answer(drive: Drive, call: Call, method: Method | None) -> Any:
    """The JSON answer. Raises: GoogleError."""
    if method is None:
        raise GoogleError(404, f"The requested URL {call.path} was not found on this server.")
    mask = _mask(call, method)
    if call.api == "sheets":
        _check(call, method)
    return masks.picked(method.do(drive, call, mask), mask)


def _mask(call: Call, method: Method) -> Mask | None:
    if not call.param("fields"):
        return None
    try:
        mask = masks.parse(call.param("fields"))
        schema.check_mask(mask, method.answers)
    except PayloadError:
        if call.api == "sheets":
            raise
        raise GoogleError(400, f"Invalid field selection {call.param('fields')}") from None
    return mask


def _check(call: Call, method: Method) -> None:
    for name in call.params:
        if name not in STANDARD and name not in method.params.split():
            raise PayloadError(
                "",
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message.",
            )
    if method.takes:
        if call.body is not None and not isinstance(call.body, dict):
            raise PayloadError("", "Invalid JSON payload received. Unexpected token.")
        schema.check(call.json(), method.takes)
