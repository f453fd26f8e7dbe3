"""What a running job sees of its run, and the ways it can be told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from portfolio.actions.models import ActionRow, ActionRun, ActionRunQuerySet, Status
from portfolio.tabs.actor import Actor


class StopJob(BaseException):
    """Ends a job from outside. A BaseException, or a job's ``except Exception`` per row would swallow it."""


class Cancelled(StopJob):
    """A person cancelled the run."""


class LostClaim(StopJob):
    """The sweeper gave the run to another worker."""


class DeadlinePassed(StopJob):
    """The run took longer than its action allows."""


class Job:
    """One claimed run. Nothing it writes inside ``commit()`` survives once the claim is gone."""

    def __init__(self, run: ActionRun, actor: Actor) -> None:
        self.run = run
        self.actor = actor
        self.scope: dict[str, Any] = run.scope
        self.options: dict[str, Any] = run.options
        self.keys: list[str] | None = run.keys
        self.told: dict[str, Any] = {}
        self.left: dict[str, Any] = {}
        self._rows: dict[str, tuple[str, str, str]] = {}
        self._stop: StopJob | None = None
        self._on_stop: list[Callable[[], Any]] = []

    # How far it is. Both only take a note; the watcher and ``commit()`` write it down. --------------------

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.told = {"progress_done": done, "progress_total": total, "progress_text": text[:200]}

    def row(self, key: str, status: str, message: str = "") -> None:
        """``status``: changed, unchanged, skipped or failed."""
        self._rows[key] = (key, ActionRow.Status(status), message)

    def settled_keys(self) -> set[str]:
        """Rows an earlier, lost attempt at this run already committed: they need not be done again."""
        return set(self.run.rows.values_list("key", flat=True))

    # Whether it may go on. --------------------------------------------------------------------------------

    def cancelled(self) -> bool:
        """True once the job should stop, for whatever reason."""
        return self._stop is not None

    def check(self) -> None:
        """Raises Cancelled, LostClaim or DeadlinePassed when the job should stop. Cheap: ask often."""
        if self._stop:
            raise self._stop

    def on_stop(self, callback: Callable[[], Any]) -> None:
        """Called from another thread when the job should stop, e.g. a solver's ``stop_search``."""
        self._on_stop.append(callback)

    def stop(self, reason: StopJob) -> None:
        self._stop = self._stop or reason
        while self._on_stop:
            self._on_stop.pop()()

    # What it leaves behind. -------------------------------------------------------------------------------

    @contextmanager
    def commit(self) -> Iterator[None]:
        """A transaction that commits only while the run is still ours and not cancelled.

        The rows reported so far are kept with it. Raises Cancelled or LostClaim, and rolls back, otherwise.
        """
        self.check()
        noted = dict(self._rows)
        try:
            with transaction.atomic():
                yield
                self._keep()
        except BaseException:
            self._rows = noted  # what the block said of its rows is undone with them
            raise
        self._rows.clear()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """A transaction for what a cancelled job had found by then; put where it is into ``left``.

        Raises LostClaim, and rolls back, unless the run is cancelled and was ours.
        """
        with transaction.atomic():
            yield
            cancelled = self._mine().filter(status=Status.CANCELLED)
            if not cancelled.update(heartbeat=timezone.now(), **self.told):
                raise LostClaim()

    def why_lost(self) -> StopJob:
        run = self._mine().first()
        return Cancelled() if run and run.status == Status.CANCELLED else LostClaim()

    def finish(self, status: Status, returned: dict[str, Any] | None = None, error: str = "") -> None:
        """Writes the end of the run. Raises Cancelled or LostClaim when it is no longer ours to end."""
        with transaction.atomic():
            self._keep()
            self.run.finish(status, {**self.run.counted(), **(returned or {})}, error)

    def close_cancelled(self) -> None:
        """A cancelled run keeps the count of what had been committed before, and says what it leaves."""
        self._mine().update(result={**self.run.counted(), **self.left}, **self.told)

    def _mine(self) -> ActionRunQuerySet:
        """The run, if nobody else claimed it since."""
        return ActionRun.objects.filter(pk=self.run.pk, token=self.run.token)

    def _keep(self) -> None:
        if not self.run.beat(**self.told):
            raise self.why_lost()
        self.run.note_rows(self._rows.values())
