"""Judging a formula before a person approves it."""

from __future__ import annotations

from typing import Any

from portfolio.tabs.actor import Actor
from scoring.assistant import context
from scoring.assistant.asking import Question
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.assistant.schemas import Evaluation
from scoring.assistant.tasks.base import Target, too_soon
from scoring.assistant.tasks.of_models import APPROVED, OfModels
from scoring.models import Param
from scoring.readers import names_read

NO_FORMULA = "There is no formula to judge yet, neither yours nor a draft."
WORDS = {"good": "good", "needs_work": "needs work", "wrong": "wrong"}


class EvaluateTask(OfModels):
    kind = Kind.EVALUATE
    done = "judged"

    def why_skip(self, target: Target, regenerate: bool) -> str:
        if not formula_of(target):
            return NO_FORMULA
        if regenerate:
            return ""
        return APPROVED if target.math_model.formula_approved else self._known(target)

    def _known(self, target: Target) -> str:
        """The verdict on this very formula is there."""
        soon = too_soon(target)
        last = Suggestion.objects.latest_of(target.math_model, self.kind) if soon else None
        return soon if last and last.answer == {"formula_text": formula_of(target)} else ""

    def question(self, target: Target, regenerate: bool) -> Question[Evaluation]:
        row = target.math_model
        named = row.target_kpi.kpi_key if row.target_kpi else ""
        return question(target, formula_of(target), named, row.assumptions_text.splitlines())

    def as_stored(self, target: Target, answer: dict[str, Any]) -> dict[str, Any]:
        return {"answer": {"formula_text": formula_of(target)}, "verdict": answer}

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        """The verdict is shown beside the formula; no cell changes."""
        return in_words(suggestion.verdict)


def formula_of(target: Target) -> str:
    """The PM's formula, or the draft where there is none."""
    return target.math_model.formula_text or target.math_model.llm_suggested_formula


def question(target: Target, text: str, target_kpi: str, assumptions: list[str]) -> Question[Evaluation]:
    rows = Param.objects.filter(initiative=target.initiative, param_name__in=names_read(text))
    data = {
        **context.organisation(),
        "initiative": context.initiative(target.initiative),
        "effort": context.effort(target.initiative),
        "model": {**context.model(target.math_model), "target_kpi": target_kpi},
        "formula_text": text,
        "assumptions": assumptions,
        "params": context.params(list(rows)),
    }
    return Question(Kind.EVALUATE.value, data, Evaluation, 4_000)


def in_words(verdict: dict[str, Any]) -> str:
    """``Verdict: needs work. Line 2: …`` — one line per issue."""
    lines = [f"Verdict: {WORDS[verdict['verdict']]}."]
    for issue in verdict["issues"]:
        lines.append(f"Line {issue['line']}: {issue['text']}" if issue["line"] else issue["text"])
    return "\n".join(lines)
