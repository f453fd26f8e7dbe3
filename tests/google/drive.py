"""The files around the spreadsheets: who may open them, when they changed, and the feed of changes."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.google.cells import Json
from tests.google.errors import GoogleError, no_permission, unknown_spreadsheet
from tests.google.spreadsheet import Spreadsheet

MIME_TYPE = "application/vnd.google-apps.spreadsheet"
SHORT = "kind,id,name,mimeType"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
WRITERS = ("owner", "writer")


@dataclass
class File:
    """One spreadsheet with its roles by e-mail address and its history in short."""

    spreadsheet: Spreadsheet
    roles: dict[str, str]
    created: datetime
    modified: datetime
    modifier: str
    version: int = 1
    trashed: bool = False
    parents: list[str] = field(default_factory=list)


class Drive:
    """All files. Time passes by a second with every change, so the same test sees the same times."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.files: dict[str, File] = {}
        self.changes: list[tuple[str, datetime]] = []
        self.held: int | None = None
        self.moment = START

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    # Files --------------------------------------------------------------------------------------------

    def create(self, title: str, owner: str, parents: list[str] | None = None) -> File:
        digest = hashlib.sha256(f"{len(self.changes)} {title}".encode()).digest()
        id_ = "1" + base64.urlsafe_b64encode(digest).decode().strip("=")
        now = self.now()
        file = File(Spreadsheet(id_, title, owner), {owner: "owner"}, now, now, owner, parents=parents or [])
        self.files[id_] = file
        self.note_change(id_)
        return file

    def save(self, draft: Spreadsheet, by: str) -> None:
        """Makes a changed draft the spreadsheet's new state."""
        file = self.files[draft.id]
        file.spreadsheet.adopt(draft)
        self.touch(file, by)

    def touch(self, file: File, by: str) -> None:
        file.version += 1
        file.modified, file.modifier = self.now(), by
        self.note_change(file.spreadsheet.id)

    def note_change(self, file_id: str) -> None:
        self.changes.append((file_id, self.moment))

    def share(self, file: File, email: str, role: str | None) -> None:
        """Gives ``email`` ("anyone": whoever has the link) a role, or takes its role away."""
        file.roles.pop(email, None)
        if role is not None:
            file.roles[email] = role
        self.now()
        self.note_change(file.spreadsheet.id)

    def remove(self, file_id: str) -> None:
        del self.files[file_id]
        self.now()
        self.note_change(file_id)

    def role(self, file: File) -> str | None:
        return file.roles.get(self.account) or file.roles.get("anyone")

    def opened(self, file_id: str, writing: bool = False) -> Spreadsheet:
        """The spreadsheet as the Sheets API gives it to the account.

        Raises: GoogleError 404 for one that is not there, 403 for one not shared with the account.
        """
        file = self.files.get(file_id)
        if file is None:
            raise unknown_spreadsheet()
        if self.role(file) is None or (writing and self.role(file) not in WRITERS):
            raise no_permission()
        return file.spreadsheet

    def file(self, file_id: str, writing: bool = False) -> File:
        """The file as the Drive API gives it: what is not shared is not there."""
        file = self.files.get(file_id)
        if file is None or self.role(file) is None:
            raise GoogleError(404, f"File not found: {file_id}.")
        if writing and self.role(file) not in WRITERS:
            raise GoogleError(403, "The user does not have sufficient permissions for this file.")
        return file

    def list_files(self, query: str) -> list[File]:
        """The newest first; ``query`` as far as gspread writes it."""
        mine = [file for file in self.files.values() if self.role(file)]
        for clause in filter(None, re.split(r"\s+and\s+", query)):
            mine = [file for file in mine if _matches(file, clause)]
        return sorted(mine, key=lambda file: file.modified, reverse=True)

    # The feed of changes ------------------------------------------------------------------------------

    def hold_changes(self) -> None:
        """The feed lags: what changes from now on is not in it until ``release_changes``."""
        self.held = len(self.changes)

    def release_changes(self) -> None:
        self.held = None

    def end_of_feed(self) -> int:
        return len(self.changes) if self.held is None else self.held

    def changes_since(self, token: str, page_size: int) -> Json:
        """A ChangeList: every file once, by its latest change on the page."""
        end = self.end_of_feed()
        if not token.isdigit() or int(token) > len(self.changes):
            raise GoogleError(400, "Invalid Value")
        stop = min(int(token) + page_size, end)
        latest = dict(self.changes[int(token) : stop])
        listed = [self._change(id_, at) for id_, at in latest.items()]
        follow = (
            {"nextPageToken": str(stop)} if stop < end else {"newStartPageToken": str(max(stop, int(token)))}
        )
        return {"kind": "drive#changeList", **follow, "changes": listed}

    def _change(self, file_id: str, at: datetime) -> Json:
        file = self.files.get(file_id)
        gone = file is None or self.role(file) is None
        change = {"kind": "drive#change", "type": "file", "changeType": "file", "time": _time(at)}
        shown = {} if file is None or gone else {"file": self.resource(file)}
        return {**change, "removed": gone, "fileId": file_id, **shown}

    # What the API shows -------------------------------------------------------------------------------

    def resource(self, file: File) -> Json:
        return {
            "kind": "drive#file",
            "id": file.spreadsheet.id,
            "name": file.spreadsheet.title,
            "mimeType": MIME_TYPE,
            "version": str(file.version),
            "createdTime": _time(file.created),
            "modifiedTime": _time(file.modified),
            "lastModifyingUser": self.user(file.modifier),
            "owners": [self.user(file.spreadsheet.owner)],
            "permissions": permissions(file),
            "capabilities": {"canEdit": self.role(file) in WRITERS},
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.spreadsheet.id}/edit",
            "trashed": file.trashed,
            "parents": file.parents,
        }

    def user(self, email: str) -> Json:
        name = email.partition("@")[0].replace(".", " ").title()
        me = email == self.account
        return {"kind": "drive#user", "displayName": name, "me": me, "emailAddress": email}


def permissions(file: File) -> list[Json]:
    return [permission(email, role) for email, role in file.roles.items()]


def permission(email: str, role: str) -> Json:
    kind = {"kind": "drive#permission", "id": permission_id(email), "role": role}
    return (
        {**kind, "type": "anyone"} if email == "anyone" else {**kind, "type": "user", "emailAddress": email}
    )


def permission_id(email: str) -> str:
    if email == "anyone":
        return "anyoneWithLink"
    return str(int.from_bytes(hashlib.sha256(email.encode()).digest()[:8]))


def _matches(file: File, clause: str) -> bool:
    match = re.fullmatch(r"""(mimeType|name|trashed)\s*=\s*(?:(["'])(.*)\2|(true|false))""", clause.strip())
    if match:
        known = {"mimeType": MIME_TYPE, "name": file.spreadsheet.title, "trashed": str(file.trashed).lower()}
        return known[match[1]] == (match[3] if match[2] else match[4])
    match = re.fullmatch(r"""parents in (["'])(.*)\1|(["'])(.*)\3 in parents""", clause.strip())
    if match is None:
        raise GoogleError(400, "Invalid Value")
    return (match[2] or match[4]) in file.parents


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
