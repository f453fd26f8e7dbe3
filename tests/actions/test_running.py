"""Running an action to its end inside this process."""

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection

from portfolio import settings as production
from portfolio.actions import registry
from portfolio.actions.models import ActionRun
from portfolio.actions.registry import Action
from portfolio.actions.runner import run_inline
from portfolio.actions.watcher import Watcher
from portfolio.tabs.actor import Actor
from tests.actions import jobs
from tests.actions.processes import eventually

jobs.register()
COMMAND_LINE = Actor.command_line()


def keys(*names: str) -> dict:
    return {"type": "keys", "keys": list(names)}


def test_a_finished_run_counts_its_rows_and_adds_what_the_job_returned(db):
    run = run_inline(COMMAND_LINE, "test.greet", keys("ada", "bob"))
    assert run.status == "succeeded"
    assert run.result == {"rows": 2, "changed": 2, "skipped": 0, "failed": 0, "run_id": 7}
    assert list(run.rows.values_list("key", "status", "message")) == [
        ("ada", "changed", "hello ada"),
        ("bob", "changed", "hello bob"),
    ]
    assert (run.progress_done, run.progress_total, run.progress_text) == (2, 2, "greeted bob")
    assert run.actor_name == "command line"


def test_a_job_that_cannot_go_on_leaves_its_sentence(db):
    run = run_inline(COMMAND_LINE, "test.refuse")
    assert (run.status, run.error) == (
        "failed",
        "Scenario Baseline has no candidates. Select some on the Candidates tab.",
    )


def test_an_unexpected_error_shows_where_to_look_but_no_stack_trace(db):
    run = run_inline(COMMAND_LINE, "test.break")
    assert run.status == "failed"
    assert str(run.action_id) in run.error
    assert "secret" not in run.error and "Traceback" not in run.error


@pytest.mark.parametrize(
    ("name", "scope", "options", "sentence"),
    [
        ("test.great", None, None, "There is no action 'test.great'. There is: test.greet"),
        ("test.greet", {"type": "some"}, None, "The scope must be"),
        ("test.greet", {"type": "keys", "keys": []}, None, "at least one key"),
        ("test.greet", {"type": "keys", "keys": [3]}, None, "The scope must be"),
        ("test.greet", [], ["x"], "The options must be an object"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(db, name, scope, options, sentence):
    with pytest.raises(registry.RefusedError) as refusal:
        run_inline(COMMAND_LINE, name, scope, options)
    assert sentence in str(refusal.value)
    assert not ActionRun.objects.exists()


def perform(work, monkeypatch) -> ActionRun:
    greet = Action("test.greet", "Test", ("Admin",), timedelta(minutes=1), work)
    monkeypatch.setitem(registry.actions, "test.greet", greet)
    return run_inline(COMMAND_LINE, "test.greet")


def test_what_was_said_of_rows_is_undone_with_their_transaction(db, monkeypatch):
    def work(job):
        with suppress(ZeroDivisionError), job.commit():
            job.row("a", "changed")
            job.row("b", "changed", str(1 / 0))
        job.row("b", "failed", "divided by zero")

    run = perform(work, monkeypatch)
    assert list(run.rows.values_list("key", "status")) == [("b", "failed")]


def test_a_result_that_cannot_be_stored_fails_the_run(db, monkeypatch):
    assert perform(lambda job: {"oops": object()}, monkeypatch).status == "failed"


def test_only_the_roles_of_an_action_may_ask_for_it(person):
    with pytest.raises(PermissionDenied, match="PM and Admin"):
        run_inline(Actor.of(person("Viewer")), "test.greet")


def test_an_action_has_one_declaration():
    with pytest.raises(ValueError, match="declared twice"):
        registry.action("test.greet", title="again", roles=())(jobs.greet)


# With the watcher at work -----------------------------------------------------------------------------


@pytest.fixture
def when_running(transactional_db):
    """Calls a function with the run, from another thread, as soon as one is running."""
    threads = []

    def arrange(act):
        def watch():
            running = ActionRun.objects.filter(status="running")
            if eventually(running.exists):
                act(running.get())
            connection.close()

        threads.append(threading.Thread(target=watch))
        threads[-1].start()

    yield arrange
    for thread in threads:
        thread.join()


def test_a_cancel_stops_a_job_at_the_next_look_and_looks_are_less_than_a_second_apart(
    when_running, monkeypatch
):
    cancelled, told, look = threading.Event(), [], Watcher._look

    def cancel(run):
        run.cancel("ada")
        cancelled.set()

    def looked(watcher):
        is_late = cancelled.is_set()
        look(watcher)
        if is_late or watcher.job.cancelled():
            told.append(watcher.job.cancelled())

    monkeypatch.setattr(Watcher, "_look", looked)
    when_running(cancel)
    run = run_inline(COMMAND_LINE, "test.wait")
    assert told[0]
    assert production.ACTIONS_WATCH_SECONDS < 1
    assert (run.status, run.error) == ("cancelled", "Cancelled by ada.")
    assert run.result == {"rows": 0, "changed": 0, "skipped": 0, "failed": 0}


def test_progress_moves_while_the_job_works(when_running):
    seen = []

    def look(run):
        while not run.progress_text:
            run.refresh_from_db()
        seen.append((run.progress_done, run.progress_total, run.progress_text))
        run.cancel("ada")

    when_running(look)
    run_inline(COMMAND_LINE, "test.wait")
    assert seen == [(1, 10, "waiting")]


@pytest.mark.parametrize("name", ["test.hurry", "test.deaf"])
def test_a_job_past_its_deadline_is_stopped_whether_it_listens_or_not(transactional_db, name):
    started = time.monotonic()
    run = run_inline(COMMAND_LINE, name)
    assert time.monotonic() - started < jobs.DEAF_SECONDS
    assert run.status == "failed"
    assert "took longer than it may (1 second)" in run.error


def test_nothing_can_be_committed_once_a_run_is_cancelled(when_running, monkeypatch):
    def work(job):
        with job.commit():
            Group.objects.create(name="kept")
            job.row("kept", "changed")
        job.run.cancel("ada")
        with job.commit():
            Group.objects.create(name="lost")
            job.row("lost", "changed")

    run = perform(work, monkeypatch)
    assert run.status == "cancelled"
    assert [*Group.objects.filter(name__in=["kept", "lost"]).values_list("name", flat=True)] == ["kept"]
    assert run.result["changed"] == 1
