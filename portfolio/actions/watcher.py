"""Watches over a running job from a second thread: heartbeat, progress, cancel and deadline.

A job that is told to stop and does not look is interrupted after a grace period: a signal makes its
main thread raise, the way Celery's soft time limits do, which also gets it out of a blocking read.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from portfolio.actions.job import Cancelled, DeadlinePassed, Job, LostClaim, StopJob
from portfolio.actions.models import ActionRun, Status

log = logging.getLogger(__name__)


@contextmanager
def watching(job: Job) -> Iterator[None]:
    """Watches ``job`` while the block runs; inside a transaction nobody else can see the run yet."""
    if connection.in_atomic_block:
        yield
        return
    with _interruptible(job) as interrupt:
        watcher = Watcher(job, interrupt)
        watcher.start()
        try:
            yield
        finally:
            interrupt.clear()
            watcher.done.set()
            watcher.join()


@contextmanager
def _interruptible(job: Job) -> Iterator[threading.Event]:
    """Lets SIGUSR1 raise the job's reason to stop while the block runs. Only main threads get signals."""
    armed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield armed
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        if armed.is_set():
            job.check()

    before = signal.signal(signal.SIGUSR1, stop)
    armed.set()
    try:
        yield armed
    finally:
        armed.clear()
        signal.signal(signal.SIGUSR1, before)


class Watcher(threading.Thread):
    def __init__(self, job: Job, interruptible: threading.Event) -> None:
        super().__init__(name=f"watcher of {job.run}", daemon=True)
        self.job = job
        self.done = threading.Event()
        self._interruptible = interruptible
        self._told: dict = {}
        self._beaten = monotonic()
        self._stopped: float | None = None

    def run(self) -> None:
        try:
            self._wait_briefly_for_locks()
            while not self.done.wait(settings.ACTIONS_WATCH_SECONDS):
                self._look()
        finally:
            connection.close()

    def _look(self) -> None:
        try:
            if reason := self._reason_to_stop():
                self._tell(reason)
            elif self._has_news():
                self._beat()
        except OperationalError as problem:
            # One long import blocks all writers of a SQLite file; the next look tries again.
            log.debug("The watcher of %s tries again: %s", self.job.run, problem)

    def _reason_to_stop(self) -> StopJob | None:
        run = ActionRun.objects.get(pk=self.job.run.pk)
        if run.token != self.job.run.token:
            return LostClaim()
        if run.status == Status.CANCELLED:
            return Cancelled()
        if run.status != Status.RUNNING:
            return LostClaim()
        return DeadlinePassed() if run.deadline and run.deadline < timezone.now() else None

    def _tell(self, reason: StopJob) -> None:
        if self._stopped is None:
            self.job.stop(reason)
            self._stopped = monotonic()
        elif monotonic() - self._stopped > settings.ACTIONS_GRACE_SECONDS and self._interruptible.is_set():
            self._stopped = monotonic()
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _has_news(self) -> bool:
        return self.job.told != self._told or monotonic() - self._beaten > settings.ACTIONS_BEAT_SECONDS

    def _beat(self) -> None:
        told = self.job.told
        self.job.run.beat(**told)
        self._told, self._beaten = told, monotonic()

    def _wait_briefly_for_locks(self) -> None:
        # A cancel must be seen within a second, also while someone else holds the SQLite file.
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 500")
