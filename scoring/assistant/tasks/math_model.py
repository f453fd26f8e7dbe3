"""Drafting a math model, and letting a second call judge the draft."""

from __future__ import annotations

from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring.assistant import checks, context
from scoring.assistant.asking import Asker, OutOfTokensError, Question
from scoring.assistant.errors import LlmError, OutOfCallsError
from scoring.assistant.landing import clear_refresh, land
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.assistant.schemas import MathModelDraft
from scoring.assistant.tasks import evaluate
from scoring.assistant.tasks.base import Target, chain_text, in_sentence, target_keys, too_soon
from scoring.assistant.tasks.of_models import APPROVED, OfModels
from scoring.models import MathModel

HAS_ONE = "The LLM has drafted a formula already. Regenerate to get another."


class MathModelTask(OfModels):
    kind = Kind.MATH_MODEL
    usual_calls = 2
    done = "drafted"

    def why_skip(self, target: Target, regenerate: bool) -> str:
        if target.math_model.formula_approved:
            return APPROVED
        if lacking := self.lacks(target):
            return lacking
        if regenerate or target.refresh:
            return ""
        return too_soon(target) or (HAS_ONE if target.math_model.llm_suggested_formula else "")

    def question(self, target: Target, regenerate: bool) -> Question[MathModelDraft]:
        targets, row = target_keys(), target.math_model
        data = {
            **context.organisation(),
            "initiative": context.initiative(target.initiative),
            "effort": context.effort(target.initiative),
            "model": context.model(row),
            "param_names_elsewhere": context.param_names_elsewhere(target.initiative),
        }
        if row.llm_suggested_formula:
            data["previous_draft"] = row.llm_suggested_formula
        return Question(
            self.kind.value,
            data,
            MathModelDraft,
            8_000,
            lambda answer: list(checks.draft_problems(answer, targets)),
        )

    def second_look(self, asker: Asker, target: Target, suggestion: Suggestion) -> str:
        draft = suggestion.answer
        asked = evaluate.question(target, draft["formula_text"], draft["target_kpi"], draft["assumptions"])
        try:
            suggestion.verdict = asker.ask(asked).model_dump()
        except (LlmError, OutOfTokensError) as error:
            return f"Not judged: {error}"
        except OutOfCallsError:
            return "Not judged: the run has made all its calls."
        return ""

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        asked = regenerate or target.refresh
        draft = suggestion.answer
        cells = {
            "llm_suggested_formula": draft["formula_text"],
            "llm_suggested_metric_chain": chain_text(draft["metric_chain"]),
            "assumptions_text": "\n".join(draft["assumptions"]),
            "llm_notes": notes_of(suggestion),
        }
        kept = land("math_models", [(target.model, cells)], asked)
        MathModel.objects.filter(pk=target.math_model.pk).update(suggested_by_llm=True)
        clear_refresh("math_models", [target.model], actor)
        registry.announce(MathModel)
        return f"Draft for {draft['target_kpi']}. {verdict_of(suggestion)}{in_sentence(kept)}".strip()


def notes_of(suggestion: Suggestion) -> str:
    """The LLM's notes, what looks odd in the draft, and the verdict on it."""
    draft: dict[str, Any] = suggestion.answer
    lines = [draft["notes"], *checks.draft_remarks(draft["formula_text"])]
    if suggestion.verdict:
        lines.append(evaluate.in_words(suggestion.verdict))
    return "\n".join(line for line in lines if line)


def verdict_of(suggestion: Suggestion) -> str:
    if not suggestion.verdict:
        return ""
    issues = len(suggestion.verdict["issues"])
    told = f", {issues} issue{'s' if issues > 1 else ''}" if issues else ""
    return f"Verdict: {evaluate.WORDS[suggestion.verdict['verdict']]}{told}."
