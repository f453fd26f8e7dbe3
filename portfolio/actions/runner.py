"""Two ways to run an action: ``enqueue`` for a worker, ``run_inline`` inside a management command."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from portfolio.actions import broker, registry
from portfolio.actions.job import Cancelled, DeadlinePassed, Job, LostClaim
from portfolio.actions.models import LONGEST_KEY, ActionRun, Status
from portfolio.actions.watcher import watching
from portfolio.tabs.actor import Actor

log = logging.getLogger(__name__)


def enqueue(
    actor: Actor,
    name: str,
    scope: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    idempotency_key: str = "",
) -> ActionRun:
    """Asks for ``name``; a worker will do it.

    The committed row is the request; the broker is told afterwards, and if that fails the sweeper tells it
    again. The same ``idempotency_key`` while a run of the action is queued or running gives that run.
    Raises RefusedError (unknown action, bad scope) and PermissionDenied.
    """
    run = _asked_for(actor, name, scope, options, idempotency_key=idempotency_key)
    transaction.on_commit(lambda: broker.publish(run))
    return run


def run_inline(
    actor: Actor, name: str, scope: dict[str, Any] | None = None, options: dict[str, Any] | None = None
) -> ActionRun:
    """Does ``name`` now, in this process, and returns the finished run (``status``, ``result``, ``error``).

    No broker and no worker are needed. Raises RefusedError and PermissionDenied; what goes wrong in the job
    itself is in the run.
    """
    run = _asked_for(actor, name, scope, options, inline=True)
    claimed = ActionRun.objects.claim(run.action_id, registry.allowed(name))
    if claimed:
        execute(claimed, actor)
    run.refresh_from_db()
    return run


def run_queued(action_id: str) -> None:
    """What a worker does with a message: claim the run, or leave it to whoever has it."""
    waiting = ActionRun.objects.filter(action_id=action_id).first()
    if waiting is None:
        log.error("The broker told of a run that is not in the ledger: %s", action_id)
        return
    claimed = ActionRun.objects.claim(action_id, registry.allowed(waiting.action))
    if claimed:
        execute(claimed, _actor_of(claimed))


def _actor_of(run: ActionRun) -> Actor:
    """With the rights the person has now. A run that nobody asked for is the system's own (a timed sync)."""
    return Actor.of(run.actor) if run.actor else replace(Actor.command_line(), name=run.actor_name)


def _asked_for(actor: Actor, name: str, scope: Any, options: Any, **values: Any) -> ActionRun:
    registry.named(name).refuse_unless_allowed(actor)
    if not isinstance(options or {}, dict):
        raise registry.RefusedError('The options must be an object like {"scenario": "Baseline"}.')
    if len(values.get("idempotency_key", "")) > LONGEST_KEY:
        raise registry.RefusedError(f"The idempotency key may have {LONGEST_KEY} characters at most.")
    return ActionRun.objects.enqueue(
        actor, name, scope=registry.checked_scope(scope), options=options or {}, **values
    )


def execute(run: ActionRun, actor: Actor) -> None:
    """Runs a claimed run to its end, whatever that is; only an interrupted command raises."""
    job = Job(run, actor)
    try:
        _work(job)
    except Cancelled:
        job.close_cancelled()
    except LostClaim:
        log.warning("%s was given to another worker; this one stops.", run)
    except KeyboardInterrupt:
        run.cancel("the keyboard")
        raise


def _work(job: Job) -> None:
    try:
        action = registry.named(job.run.action)
        with watching(job):
            returned = action.work(job)
        job.finish(Status.SUCCEEDED, returned)
    except registry.ActionError as problem:
        job.finish(Status.FAILED, problem.returned, error=str(problem))
    except registry.RefusedError as problem:
        job.finish(Status.FAILED, error=str(problem))
    except DeadlinePassed:
        job.finish(Status.FAILED, error=too_long(job.run))
    except Exception as problem:
        log.exception("%s failed", job.run)
        job.finish(Status.FAILED, error=_unexpected(problem, job.run))


def too_long(run: ActionRun) -> str:
    return f"Stopped: {run.title} took longer than it may ({_in_words(registry.allowed(run.action))})."


def _in_words(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    count, unit = (seconds, "second") if seconds < 120 else (round(seconds / 60), "minute")
    return f"{count} {unit}" + ("s" if count != 1 else "")


def _unexpected(problem: Exception, run: ActionRun) -> str:
    return (
        f"Something went wrong inside Lodestar ({type(problem).__name__}). What was finished before is kept. "
        f"The log has the details under {run.action_id}."
    )
