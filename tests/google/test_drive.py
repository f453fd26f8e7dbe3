"""Files, permissions and the feed of changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from tests.google import Book, GoogleServer

Ask = Callable[..., Any]
CHANGE = "fileId,removed,file(name,version,lastModifyingUser(me,emailAddress))"
FEED = f"newStartPageToken,nextPageToken,changes({CHANGE})"


def start(ask: Ask) -> str:
    return ask("GET", "drive/changes/startPageToken")["startPageToken"]


def changes(ask: Ask, token: str, **more: Any) -> Any:
    return ask("GET", "drive/changes", params={"pageToken": token, "fields": FEED, **more})


def test_a_file_tells_its_version_and_who_changed_it_last(ask: Ask, book: Book, google: GoogleServer) -> None:
    path = f"drive/files/{book.id}"
    assert ask("GET", path) == {
        "kind": "drive#file",
        "id": book.id,
        "name": "Plan",
        "mimeType": "application/vnd.google-apps.spreadsheet",
    }
    fields = {"fields": "id,name,version,modifiedTime,lastModifyingUser"}
    before = ask("GET", path, params=fields)
    ask("POST", "/values/Backlog!A1:clear")
    after = ask("GET", path, params=fields)
    assert before["lastModifyingUser"]["emailAddress"] == google.person
    assert (after["lastModifyingUser"]["emailAddress"], after["lastModifyingUser"]["me"]) == (
        google.account,
        True,
    )
    assert int(after["version"]) == int(before["version"]) + 1
    assert after["modifiedTime"] > before["modifiedTime"]


def test_gspread_makes_finds_shares_and_deletes_files(
    gc: gspread.Client, google: GoogleServer, book: Book
) -> None:
    made = gc.create("Results")
    assert [sheet.title for sheet in made.worksheets()] == ["Sheet1"]
    assert google.drive.files[made.id].spreadsheet.owner == google.account
    assert gc.open("Plan").id == book.id
    assert {file["name"] for file in gc.list_spreadsheet_files()} == {"Plan", "Results"}
    made.share("cfo@example.com", perm_type="user", role="reader")
    assert {each["emailAddress"]: each["role"] for each in made.list_permissions()} == {
        google.account: "owner",
        "cfo@example.com": "reader",
    }
    gc.del_spreadsheet(made.id)
    assert made.id not in google.drive.files


def test_a_workbook_is_made_whole_in_one_call(ask: Ask, google: GoogleServer, gc: gspread.Client) -> None:
    headers = [
        {"rowData": [{"values": [{"userEnteredValue": {"stringValue": "Key"}, "note": "Do not edit"}]}]}
    ]
    body = {
        "properties": {"title": "Runs"},
        "sheets": [
            {
                "properties": {"title": "Runs", "gridProperties": {"rowCount": 50, "frozenRowCount": 1}},
                "data": headers,
            },
            {"properties": {"title": "Gaps"}},
        ],
    }
    answer = gc.http_client.request("post", "https://sheets.googleapis.com/v4/spreadsheets", json=body).json()
    book = google.open(answer["spreadsheetId"])
    assert (book.title, book.titles) == ("Runs", ["Runs", "Gaps"])
    assert book["Runs"].cell("A1")["note"] == "Do not edit"
    assert book["Runs"].properties["gridProperties"] == {
        "rowCount": 50,
        "columnCount": 26,
        "frozenRowCount": 1,
    }
    assert all(sheet["properties"]["sheetId"] for sheet in answer["sheets"])


# The feed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda book, ask: book["Backlog"].type("A1", "x"),
        lambda book, ask: book["Backlog"].rename("New"),
        lambda book, ask: book.rename("New"),
        lambda book, ask: ask("POST", "/values/Backlog!A1:clear"),
        lambda book, ask: ask("PATCH", f"drive/files/{book.id}", json={"name": "New"}),
        lambda book, ask: book.share("reader"),
    ],
)
def test_every_change_by_anybody_is_in_the_feed(
    ask: Ask, book: Book, google: GoogleServer, change: Any
) -> None:
    google.book("Another")
    token = start(ask)
    assert changes(ask, token) == {"newStartPageToken": token, "changes": []}
    change(book, ask)
    answer = changes(ask, token)
    assert [(each["fileId"], each["removed"]) for each in answer["changes"]] == [(book.id, False)]
    assert changes(ask, answer["newStartPageToken"])["changes"] == []


def test_reads_and_refused_writes_change_nothing(ask: Ask, batch: Ask) -> None:
    token = start(ask)
    ask("GET", "/values/Backlog")
    batch({"deleteSheet": {"sheetId": 99}})
    ask("PUT", "/values/Nowhere!A1", params={"valueInputOption": "RAW"}, json={"values": [["x"]]})
    assert changes(ask, token)["changes"] == []


def test_the_feed_comes_in_pages_and_names_a_file_once(ask: Ask, book: Book, google: GoogleServer) -> None:
    token = start(ask)
    for value in (1, 2, 3):
        book["Backlog"].put("A9", value)
    other = google.book("Another", {"A": []})
    first = changes(ask, token, pageSize=2)
    assert [each["fileId"] for each in first["changes"]] == [book.id]
    assert "newStartPageToken" not in first
    rest = changes(ask, first["nextPageToken"])
    assert [each["fileId"] for each in rest["changes"]] == [book.id, other.id]
    assert rest["changes"][0]["file"]["lastModifyingUser"] == {"me": False, "emailAddress": google.person}
    assert "nextPageToken" not in rest


@pytest.mark.parametrize("go", [lambda book: book.share(None), lambda book: book.remove()])
def test_what_is_out_of_reach_is_removed(ask: Ask, book: Book, go: Callable[[Book], None]) -> None:
    token = start(ask)
    go(book)
    assert changes(ask, token)["changes"] == [{"fileId": book.id, "removed": True}]
    error = ask("GET", f"drive/files/{book.id}")["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (404, "notFound")


def test_the_feed_may_lag(ask: Ask, book: Book, google: GoogleServer) -> None:
    google.drive.hold_changes()
    token = start(ask)
    book["Backlog"].put("A9", "x")
    assert changes(ask, token) == {"newStartPageToken": token, "changes": []}
    google.drive.release_changes()
    assert [each["fileId"] for each in changes(ask, token)["changes"]] == [book.id]


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("drive/changes", {"pageToken": "never"}, "Invalid Value"),
        ("drive/changes", {"pageToken": "999"}, "Invalid Value"),
        ("drive/changes", {}, "Required parameter: pageToken"),
        ("drive/changes", {"pageToken": "1", "fields": "change"}, "Invalid field selection change"),
        ("drive/files", {"q": "fullText contains 'x'"}, "Invalid Value"),
    ],
)
def test_drive_words_its_refusals_its_own_way(
    ask: Ask, path: str, params: dict[str, str], message: str
) -> None:
    error = ask("GET", path, params=params)["error"]
    assert (error["code"], error["message"]) == (400, message)
    assert error["errors"] == [{"message": message, "domain": "global", "reason": "invalid"}]
