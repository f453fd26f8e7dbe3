"""The methods of the Drive API. Without a field mask they answer few fields, as Drive does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.google import masks
from tests.google.calls import Call
from tests.google.cells import Json
from tests.google.drive import MIME_TYPE, SHORT, Drive, permission, permission_id, permissions
from tests.google.errors import GoogleError
from tests.google.masks import Mask


def _few(answer: Json, mask: Mask | None, fields: str) -> Json:
    return answer if mask is not None else masks.picked(answer, masks.parse(fields))


def files_list(drive: Drive, call: Call, mask: Mask | None) -> Json:
    found, start = drive.list_files(call.param("q")), int(call.param("pageToken") or 0)
    stop = start + int(call.param("pageSize") or 100)
    more = {"nextPageToken": str(stop)} if stop < len(found) else {}
    answer = {"kind": "drive#fileList", **more, "files": [drive.resource(file) for file in found[start:stop]]}
    return _few(answer, mask, f"kind,nextPageToken,files({SHORT})")


def files_create(drive: Drive, call: Call, mask: Mask | None) -> Json:
    given = call.json()
    if given.get("mimeType") != MIME_TYPE:
        raise GoogleError(400, f"Only files of type {MIME_TYPE} can be created here.")
    file = drive.create(given.get("name") or "Untitled", drive.account, given.get("parents"))
    file.spreadsheet.add_sheet("Sheet1", None)
    return _few(drive.resource(file), mask, SHORT)


def files_get(drive: Drive, call: Call, mask: Mask | None) -> Json:
    return _few(drive.resource(drive.file(call.spreadsheet_id)), mask, SHORT)


def files_update(drive: Drive, call: Call, mask: Mask | None) -> Json:
    file, given = drive.file(call.spreadsheet_id, writing=True), call.json()
    if given.get("name"):
        file.spreadsheet.properties = {**file.spreadsheet.properties, "title": given["name"]}
    file.trashed = given.get("trashed", file.trashed)
    drive.touch(file, drive.account)
    return _few(drive.resource(file), mask, SHORT)


def files_delete(drive: Drive, call: Call, mask: Mask | None) -> None:
    file = drive.file(call.spreadsheet_id, writing=True)
    if file.spreadsheet.owner != drive.account:
        raise GoogleError(403, "The user does not have sufficient permissions for this file.")
    drive.remove(call.spreadsheet_id)


def permissions_list(drive: Drive, call: Call, mask: Mask | None) -> Json:
    listed = permissions(drive.file(call.spreadsheet_id, writing=True))
    return {"kind": "drive#permissionList", "permissions": listed}


def permissions_create(drive: Drive, call: Call, mask: Mask | None) -> Json:
    file, given = drive.file(call.spreadsheet_id, writing=True), call.json()
    email = "anyone" if given.get("type") == "anyone" else given.get("emailAddress")
    if not email or given.get("role") not in ("reader", "commenter", "writer", "owner"):
        raise GoogleError(400, "The permission needs a type, a role and an emailAddress.")
    drive.share(file, email, given["role"])
    return _few(permission(email, given["role"]), mask, "kind,id,type,role")


def permissions_delete(drive: Drive, call: Call, mask: Mask | None) -> None:
    file = drive.file(call.spreadsheet_id, writing=True)
    for email in list(file.roles):
        if permission_id(email) == call.place["permission"]:
            drive.share(file, email, None)
            return
    raise GoogleError(404, f"Permission not found: {call.place['permission']}.")


def start_page_token(drive: Drive, call: Call, mask: Mask | None) -> Json:
    return {"kind": "drive#startPageToken", "startPageToken": str(drive.end_of_feed())}


def changes_list(drive: Drive, call: Call, mask: Mask | None) -> Json:
    if "pageToken" not in call.params:
        raise GoogleError(400, "Required parameter: pageToken")
    answer = drive.changes_since(call.param("pageToken"), int(call.param("pageSize") or 100))
    change = f"kind,type,changeType,time,removed,fileId,file({SHORT})"
    return _few(answer, mask, f"kind,nextPageToken,newStartPageToken,changes({change})")


METHODS: dict[str, Callable[[Drive, Call, Mask | None], Any]] = {
    "drive.files.list": files_list,
    "drive.files.create": files_create,
    "drive.files.get": files_get,
    "drive.files.update": files_update,
    "drive.files.delete": files_delete,
    "drive.permissions.list": permissions_list,
    "drive.permissions.create": permissions_create,
    "drive.permissions.delete": permissions_delete,
    "drive.changes.getStartPageToken": start_page_token,
    "drive.changes.list": changes_list,
}
