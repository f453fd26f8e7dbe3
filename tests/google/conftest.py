"""The server, gspread on it, and plain JSON requests for what gspread has no method for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from tests.google import Book, GoogleServer
from tests.google.fixtures import google
from tests.google.loopback import DRIVE, SHEETS, client, session

__all__ = ["google"]

ROWS = [
    ["Key", "Name", "Cost", "Live"],
    ["A-1", "Alpha", 5, True],
    ["A-2", "Beta", 7.5, False],
    [],
    ["A-3", "Gamma", "", ""],
]


@pytest.fixture
def gc(google: GoogleServer) -> gspread.Client:
    return client(google)


@pytest.fixture
def book(google: GoogleServer) -> Book:
    """One sheet "Backlog" (id 0) with a blank row in between, and "It's" with a few numbers."""
    return google.book("Plan", {"Backlog": ROWS, "It's": [[1, 2], [3, 4]]}, rows=100, columns=8)


@pytest.fixture
def spreadsheet(gc: gspread.Client, book: Book) -> gspread.Spreadsheet:
    return gc.open_by_key(book.id)


@pytest.fixture
def ask(google: GoogleServer, book: Book) -> Callable[..., Any]:
    """``ask("POST", ":batchUpdate", json=…)`` → the JSON answer, of an error as well."""
    http = session(google)

    def send(method: str, path: str, **rest: Any) -> Any:
        url = (
            f"{DRIVE}{path.removeprefix('drive')}"
            if path.startswith("drive")
            else f"{SHEETS}/{book.id}{path}"
        )
        response = http.request(method, url, timeout=10, **rest)
        return response.json() if response.content else None

    return send


@pytest.fixture
def batch(ask: Callable[..., Any]) -> Callable[..., Any]:
    """``batch(request, …)`` → the answer of a batchUpdate with these requests."""
    return lambda *requests, **more: ask("POST", ":batchUpdate", json={"requests": list(requests), **more})
