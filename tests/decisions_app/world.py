"""A planning world with a run, and the ways to ask about it."""

from __future__ import annotations

from typing import Any

import pytest

from optimization.models import Decision
from portfolio.actions.job import Cancelled, Job, StopJob
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from tests.factories import actor
from tests.optimization_app.world import candidate, constraint, kpis, optimize, scenario, target


def three() -> list[Any]:
    """Together 45 tokens; the best for 30 is Checkout with Loyalty."""
    return [
        candidate("Checkout", 20, {"revenue": 200, "signups": 1}, department="Pay"),
        candidate("Refunds", 15, {"revenue": 120, "signups": 9}, department="Ops"),
        candidate("Loyalty", 10, {"revenue": 90, "retention": 4}, department="Pay"),
    ]


def ask(action: str, asker: Actor | None = None, /, **options: Any) -> ActionRun:
    return run_inline(asker or actor("PM"), action, options=options)


def decided(action: str, /, **options: Any) -> Decision:
    done = ask(action, **options)
    assert done.status == "succeeded", done.error
    return Decision.objects.get(decision_id=done.result["decision_id"])


def cancel_once(monkeypatch: pytest.MonkeyPatch, solved: int, reason: StopJob | None = None) -> None:
    """Somebody cancels, and the watcher tells the job, once so many problems were solved."""
    progress = Job.progress

    def cancel_then(job: Job, done: int, total: int, text: str = "") -> None:
        progress(job, done, total, text)
        if done >= solved:
            job.run.cancel("ana")
            job.stop(reason or Cancelled())

    monkeypatch.setattr(Job, "progress", cancel_then)


__all__ = [
    "ask",
    "cancel_once",
    "candidate",
    "constraint",
    "decided",
    "kpis",
    "optimize",
    "scenario",
    "target",
    "three",
]
