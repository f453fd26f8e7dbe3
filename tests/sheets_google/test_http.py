"""The client through real HTTP: what is made again, what is not, and when it gives up."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

import gspread
import pytest
import requests

from portfolio.sheets.google import exchange
from portfolio.sheets.google.errors import (
    BadRequest,
    NotConfigured,
    NotFound,
    NotPermitted,
    QuotaExhausted,
    SheetsError,
    TooLarge,
    Unavailable,
)
from portfolio.sheets.google.http import GoogleHTTPClient
from portfolio.sheets.google.pacing import SLICE_SECONDS, Budget, Pace
from tests.sheets_google.clocks import NEW_YEAR, ManualTime
from tests.sheets_google.scripted import (
    Reply,
    Scripted,
    dripped_to_the_end,
    drips,
    drips_chunks,
    drops,
    error,
    never_answers,
    never_ends,
    says,
    scripted,
    stops_halfway,
)

SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE = "https://www.googleapis.com/drive/v3"
HTML = "<!DOCTYPE html><title>Error</title>"
RATE = {"error": {"code": 403, "message": "Slow down", "errors": [{"reason": "userRateLimitExceeded"}]}}

Do = Callable[[GoogleHTTPClient], Any]


@pytest.fixture(autouse=True)
def no_waiting() -> None:
    """Waits are what is tested here, with a clock."""


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as started:
        yield started


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def http(server: Scripted, time: ManualTime) -> GoogleHTTPClient:
    return GoogleHTTPClient(endpoint=server.url, reads=Pace(), writes=Pace(), clock=time.clock)


def post(path: str, **said: Any) -> Do:
    return lambda http: http.request("post", f"{SHEETS}/book{path}", json={}, **said)


REPEATABLE: dict[str, Do] = {
    "metadata": lambda http: http.fetch_sheet_metadata("book"),
    "values": lambda http: http.values_batch_get("book", ["A1:B2"]),
    "cells by filter": post(":getByDataFilter"),
    "values by filter": post("/values:batchGetByDataFilter"),
    "values update": lambda http: http.values_update("book", "A1", body={"values": [[1]]}),
    "values batch update": lambda http: http.values_batch_update("book", {"data": []}),
    "values clear": lambda http: http.values_clear("book", "A1:clear"),
    "batch update that says so": lambda http: http.batch_update("book", {}, idempotent=True),
    "post that says so": post(":batchUpdate", idempotent=True),
    "changes in Drive": lambda http: http.request("get", f"{DRIVE}/changes", params={"pageToken": "7"}),
}
ONCE: dict[str, Do] = {
    "batch update": lambda http: http.batch_update("book", {"requests": []}),
    "append": lambda http: http.values_append("book", "A1", {}, {"values": [[1]]}),
    "copy of a sheet": lambda http: http.spreadsheets_sheets_copy_to("book", 0, "other"),
    "new file": lambda http: http.request("post", f"{DRIVE}/files", json={"name": "Plan"}),
    "delete": lambda http: http.request("delete", f"{DRIVE}/files/book"),
    "values write that must not": post("/values:batchUpdate", idempotent=False),
}
QUOTA: dict[str, Reply] = {
    "429": error(429, "Quota exceeded"),
    "429 as a page": says(429, HTML),
    "403 of Drive": says(403, RATE),
}
OUTAGES: dict[str, Reply] = {
    "500": error(500, "Internal error"),
    "502 as a page": says(502, HTML),
    "503 as a page": says(503, HTML),
    "504": error(504),
    "408": error(408),
    "200 as a page": says(200, HTML),
    "200 with half a body": stops_halfway,
    "200 with nothing": lambda handler: says(200, "")(handler),
    "no answer": drops,
}


def cases(table: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


# What is made again -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", (QUOTA | OUTAGES).values(), ids=(QUOTA | OUTAGES).keys())
@pytest.mark.parametrize("do", REPEATABLE.values(), ids=REPEATABLE.keys())
def test_what_may_be_done_twice_survives_every_passing_fault(
    http: GoogleHTTPClient, server: Scripted, do: Do, fault: Reply
) -> None:
    server.answers(fault, fault, says(200, {"ok": 1}))
    do(http)
    assert len(server.seen) == 3
    assert len({(seen.method, seen.path, seen.body) for seen in server.seen}) == 1


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES.keys())
@pytest.mark.parametrize("do", ONCE.values(), ids=ONCE.keys())
def test_what_may_not_is_never_made_again_when_nobody_knows_whether_it_was_done(
    http: GoogleHTTPClient, server: Scripted, do: Do, fault: Reply
) -> None:
    server.answers(fault)
    with pytest.raises(Unavailable) as caught:
        do(http)
    assert len(server.seen) == 1
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("fault", QUOTA.values(), ids=QUOTA.keys())
@pytest.mark.parametrize("do", ONCE.values(), ids=ONCE.keys())
def test_a_used_up_quota_did_nothing_so_everything_is_made_again(
    http: GoogleHTTPClient, server: Scripted, do: Do, fault: Reply
) -> None:
    server.answers(fault)
    do(http)
    assert len(server.seen) == 2


def test_an_error_says_whether_something_may_have_been_written(
    http: GoogleHTTPClient, server: Scripted
) -> None:
    def unknown(do: Do, *faults: Reply) -> bool:
        server.answers(*faults)
        with pytest.raises(SheetsError) as caught, http.within(60):
            do(http)
        server.script.clear()
        return caught.value.outcome_unknown

    write, read = REPEATABLE["values batch update"], REPEATABLE["metadata"]
    late = error(429, Retry_After="100")
    assert not unknown(write, late)
    assert unknown(write, error(503), late)
    assert not unknown(write, error(400, "No"))
    assert not unknown(read, error(503), late)


def test_a_call_that_never_reached_google_wrote_nothing(time: ManualTime) -> None:
    with scripted() as gone:
        pass
    http = GoogleHTTPClient(endpoint=gone.url, clock=time.clock)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+ can't be reached") as caught:
        http.batch_update("book", {})
    assert not caught.value.outcome_unknown
    assert http.calls.total == 1


# What is refused --------------------------------------------------------------------------------------


def drive_error(status: int, reason: str, message: str) -> Reply:
    return says(status, {"error": {"code": status, "message": message, "errors": [{"reason": reason}]}})


def detailed(status: int, reason: str, message: str) -> Reply:
    return says(status, {"error": {"code": status, "message": message, "details": [{"reason": reason}]}})


REFUSALS: dict[str, tuple[Reply, type[SheetsError], str]] = {
    "unknown": (error(404, "Requested entity was not found."), NotFound, "can't find the spreadsheet book"),
    "unknown, as a page": (says(404, HTML), NotFound, "can't find the spreadsheet book"),
    "not shared": (error(403, "The caller does not have permission"), NotPermitted, "may not open or change"),
    "not shared in Drive": (
        drive_error(403, "insufficientFilePermissions", "No"),
        NotPermitted,
        "may not open or change",
    ),
    "no room": (drive_error(403, "storageQuotaExceeded", "No room left"), NotPermitted, "No room left"),
    "a proxy's 403": (says(403, HTML), NotPermitted, "refuses: error 403"),
    "API off": (detailed(403, "SERVICE_DISABLED", "Enable it"), NotConfigured, "not switched on.*Enable it"),
    "who are you": (error(401, "No token"), NotConfigured, "Set GOOGLE_SERVICE_ACCOUNT_FILE"),
    "bad range": (error(400, "Unable to parse range: Plan!A0"), BadRequest, "Unable to parse range: Plan!A0"),
    "bad, as a page": (says(400, HTML), BadRequest, "refuses: error 400"),
    "odd body": (says(400, {"error": "invalid_grant"}), BadRequest, "refuses: error 400"),
    "too big a request": (error(413, "Too much"), BadRequest, "Too much"),
    "moved": (says(302, "", Location="/elsewhere"), NotConfigured, "Check SHEETS_API_ENDPOINT"),
    "not changed": (says(304, ""), NotConfigured, "Check SHEETS_API_ENDPOINT"),
}


@cases(REFUSALS)
def test_a_refusal_is_final_and_says_what_to_do(
    http: GoogleHTTPClient, server: Scripted, case: tuple[Reply, type[SheetsError], str]
) -> None:
    reply, kind, sentence = case
    server.answers(reply)
    with pytest.raises(kind, match=sentence) as caught:
        http.fetch_sheet_metadata("book")
    assert len(server.seen) == 1
    assert not caught.value.retryable


def test_a_redirect_is_not_followed(http: GoogleHTTPClient, server: Scripted) -> None:
    with scripted() as elsewhere:
        server.answers(says(307, "", Location=elsewhere.url))
        with pytest.raises(NotConfigured):
            http.batch_update("book", {})
        assert elsewhere.seen == []


def test_an_answer_that_is_too_large_is_refused(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST_BYTES", 2**20)
    server.answers(says(200, {"values": "x" * 2**20}), says(200, {"values": "x" * (2**20 - 20)}))
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        http.fetch_sheet_metadata("book")
    assert http.fetch_sheet_metadata("book")


def test_a_packed_answer_counts_as_large_as_it_is(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bomb(handler: BaseHTTPRequestHandler) -> None:
        packed = gzip.compress(b'{"x": "' + b"x" * 2**22 + b'"}')
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    monkeypatch.setattr(exchange, "MOST_BYTES", 2**20)
    server.answers(bomb)
    with pytest.raises(TooLarge):
        http.fetch_sheet_metadata("book")


def test_a_mistake_of_ours_is_no_outage(http: GoogleHTTPClient, server: Scripted) -> None:
    with pytest.raises(requests.exceptions.InvalidJSONError):
        http.request("post", f"{SHEETS}/book:getByDataFilter", json={"value": float("nan")})
    assert server.seen == []


def test_a_certificate_file_that_is_not_there_is_named(
    http: GoogleHTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    http.endpoint = "https://127.0.0.1:1"
    with pytest.raises(NotConfigured, match=r"/nowhere/bundle.pem.*Check REQUESTS_CA_BUNDLE"):
        http.fetch_sheet_metadata("book")


def test_a_deletion_is_answered_with_nothing(http: GoogleHTTPClient, server: Scripted) -> None:
    server.answers(says(204, ""))
    http.remove_permission("book", "7")
    assert len(server.seen) == 1


def test_an_export_is_no_json(http: GoogleHTTPClient, server: Scripted) -> None:
    server.answers(says(200, "a,b"))
    assert http.export("book", gspread.utils.ExportFormat.CSV) == b"a,b"


# When it is made again, and when it gives up ----------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("7", 7),
        ("0", 0),
        (formatdate(NEW_YEAR + 90, usegmt=True), 90),
        (formatdate(NEW_YEAR - 90, usegmt=True), 0),
        ("soon", 0),
        ("-3", 0),
    ],
)
def test_retry_after_is_kept(
    http: GoogleHTTPClient,
    server: Scripted,
    time: ManualTime,
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    wait: float,
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    server.answers(error(429, Retry_After=given))
    http.fetch_sheet_metadata("book")
    assert time.seconds == pytest.approx(wait)


def test_without_it_the_waits_double_up_to_half_a_minute_with_full_jitter(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", uniform)
    server.answers(*[error(503)] * 8)
    http.fetch_sheet_metadata("book")
    assert drawn == [(0, high) for high in (1, 2, 4, 8, 16, 32, 32, 32)]


def test_a_retry_after_of_nothing_does_not_hammer(
    http: GoogleHTTPClient, server: Scripted, time: ManualTime
) -> None:
    server.answers(*[error(429, Retry_After="0")] * 30)
    with pytest.raises(QuotaExhausted):
        http.request("get", f"{DRIVE}/changes")
    assert 100 < time.seconds <= 300
    assert len(server.seen) <= 20


def test_waits_without_length_end_too(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    server.answers(*[error(503)] * 30)
    with pytest.raises(Unavailable):
        http.request("get", f"{DRIVE}/changes")
    assert len(server.seen) == 20


@pytest.mark.parametrize(("reply", "kind"), [(429, QuotaExhausted), (503, Unavailable)])
def test_a_wait_longer_than_the_time_there_is_fails_at_once(
    http: GoogleHTTPClient, server: Scripted, time: ManualTime, reply: int, kind: type[SheetsError]
) -> None:
    server.answers(error(reply, Retry_After="120"))
    with pytest.raises(kind, match="longer than the time there is"), http.within(60):
        http.fetch_sheet_metadata("book")
    assert time.slept == []


def test_every_call_ends_within_its_own_time_though_the_sync_has_more(
    http: GoogleHTTPClient, server: Scripted, time: ManualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    server.answers(*[error(503)] * 100)
    with pytest.raises(Unavailable), http.within(10_000):
        http.fetch_sheet_metadata("book")
    assert time.seconds <= 300


def test_calls_of_a_sync_share_its_time(http: GoogleHTTPClient, server: Scripted, time: ManualTime) -> None:
    with http.within(60) as calls:
        http.fetch_sheet_metadata("book")
        time.seconds = 61
        with pytest.raises(Unavailable, match="time for talking to Google is used up"):
            http.fetch_sheet_metadata("book")
    assert calls.total == len(server.seen) == 1
    http.fetch_sheet_metadata("book")


@pytest.mark.parametrize("fault", [never_answers, never_ends, drips, drips_chunks])
def test_a_server_that_takes_for_ever_is_left(server: Scripted, fault: Reply) -> None:
    http = GoogleHTTPClient(endpoint=server.url)
    server.answers(fault)
    with pytest.raises(Unavailable, match="didn't answer in time") as caught, http.within(0.3):
        http.batch_update("book", {})
    assert caught.value.outcome_unknown
    assert dripped_to_the_end == []


def test_a_read_that_times_out_is_made_again(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.2)
    server.answers(never_answers)
    http.fetch_sheet_metadata("book")
    assert http.calls.reads == 2


def test_a_cancel_ends_a_wait(http: GoogleHTTPClient, server: Scripted, time: ManualTime) -> None:
    class CancelError(BaseException):
        pass

    def check() -> None:
        if time.seconds >= 5:
            raise CancelError

    server.answers(error(429, Retry_After="100"))
    with pytest.raises(CancelError), http.within(600, check):
        http.fetch_sheet_metadata("book")
    assert time.seconds == pytest.approx(5, abs=2 * SLICE_SECONDS)
    assert len(server.seen) == 1


def test_a_cancel_is_heard_while_an_answer_arrives(
    http: GoogleHTTPClient, server: Scripted, time: ManualTime
) -> None:
    class CancelError(BaseException):
        pass

    def check() -> None:
        if server.seen:
            raise CancelError

    def takes_a_second(handler: BaseHTTPRequestHandler) -> None:
        time.seconds += 1
        says(200, {"values": "x" * 2**20})(handler)

    server.answers(takes_a_second)
    with pytest.raises(CancelError), http.within(600, check):
        http.fetch_sheet_metadata("book")


def test_a_connection_serves_one_sync_and_no_other(http: GoogleHTTPClient, server: Scripted) -> None:
    for _ in range(2):
        with http.within(60):
            http.fetch_sheet_metadata("book")
            http.fetch_sheet_metadata("book")
    one, same, other, last = (seen.port for seen in server.seen)
    assert one == same != other == last


# Turns and counts -------------------------------------------------------------------------------------


def test_reads_and_writes_have_turns_of_their_own_and_drive_needs_none(
    http: GoogleHTTPClient, server: Scripted, time: ManualTime
) -> None:
    for _ in range(55):
        http.fetch_sheet_metadata("book")
        http.values_batch_update("book", {})
        http.request("get", f"{DRIVE}/changes")
    http.request("get", f"{DRIVE}/changes")
    assert time.seconds == 0
    http.request("post", f"{SHEETS}/book:getByDataFilter", json={})
    assert time.seconds == pytest.approx(60)
    http.batch_update("book", {})
    assert time.seconds == pytest.approx(60)


def test_calls_made_again_take_turns_too(
    server: Scripted, time: ManualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    http = GoogleHTTPClient(endpoint=server.url, reads=Pace(2), clock=time.clock)
    server.answers(error(503), error(503))
    http.fetch_sheet_metadata("book")
    assert time.seconds == pytest.approx(60)


def test_calls_are_counted_with_those_made_again(http: GoogleHTTPClient, server: Scripted) -> None:
    server.answers(error(429), says(200, HTML))
    with http.within(600) as calls:
        http.fetch_sheet_metadata("book")
        http.values_batch_update("book", {})
        http.request("get", f"{DRIVE}/changes")
    assert (calls.reads, calls.writes, calls.drive, calls.total) == (3, 1, 1, 5)
    assert http.calls is calls
    with http.within(600) as calls:
        pass
    assert calls.total == 0


# Where calls go ---------------------------------------------------------------------------------------


def test_the_endpoint_stands_in_for_both_hosts(http: GoogleHTTPClient, server: Scripted) -> None:
    http.fetch_sheet_metadata("book", {"fields": "properties.title"})
    GoogleHTTPClient(endpoint=f"{server.url}/").request("get", f"{DRIVE}/files/book")
    assert [seen.path for seen in server.seen] == [
        "/v4/spreadsheets/book?fields=properties.title",
        "/drive/v3/files/book",
    ]


@pytest.mark.parametrize(
    "url", ["https://sheets.googleapis.com.example.org/v4/", "http://sheets.googleapis.com/v4/", "/v4/"]
)
def test_nothing_is_sent_anywhere_else(http: GoogleHTTPClient, server: Scripted, url: str) -> None:
    with pytest.raises(ValueError, match="no address of Google"):
        http.request("get", url)
    assert server.seen == []


def test_a_proxy_of_the_environment_is_used(
    http: GoogleHTTPClient, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    http.endpoint = "http://sheets.example.org"
    http.fetch_sheet_metadata("book", {"fields": "x"})
    assert server.seen[0].path == "http://sheets.example.org/v4/spreadsheets/book?fields=x"


def test_no_password_of_the_environment_is_sent(
    http: GoogleHTTPClient, server: Scripted, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert requests.utils.get_netrc_auth(server.url) == ("ada", "secret")
    http.fetch_sheet_metadata("book")
    assert "Authorization" not in server.seen[0].headers


def test_budgets_default_to_the_real_clock(server: Scripted) -> None:
    assert 0 < Budget(5).left <= 5
