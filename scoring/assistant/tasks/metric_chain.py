"""Drawing a metric chain for a model."""

from __future__ import annotations

from portfolio.tabs.actor import Actor
from scoring.assistant import checks, context
from scoring.assistant.asking import Question
from scoring.assistant.landing import clear_refresh, land
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.assistant.schemas import MetricChain
from scoring.assistant.tasks.base import Target, chain_text, in_sentence, target_keys, too_soon
from scoring.assistant.tasks.of_models import APPROVED, OfModels

HAS_ONE = "The LLM has drawn a chain already. Regenerate to get another."


class MetricChainTask(OfModels):
    kind = Kind.METRIC_CHAIN
    done = "drawn"

    def why_skip(self, target: Target, regenerate: bool) -> str:
        if target.math_model.formula_approved:
            return APPROVED
        if lacking := self.lacks(target):
            return lacking
        if regenerate or target.refresh:
            return ""
        return too_soon(target) or (HAS_ONE if target.math_model.llm_suggested_metric_chain else "")

    def question(self, target: Target, regenerate: bool) -> Question[MetricChain]:
        targets = target_keys()
        data = {
            **context.organisation(),
            "initiative": context.initiative(target.initiative),
            "model": context.model(target.math_model),
        }
        return Question(
            self.kind.value,
            data,
            MetricChain,
            3_000,
            lambda answer: list(checks.chain_problems(answer.chain, targets)),
        )

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        asked = regenerate or target.refresh
        drawn = chain_text(suggestion.answer["chain"])
        kept = land("math_models", [(target.model, {"llm_suggested_metric_chain": drawn})], asked)
        clear_refresh("math_models", [target.model], actor)
        return f"Chain: {drawn}.{in_sentence(kept)}"
