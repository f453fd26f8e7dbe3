"""A connection to Google from the settings, and whether it works."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

import gspread
from django.conf import settings
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_URL

from portfolio.sheets.google.credentials import VARIABLE, ServiceAccount, service_account
from portfolio.sheets.google.errors import BadRequest, NotConfigured, NotPermitted, SheetsError
from portfolio.sheets.google.http import GoogleHTTPClient

TRY_SECONDS = 20  # somebody is looking at the page
SPREADSHEET_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_of_thread = threading.local()


class Client(gspread.Client):
    """gspread's client; ``http_client`` counts, paces and repeats its calls."""

    http_client: GoogleHTTPClient

    def __init__(self, account: ServiceAccount | None, endpoint: str) -> None:
        self.http_client = GoogleHTTPClient(account, endpoint=endpoint)  # all that gspread's own does


@dataclass(frozen=True)
class Trial:
    """The spreadsheet's title, or the sentence of what to do."""

    title: str = ""
    problem: str = ""

    @property
    def works(self) -> bool:
        return not self.problem


def client() -> Client:
    """This thread's client for the present settings. Raises NotConfigured."""
    account, endpoint = service_account(), _endpoint()
    if account is None and not endpoint:
        raise NotConfigured(
            f"Google Sheets is not set up. Set {VARIABLE} to the key file of a service account."
        )
    if getattr(_of_thread, "made_for", None) != (account, endpoint):
        _of_thread.client = Client(account, endpoint)
        _of_thread.made_for = (account, endpoint)
    return _of_thread.client


def _endpoint() -> str:
    given = settings.SHEETS_API_ENDPOINT
    parts = urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise NotConfigured(f"SHEETS_API_ENDPOINT is {given}; it must look like https://sheets.example.com.")
    return given


def try_connection(spreadsheet: str) -> Trial:
    """Whether Lodestar can open and change the spreadsheet with that id; two calls, 20 seconds at most."""
    try:
        return Trial(title=_title_of(checked_id(spreadsheet)))
    except SheetsError as problem:
        return Trial(problem=str(problem))


def _title_of(spreadsheet: str) -> str:
    http = client().http_client
    with http.within(TRY_SECONDS):
        found = http.request("get", SPREADSHEET_URL % spreadsheet, params={"fields": "properties.title"})
        file = http.request(
            "get",
            f"{DRIVE_FILES_API_V3_URL}/{spreadsheet}",
            params={"fields": "capabilities(canEdit)", "supportsAllDrives": True},
        )
    if file.json().get("capabilities", {}).get("canEdit") is False:
        whom = http.email or "Lodestar's account"
        raise NotPermitted(f"Lodestar may only read that spreadsheet. Share it with {whom} as an editor.")
    return str(found.json().get("properties", {}).get("title", ""))


def checked_id(text: str) -> str:
    """``text`` without spaces around it if it can be the id of a spreadsheet. Raises BadRequest."""
    if not SPREADSHEET_ID.fullmatch(text.strip()):
        raise BadRequest("Paste only the spreadsheet's id: the part of its address between /d/ and /edit.")
    return text.strip()
