"""Each call of a sync fails in each way a call can; the next sync goes on as if nothing had been."""

from __future__ import annotations

import pytest

from portfolio.actions.models import Status
from portfolio.sheets.models import SheetLink
from tests.google import GoogleServer, faults
from tests.google.faults import Fault
from tests.sheets_google.busy import EVERYDAY, SCENES, Scene
from tests.sheets_google.desk import Desk
from tests.sheets_google.world import KPIS, REVENUE, tried

pytestmark = pytest.mark.django_db
PASSING = [faults.too_many(), faults.too_many(retry_after=0)]
FAILING = [
    faults.server_error(),
    faults.unavailable(),
    faults.html(503),
    faults.html(200),
    faults.dropped(),
    faults.rejected(),
    faults.too_many(retry_after=10_000),
]
DONE = [
    faults.applied(faults.unavailable()),
    faults.applied(faults.html(503)),
    faults.dropped(applied=True),
    faults.cut(),
]
ELSEWHERE = [faults.rejected(), faults.applied(faults.html(503)), faults.dropped(applied=True)]
EVERY_CALL = [
    pytest.param(scene, at, fault, id=f"{scene}: {fault.name} at call {at + 1}, {call}")
    for scene in SCENES
    for at, call in enumerate(scene.calls)
    for fault in (PASSING + FAILING + DONE if scene is EVERYDAY else ELSEWHERE)
]


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_clean_sync_makes_these_calls_and_leaves_nothing_to_do(google: GoogleServer, scene: Scene) -> None:
    desk = scene.prepare(google)
    google.reset_calls()
    desk.sync()
    assert desk.calls() == list(scene.calls)
    before = desk.everything()
    scene.ends_well(desk)
    assert desk.everything()["sheets"] == before["sheets"]


@pytest.mark.parametrize(("scene", "at", "fault"), EVERY_CALL)
def test_a_call_that_fails(google: GoogleServer, scene: Scene, at: int, fault: Fault) -> None:
    desk = scene.prepare(google)
    google.fail_next(fault, after=at)
    desk.tried()
    assert google.faults.pending() == 0
    scene.ends_well(desk)


MANY = ("read", "look", "write", "columns", "append")


@pytest.mark.parametrize("at", range(len(MANY)))
@pytest.mark.parametrize("fault", [None, faults.rejected(), faults.dropped(applied=True)], ids=str)
def test_a_call_that_fails_where_cells_are_many(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch, at: int, fault: Fault | None
) -> None:
    """Where more is to be written than is compared cell by cell."""
    monkeypatch.setattr("portfolio.sheets.sync.writes.MOST_RANGES", 3)
    desk = EVERYDAY.prepare(google)
    google.reset_calls()
    if fault:
        google.fail_next(fault, after=at)
    desk.tried()
    assert fault or desk.calls() == list(MANY)
    EVERYDAY.ends_well(desk)


@pytest.mark.parametrize("at", range(len(EVERYDAY.calls)))
def test_every_call_fails_once(google: GoogleServer, at: int) -> None:
    """A minute's quota that is used up again and again, from the call ``at`` on."""
    desk = EVERYDAY.prepare(google)
    google.fail_next(faults.too_many(), after=at, times=7)
    assert desk.tried().status == Status.SUCCEEDED
    EVERYDAY.ends_well(desk)


@pytest.mark.parametrize("at", range(len(EVERYDAY.calls)))
def test_a_quota_that_stays_used_up_ends_the_run_with_a_sentence(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    google.fail_next(faults.too_many(retry_after=10_000), after=at, times=99)
    run = desk.tried()
    assert run.status == Status.FAILED
    assert "The quota of Google Sheets is used up for now. Trying again would take longer" in run.error
    google.faults.planned.clear()
    EVERYDAY.ends_well(desk)


def test_a_quota_in_the_middle_of_a_run_is_waited_for(google: GoogleServer) -> None:
    desk = EVERYDAY.prepare(google)
    asked = iter(range(0, 10_000, 7))
    google.quota(per_minute=1, clock=lambda: float(next(asked)))
    assert desk.tried().status == Status.SUCCEEDED
    google.quota(None)
    statuses = [call.status for call in google.calls]
    assert 429 in statuses
    EVERYDAY.ends_well(desk)


@pytest.mark.parametrize(
    ("fault", "times"),
    [(faults.too_many(), 1), (faults.unavailable(), 0), (faults.dropped(applied=True), 0)],
    ids=lambda each: getattr(each, "name", each),
)
def test_an_append_is_repeated_only_where_it_was_not_done(
    google: GoogleServer, fault: Fault, times: int
) -> None:
    desk = EVERYDAY.prepare(google)
    google.reset_calls()
    google.fail_next(fault, "appendCells")
    desk.tried()
    assert desk.calls().count("append") == 1 + times
    EVERYDAY.ends_well(desk)


def test_a_failure_is_kept_on_the_link_until_a_sync_succeeds(google: GoogleServer) -> None:
    desk = EVERYDAY.prepare(google)
    google.fail_next(faults.rejected("Not today."))
    assert "Google Sheets refuses: Not today." in desk.tried().error
    assert SheetLink.objects.get().problem == "Google Sheets refuses: Not today."
    desk.sync()
    assert SheetLink.objects.get().problem == ""


def test_one_spreadsheet_that_fails_keeps_no_other(google: GoogleServer) -> None:
    broken = EVERYDAY.prepare(google)
    fine = Desk(google, "metrics_config", [KPIS, REVENUE])
    broken.book.share(None)
    run = tried()
    assert run.status == Status.SUCCEEDED
    assert list(run.result["report"]["problems"]) == ["Central backlog"]
    fine.settle()
    assert fine.here("revenue", "Unit") == "GBP"
