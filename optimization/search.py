"""The best portfolio for one sum: the LP decides what it is sure about; what is left is listed, or given to
CP-SAT.

1. The LP over all variables bounds every portfolio and prices each variable. Where few enough portfolios come
   near the bound, they are listed, and the best of them is known to be the best. Otherwise
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

import numpy as np
from ortools.sat.python import cp_model

from . import fallback, kernel, scaling
from .cpsat import Budget, Expression, Outcome, Session
from .kernel import Relaxation, rows_of
from .listing import Listing
from .lists import Meter, TooLong
from .mathopt import keeps
from .model import Model, Terms
from .parts import ROUNDING, Losses
from .rules import AnyOf, Rule

FIRST = 150  # variables that may be decided otherwise in the first list of portfolios
WIDER = 1.2  # how much more each next list lets a portfolio lose
CLOSEST = 1.03  # a smaller step is not worth another list
LONGEST = 200  # entries of one list for each variable; longer ones take more time than CP-SAT, or
HUGE = 2_000_000  # too much memory
ENTRIES = 3e6  # of all lists that take a deterministic second
SHARE = 0.25  # of what is left of the budget, for all lists that let a portfolio lose so much
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
        self.choices = frozenset(variant.variable for variant in model.variants)
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
        bound = lp.losses()
        if not math.isfinite(bound.value):
            return None  # some part has no choice at all
        if not self.enough and not self.is_crowded:
            self._list(lp, bound)
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

    def _list(self, lp: Relaxation, bound: Losses) -> None:
        """Lists all portfolios that lose little, then those that lose a little more, until there is one."""
        least = ROUNDING * abs(bound.value)
        prices = np.sort(bound.prices[(bound.prices > least) & np.isfinite(bound.prices)])
        spare = float(prices[min(FIRST, len(prices) - 1)]) if len(prices) else 0.0
        most = bound.value - float(np.minimum(lp.gains, 0).sum())  # no portfolio loses more
        wider = WIDER
        while spare and wider > CLOSEST and not (self.proven or self._is_over()):
            if not self._listed(lp, bound, min(spare, most)):
                wider = math.sqrt(wider)
                spare /= wider
            elif spare < most:
                spare *= wider
            else:
                return

    def _is_over(self) -> bool:
        return self.budget.is_over or self.budget.interruption() is not None

    def _listed(self, lp: Relaxation, bound: Losses, spare: float) -> bool:
        """Lists the portfolios that lose so much at most; whether that was possible."""
        meter = Meter(min(HUGE, LONGEST * lp.size), int(SHARE * self.budget.left * ENTRIES))
        try:
            best = Listing(lp, bound, spare, self.choices, meter).best(
                lambda chosen: self._judged(lp, chosen)
            )
        except TooLong:
            return False
        finally:
            self.budget.spent += meter.spent / ENTRIES
        self.ceiling = Fraction(bound.value - spare)
        if best:
            self.best, self.value = best[0], self._worth(best[0])
            self.proven, self.alone, self.ceiling = True, len(best) == 1, self.value
        return True

    def _judged(self, lp: Relaxation, chosen: frozenset[int]) -> Fraction | None:
        """What a portfolio is worth exactly; None if it breaks a rule."""
        close = lp.near(chosen)
        if close is None or not all(keeps(self.rules[number], chosen) for number in close):
            return None
        return self._worth(chosen)

    def _settled(self, bound: Losses) -> list[int]:
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
        return AnyOf("another portfolio", (), tuple(~c if c in chosen else c for c in sorted(self.choices)))

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

    def _is_close(self, bound: Losses) -> bool:
        if self.best is None or not self.enough:
            return False
        missing = self._ceiling(bound) - self.value
        self.is_enough = missing <= Fraction(self.enough) * max(Fraction(1), abs(self.value))
        return self.is_enough

    def _ceiling(self, bound: Losses) -> Fraction:
        """No portfolio is worth more."""
        return Fraction(bound.value) if self.ceiling is None else min(Fraction(bound.value), self.ceiling)

    def _told(self, bound: Losses) -> Found | None:
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
