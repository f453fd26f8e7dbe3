"""The timed sync: what makes a spreadsheet due, and that nothing due is missed or done twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.sheets.models import Conflict, DriveCursor, SheetLink
from portfolio.sheets.schedule import sync_on_time
from portfolio.sheets.sync_actions import DUE
from portfolio.tabs.actor import Actor
from tests.google import GoogleServer, faults
from tests.sheets_google.backlog import backlog
from tests.sheets_google.busy import EVERYDAY
from tests.sheets_google.desk import Desk
from tests.sheets_google.world import KPIS, REVENUE

pytestmark = pytest.mark.django_db(transaction=True)
MINE, THEIRS = Conflict.Choice.MINE, Conflict.Choice.THEIRS


def timed() -> ActionRun:
    run = run_inline(Actor.command_line(), DUE)
    assert run.status == Status.SUCCEEDED, run.error
    return run


def read(google: GoogleServer) -> list[str]:
    """The spreadsheets of which the last timed sync read anything."""
    return sorted({call.spreadsheet_id for call in google.sheets_calls})


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    """A backlog, and a Metrics Config in a book of its own, that both have nothing to do."""
    desk = backlog(google)
    Desk(google, "metrics_config", [KPIS, REVENUE]).sync()
    for _ in range(3):
        timed()
    google.reset_calls()
    return desk


def test_nothing_due_costs_one_call_to_drive_and_none_to_sheets(desk: Desk) -> None:
    timed()
    assert [call.kind for call in desk.google.calls] == ["drive.changes.list"]


def test_an_edit_in_a_sheet_makes_that_spreadsheet_due_and_no_other(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    timed()
    assert read(desk.google) == [desk.book.id]
    assert desk.here("Alpha", "Market") == "DE"
    desk.settle()


def test_an_edit_in_lodestar_makes_the_spreadsheet_due_that_shows_it(desk: Desk) -> None:
    desk.edit("Alpha", market="DE")
    timed()
    assert read(desk.google) == [desk.book.id]
    assert desk.there("Alpha", "Market") == "DE"
    desk.settle()


def test_what_lodestar_wrote_itself_is_looked_at_once_and_then_idle(desk: Desk) -> None:
    desk.edit("Alpha", market="DE")
    timed()
    timed()
    desk.google.reset_calls()
    timed()
    assert desk.google.sheets_calls == []


def test_an_open_conflict_is_no_reason_to_read_again(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    timed()
    timed()
    assert desk.conflict()
    desk.google.reset_calls()
    timed()
    assert desk.google.sheets_calls == []


@pytest.mark.parametrize(("choice", "wanted"), [(MINE, "IT"), (THEIRS, "DE")])
def test_a_resolved_conflict_is_settled_by_the_next_timed_sync(desk: Desk, choice: str, wanted: str) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    timed()
    timed()
    desk.resolve(desk.conflict(), choice)
    timed()
    assert (desk.there("Alpha", "Market"), desk.here("Alpha", "Market")) == (wanted, wanted)
    assert desk.conflicts() == []
    assert desk.status("Alpha").startswith("OK")
    desk.settle()


@pytest.mark.parametrize("choice", [MINE, THEIRS])
def test_a_conflict_resolved_after_the_sheet_was_edited_again_loses_nothing(desk: Desk, choice: str) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    timed()
    found = desk.conflict()
    desk.type("Alpha", "Market", "ES")
    desk.resolve(found, choice)
    desk.settle()
    assert desk.here("Alpha", "Market") == ("IT" if choice == MINE else "ES")
    assert len(desk.conflicts()) == (choice == MINE)


def test_an_edit_while_the_sync_runs_is_for_the_next_one(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.google.between(2, lambda: desk.sheet.type("C3", "ES"))
    timed()
    timed()
    assert desk.here("Beta", "Market") == "ES"


@pytest.mark.parametrize("fault", [faults.rejected(), faults.applied(faults.rejected())])
@pytest.mark.parametrize("at", range(1, 4))
def test_what_could_not_be_sent_is_sent_by_the_next_timed_sync(
    google: GoogleServer, fault: Any, at: int
) -> None:
    desk = EVERYDAY.prepare(google)
    google.fail_next(fault, "sheets", after=at)
    run_inline(Actor.command_line(), DUE)
    assert google.faults.pending() == 0
    timed()
    EVERYDAY.ends_well(desk)


def test_a_row_that_moved_away_from_its_write_is_due_again(desk: Desk) -> None:
    desk.edit("Beta", market="IT")
    desk.google.between(2, lambda: desk.sheet.type("C3", "ES"))
    timed()
    timed()
    assert (desk.conflict().mine, desk.conflict().theirs) == ("IT", "ES")


@pytest.mark.parametrize(
    "fault", [faults.rejected(), faults.not_found(), faults.html(503)], ids=lambda fault: fault.name
)
def test_where_drive_says_nothing_everything_is_read_and_drive_asked_again(desk: Desk, fault: Any) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.google.fail_next(fault, "drive", times=20)
    timed()
    assert len(read(desk.google)) == 2
    assert desk.here("Alpha", "Market") == "DE"
    desk.google.faults.planned.clear()
    for _ in range(3):
        timed()
    desk.google.reset_calls()
    timed()
    assert [call.kind for call in desk.google.calls] == ["drive.changes.list"]


def test_a_place_in_drives_list_that_is_no_longer_known_is_given_up(desk: Desk) -> None:
    DriveCursor.objects.update(page_token="gone")
    for _ in range(3):
        timed()
    desk.google.reset_calls()
    timed()
    assert [call.kind for call in desk.google.calls] == ["drive.changes.list"]


def test_drive_is_not_believed_for_ever(desk: Desk) -> None:
    SheetLink.objects.filter(pk=desk.link.pk).update(synced=timezone.now() - timedelta(hours=7))
    timed()
    assert read(desk.google) == [desk.book.id]


def test_a_link_that_is_switched_off_is_never_due(desk: Desk) -> None:
    SheetLink.objects.filter(pk=desk.link.pk).update(is_enabled=False)
    desk.type("Alpha", "Market", "DE")
    timed()
    assert read(desk.google) == []
    assert desk.here("Alpha", "Market") == "UK"


# The clock ----------------------------------------------------------------------------------------------


def asked() -> int:
    return ActionRun.objects.filter(action=DUE, status=Status.QUEUED).count()


@pytest.fixture
def linked(desk: Desk, settings: Any) -> Any:
    settings.SYNC_EVERY_MINUTES = 5
    ActionRun.objects.all().delete()
    return settings


def test_the_clock_asks_for_one_sync_at_a_time(linked: Any) -> None:
    sync_on_time()
    sync_on_time()
    assert asked() == 1


def test_two_clocks_ask_for_one_sync(linked: Any) -> None:
    start = threading.Barrier(2)

    def clock() -> None:
        start.wait()
        sync_on_time()
        connection.close()

    clocks = [threading.Thread(target=clock) for _ in range(2)]
    for each in clocks:
        each.start()
    for each in clocks:
        each.join()
    assert asked() == 1


def test_the_clock_waits_for_its_time(linked: Any) -> None:
    sync_on_time()
    ActionRun.objects.update(status=Status.SUCCEEDED, created=timezone.now() - timedelta(minutes=4))
    sync_on_time()
    assert asked() == 0
    ActionRun.objects.update(created=timezone.now() - timedelta(minutes=5))
    sync_on_time()
    assert asked() == 1


def test_no_minutes_is_no_clock(linked: Any) -> None:
    linked.SYNC_EVERY_MINUTES = 0
    sync_on_time()
    assert asked() == 0


def test_nothing_linked_is_nothing_to_ask_for(linked: Any) -> None:
    SheetLink.objects.update(is_enabled=False)
    sync_on_time()
    assert asked() == 0
