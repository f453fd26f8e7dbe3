"""Solving in stages, each result held exactly while the next one is sought, until one answer is left.

First what the mode asks for (shortfalls in lexicographic mode, then the objective); then the tie-break
that makes the answer unique: goal shortfalls, fewest tokens, smallest sum of hashed keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from . import scaling
from .cpsat import Budget, Expression, Outcome, Session
from .model import Model, Terms, Variant
from .objective import Shortfalls, first_stages, goal_stages, maximised
from .rules import Rule, Sum, rules
from .search import Search, is_small

Progress = Callable[[float, str], None]


@dataclass
class Solution:
    """What the stages found. `bound` (native units) is None while nothing is proven about the objective."""

    status: str  # optimal, feasible, infeasible, unknown
    chosen: frozenset[int] | None = None
    unique: bool = False
    bound: Fraction | None = None
    shortfalls: list[tuple[Shortfalls, Fraction]] = field(default_factory=list)


def solve_in_stages(model: Model, budget: Budget, progress: Progress) -> Solution:
    """Runs every stage of the problem's mode within the budget."""
    every_rule = rules(model)
    first = first_stages(model.problem)
    if first and (solution := with_nothing_short(model, every_rule, first, budget, progress)):
        return solution
    if not first and (solution := searched(model, every_rule, [], budget, progress)):
        return solution
    return Stages(model, every_rule, budget, progress).run(first)


def searched(
    model: Model, every_rule: list[Rule], met: list[Shortfalls], budget: Budget, progress: Progress
) -> Solution | None:
    """The best objective by way of the LP; then, where it has equals, the tie-break within the core."""
    if is_small(model):
        return None
    progress(0.2, "the best objective")
    found = Search(model, every_rule, maximised(model), budget).found()
    if found is None:
        budget.stopped_by = budget.stopped_by if budget.is_over else None
        return None
    status = "optimal" if found.proven else "feasible"
    solution = Solution(status, found.chosen, bound=found.bound)
    solution.shortfalls = [(stage, Fraction()) for stage in met]
    solution.unique = found.alone
    if found.proven and not found.alone:
        progress(0.8, "one answer among equals")
        Stages(model, every_rule, budget, progress, found.settled).among_equals(solution)
    return solution


def with_nothing_short(
    model: Model, every_rule: list[Rule], first: list[Shortfalls], budget: Budget, progress: Progress
) -> Solution | None:
    """The short cut of lexicographic mode: when every need can be met at once, all its stages end at 0."""
    met = [
        Sum("met", (), model.kpi(target.kpi, target.place), low=target.need)
        for stage in first
        for target in stage.targets
    ]
    if solution := searched(model, [*every_rule, *met], first, budget, progress):
        return solution
    stages = Stages(model, [*every_rule, *met], budget, progress)
    stages.solution.shortfalls = [(stage, Fraction()) for stage in first]
    solution = stages.run([], share=0.5)
    if solution.chosen is not None or budget.is_over:
        return solution if solution.chosen is not None else None
    budget.stopped_by = None
    return None


class Stages:
    """One session and what it has found so far."""

    def __init__(
        self,
        model: Model,
        every_rule: list[Rule],
        budget: Budget,
        progress: Progress,
        fixed: Iterable[int] = (),
    ) -> None:
        self.model, self.budget, self.progress = model, budget, progress
        self.session = Session(model, every_rule, budget, model.problem.options.seed, fixed)
        self.solution = Solution("unknown")

    def among_equals(self, solution: Solution) -> None:
        """The tie-break among the portfolios with the objective of a proven solution."""
        assert solution.chosen is not None
        self.solution = solution
        minimised = -scaling.nearest(maximised(self.model))
        self.session.hold(self.session.split(minimised), minimised.of(solution.chosen))
        self.session.hint(solution.chosen)
        self._break_ties()

    def run(self, first: list[Shortfalls], share: float = 1.0) -> Solution:
        """Shortfall stages, the objective, then the tie-break."""
        proven = True
        for number, stage in enumerate(first):
            self.progress(
                0.5 * number / len(first), f"{stage.kpi}: {stage.kind} shortfall as small as possible"
            )
            outcome = self._shortfall(stage, share=0.5)
            if outcome.chosen is None:
                return self._without_answer(outcome)
            proven &= outcome.proven
        self.progress(0.5, "the best objective")
        if self._objective(proven, share) and self.solution.status == "optimal":
            self.progress(0.8, "one answer among equals")
            self._break_ties()
        return self.solution

    def _shortfall(self, stage: Shortfalls, share: float) -> Outcome:
        expression = self.session.shortfalls(stage)
        outcome = self._next(expression, share)
        if outcome.chosen is not None:
            self.solution.shortfalls.append((stage, Fraction(outcome.value) / expression.scale))
        return outcome

    def _objective(self, proven: bool, share: float) -> bool:
        expression = self.session.split(-scaling.nearest(maximised(self.model)))
        outcome = self._next(expression, share)
        if outcome.chosen is None and self.solution.chosen is None:
            self._without_answer(outcome)
            return False
        if proven and outcome.chosen is not None:
            self.solution.bound = -Fraction(outcome.bound) / expression.scale + expression.error
        self.solution.status = "optimal" if proven and outcome.proven else "feasible"
        return True

    def _without_answer(self, outcome: Outcome) -> Solution:
        """Nothing found: either proven impossible, or stopped; what earlier stages found stays an answer."""
        known = self.solution.chosen is not None
        self.solution.status = "feasible" if known else "infeasible" if outcome.infeasible else "unknown"
        return self.solution

    def _break_ties(self) -> None:
        proven = all(self._next(self.session.shortfalls(s)).proven for s in goal_stages(self.model.problem))
        tokens = self.session.expression(self.model.tokens())
        order = self.session.expression(hashed(self.model.variants))
        self.solution.unique = proven and self._next(tokens).proven and self._next(order).proven

    def _next(self, expression: Expression, share: float = 1.0) -> Outcome:
        """Minimises, holds the result and starts the next search from it."""
        outcome = self.session.minimise(expression, share)
        if outcome.chosen is not None:
            self.solution.chosen = outcome.chosen
            self.session.hold(expression, outcome.value)
            self.session.hint(outcome.chosen)
        return outcome


def hashed(variants: list[Variant]) -> Terms:
    """The first 36 bits of sha256 of `key:scope`: an order that no planner can argue with."""
    return {v.variable: Fraction(weight(f"{v.candidate.key}:{v.scope}")) for v in variants}


def weight(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:5], "big") >> 4
