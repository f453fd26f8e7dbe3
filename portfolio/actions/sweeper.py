"""Finds runs whose worker was lost, runs out of time and messages that never arrived.

A process of its own (``manage.py sweep``, or a child of ``manage.py up``). Running several does no harm:
every verdict is a conditional UPDATE, so only one of them takes effect.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from portfolio.actions import broker
from portfolio.actions.models import ActionRun, Pulse, Status
from portfolio.actions.runner import too_long

log = logging.getLogger(__name__)

Chore = Callable[[], None]
chores: list[Chore] = []


def each_sweep(chore: Chore) -> Chore:
    """Registers work to be looked at every few seconds, e.g. a timed sheet sync.

    The chore decides whether it is due, and enqueues an action rather than doing anything long itself.
    """
    chores.append(chore)
    return chore


def sweep_forever(stop: threading.Event) -> None:
    while not stop.is_set():
        sweep()
        connection.close()
        stop.wait(settings.ACTIONS_SWEEP_SECONDS)


def sweep() -> None:
    """One round. What goes wrong in one duty is logged and never keeps the others from being done."""
    for duty in (_show_life, end_late_runs, requeue_lost_runs, resend_waiting_runs, _purge, *chores):
        try:
            duty()
        except DatabaseError as problem:
            log.warning("The sweeper tries again: %s", problem)
        except Exception:
            log.exception("The sweeper could not do %s", duty.__name__)


def end_late_runs() -> None:
    """Fails what is past its deadline. A live worker does that itself; this is for one that cannot."""
    late = timezone.now() - timedelta(seconds=2 * settings.ACTIONS_GRACE_SECONDS)
    for run in ActionRun.objects.filter(status=Status.RUNNING, deadline__lt=late):
        _fail(run, too_long(run))


def requeue_lost_runs() -> None:
    """Gives runs without a heartbeat to another worker; after the third loss the run fails."""
    for run in _silent():
        if run.inline:
            _fail(run, "The command that ran this was interrupted.")
        else:
            _take_back(run)


def take_back_everything() -> None:
    """For the moment when there is certainly no worker at all: see the supervisor."""
    for run in ActionRun.objects.filter(status=Status.RUNNING, inline=False):
        _take_back(run)


def _take_back(run: ActionRun) -> None:
    losses = run.losses + 1
    if losses >= settings.ACTIONS_LOSSES:
        _fail(run, f"Its worker was lost {losses} times. It may need more memory than there is.")
    elif run.requeue():
        log.warning("%s lost its worker and is queued again.", run)
        broker.publish(run)


def _silent() -> Iterator[ActionRun]:
    stale = timezone.now() - timedelta(seconds=settings.ACTIONS_STALE_SECONDS)
    yield from ActionRun.objects.filter(status=Status.RUNNING, heartbeat__lt=stale)


def resend_waiting_runs() -> None:
    """Tells the broker again about runs that wait for long: the message may be lost, the run is not."""
    before = timezone.now() - timedelta(seconds=settings.ACTIONS_RESEND_SECONDS)
    waiting = ActionRun.objects.filter(status=Status.QUEUED, inline=False, sent__lt=before)
    for run in waiting:
        if waiting.filter(pk=run.pk).update(sent=timezone.now()):
            broker.publish(run)


def _fail(run: ActionRun, error: str) -> None:
    if run.finish(Status.FAILED, run.counted(), error):
        log.warning("%s failed: %s", run, error)


def _show_life() -> None:
    Pulse.beat("sweeper")


def _purge() -> None:
    broker.purge_processed(older_than=settings.ACTIONS_RESEND_SECONDS)
