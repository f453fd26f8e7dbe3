"""Summing an initiative up in two or three lines."""

from __future__ import annotations

from collections.abc import Iterable

from initiatives.models import Initiative
from portfolio.tabs.actor import Actor
from scoring.assistant import context
from scoring.assistant.asking import Question
from scoring.assistant.landing import land
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.assistant.schemas import Summary
from scoring.assistant.tasks.base import Found, Target, Task, lacks_context, too_soon

HAS_ONE = "Summed up already. Regenerate to get another."


class SummaryTask(Task):
    kind = Kind.SUMMARY
    done = "summed up"

    def find(self, keys: list[str] | None) -> Found:
        rows = Initiative.objects.order_by("initiative_key")
        if keys is None:
            return Found(self._targets(rows), {})
        known = {row.initiative_key.casefold(): row for row in rows}
        chosen = {key: known.get(key.strip().casefold()) for key in keys}
        found = {row.pk: row for row in chosen.values() if row}
        missing = {
            key: ("failed", f"There is no initiative {key}.") for key, row in chosen.items() if not row
        }
        return Found(self._targets(found.values()), missing)

    def _targets(self, rows: Iterable[Initiative]) -> list[Target]:
        last = Suggestion.objects.last_times(self.kind, "initiative")
        return [Target(row.initiative_key, row, last=last.get(row.pk)) for row in rows]

    def again(self, target: Target) -> Target | None:
        return next(iter(self._targets(Initiative.objects.filter(pk=target.initiative.pk))), None)

    def why_skip(self, target: Target, regenerate: bool) -> str:
        row = target.initiative
        if lacking := _lacks(row):
            return lacking
        if regenerate:
            return ""
        return too_soon(target) or (HAS_ONE if row.llm_summary else "")

    def question(self, target: Target, regenerate: bool) -> Question[Summary]:
        told = context.initiative(target.initiative)
        told.pop("summary", None)
        return Question(
            self.kind.value,
            {"initiative": told},
            Summary,
            2_000,
            lambda answer: [] if any(answer.lines) else ["The summary is empty."],
        )

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        lines = "\n".join(line for line in suggestion.answer["lines"] if line)
        land("backlog", [(target.initiative, {"llm_summary": lines})], regenerate)
        return lines


def _lacks(row: Initiative) -> str:
    told = row.problem_statement or row.hypothesis
    return "" if told and row.title else lacks_context(Initiative(title=row.title))
