"""Everything that can go wrong on the way, as the real client meets it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests
from gspread.exceptions import APIError

from tests.google import Book, Call, GoogleServer, faults
from tests.google.faults import Fault
from tests.google.loopback import SHEETS, session


@pytest.fixture
def sheet(spreadsheet: gspread.Spreadsheet) -> gspread.Worksheet:
    return spreadsheet.worksheet("Backlog")


@pytest.mark.parametrize(
    ("fault", "status", "written"),
    [
        (faults.too_many(), 429, False),
        (faults.server_error(), 500, False),
        (faults.unavailable(), 503, False),
        (faults.forbidden(), 403, False),
        (faults.not_found(), 404, False),
        (faults.rejected(), 400, False),
        (faults.status(401), 401, False),
        (faults.applied(faults.server_error()), 500, True),
        (faults.applied(faults.too_many()), 429, True),
    ],
)
def test_an_error_is_answered_before_or_after_the_work(
    sheet: gspread.Worksheet, book: Book, google: GoogleServer, fault: Fault, status: int, written: bool
) -> None:
    google.fail_next(fault)
    with pytest.raises(APIError) as failed:
        sheet.update_acell("A1", "new")
    assert (failed.value.code, failed.value.response.status_code) == (status, status)
    assert (book["Backlog"].value("A1") == "new") is written
    assert google.calls[-1].status == status
    sheet.update_acell("A1", "newer")
    assert book["Backlog"].value("A1") == "newer"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_web_page_has_no_code_for_gspread(
    sheet: gspread.Worksheet, google: GoogleServer, status: int
) -> None:
    google.fail_next(faults.html(status))
    with pytest.raises(APIError) as failed:
        sheet.acell("A1")
    assert (failed.value.code, failed.value.response.status_code) == (-1, status)


def test_a_web_page_may_come_as_a_success(sheet: gspread.Worksheet, google: GoogleServer) -> None:
    google.fail_next(faults.html(200))
    with pytest.raises(requests.JSONDecodeError):
        sheet.acell("A1")


@pytest.mark.parametrize(
    ("retry_after", "header"), [(None, None), (7, "7"), ("Wed, 21 Oct 2026 07:28:00 GMT",) * 2]
)
def test_retry_after_is_sent_where_wanted(
    sheet: gspread.Worksheet, google: GoogleServer, retry_after: Any, header: str | None
) -> None:
    google.fail_next(faults.too_many(retry_after))
    with pytest.raises(APIError) as failed:
        sheet.acell("A1")
    assert failed.value.response.headers.get("Retry-After") == header
    assert failed.value.error["status"] == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize(
    ("fault", "written"),
    [(faults.dropped(), False), (faults.dropped(applied=True), True), (faults.cut(), True)],
)
def test_a_lost_connection_may_have_done_its_work(
    sheet: gspread.Worksheet, book: Book, google: GoogleServer, fault: Fault, written: bool
) -> None:
    google.fail_next(fault)
    with pytest.raises(requests.RequestException):
        sheet.update_acell("A1", "new")
    assert (book["Backlog"].value("A1") == "new") is written
    assert sheet.acell("B1").value == "Name"


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (faults.drive_limit(), 403, "userRateLimitExceeded"),
        (faults.too_many(), 429, "rateLimitExceeded"),
        (faults.unavailable(), 503, "backendError"),
        (faults.not_found(), 404, "notFound"),
    ],
)
def test_drive_words_its_errors_with_reasons(
    gc: gspread.Client, google: GoogleServer, fault: Fault, code: int, reason: str
) -> None:
    google.fail_next(fault, "drive")
    with pytest.raises(APIError) as failed:
        gc.list_spreadsheet_files()
    assert (failed.value.code, failed.value.error["errors"][0]["reason"]) == (code, reason)


def test_a_redirect_leads_elsewhere(google: GoogleServer, book: Book) -> None:
    google.fail_next(faults.redirected("https://login.example.com/"))
    answer = session(google).get(f"{SHEETS}/{book.id}", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://login.example.com/")


@pytest.mark.parametrize("applied", [True, False])
def test_a_late_answer_runs_into_the_clients_timeout(
    gc: gspread.Client, sheet: gspread.Worksheet, book: Book, google: GoogleServer, applied: bool
) -> None:
    gc.set_timeout(0.3)
    google.fail_next(faults.delay(60, applied))
    with pytest.raises(requests.Timeout):
        sheet.update_acell("A1", "late")
    give_up = time.monotonic() + 20
    while applied and book["Backlog"].value("A1") != "late" and time.monotonic() < give_up:
        time.sleep(0.01)
    assert book["Backlog"].value("A1") == ("late" if applied else "Key")


def test_a_dripping_answer_never_runs_into_the_timeout_of_a_read(google: GoogleServer, book: Book) -> None:
    google.fail_next(faults.dripping(0.001))
    answer = session(google).get(f"{SHEETS}/{book.id}/values/Backlog!A1", timeout=5)
    assert answer.json()["values"] == [["Key"]]
    google.fail_next(faults.dripping(60))
    slow = session(google).get(f"{SHEETS}/{book.id}/values/Backlog!A1", timeout=5, stream=True)
    assert slow.status_code == 200
    slow.close()


# Which call it meets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matching", "met"),
    [
        (None, "GET"),
        ("write", "PUT"),
        ("values.update", "PUT"),
        ("spreadsheets.batchUpdate", "batch"),
        ("deleteDimension", "batch"),
        (lambda call: call.method == "POST", "batch"),
        ("drive", None),
    ],
)
def test_a_fault_waits_for_its_call(
    sheet: gspread.Worksheet, google: GoogleServer, matching: Any, met: str | None
) -> None:
    calls: dict[str, Callable[[], Any]] = {
        "GET": lambda: sheet.acell("A1"),
        "PUT": lambda: sheet.update_acell("A1", "x"),
        "batch": lambda: sheet.delete_rows(2),
    }
    google.fail_next(faults.unavailable(), matching)
    failed = []
    for name, call in calls.items():
        try:
            call()
        except APIError:
            failed.append(name)
    assert failed == ([met] if met else [])
    assert google.faults.pending() == (0 if met else 1)


def test_a_fault_lets_some_pass_and_comes_as_often_as_said(
    sheet: gspread.Worksheet, google: GoogleServer
) -> None:
    google.reset_calls()
    google.fail_next(faults.unavailable(), "read", times=2, after=1)
    for _ in range(4):
        try:
            sheet.acell("A1")
        except APIError:
            continue
    assert [call.status for call in google.calls] == [200, 503, 503, 200]


# People in between ------------------------------------------------------------------------------------


def test_somebody_edits_between_two_calls(sheet: gspread.Worksheet, book: Book, google: GoogleServer) -> None:
    google.between(2, lambda: book["Backlog"].put("A1", "typed in between"))
    seen = [sheet.acell("A1").value for _ in range(4)]
    assert seen == ["Key", "Key", "typed in between", "typed in between"]


def test_a_hook_sees_each_call_before_it_is_done(
    sheet: gspread.Worksheet, book: Book, google: GoogleServer
) -> None:
    def retype(call: Call) -> None:
        assert call.requests == ["findReplace"]
        book["Backlog"].put("B2", "typed first")

    end = google.before_call(retype, "spreadsheets.batchUpdate")
    find = {"find": "Alpha", "replacement": "Omega", "sheetId": 0}
    answer = sheet.spreadsheet.batch_update({"requests": [{"findReplace": find}]})
    assert answer["replies"] == [{"findReplace": {}}]
    assert book["Backlog"].value("B2") == "typed first"
    end()
    book["Backlog"].put("B2", "Alpha")
    sheet.spreadsheet.batch_update({"requests": [{"findReplace": find}]})
    assert book["Backlog"].value("B2") == "Omega"


def test_what_a_hook_raises_reaches_the_test(google: GoogleServer, sheet: gspread.Worksheet) -> None:
    def wrong(call: Call) -> None:
        raise AssertionError("not this call")

    google.before_call(wrong)
    with pytest.raises(APIError, match="not this call"):
        sheet.acell("A1")
    assert [str(error) for error in google.broken] == ["not this call"]
    google.broken.clear()


# Quotas and the record --------------------------------------------------------------------------------


def test_reads_and_writes_have_their_own_quota(sheet: gspread.Worksheet, google: GoogleServer) -> None:
    seconds = [0.0]
    google.reset_calls()
    google.quota(per_minute=2, clock=lambda: seconds[0])

    def statuses(*calls: Callable[[], Any]) -> list[int | None]:
        google.reset_calls()
        for call in calls:
            try:
                call()
            except APIError as error:
                assert "per minute per user" in error.error["message"]
        return [call.status for call in google.calls]

    def read() -> Any:
        return sheet.acell("A1")

    def write() -> Any:
        return sheet.update_acell("A1", "x")

    assert statuses(read, read, read, write, write, write) == [200, 200, 429, 200, 200, 429]
    seconds[0] = 59.9
    assert statuses(read) == [429]
    seconds[0] = 60
    assert statuses(read, read, read) == [200, 200, 429]
    google.quota(None)
    assert statuses(read, read) == [200, 200]


def test_calls_are_recorded_for_each_api(
    gc: gspread.Client, sheet: gspread.Worksheet, google: GoogleServer
) -> None:
    google.reset_calls()
    gc.list_spreadsheet_files()
    sheet.update([["x"]], "A1", raw=True)
    sheet.delete_rows(2)
    assert [(call.api, call.kind, call.method, call.status) for call in google.calls] == [
        ("drive", "drive.files.list", "GET", 200),
        ("sheets", "values.update", "PUT", 200),
        ("sheets", "spreadsheets.batchUpdate", "POST", 200),
    ]
    assert (len(google.sheets_calls), len(google.drive_calls)) == (2, 1)
    update, batch = google.sheets_calls
    assert (update.body["values"], update.param("valueInputOption"), update.reads) == ([["x"]], "RAW", False)
    assert (batch.requests, batch.spreadsheet_id) == (["deleteDimension"], sheet.spreadsheet.id)
