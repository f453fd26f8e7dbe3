"""Runs that are killed, cancelled, started twice or overtaken."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from initiatives.models import Initiative
from portfolio.actions.models import ActionRun, Status
from portfolio.sheets.google.http import CALL_SECONDS
from portfolio.sheets.models import LEASE, Conflict, SheetLink
from portfolio.sheets.sync.status import MARK
from tests.google import GoogleServer
from tests.sheets_google.backlog import backlog, row
from tests.sheets_google.busy import EVERYDAY, SCENES, Scene
from tests.sheets_google.desk import Desk, elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
SYNC = "portfolio.sheets.sync"


class KilledError(BaseException):
    """The process ends here; nothing behind this point happens, not even tidying up."""


def killed_at(monkeypatch: pytest.MonkeyPatch, place: str, desk: Desk) -> None:
    """A sync whose process is killed when it comes to ``place``."""

    def die(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(f"{SYNC}.{place}", die)
        patch.setattr(SheetLink, "free_lease", lambda *_: None)
        with pytest.raises(KilledError):
            desk.tried()


def let_the_lease_end() -> None:
    SheetLink.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


# Killed -------------------------------------------------------------------------------------------------


STEPS = ("run.settle", "run.Sending.run", "send.Sending._acknowledge", "run._Run._close")


@pytest.mark.parametrize(
    ("scene", "place"),
    [
        *((scene, place) for scene in SCENES for place in STEPS),
        *((scene, "run.take") for scene in SCENES[:2]),
        *((EVERYDAY, place) for place in ("newrows.append", "newrows._Writer.acknowledge")),
        (SCENES[2], "removal._note"),
    ],
    ids=str,
)
def test_a_process_is_killed(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch, scene: Scene, place: str
) -> None:
    desk = scene.prepare(google)
    killed_at(monkeypatch, place, desk)
    assert "is being synced already" in desk.tried().error
    let_the_lease_end()
    scene.ends_well(desk)


MEANWHILE: dict[str, tuple[Callable[[Desk], object], int]] = {
    "edits a cell": (lambda desk: desk.type("Epsilon", "Market", "DK"), 3),
    "adds a cell": (lambda desk: desk.type("Epsilon", "Risk Level", "low"), 3),
    "renames it": (lambda desk: desk.type("Epsilon", "Title", "Epsilon II"), 3),
    "clears all but the title": (lambda desk: desk.type("Epsilon", "Market", ""), 3),
    "sorts": (lambda desk: desk.sheet.sort("B", descending=True), 3),
    "sorts and edits": (
        lambda desk: (desk.sheet.sort("B", descending=True), desk.type("Epsilon", "Market", "DK")),
        3,
    ),
    "writes another row": (lambda desk: desk.write_row(row("Eta", Market="SE")), 4),
    "writes another row above": (
        lambda desk: (desk.sheet.insert_row(2), desk.write_row(row("Eta", Market="SE"), at=2)),
        4,
    ),
    "edits it in the web": (lambda desk: desk.edit("Epsilon", market="DK"), 3),
}


def taken_without_its_key(google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A new row of the sheet is an initiative, but the sync was killed before it could write the key."""
    desk = backlog(google)
    desk.write_row(row("Epsilon", Market="SE"))
    killed_at(monkeypatch, "run.Sending.run", desk)
    let_the_lease_end()
    return desk


@pytest.mark.parametrize("name", MEANWHILE)
def test_a_new_row_whose_key_was_not_written_is_known_again(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    edit, initiatives = MEANWHILE[name]
    desk = taken_without_its_key(google, monkeypatch)
    edit(desk)
    desk.settle()
    assert Initiative.objects.count() == initiatives
    assert Conflict.objects.count() == 0
    made = Initiative.objects.get(title__startswith="Epsilon")
    assert desk.there(made.title, "Initiative Key") == made.initiative_key == "INIT-000003"


def test_a_new_row_that_was_copied_before_its_key_came_is_made_once(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = taken_without_its_key(google, monkeypatch)
    desk.write_row(row("Epsilon", Market="SE"))
    desk.settle(twice={"Epsilon"})
    assert desk.sheet.text("L4") == f"{MARK}Rows 4 and 5 are all about INIT-000003. Only one may stay."
    desk.sheet.delete_row(4)
    desk.settle()
    assert desk.there("Epsilon", "Initiative Key") == "INIT-000003"
    assert Initiative.objects.count() == 3


def test_a_new_row_deleted_before_its_key_came_is_asked_about(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = taken_without_its_key(google, monkeypatch)
    desk.sheet.delete_row(4)
    desk.settle()
    assert desk.conflict(Conflict.Kind.LOST).key == "INIT-000003"


# Cancelled ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(len(EVERYDAY.calls)))
def test_a_run_is_cancelled_on_the_way(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    google.between(at, elsewhere(lambda: ActionRun.objects.get(status=Status.RUNNING).cancel("ana")))
    assert desk.tried().status == Status.CANCELLED
    assert SheetLink.objects.get().lease is None
    EVERYDAY.ends_well(desk)


def test_a_run_cancelled_before_it_took_anything_took_nothing(google: GoogleServer) -> None:
    desk = EVERYDAY.prepare(google)
    before = desk.everything()
    google.between(0, elsewhere(lambda: ActionRun.objects.get(status=Status.RUNNING).cancel("ana")))
    desk.tried()
    assert desk.everything() == before


# Twice --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(len(EVERYDAY.calls)))
def test_a_second_sync_of_the_spreadsheet_is_refused_while_the_first_runs(
    google: GoogleServer, at: int
) -> None:
    desk = EVERYDAY.prepare(google)
    second: list[ActionRun] = []
    google.between(at, elsewhere(lambda: second.append(desk.tried())))
    assert desk.tried().status == Status.SUCCEEDED
    assert [run.error for run in second] == ["Central backlog: Central backlog is being synced already."]
    told = [link["problem"] for run in second for link in run.result["report"]["links"].values()]
    assert told == ["Central backlog is being synced already."]
    EVERYDAY.ends_well(desk)


def lease_taken() -> None:
    SheetLink.objects.update(lease=uuid.uuid4(), lease_until=timezone.now() + timedelta(minutes=3))


@pytest.mark.parametrize("at", range(len(EVERYDAY.calls)))
def test_a_sync_that_lost_its_lease_writes_nothing_more(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    google.reset_calls()
    google.between(at, elsewhere(lease_taken))
    run = desk.tried()
    assert "was taken over by another one" in run.error
    writes = ("write", "append")
    assert [call for call in desk.calls()[at + 1 :] if call in writes] == []
    let_the_lease_end()
    EVERYDAY.ends_well(desk)


def overtaken(desk: Desk, at: int) -> None:
    """A sync that hangs in the call ``at`` for so long that another one is let in, and comes to its end."""
    second: list[ActionRun] = []

    def overtake() -> None:
        let_the_lease_end()
        second.append(desk.tried())

    desk.google.between(at, elsewhere(overtake))
    desk.tried()
    assert [run.status for run in second] == [Status.SUCCEEDED]


@pytest.mark.parametrize("at", range(3))
def test_a_slow_sync_is_overtaken_by_another(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    overtaken(desk, at)
    EVERYDAY.ends_well(desk)


def test_a_row_appended_by_two_syncs_at_once_is_told_and_taken_once(google: GoogleServer) -> None:
    desk = EVERYDAY.prepare(google)
    overtaken(desk, 3)
    desk.settle(twice={"INIT-000005"})
    assert desk.sheet.text("L8") == f"{MARK}Rows 7 and 8 are all about INIT-000005. Only one may stay."
    desk.sheet.delete_row(8)
    EVERYDAY.ends_well(desk)


def test_a_lease_outlasts_every_call() -> None:
    assert timedelta(seconds=CALL_SECONDS) < LEASE


def test_a_run_that_failed_frees_its_lease(google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = EVERYDAY.prepare(google)

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(f"{SYNC}.send.Sending.run", fail)
        assert "Something went wrong inside Lodestar (RuntimeError)" in desk.tried().error
    assert SheetLink.objects.get().lease is None
    EVERYDAY.ends_well(desk)
