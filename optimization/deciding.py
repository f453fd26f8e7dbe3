"""What every decision tool does around its question: ask, and store the answer at once.

A cancelled one keeps what it had answered by then, marked as not complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from optimization.models import Decision, Run
from optimization.reading import ProblemInvalid
from portfolio.actions.job import Cancelled, Job
from portfolio.actions.registry import ActionError

Answer = Mapping[str, Any]
Tool = Callable[..., Answer]  # takes should_stop and progress


def decide(
    job: Job, kind: str, asked: dict[str, Any], tool: Tool, has_parts: bool = True
) -> tuple[Decision, Answer]:
    """Asks the tool about the run in `asked`, and stores what it answers.

    `has_parts`: whether a part of the answer says something. Raises ActionError where the question makes no
    sense; Cancelled, after keeping the part that was answered by then.
    """
    started = timezone.now()
    run: Run = asked["run"]
    with said_in_words():
        answer = tool(should_stop=job.cancelled, progress=job.progress)
    try:
        job.check()
        with job.commit():
            made = store(job, kind, started, asked, answer, [], run)
    except Cancelled:
        if has_parts and job.told.get("progress_done"):
            with job.leaving():
                made = store(job, kind, started, asked, answer, [], run)
            job.left = result(made)
        raise
    return made, answer


def result(made: Decision) -> dict[str, Any]:
    """What the ledger says of a decision about a run."""
    return {"decision_id": made.decision_id, "run_id": str(made.run or "")}


def store(
    job: Job,
    kind: str,
    started: datetime,
    asked: Mapping[str, Any],
    answer: Answer,
    runs: Iterable[Run],
    base: Run | None = None,
) -> Decision:
    """The decision, with the runs it stored. Needs a transaction."""
    made = Decision.objects.create(
        kind=kind,
        action=job.run,
        run=base,
        options={name: str(value) if isinstance(value, Run) else value for name, value in asked.items()},
        answer=answer,
        complete=answer.get("complete", True),
        asked_by=job.actor.name,
        started=started,
        finished=timezone.now(),
    )
    made.number()
    made.runs.set(runs)
    return made


@contextmanager
def said_in_words() -> Any:
    """Turns a question that the problem makes no sense of into the sentence its person reads."""
    try:
        yield
    except ProblemInvalid as invalid:
        raise ActionError(". ".join(error["text"] for error in invalid.errors) + ".") from None
