"""The server itself: many at once, large sheets, packed answers, and an end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gspread
import pytest
import requests

from tests.google import Book, GoogleServer
from tests.google.loopback import SHEETS, client, session


def test_many_write_at_once_and_nothing_is_lost(google: GoogleServer, book: Book) -> None:
    def write(n: int) -> None:
        http = session(google)
        for at in range(5):
            rows = [{"values": [{"userEnteredValue": {"stringValue": f"{n}-{at}"}}]}]
            append = {"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}}
            assert http.post(f"{SHEETS}/{book.id}:batchUpdate", json={"requests": [append]}).ok

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    written = [row[0] for row in book["Backlog"].rows()[5:]]
    assert sorted(written) == sorted(f"{n}-{at}" for n in range(8) for at in range(5))


def test_a_person_and_the_api_edit_at_once(google: GoogleServer, book: Book) -> None:
    def press() -> None:
        for at in range(1, 51):
            book["Backlog"].put(f"F{at}", at)

    person = threading.Thread(target=press)
    person.start()
    sheet = client(google).open_by_key(book.id).worksheet("Backlog")
    for at in range(1, 21):
        sheet.update([[at]], f"G{at}")
    person.join()
    rows = book["Backlog"].rows()
    assert [row[5] for row in rows[:50]] == list(range(1, 51))
    assert [row[6] for row in rows[:20]] == list(range(1, 21))


def test_a_large_sheet_comes_whole(google: GoogleServer) -> None:
    rows: list[list[Any]] = [[f"row {n}", *range(19)] for n in range(50_000)]
    book = google.book("Large", {"Data": rows})
    filters = {"dataFilters": [{"gridRange": {"sheetId": 0}}], "valueRenderOption": "UNFORMATTED_VALUE"}
    answer = session(google).post(f"{SHEETS}/{book.id}/values:batchGetByDataFilter", json=filters)
    [matched] = answer.json()["valueRanges"]
    assert matched["valueRange"]["range"] == "Data!A1:Z50000"
    assert matched["valueRange"]["values"] == rows


@pytest.mark.parametrize(("agent", "packed"), [("Lodestar (gzip)", True), ("Lodestar", False)])
def test_answers_are_packed_for_agents_that_say_so(
    google: GoogleServer, book: Book, agent: str, packed: bool
) -> None:
    book["Backlog"].put("B9", "long " * 500)
    http = session(google)
    http.headers["User-Agent"] = agent
    answer = http.get(f"{SHEETS}/{book.id}/values/Backlog!B9")
    assert (answer.headers.get("Content-Encoding") == "gzip") is packed
    assert answer.json()["values"] == [["long " * 500]]


def test_text_of_any_script_comes_back(google: GoogleServer, book: Book) -> None:
    text = "Überprüfung — 日本 🚀\n'two' \"lines\"\u00a0"
    sheet = client(google).open_by_key(book.id).worksheet("Backlog")
    sheet.update([[text]], "A1", raw=True)
    assert (book["Backlog"].value("A1"), sheet.acell("A1").value) == (text, text)


def test_two_servers_know_nothing_of_each_other(google: GoogleServer, book: Book) -> None:
    with GoogleServer() as other:
        assert other.url != google.url
        with pytest.raises(gspread.SpreadsheetNotFound):
            client(other).open_by_key(book.id).sheet1  # noqa: B018


def test_a_stopped_server_answers_nobody() -> None:
    with GoogleServer() as google:
        http = session(google)
        assert http.get(f"{SHEETS}/none").status_code == 404
    with pytest.raises(requests.ConnectionError):
        http.get(f"{SHEETS}/none")


def test_settings_lead_to_the_server(google: GoogleServer, settings: Any) -> None:
    assert google.url == settings.SHEETS_API_ENDPOINT
    assert google.url.startswith("http://127.0.0.1:")
