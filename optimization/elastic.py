"""Which limits to change together: the cheapest set, counting relative changes and a price per limit.

Exactly (CP-SAT, whole candidates) where the problem is small, else by the LP, in shares of candidates.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from . import scaling
from .changed_limits import base
from .cpsat import Expression, Session
from .kernel import Relaxation, rows_of
from .model import Model
from .parts import Row
from .rules import Rule, Sum, links
from .shares import SECONDS, lenient, span_of

PRICE = Fraction(1, 100)  # of changing one more limit, as a relative change
MILLION = 10**6
TINY = 1e-7  # a part that the LP gives but does not mean


def cost_of_breaking(session: Session, limits: Sequence[Sum]) -> Expression:
    """Adds limits that may be broken to a session; the expression is what that costs, in millionths."""
    variables: list[cp_model.IntVar] = []
    costs: list[int] = []
    for rule in limits:
        broken = session.cp.new_bool_var("")
        slack, cost = _slack(session, rule)
        session.cp.add(slack == 0).only_enforce_if(~broken)
        variables += [broken, slack]
        costs += [int(PRICE * MILLION), cost]
    return Expression(variables, costs)


def _slack(session: Session, rule: Sum) -> tuple[cp_model.IntVar, int]:
    """By how much a limit is broken, in steps of a millionth of it, and the cost of one step."""
    coefficients = list(rule.terms.values())
    limit = rule.high if rule.low is None else rule.low
    assert limit is not None
    scale, _ = scaling.factor([*coefficients, limit])
    step = math.ceil(base(rule) * scale / MILLION)
    most = math.ceil((abs(limit) + sum(map(abs, coefficients))) * scale / step) + 1
    slack = session.cp.new_int_var(0, most, "")
    rounded = scaling.above if rule.low is None else scaling.below
    chosen = [session.bools[variable] for variable in rule.terms]
    total = cp_model.LinearExpr.weighted_sum(chosen, rounded(coefficients, scale))
    if rule.low is None:
        session.cp.add(total - step * slack <= math.floor(limit * scale))
    else:
        session.cp.add(total + step * slack >= math.ceil(limit * scale))
    return slack, max(1, round(step * MILLION / (base(rule) * scale)))


@dataclass(frozen=True)
class Broken:
    """Numbers of the limits that are broken, and the cost."""

    limits: tuple[int, ...]
    cost: float


@dataclass
class Elastic:
    """The LP in which limits may be broken at a cost."""

    model: Model
    fixed: Sequence[Rule]
    limits: Sequence[Sum]

    def cheapest(self) -> list[Sum]:
        """The limits to change; [] when no change of limits helps."""
        best = self._solved(range(len(self.limits)))
        while best and (better := self._better(best)):
            best = better
        return [self.limits[number] for number in best.limits] if best else []

    def _better(self, known: Broken) -> Broken | None:
        """A cheaper set without one of the limits of the known one, if there is one."""
        tries = []
        for number in known.limits:
            fewer = [other for other in known.limits if other != number]
            others = [other for other in range(len(self.limits)) if other != number]
            tries += [self._solved(fewer), self._solved(others)]
        better = [each for each in tries if each and each.cost < known.cost - TINY]
        return min(better, key=lambda each: (each.cost, each.limits), default=None)

    def _solved(self, breakable: Collection[int]) -> Broken | None:
        """The cheapest way to keep all but these limits."""
        rows: list[Row] = [row for rule in (*links(self.model), *self.fixed) for row in rows_of(rule)]
        costs: dict[int, float] = {}
        for number, rule in enumerate(self.limits):
            slack = self.model.size + number
            hard = list(rows_of(rule))
            rows += lenient(rule, slack) if number in breakable else hard
            costs[slack] = -max(map(span_of, hard)) / float(base(rule))
        size = self.model.size + len(self.limits)
        lp = Relaxation(size, rows, costs)
        if not lp.solve(SECONDS):
            return None
        parts = np.asarray(lp.solver.variable_values())[self.model.size :]
        broken = tuple(number for number in range(len(self.limits)) if parts[number] > TINY)
        paid = sum(-costs[self.model.size + number] * parts[number] for number in broken)
        return Broken(broken, float(paid) + float(PRICE) * len(broken))
