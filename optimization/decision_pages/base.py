"""What the pages of all decision tools have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimization.models import Decision, DecisionKind, Run
from optimization.names import Names
from optimization.problem import fold

QUESTIONS = {
    DecisionKind.HORSE_TRADE: "Horse trade",
    DecisionKind.NEAR_MISSES: "What almost made it",
    DecisionKind.CAPACITY: "What tokens are worth",
    DecisionKind.FRONTIER: "Efficient frontier",
    DecisionKind.ROBUSTNESS: "How sure the portfolio is",
    DecisionKind.PORTFOLIOS: "Several portfolios",
    DecisionKind.WHAT_IF: "What if",
    DecisionKind.COMPARE: "Comparison",
}


class Told:
    """A decision as its page tells it. ``query`` is what the address asks for."""

    #: Where its answer is shown instead of on a page of its own.
    elsewhere = ""
    #: The id of an element → the template that only renders it, for htmx.
    parts: Mapping[str, str] = {}

    def __init__(self, decision: Decision, names: Names, query: Mapping[str, str] | None = None) -> None:
        self.decision, self.names, self.query = decision, names, query or {}
        self.answer: dict[str, Any] = decision.answer or {}

    @property
    def title(self) -> str:
        return QUESTIONS[DecisionKind(self.decision.kind)]

    @property
    def headline(self) -> str:
        """The answer in a sentence or two, with keys where it names initiatives."""
        return str(self.answer.get("text", ""))

    @property
    def tone(self) -> str:
        return "info" if self.decision.complete else "warn"

    @property
    def unit(self) -> str:
        """What the objective is counted in."""
        return str(self.answer.get("objective_unit") or "")

    @property
    def problem(self) -> dict[str, Any]:
        return (self.run.problem if self.run else None) or {}

    @property
    def run(self) -> Run | None:
        return self.decision.run

    def tokens_of(self, key: str, scope: str = "full") -> float | None:
        candidate = self.candidates.get(fold(key), {})
        return candidate.get("tokens_mvp" if scope == "mvp" else "tokens")

    @property
    def candidates(self) -> dict[str, dict[str, Any]]:
        return {fold(candidate["key"]): candidate for candidate in self.problem.get("candidates", [])}
