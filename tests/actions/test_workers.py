"""The ledger's promises, kept by real worker processes on a real database and broker."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from portfolio.actions import broker, registry, sweeper
from portfolio.actions.job import Cancelled, Job, LostClaim
from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import enqueue, run_queued
from portfolio.tabs.actor import Actor
from tests.actions.processes import alive_with, eventually

SYSTEM = Actor.command_line()
MINUTE = timedelta(minutes=1)


def keys(*names: str) -> dict:
    return {"type": "keys", "keys": list(names)}


def status_of(run: ActionRun) -> str:
    run.refresh_from_db()
    return run.status


def greeted(*names: str) -> list[str]:
    return [*Group.objects.filter(name__in=names).values_list("name", flat=True)]


# On a live worker -------------------------------------------------------------------------------------


def test_a_worker_does_what_was_asked_with_the_rights_of_who_asked(live_worker, person):
    run = enqueue(Actor.of(person("PM", username="ada")), "test.greet", keys("x", "y"))
    assert run.status == "queued"
    assert eventually(lambda: status_of(run) == "succeeded"), run.error
    assert run.result == {"rows": 2, "changed": 2, "skipped": 0, "failed": 0, "run_id": 7}
    assert (run.actor_name, run.actor.username) == ("ada", "ada")


def test_a_cancelled_job_stops_and_its_worker_takes_the_next(live_worker):
    run = enqueue(SYSTEM, "test.wait")
    assert eventually(lambda: status_of(run) == "running" and run.progress_text == "waiting")
    run.cancel("ada")
    # close_cancelled() writes the counts: the job has really ended, not only its row in the ledger.
    assert eventually(lambda: status_of(run) == "cancelled" and run.result)
    after = enqueue(SYSTEM, "test.greet", keys("after"))
    assert eventually(lambda: status_of(after) == "succeeded")


def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(live_worker, settings, tmp_path):
    reached, hole = tmp_path / "reached", tmp_path / "hole"
    hole.touch()
    options = {"stop_at": "b", "reached": str(reached), "hole": str(hole)}
    run = enqueue(SYSTEM, "test.step", keys("a", "b", "c"), options)
    assert eventually(reached.exists)
    live_worker.kill()
    hole.unlink()

    sweeper.requeue_lost_runs()
    assert status_of(run) == "running", "its heartbeat is not stale yet"
    settings.ACTIONS_STALE_SECONDS = 0
    sweeper.requeue_lost_runs()
    assert status_of(run) == "queued"

    live_worker.start()
    assert eventually(lambda: status_of(run) == "succeeded"), run.error
    assert run.losses == 1
    assert sorted(greeted("a", "b", "c")) == ["a", "b", "c"]
    assert run.result == {"rows": 3, "changed": 3, "skipped": 0, "failed": 0}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_busy_pool_dies_with_its_worker(live_worker):
    run = enqueue(SYSTEM, "test.wait")
    assert eventually(lambda: status_of(run) == "running")
    live_worker.process.kill()
    live_worker.process.wait()
    assert eventually(lambda: not alive_with(f"TEST_QUEUE={live_worker.queue}"))


@pytest.mark.parametrize("name", ["test.hurry", "test.deaf"])
def test_a_worker_stops_a_job_at_its_deadline_whether_it_listens_or_not(live_worker, name):
    run = enqueue(SYSTEM, name)
    assert eventually(lambda: status_of(run) == "failed")
    assert "took longer than it may" in run.error


# Claims -----------------------------------------------------------------------------------------------


def queued(**values) -> ActionRun:
    return ActionRun.objects.enqueue(SYSTEM, "test.greet", scope=keys("z"), **values)


def test_of_many_workers_racing_for_a_run_exactly_one_gets_it(transactional_db):
    runs, racers = [queued() for _ in range(5)], 8
    start = Barrier(racers)

    def race(_) -> list:
        start.wait()
        claims = [ActionRun.objects.claim(run.action_id, MINUTE) for run in runs]
        connection.close()
        return [claim.pk for claim in claims if claim]

    with ThreadPoolExecutor(racers) as pool:
        won = [pk for claims in pool.map(race, range(racers)) for pk in claims]
    assert sorted(won) == sorted(run.pk for run in runs)


def test_a_running_run_is_never_claimed(db):
    run = queued()
    assert ActionRun.objects.claim(run.action_id, MINUTE)
    assert ActionRun.objects.claim(run.action_id, MINUTE) is None


def test_an_old_claimant_can_neither_commit_nor_finish(db):
    first = ActionRun.objects.claim(queued().action_id, MINUTE)
    old = Job(first, SYSTEM)
    first.requeue()
    second = ActionRun.objects.claim(first.action_id, MINUTE)

    with pytest.raises(LostClaim), old.commit():
        Group.objects.create(name="too late")
    with pytest.raises(LostClaim):
        old.finish(Status.SUCCEEDED)
    assert greeted("too late") == []
    with Job(second, SYSTEM).commit():
        Group.objects.create(name="in time")
    assert greeted("in time") == ["in time"]


def test_a_commit_that_a_cancel_overtakes_is_rolled_back(db):
    run = ActionRun.objects.claim(queued().action_id, MINUTE)
    job = Job(run, SYSTEM)
    with pytest.raises(Cancelled), job.commit():
        Group.objects.create(name="overtaken")
        job.row("overtaken", "changed")
        run.cancel("ada")
    assert greeted("overtaken") == []
    assert not run.rows.exists()


def test_a_finished_run_stays_as_it_is(db):
    run = ActionRun.objects.claim(queued().action_id, MINUTE)
    run.finish(Status.SUCCEEDED, {"rows": 1})
    assert not run.cancel("ada") and not run.requeue() and not run.beat()
    assert (status_of(run), run.result) == ("succeeded", {"rows": 1})


# Asking -----------------------------------------------------------------------------------------------


def test_a_double_click_is_one_run_until_it_ended(db):
    first = queued(idempotency_key="click")
    assert queued(idempotency_key="click") == first
    first.cancel("ada")
    assert queued(idempotency_key="click") != first
    assert queued() != queued()


def test_double_clicks_at_the_same_instant_are_one_run(transactional_db):
    start = Barrier(6)

    def click(_):
        start.wait()
        run = queued(idempotency_key="same")
        connection.close()
        return run.pk

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(click, range(6)))) == 1


def test_a_broker_that_is_gone_never_fails_the_request(transactional_db, queue, monkeypatch):
    def gone(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", gone)
    run = enqueue(SYSTEM, "test.greet", keys("later"))
    assert status_of(run) == "queued"

    monkeypatch.undo()
    published = []
    monkeypatch.setattr(broker, "publish", published.append)
    ActionRun.objects.update(sent=timezone.now() - timedelta(minutes=5))
    sweeper.resend_waiting_runs()
    sweeper.resend_waiting_runs()
    assert published == [run], "told once, then not again for a while"


def test_the_broker_hears_of_a_run_only_after_it_is_committed(transactional_db, monkeypatch):
    published = []
    monkeypatch.setattr(broker, "publish", published.append)
    with transaction.atomic():
        run = enqueue(SYSTEM, "test.greet", keys("k"))
        assert published == []
    assert published == [run]


def test_a_message_about_an_unknown_run_is_harmless(db):
    run_queued("5f0c1f3e-0000-4000-8000-000000000000")


def test_a_run_whose_action_is_gone_fails_in_words(db):
    run = ActionRun.objects.enqueue(SYSTEM, "test.gone", scope={"type": "all"})
    run_queued(str(run.action_id))
    assert status_of(run) == "failed"
    assert run.error.startswith("There is no action 'test.gone'.")


# Sweeping ---------------------------------------------------------------------------------------------


def lost(**values) -> ActionRun:
    """A run whose worker went silent two minutes ago."""
    run = ActionRun.objects.claim(queued(**values).action_id, MINUTE)
    ActionRun.objects.filter(pk=run.pk).update(heartbeat=timezone.now() - 2 * MINUTE)
    return run


def test_the_third_loss_fails_a_run_and_says_so(db, queue):
    run = lost()
    for _ in range(2):
        sweeper.requeue_lost_runs()
        assert status_of(run) == "queued"
        ActionRun.objects.claim(run.action_id, MINUTE)
        ActionRun.objects.update(heartbeat=timezone.now() - 2 * MINUTE)
    sweeper.requeue_lost_runs()
    assert status_of(run) == "failed"
    assert run.error.startswith("Its worker was lost 3 times.")


def test_a_new_supervisor_takes_back_what_the_last_one_left_but_no_command_s_work(db, queue):
    left, inline = (
        ActionRun.objects.claim(queued(inline=inline).action_id, MINUTE) for inline in (False, True)
    )
    sweeper.take_back_everything()
    assert (status_of(left), status_of(inline)) == ("queued", "running")


def test_a_command_that_died_is_failed_not_repeated(db):
    run = lost(inline=True)
    sweeper.requeue_lost_runs()
    assert (status_of(run), run.error) == ("failed", "The command that ran this was interrupted.")


def test_a_run_past_its_deadline_fails_and_a_requeue_gives_no_extra_time(db, queue):
    run = ActionRun.objects.claim(queued().action_id, timedelta(seconds=-10))
    run.requeue()
    again = ActionRun.objects.claim(run.action_id, MINUTE)
    assert again.deadline == run.deadline
    sweeper.end_late_runs()
    assert status_of(run) == "failed"
    assert "took longer than it may (60 seconds)" in run.error


def test_one_broken_duty_keeps_no_other_from_being_done(db, queue, monkeypatch):
    done = []

    def broken():
        raise RuntimeError("a broken chore")

    monkeypatch.setattr(sweeper, "chores", [broken, lambda: done.append("chore")])
    run = lost()
    sweeper.sweep()
    assert done == ["chore"]
    assert status_of(run) == "queued"


def test_handed_out_messages_of_the_filesystem_broker_are_purged(tmp_path, settings):
    settings.CELERY_BROKER_URL, settings.BROKER_DIR = "filesystem://", tmp_path
    broker.ensure_folders()
    (tmp_path / "processed" / "1_x.lodestar.msg").touch()
    assert broker.purge_processed(older_than=60) == 0
    assert broker.purge_processed(older_than=-1) == 1


def test_every_action_has_a_title_and_roles_that_exist():
    from portfolio.tabs.actor import ROLES

    for action in registry.actions.values():
        assert action.title and set(action.roles) <= set(ROLES), action
