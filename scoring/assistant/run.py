"""A job of the LLM: which rows need it, what that will take, and row by row the question and its answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings

from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError
from portfolio.requests import storable
from scoring.assistant.asking import Asker, OutOfTokensError
from scoring.assistant.errors import LlmError, OutOfCallsError, ServerError, StoppedError
from scoring.assistant.estimating import estimate, why_skipped
from scoring.assistant.landing import LandingError
from scoring.assistant.prompts import version
from scoring.assistant.records import Suggestion
from scoring.assistant.settings_state import access, why_off
from scoring.assistant.tasks.base import Found, Target, Task
from scoring.assistant.tasks.everything import TASKS

GONE = "It was deleted in the meantime."
#: So many rows in a row that fail for the server's sake, and the rest of the run need not fail as well.
ENOUGH = 3


def run(job: Job, task_name: str) -> dict[str, Any]:
    """The work of an action. ``options``: ``regenerate``, ``preview``. Raises ActionError."""
    task, regenerate = TASKS[task_name], bool(job.options.get("regenerate"))
    preview = bool(job.options.get("preview"))
    if not preview and (off := why_off()):
        raise ActionError(off)
    found = task.find(job.keys)
    for key, (status, message) in found.others.items():
        job.row(key, status, message)
    wanted = _sorted_out(job, task, found, regenerate)
    if preview:
        return _preview(job, task, wanted, regenerate)
    with job.commit():
        pass  # what is skipped shows before the first answer is there
    return Run(job, task, regenerate).go(wanted)


def _sorted_out(job: Job, task: Task, found: Found, regenerate: bool) -> list[Target]:
    """The targets that need the LLM; the others are told why not."""
    settled = job.settled_keys()
    reasons = why_skipped(task, [t for t in found.targets if t.label not in settled], regenerate)
    for target, reason in reasons:
        if reason:
            job.row(target.label, "skipped", reason)
    return [target for target, reason in reasons if not reason]


def _preview(job: Job, task: Task, wanted: list[Target], regenerate: bool) -> dict[str, Any]:
    for target in wanted:
        job.row(target.label, "unchanged", f"Would be {task.done}.")
    return {"estimate": asdict(estimate(task, wanted, regenerate)), "off": why_off()}


class Run:
    """Goes through the rows. One failed row is a sentence of its own; the others go on."""

    def __init__(self, job: Job, task: Task, regenerate: bool) -> None:
        self.job, self.task, self.regenerate = job, task, regenerate
        self.access = access()
        self.asker = Asker(self.access)
        self.over = ""  # why no further row is asked about
        self.troubles = 0
        self.tokens = 0
        job.on_stop(self.asker.client.stop)

    def go(self, wanted: list[Target]) -> dict[str, Any]:
        for done, target in enumerate(wanted):
            self.job.check()
            self.job.progress(
                done, len(wanted), f"{done:,} of {len(wanted):,} {self.task.done}: {target.label}"
            )
            self._row(target)
        with self.job.commit():
            self.job.progress(len(wanted), len(wanted), f"{len(wanted):,} gone through")
        return {"calls": self.asker.client.calls, "tokens": self.tokens}

    def _row(self, seen: Target) -> None:
        target = None if self.over else self.task.again(seen)
        reason = self.over or (GONE if target is None else self.task.why_skip(target, self.regenerate))
        if target is None or reason:
            return self.job.row(seen.label, "skipped", reason)
        try:
            suggestion, note = self._suggestion(target)
        except OutOfCallsError:
            self.over = (
                f"The run made its {settings.LLM_MAX_CALLS_PER_RUN} calls (LLM_MAX_CALLS_PER_RUN). "
                "Run it again for the rest."
            )
            return self.job.row(seen.label, "skipped", self.over)
        except OutOfTokensError as error:
            return self.job.row(seen.label, "skipped", str(error))
        except LlmError as error:
            return self._failed(target, error)
        self.troubles = 0
        return self._land(target, suggestion, note)

    def _suggestion(self, target: Target) -> tuple[Suggestion, str]:
        """The answer, stored before anything else: it is paid for. A lost attempt's answer is used again."""
        stored = Suggestion.objects.good().filter(
            run=self.job.run, task=self.task.kind, initiative=target.initiative, math_model=target.model
        )
        if earlier := stored.first():
            return earlier, ""
        self.asker.begin()
        try:
            answer = self.asker.ask(self.task.question(target, self.regenerate))
            told = storable(answer.model_dump())
            suggestion = self._stored(target, **self.task.as_stored(target, told))
            note = self.task.second_look(self.asker, target, suggestion)
        except StoppedError:
            self.job.check()
            raise
        self._keep_usage(suggestion)
        return suggestion, note

    def _stored(self, target: Target, **values: Any) -> Suggestion:
        suggestion = Suggestion(
            task=self.task.kind,
            initiative=target.initiative,
            math_model=target.model,
            run=self.job.run,
            llm_model=self.access.model,
            prompt_version=version(self.task.kind.value),
            asked_by=self.job.actor.name,
            **values,
        )
        self._keep_usage(suggestion)
        return suggestion

    def _keep_usage(self, suggestion: Suggestion) -> None:
        suggestion.tokens_in, suggestion.tokens_out = self.asker.spent.tokens_in, self.asker.spent.tokens_out
        suggestion.save()

    def _land(self, target: Target, suggestion: Suggestion, note: str) -> None:
        self.tokens += self.asker.spent.total
        try:
            with self.job.commit():
                told = self.task.land(target, suggestion, self.regenerate, self.job.actor)
                self.job.row(target.label, "changed", f"{told} {note}".strip())
        except LandingError as error:
            with self.job.commit():
                self.job.row(target.label, "failed", str(error))

    def _failed(self, target: Target, error: LlmError) -> None:
        self.tokens += self.asker.spent.total
        self._stored(target, failed=storable(str(error)))
        with self.job.commit():
            self.job.row(target.label, "failed", storable(str(error)))
        self.troubles = self.troubles + 1 if isinstance(error, ServerError) else 0
        if self.troubles >= ENOUGH:
            self.over = f"Not asked: {ENOUGH} rows in a row failed before it. {error}"
