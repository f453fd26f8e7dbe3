"""Trying a connection, with a spreadsheet as people share it."""

from __future__ import annotations

import pytest

from portfolio.sheets.google import try_connection
from portfolio.sheets.google.connection import checked_id
from portfolio.sheets.google.errors import BadRequest
from tests.google import GoogleServer, faults


def test_a_spreadsheet_that_works_shows_its_title(google: GoogleServer) -> None:
    book = google.book("Portfolio 2026")
    trial = try_connection(f"  {book.id} ")
    assert (trial.works, trial.title, trial.problem) == (True, "Portfolio 2026", "")
    assert (len(google.sheets_calls), len(google.drive_calls)) == (1, 1)


@pytest.mark.parametrize(
    ("role", "sentence"), [(None, "may not open or change"), ("reader", "may only read that spreadsheet")]
)
def test_one_that_is_not_shared_enough_does_not_work(
    google: GoogleServer, role: str | None, sentence: str
) -> None:
    trial = try_connection(google.book("Plan", role=role).id)
    assert not trial.works
    assert sentence in trial.problem


def test_one_that_is_gone_is_named(google: GoogleServer) -> None:
    book = google.book("Plan")
    book.remove()
    assert f"can't find the spreadsheet {book.id}" in try_connection(book.id).problem


def test_a_page_instead_of_an_answer_is_tried_again(google: GoogleServer) -> None:
    google.fail_next(faults.html(503), times=2)
    google.fail_next(faults.cut(), "drive")
    assert try_connection(google.book("Plan").id).works


def test_whoever_looks_is_not_kept_waiting(google: GoogleServer) -> None:
    google.fail_next(faults.too_many(retry_after=60))
    assert "longer than the time there is" in try_connection(google.book("Plan").id).problem


def test_without_settings_the_trial_says_what_to_set() -> None:
    assert "GOOGLE_SERVICE_ACCOUNT_FILE" in try_connection("book").problem


@pytest.mark.parametrize(
    "pasted",
    ["", "https://docs.google.com/spreadsheets/d/1AbC/edit", "../drive", "a b", "id?x=1", "é", "a" * 201],
)
def test_only_an_id_is_taken_for_one(google: GoogleServer, pasted: str) -> None:
    with pytest.raises(BadRequest, match="between /d/ and /edit"):
        checked_id(pasted)
    assert "between /d/ and /edit" in try_connection(pasted).problem
    assert google.calls == []
