"""The real gspread client, its requests led to a server of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import gspread
import requests
from requests.adapters import HTTPAdapter

from tests.google.server import GoogleServer

SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE = "https://www.googleapis.com/drive/v3"


class Loopback(HTTPAdapter):
    """Sends to the server at ``url`` what is meant for Google."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        target = urlsplit(str(request.url))
        server = urlsplit(self.url)
        request.url = target._replace(scheme=server.scheme, netloc=server.netloc).geturl()
        options["proxies"] = None
        return super().send(request, *rest, **options)


def session(google: GoogleServer) -> requests.Session:
    made = requests.Session()
    made.mount("https://", Loopback(google.url))
    return made


def client(google: GoogleServer) -> gspread.Client:
    """A gspread client that nothing was added to."""
    return gspread.Client(auth=None, session=session(google))
