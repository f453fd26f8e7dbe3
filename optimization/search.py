"""The best portfolio for one sum: the LP decides what it is sure about, CP-SAT the few hundred choices left.

1. The LP over all variables bounds every portfolio and prices each variable.
2. CP-SAT solves a kernel, the variables of smallest price, while the others keep their LP value.
3. Whatever portfolio that gives, a variable whose price exceeds the distance from it to the bound is settled
   in every portfolio at least as good. What is not settled is the core.
4. While the core is large, a larger kernel is asked for a better portfolio. Once it is small, it is asked for
   *another* portfolio that is as good: where there is none, the known one is the best and has no equal.
5. A core that CP-SAT does not close in several tries goes to HiGHS and SCIP for what is left of the budget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ortools.sat.python import cp_model

from . import fallback, kernel, scaling
from .cpsat import Budget, Expression, Outcome, Session
from .kernel import Bound, Relaxation, rows_of
from .model import Model, Terms
from .rules import AnyOf, Rule

KERNEL = 120  # variables in the first kernel; each next one has twice as many
CORE = 600  # variables in a core that is worth closing at once
SECONDS = 1.5  # deterministic, for the first try
TRIES = 8  # that may end early before the other solvers are asked
CROWDED = 10**6  # whole sums: with fewer, portfolios of equal worth are the rule
EQUALS = 4  # portfolios as good as the best, after which telling them apart is left to others
TUNINGS: tuple[dict[str, Any], ...] = (  # luck differs: short tries close a core sooner than a long one
    {},
    {"cut_level": 1},
    {"binary_search_num_conflicts": 10},
    {"search_branching": cp_model.LP_SEARCH},
)


@dataclass
class Found:
    """A portfolio, a bound on the sum (native units), whether that is proven the best, whether it is the only
    one as good, and the literals every portfolio at least as good has."""

    chosen: frozenset[int]
    bound: Fraction
    proven: bool
    alone: bool
    settled: list[int]


class Search:
    """Maximises one sum under some rules."""

    def __init__(
        self, model: Model, rules: list[Rule], terms: Terms, budget: Budget, enough: float = 0.0
    ) -> None:
        """`enough`: the gap, relative to the portfolio's sum, at which the search may end."""
        self.model, self.rules, self.terms, self.budget = model, rules, terms, budget
        self.enough = enough
        self.minimised = -scaling.nearest(terms)
        self.is_crowded = int(abs(self.minimised.coefficients).sum()) < CROWDED
        self.best: frozenset[int] | None = None
        self.value = Fraction()
        self.rivals: list[frozenset[int]] = []  # portfolios about as good as the best one
        self.ceiling: Fraction | None = None  # proven in the core: no portfolio is worth more
        self.tries = 0  # that ended early
        self.proven = self.alone = self.is_enough = self.is_exhausted = False

    def found(self) -> Found | None:
        """The best portfolio, or the best one found within the budget; None: this way finds none."""
        rows = [row for rule in self.rules for row in rows_of(rule)]
        lp = Relaxation(self.model.size, rows, {variable: float(c) for variable, c in self.terms.items()})
        if not lp.solve(seconds=self.budget.seconds_left):
            return None
        bound = lp.bound()
        size = KERNEL // 2 if self.enough else KERNEL
        while not (self.proven or self.is_exhausted or self.budget.is_over or self._is_close(bound)):
            settled = self._settled(bound)
            if self.best is not None and self.model.size - len(settled) <= max(CORE, size):
                self._close(settled) if self.tries < TRIES else self._fall_back(settled)
                continue
            is_sure = self._improve(with_sure(settled, lp.decided(size, bound)))
            if self.best is None and size >= self.model.size:
                return None
            if is_sure or self.enough or self.best is None:
                size = 2 * size
        return self._told(bound)

    def _settled(self, bound: Bound) -> list[int]:
        return [] if self.best is None else bound.settled(float(self.value))

    def _improve(self, given: list[int]) -> bool:
        """Asks a kernel for a better portfolio; whether its answer is certain."""
        session, total = self._session(given)
        outcome = self._try(session, total, None if self.best is None else self.minimised.of(self.best) - 1)
        self._learn(outcome)
        return outcome.proven

    def _close(self, settled: list[int]) -> None:
        """Asks the core for another portfolio as good as the best one, or as good but for rounding.

        Where sums are so few that the best one surely has equals, for a better one.
        """
        session, total = self._session(settled)
        assert self.best is not None
        for chosen in () if self.is_crowded else (self.best, *self.rivals):
            session.add(self._another(chosen))
        hidden, before = -1 if self.is_crowded else math.ceil(2 * total.error * total.scale), self.value
        outcome = self._try(session, total, self.minimised.of(self.best) + hidden)
        if outcome.infeasible:
            self.proven, self.ceiling = True, self.value
            self.alone = not self.is_crowded and all(self._worth(rival) < self.value for rival in self.rivals)
        elif outcome.chosen is not None:
            self._learn(outcome)
            self.ceiling = max(self.value, -Fraction(outcome.bound) / total.scale + total.error)
            has_equals = self.value == before and (not hidden or len(self.rivals) > EQUALS)
            self.proven = outcome.proven and has_equals

    def _fall_back(self, settled: list[int]) -> None:
        """Asks the other solvers, which spend the rest of the budget on the core unless they close it."""
        self.is_exhausted = True
        found = fallback.better(self.model, self.rules, self.terms, self.best, settled, self.budget)
        if found is None or found.chosen is None:
            return
        self.best, self.value = found.chosen, self._worth(found.chosen)
        if found.bound is not None:
            self.ceiling = max(self.value, min(found.bound, self.ceiling or found.bound))
            self.proven = self.ceiling == self.value

    def _session(self, given: list[int]) -> tuple[Session, Expression]:
        session = Session(self.model, self.rules, self.budget, self.model.problem.options.seed, given)
        return session, session.split(self.minimised)

    def _another(self, chosen: frozenset[int]) -> AnyOf:
        """At least one choice is made differently."""
        choices = (variant.variable for variant in self.model.variants)
        return AnyOf("another portfolio", (), tuple(~c if c in chosen else c for c in choices))

    def _try(self, session: Session, total: Expression, at_most: int | None) -> Outcome:
        share = min(1.0, SECONDS * 2 ** (self.tries // len(TUNINGS)) / self.budget.left)
        tuning = TUNINGS[self.tries % len(TUNINGS)] | {"relative_gap_limit": self.enough}
        outcome = session.minimise(total, share, tuning, at_most)
        self.tries += not outcome.proven
        return outcome

    def _worth(self, chosen: frozenset[int]) -> Fraction:
        return self.model.value(self.terms, set(chosen))

    def _learn(self, outcome: Outcome) -> None:
        if outcome.chosen is None:
            return
        if self.best is None or self._worth(outcome.chosen) > self.value:
            self.best, self.value, self.rivals = outcome.chosen, self._worth(outcome.chosen), []
        else:
            self.rivals.append(outcome.chosen)

    def _is_close(self, bound: Bound) -> bool:
        if self.best is None or not self.enough:
            return False
        missing = self._ceiling(bound) - self.value
        self.is_enough = missing <= Fraction(self.enough) * max(Fraction(1), abs(self.value))
        return self.is_enough

    def _ceiling(self, bound: Bound) -> Fraction:
        """No portfolio is worth more."""
        return Fraction(bound.value) if self.ceiling is None else min(Fraction(bound.value), self.ceiling)

    def _told(self, bound: Bound) -> Found | None:
        if self.best is None:
            return None
        if (self.proven or self.is_enough) and self.budget.stopped_by == "deterministic_limit":
            self.budget.stopped_by = None  # a short try ended early, the search did not
        ceiling = max(self._ceiling(bound), self.value)
        return Found(self.best, ceiling, self.proven, self.alone, self._settled(bound))


def with_sure(settled: list[int], sure: list[int]) -> list[int]:
    """Settled literals, and those that the LP is merely sure of."""
    known = {literal if literal >= 0 else ~literal for literal in settled}
    return settled + [literal for literal in sure if (literal if literal >= 0 else ~literal) not in known]


def is_small(model: Model) -> bool:
    """Whether CP-SAT alone is as fast."""
    return model.size < kernel.SMALL
