"""The LLM's draft of a formula beside the PM's own, and what of it can be used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import zip_longest
from typing import Any

from portfolio.actions.registry import actions
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring.assistant.records import Suggestion, Task
from scoring.assistant.settings_state import why_off
from scoring.models import MathModel

ACTIONS = {
    Task.MATH_MODEL: "pm.suggest_math_model_llm",
    Task.METRIC_CHAIN: "pm.suggest_metric_chain_llm",
    Task.PARAM_METADATA: "pm.suggest_params_llm",
    Task.EVALUATE: "pm.evaluate_math_model_llm",
}
LABELS = {
    Task.MATH_MODEL: "Suggest a draft",
    Task.METRIC_CHAIN: "Suggest a chain",
    Task.PARAM_METADATA: "Describe params",
    Task.EVALUATE: "Judge the formula",
}
OF_ANOTHER = "what the LLM thought of another text than your formula as it stands"
PARTS = {
    "formula": "Formula",
    "assumptions": "Assumptions",
    "target_kpi": "Target KPI",
    "chain": "Metric chain",
    "notes": "Notes",
}


@dataclass(frozen=True)
class Pair:
    """One line of two texts side by side; a side without a line is None."""

    mine: str | None
    theirs: str | None

    @property
    def differs(self) -> bool:
        return self.mine != self.theirs


def side_by_side(mine: str, theirs: str) -> list[Pair]:
    """Equal lines stand beside each other, and what stands between them line by line."""
    left, right = mine.splitlines(), theirs.splitlines()
    pairs = []
    for _, i, j, k, n in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        pairs += [Pair(*lines) for lines in zip_longest(left[i:j], right[k:n])]
    return pairs


@dataclass(frozen=True)
class Ask:
    """Something the LLM can be asked about a model; ``why_not`` is blank for who may.

    ``again``: it has answered before, and what it wrote itself may be replaced.
    """

    task: str
    label: str
    of: MathModel
    again: bool
    why_not: str = ""

    @property
    def action(self) -> str:
        return ACTIONS[Task(self.task)]

    @property
    def model(self) -> int:
        return self.of.pk

    @property
    def initiative_key(self) -> str:
        return self.of.initiative.initiative_key

    @property
    def key(self) -> str:
        return registry.tab("math_models").label_of(self.of)

    @property
    def options(self) -> str:
        return json.dumps({"regenerate": self.again})


class Drafts:
    """What the LLM said of one model, for one person. ``mine``: their formula as typed, else as saved."""

    def __init__(self, model: MathModel, actor: Actor, mine: str | None = None) -> None:
        self.model, self.actor = model, actor
        self.mine = model.formula_text if mine is None else mine

    @cached_property
    def why_off(self) -> str:
        return why_off()

    @cached_property
    def suggestion(self) -> Suggestion | None:
        return Suggestion.objects.latest_of(self.model, Task.MATH_MODEL)

    @cached_property
    def chain(self) -> Suggestion | None:
        return Suggestion.objects.latest_of(self.model, Task.METRIC_CHAIN)

    @cached_property
    def judged(self) -> Suggestion | None:
        return Suggestion.objects.latest_of(self.model, Task.EVALUATE)

    @property
    def judged_what(self) -> str:
        """Which formula the LLM last judged."""
        judged = self.judged.answer["formula_text"] if self.judged else ""
        return "what the LLM thinks of your formula" if judged == self.model.formula_text else OF_ANOTHER

    @property
    def pairs(self) -> list[Pair]:
        return side_by_side(self.mine, self.suggestion.answer["formula_text"]) if self.suggestion else []

    @property
    def is_mine(self) -> bool:
        """Whether the PM's formula says what the draft says."""
        return not any(pair.differs for pair in self.pairs)

    @property
    def why_not_use(self) -> str:
        column = registry.tab("math_models").column("formula_text")
        may = column.may_enter(self.actor, self.model)
        return "" if may else f"{' or '.join(sorted(column.roles))} may use it."

    @property
    def parts(self) -> list[tuple[str, str, Any]]:
        """What can be used of the draft besides its formula: name, label, and how it reads."""
        answer = self.suggestion.answer if self.suggestion else {}
        told = {
            "target_kpi": answer.get("target_kpi"),
            "chain": " → ".join(answer.get("metric_chain", ())),
            "assumptions": "\n".join(answer.get("assumptions", ())),
            "notes": answer.get("notes"),
        }
        return [(name, PARTS[name], text) for name, text in told.items() if text]

    # Asking --------------------------------------------------------------------------------------

    @property
    def ask_draft(self) -> Ask:
        return self.ask(Task.MATH_MODEL)

    @property
    def ask_chain(self) -> Ask:
        return self.ask(Task.METRIC_CHAIN)

    @property
    def ask_params(self) -> Ask:
        return self.ask(Task.PARAM_METADATA)

    @property
    def ask_verdict(self) -> Ask:
        return self.ask(Task.EVALUATE)

    def ask(self, task: str) -> Ask:
        answered = {
            Task.MATH_MODEL: self.suggestion,
            Task.METRIC_CHAIN: self.chain,
            Task.EVALUATE: self.judged,
        }
        again = answered.get(Task(task)) is not None
        return Ask(
            task, LABELS[Task(task)], self.model, again, self.why_off or self._why_not(ACTIONS[Task(task)])
        )

    def _why_not(self, action: str) -> str:
        roles = actions[action].roles
        return "" if self.actor.has(*roles) else f"{' or '.join(roles)} may ask for it."
