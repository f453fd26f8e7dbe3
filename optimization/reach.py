"""What each target could reach: the best total of its KPI in its place that any portfolio attains.

The portfolio keeps within capacity and governance (caps, floors on tokens, mandatory, bundles …) and is
free of every target. The number is the total of a real portfolio: proven best when the target is missed
(within the budget), within 0.1 % of the best when it is met. Where capacity and governance admit no
portfolio at all, it is what all candidates would bring together. In very large problems a met target's
number is what was achieved.
"""

from __future__ import annotations

from fractions import Fraction

from . import kernel
from .cpsat import Budget, Session
from .feasibility import everything
from .model import Model, Terms
from .problem import Target, plain
from .rules import Rule, capacity, governance, links
from .search import Search
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

    def best_total(self, target: Target, measured: Measured | None) -> Fraction:
        achieved = None if measured is None else Fraction(measured.achieved(target))
        is_enough = measured is not None and is_met(target, measured.achieved(target))
        if is_enough and self.model.size > kernel.LARGE:
            return achieved or Fraction()
        terms = self.model.kpi(target.kpi, target.place)
        chosen = self._nearly(terms, is_enough) or self._exactly(terms)
        totals = [self.model.value(terms, set(chosen))] if chosen is not None else []
        known = totals if achieved is None else [*totals, achieved]
        return max(known) if known else everything(self.model, target)

    def _nearly(self, terms: Terms, is_enough: bool) -> frozenset[int] | None:
        """By way of the LP: the best, or close enough to the bound where the target is met."""
        if self.model.size < kernel.SMALL:
            return None
        self._renew()
        found = Search(self.model, self.rules, terms, self.budget, CLOSE_ENOUGH if is_enough else 0.0).found()
        return found.chosen if found else None

    def _exactly(self, terms: Terms) -> frozenset[int] | None:
        self._renew()
        session = Session(self.model, self.rules, self.budget)
        return session.minimise(session.expression({variable: -c for variable, c in terms.items()})).chosen

    def _renew(self) -> None:
        self.budget.renew(SHARE * self.model.problem.options.deterministic_seconds)
