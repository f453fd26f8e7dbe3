"""The best portfolio for one sum: the LP decides what it is sure about, CP-SAT the few hundred choices left.

1. The LP over all variables bounds every portfolio and prices each variable.
2. CP-SAT solves a kernel, the variables of smallest price, while the others keep their LP value.
3. Whatever portfolio that gives, a variable whose price exceeds the distance from it to the bound is settled
   in every portfolio at least as good. What is not settled is the core.
4. The kernel grows until it holds the core, and the best of the core is the best of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ortools.sat.python import cp_model

from . import kernel
from .cpsat import Budget, Outcome, Session
from .kernel import Bound, Relaxation, rows_of
from .model import Model, Terms
from .rules import Rule

KERNEL = 150  # variables in the first kernel at least, and
PART = 0.08  # this part of all
SECONDS = 1.5  # deterministic, for the first try at a kernel
TUNINGS: tuple[
    dict[str, Any], ...
] = (  # luck differs: several short tries close a core sooner than a long one
    {},
    {"binary_search_num_conflicts": 10},
    {"binary_search_num_conflicts": 10, "add_objective_cut": True},
    {"search_branching": cp_model.LP_SEARCH},
)


@dataclass
class Found:
    """A portfolio, a bound on the sum (native units), what is proven, and the literals every portfolio at
    least as good has."""

    chosen: frozenset[int]
    bound: Fraction
    proven: bool
    settled: list[int]


class Search:
    """Maximises one sum under some rules."""

    def __init__(self, model: Model, rules: list[Rule], terms: Terms, budget: Budget) -> None:
        self.model, self.rules, self.terms, self.budget = model, rules, terms, budget
        self.best: frozenset[int] | None = None
        self.value = Fraction()
        self.ceilings: list[Fraction] = []  # proven in the core: no portfolio is worth more
        self.proven = self.is_enough = False

    def found(self, enough: float = 0.0) -> Found | None:
        """The best portfolio, or the best one found within the budget; None: this way finds none.

        `enough`: the gap, relative to the portfolio's sum, at which the search may end.
        """
        rows = [row for rule in self.rules for row in rows_of(rule)]
        lp = Relaxation(self.model.size, rows, {variable: float(c) for variable, c in self.terms.items()})
        if not lp.solve(seconds=self.budget.seconds_left):
            return None
        bound = lp.bound()
        size, tries = max(KERNEL, round(PART * self.model.size)), 0
        while not (self.proven or self.budget.is_over or self._is_close(bound, enough)):
            inside = min(size, self.model.size)
            outcome = self._improve(self._given(lp, bound, inside), bound, tries)
            if self.best is None and inside == self.model.size:
                return None
            if outcome.proven:
                size = 2 * size
            else:
                tries += 1
                size = 2 * size if self.best is None else size
        return self._told(bound)

    def _given(self, lp: Relaxation, bound: Bound, size: int) -> list[int]:
        """What is left out of the next kernel; once it holds the core, only what is settled."""
        settled = self._settled(bound)
        if self.best is not None and self.model.size - len(settled) <= size:
            return settled
        known = {literal if literal >= 0 else ~literal for literal in settled}
        decided = lp.decided(size, bound)
        return settled + [number for number in decided if (number if number >= 0 else ~number) not in known]

    def _settled(self, bound: Bound) -> list[int]:
        return [] if self.best is None else bound.settled(float(self.value))

    def _improve(self, given: list[int], bound: Bound, tries: int) -> Outcome:
        """One try at a better portfolio; in the core, at proving the best one."""
        session = Session(self.model, self.rules, self.budget, self.model.problem.options.seed, given)
        expression = session.expression({variable: -c for variable, c in self.terms.items()})
        is_core = self.best is not None and len(given) == len(self._settled(bound))
        if self.best is not None:
            least = self._scaled(expression.scale)
            session.hold(expression, least if is_core else least - 1)
            if is_core:
                session.hint(self.best)
        share = min(1.0, SECONDS * 2 ** (tries // len(TUNINGS)) / self.budget.left)
        outcome = session.minimise(expression, share, TUNINGS[tries % len(TUNINGS)])
        self._learn(outcome, is_core, expression.scale, expression.error)
        return outcome

    def _scaled(self, scale: Fraction) -> int:
        """The best sum in the whole numbers of the solver, rounded as it rounds."""
        assert self.best is not None
        return -sum(round(c * scale) for variable, c in self.terms.items() if variable in self.best)

    def _learn(self, outcome: Outcome, is_core: bool, scale: Fraction, error: Fraction) -> None:
        before = self.best
        if is_core and outcome.chosen is not None:
            self.ceilings.append(max(self.value, -Fraction(outcome.bound) / scale) + error)
        if outcome.chosen is not None:
            value = self.model.value(self.terms, set(outcome.chosen))
            if before is None or value > self.value:
                self.best, self.value = outcome.chosen, value
        if is_core and outcome.proven:
            self.proven = True

    def _is_close(self, bound: Bound, enough: float) -> bool:
        if self.best is None or not enough:
            return False
        self.is_enough = bound.value - float(self.value) <= enough * max(1.0, abs(float(self.value)))
        return self.is_enough

    def _told(self, bound: Bound) -> Found | None:
        if self.best is None:
            return None
        if (self.proven or self.is_enough) and self.budget.stopped_by == "deterministic_limit":
            self.budget.stopped_by = None  # a short try ended early, the search did not
        ceiling = min([Fraction(bound.value), *self.ceilings])
        return Found(self.best, max(ceiling, self.value), self.proven, self._settled(bound))


def is_small(model: Model) -> bool:
    """Whether CP-SAT alone is as fast."""
    return model.size < kernel.SMALL
