"""What a call to Google does, told from its method and address, and how many there were."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

READING_POSTS = (":getByDataFilter", ":batchGetByDataFilter", "/developerMetadata:search")
# Done twice, they leave what doing them once leaves. spreadsheets:batchUpdate may append or insert.
IDEMPOTENT_POSTS = (
    *READING_POSTS,
    "/values:batchUpdate",
    "/values:batchUpdateByDataFilter",
    "/values:batchClear",
    "/values:batchClearByDataFilter",
    ":clear",
)
_SPREADSHEET = re.compile(r"/(?:spreadsheets|files)/([^/:]+)")


@dataclass(frozen=True)
class Call:
    """One request. ``says_idempotent`` is the caller's word, where the address alone doesn't tell."""

    method: str
    url: str
    says_idempotent: bool | None = None

    @cached_property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def is_drive(self) -> bool:
        return not self.path.startswith("/v4/")

    @property
    def service(self) -> str:
        return "Google Drive" if self.is_drive else "Google Sheets"

    @property
    def writes(self) -> bool:
        return self.method.upper() not in ("GET", "HEAD") and not self.path.endswith(READING_POSTS)

    @property
    def idempotent(self) -> bool:
        """Whether it may be made again when nobody knows whether it was done."""
        if self.says_idempotent is not None:
            return self.says_idempotent
        # A DELETE is not: made again, it would report its own success as "not found".
        return self.method.upper() in ("GET", "HEAD", "PUT") or self.path.endswith(IDEMPOTENT_POSTS)

    @property
    def answers_json(self) -> bool:
        return not self.path.endswith("/export")

    @property
    def spreadsheet(self) -> str:
        """The id of the spreadsheet or file it is about, or nothing."""
        found = _SPREADSHEET.search(self.path)
        return found[1] if found else ""


@dataclass
class Calls:
    """How many requests went out, those that were made again included."""

    reads: int = 0
    writes: int = 0
    drive: int = 0

    @property
    def total(self) -> int:
        return self.reads + self.writes + self.drive

    def count(self, call: Call) -> None:
        if call.is_drive:
            self.drive += 1
        elif call.writes:
            self.writes += 1
        else:
            self.reads += 1
