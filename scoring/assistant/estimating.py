"""What a run of the LLM would take, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from portfolio.tabs.memo import remembering
from scoring.assistant.records import TokenDay
from scoring.assistant.tasks.base import Target, Task


@dataclass(frozen=True)
class Estimate:
    """Rows (``later``: beyond the calls of one run), calls without repairs, and tokens at most.

    ``tokens_left``: of today's cap; None where there is no cap.
    """

    rows: int
    later: int
    calls: int
    tokens: int
    calls_allowed: int
    tokens_left: int | None

    def __str__(self) -> str:
        later = f" {self.later:,} more are for later runs." if self.later else ""
        left = "" if self.tokens_left is None else f" Today {self.tokens_left:,} tokens are left."
        return (
            f"{_count(self.rows, 'row')}: about {_count(self.calls, 'call')} of {self.calls_allowed:,} "
            f"that a run may make, and at most {self.tokens:,} tokens.{later}{left}"
        )


def why_skipped(task: Task, targets: Iterable[Target], regenerate: bool) -> list[tuple[Target, str]]:
    """Each target with why it doesn't need the LLM; nothing where it does."""
    with remembering():
        return [(target, task.why_skip(target, regenerate)) for target in targets]


def estimate(task: Task, wanted: list[Target], regenerate: bool) -> Estimate:
    now = wanted[: max(settings.LLM_MAX_CALLS_PER_RUN // task.usual_calls, 0)]
    with remembering():
        tokens = sum(task.question(target, regenerate).most_tokens for target in now) * task.usual_calls
    cap, day = settings.LLM_DAILY_TOKEN_CAP, TokenDay.today()
    return Estimate(
        rows=len(now),
        later=len(wanted) - len(now),
        calls=len(now) * task.usual_calls,
        tokens=tokens,
        calls_allowed=settings.LLM_MAX_CALLS_PER_RUN,
        tokens_left=max(cap - day.used - day.reserved, 0) if cap else None,
    )


def of(task_name: str, keys: list[str] | None, regenerate: bool = False) -> Estimate:
    """What the action of a task would take for these keys; for all rows where they are None."""
    from scoring.assistant.tasks.everything import TASKS

    task = TASKS[task_name]
    reasons = why_skipped(task, task.find(keys).targets, regenerate)
    return estimate(task, [target for target, reason in reasons if not reason], regenerate)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
