"""What each target could reach: the best total of its KPI in its place that any portfolio attains.

The portfolio keeps within capacity and governance (caps, floors on tokens, mandatory, bundles …) and is
free of every target. The number is the total of a real portfolio: proven best when the target is missed
(within the budget), within 0.1 % of the best when it is met. Where capacity and governance admit no
portfolio at all, it is what all candidates would bring together. In very large problems a met target's
number is what was achieved.
"""

from __future__ import annotations

from fractions import Fraction

from .cpsat import Budget, Session
from .feasibility import everything
from .kernel import LARGE, solve_kernel
from .model import Model, Terms
from .problem import Target, plain
from .rules import Rule, capacity, governance, links
from .verify import Measured, is_met

CLOSE_ENOUGH = 1e-3
SHARE = 0.1  # of the run's deterministic budget, per target


def reachable(model: Model, budget: Budget, measured: Measured | None) -> dict[int, int | float]:
    """Position of each target in the problem → what can be reached, in the KPI's unit."""
    if not model.problem.targets:
        return {}
    reach = Reach(model, budget)
    return {
        index: plain(float(reach.best_total(target, measured)))
        for index, target in enumerate(model.problem.targets)
    }


class Reach:
    """The rules every portfolio keeps, asked for one target after another."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self.model, self.budget = model, budget
        self.rules: list[Rule] = [*links(model), *governance(model), *capacity(model)]
        self.session = None if model.size > LARGE else Session(model, self.rules, budget)

    def best_total(self, target: Target, measured: Measured | None) -> Fraction:
        achieved = None if measured is None else Fraction(measured.achieved(target))
        is_enough = measured is not None and is_met(target, measured.achieved(target))
        if is_enough and self.session is None:
            return achieved or Fraction()
        terms = self.model.kpi(target.kpi, target.place)
        chosen = self._chosen(terms, CLOSE_ENOUGH if is_enough else 0.0)
        totals = [self.model.value(terms, set(chosen))] if chosen is not None else []
        known = totals if achieved is None else [*totals, achieved]
        return max(known) if known else everything(self.model, target)

    def _chosen(self, terms: Terms, close_enough: float) -> frozenset[int] | None:
        self.budget.renew(SHARE * self.model.problem.options.deterministic_seconds)
        if self.session is None:
            found = solve_kernel(self.model, self.rules, terms, self.budget)
            return found[0] if found else None
        self.session.close_enough = close_enough
        worth = self.session.expression({variable: -c for variable, c in terms.items()})
        return self.session.minimise(worth).chosen
