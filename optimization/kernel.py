"""What the LP over all choices (GLOP) knows: a bound on every portfolio, and what no good one lacks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver.python import model_builder_helper as helper

from .cpsat import Budget
from .model import Model, Terms
from .rules import AnyOf, Rule, Sum

LARGE = 30_000  # variables from which what a met target could reach is left unasked
SMALL = 150  # variables below which CP-SAT alone is as fast
NEAR = 1e-5  # relative gap at which little more can be settled
WHOLE = 1e-9  # how near to 0 or 1 the LP has to leave what it decided
ROUNDING = 1e-12  # relative error that summing products of floats may have made
Row = tuple[dict[int, float], float, float]  # coefficients, low, high


def settled(model: Model, rules: list[Rule], maximised: Terms, budget: Budget) -> list[Rule]:
    """What every portfolio has that is at least as good as the best one found: rules that cost no optimum."""
    from .search import Search

    if model.size < SMALL or not (found := Search(model, rules, maximised, budget, NEAR).found()):
        return []
    return [AnyOf("settled by the LP", (), (literal,)) for literal in found.settled]


def rows_of(rule: Rule) -> Iterable[Row]:
    """A rule as rows of the LP; a negated literal is one minus its variable."""
    if isinstance(rule, Sum):
        low = -math.inf if rule.low is None else float(rule.low)
        high = math.inf if rule.high is None else float(rule.high)
        yield {variable: float(c) for variable, c in rule.terms.items()}, low, high
        return
    literals: tuple[int, ...] = getattr(rule, "literals", ())
    signs = {literal if literal >= 0 else ~literal: 1.0 if literal >= 0 else -1.0 for literal in literals}
    negated = sum(literal < 0 for literal in literals)
    yield (signs, 1.0 - negated, math.inf) if isinstance(rule, AnyOf) else (signs, -math.inf, 1.0 - negated)


class Relaxation:
    """The problem with shares of candidates allowed."""

    def __init__(self, size: int, rows: list[Row], objective: dict[int, float]) -> None:
        self.rows, self.objective, self.size = rows, objective, size
        self.model = helper.ModelBuilderHelper()
        for number in range(size):
            self.model.add_var()
            self.model.set_var_upper_bound(number, 1.0)
            self.model.set_var_lower_bound(number, 0.0)
            self.model.set_var_objective_coefficient(number, objective.get(number, 0.0))
        self.model.set_maximize(True)
        for coefficients, low, high in rows:
            self._add(coefficients, low, high)
        self.solver = helper.ModelSolverHelper("glop")
        self.solver.set_solver_specific_parameters("use_dual_simplex: true")  # 30 times faster at n = 40 000

    def _add(self, coefficients: dict[int, float], low: float, high: float) -> None:
        row = self.model.add_linear_constraint()
        self.model.set_constraint_lower_bound(row, low)
        self.model.set_constraint_upper_bound(row, high)
        for variable, c in coefficients.items():
            self.model.add_term_to_constraint(row, variable, c)

    def solve(self, seconds: float) -> bool:
        """Whether the optimum was found in time."""
        self.solver.set_time_limit_in_seconds(seconds)
        self.solver.solve(self.model)
        return bool(self.solver.status() == helper.SolveStatus.OPTIMAL)

    def decided(self, kernel: int, bound: Bound) -> list[int]:
        """Literals, as the LP has them, of all variables but the `kernel` ones of smallest price."""
        values = np.asarray(self.solver.variable_values())
        prices = np.array([abs(bound.gains.get(number, 0.0)) for number in range(self.size)])
        adds_nothing = np.array([not self.objective.get(number) for number in range(self.size)])
        fills = adds_nothing & (np.minimum(values, 1 - values) < WHOLE)  # only makes room for others
        sure = np.lexsort((prices, fills))[kernel:]
        return [int(number) if values[number] > 0.5 else ~int(number) for number in sorted(sure)]

    def bound(self) -> Bound:
        """The dual bound of the LP's prices; both sign conventions are tried."""
        prices = list(self.solver.dual_values())
        turned = [-price for price in prices]
        return min((self._bound_of(prices), self._bound_of(turned)), key=lambda bound: bound.value)

    def _bound_of(self, prices: list[float]) -> Bound:
        parts: list[float] = []
        left: dict[int, list[float]] = {variable: [c] for variable, c in self.objective.items()}
        for price, (coefficients, low, high) in zip(prices, self.rows, strict=True):
            limit = high if price > 0 else low
            if price and math.isfinite(limit):
                parts.append(price * limit)
                for variable, c in coefficients.items():
                    left.setdefault(variable, []).append(-price * c)
        gains = {variable: math.fsum(terms) for variable, terms in left.items()}
        parts += [gain for gain in gains.values() if gain > 0]
        noise = sum(map(abs, parts)) + sum(abs(term) for terms in left.values() for term in terms)
        return Bound(math.fsum(parts) + ROUNDING * noise, gains)


@dataclass(frozen=True)
class Bound:
    """No portfolio is worth more than `value`, safe against rounding.

    For any prices y, c·x = y·(A x) + (c − y A)·x with A x and x within their bounds; nothing is assumed about
    y, so its errors only loosen the bound. `gains` is c − y A: what a variable adds to the bound.
    """

    value: float
    gains: dict[int, float]

    def settled(self, worth: float) -> list[int]:
        """Literals that hold in every portfolio worth at least this: without them the bound falls below."""
        spare = self.value - worth + ROUNDING * abs(self.value)
        far = {variable: gain for variable, gain in self.gains.items() if abs(gain) > spare}
        return [variable if far[variable] > 0 else ~variable for variable in sorted(far)]
