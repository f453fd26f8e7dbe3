"""What the LP over all choices (GLOP) knows: a bound on every portfolio, and what no good one lacks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper as helper

from .cpsat import Budget
from .model import Model, Terms
from .parts import ROUNDING, Floats, Losses, Parts, Row
from .rules import AnyOf, Rule, Sum

LARGE = 30_000  # variables from which what a met target could reach is left unasked
SMALL = 150  # variables below which CP-SAT alone is as fast
NEAR = 1e-5  # relative gap at which little more can be settled
WHOLE = 1e-9  # how near to 0 or 1 the LP has to leave what it decided
NOISE = 1e-9  # relative: a sum of floats this near to a limit is compared exactly


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
        self.rows, self.size = rows, size
        self.gains = np.zeros(size)
        self.gains[list(objective)] = list(objective.values())
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

    def decided(self, kernel: int, losses: Losses) -> list[int]:
        """Literals, as the LP has them, of all variables but the `kernel` ones of smallest price."""
        values = np.asarray(self.solver.variable_values())
        adds_nothing = self.gains == 0
        fills = adds_nothing & (np.minimum(values, 1 - values) < WHOLE)  # only makes room for others
        sure = np.lexsort((losses.prices, fills))[kernel:]
        return [int(number) if values[number] > 0.5 else ~int(number) for number in sorted(sure)]

    def near(self, chosen: frozenset[int]) -> list[int] | None:
        """The rows that a choice keeps too closely to tell in floats; None if it breaks one clearly."""
        row, variable, coefficient = self.terms
        taken = np.zeros(self.size)
        taken[list(chosen)] = 1.0
        totals = np.bincount(row, coefficient * taken[variable], len(self.rows))
        doubt = NOISE * np.maximum(
            1.0, np.bincount(row, np.abs(coefficient) * taken[variable], len(self.rows))
        )
        if np.any((totals < self.lows - doubt) | (totals > self.highs + doubt)):
            return None
        close = (totals < self.lows + doubt) | (totals > self.highs - doubt)
        return [int(number) for number in np.flatnonzero(close)]

    def bound(self) -> Bound:
        """The dual bound of the LP's prices."""
        return self._bound_of(self.prices)

    def losses(self) -> Losses:
        """The bound of the LP's prices, part by part."""
        parts = Parts(range(self.size), self.rows)
        paid, gains, noise = self.paid(np.where(parts.priced, self.prices, 0.0))
        return parts.losses(paid, gains, noise)

    @cached_property
    def prices(self) -> Floats:
        """What a unit of each row's limit is worth; both sign conventions are tried."""
        prices = np.asarray(self.solver.dual_values())
        return min((prices, -prices), key=lambda signed: self._bound_of(signed).value)

    def _bound_of(self, prices: Floats) -> Bound:
        paid, gains, noise = self.paid(prices)
        return Bound(paid + float(gains[gains > 0].sum()) + ROUNDING * noise, dict(enumerate(gains.tolist())))

    def paid(self, prices: Floats) -> tuple[float, Floats, float]:
        """What the rows are worth at these prices, what is left of each variable's gain, and all that was
        added up without signs."""
        limits = np.where(prices > 0, self.highs, self.lows)
        prices = np.where(np.isfinite(limits), prices, 0.0)
        worth = np.where(prices != 0, prices * np.where(np.isfinite(limits), limits, 0.0), 0.0)
        row, variable, coefficient = self.terms
        taken = prices[row] * coefficient
        gains = self.gains - np.bincount(variable, taken, self.size)
        noise = 2 * (np.abs(worth).sum() + np.abs(taken).sum() + np.abs(self.gains).sum())
        return float(worth.sum()), gains, float(noise)

    @cached_property
    def lows(self) -> Floats:
        return np.array([low for _, low, _ in self.rows], float)

    @cached_property
    def highs(self) -> Floats:
        return np.array([high for _, _, high in self.rows], float)

    @cached_property
    def terms(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Row, variable and coefficient of every term."""
        lengths = [len(coefficients) for coefficients, _, _ in self.rows]
        variables = [variable for coefficients, _, _ in self.rows for variable in coefficients]
        values = [c for coefficients, _, _ in self.rows for c in coefficients.values()]
        row = np.repeat(np.arange(len(self.rows)), lengths)
        return row, np.array(variables, np.int64), np.array(values, float)


@dataclass(frozen=True)
class Bound:
    """No portfolio is worth more than `value`, safe against rounding.

    For any prices y, c·x = y·(A x) + (c − y A)·x with A x and x within their bounds; nothing is assumed about
    y, so its errors only loosen the bound. `gains` is c − y A: what a variable adds to the bound.
    """

    value: float
    gains: dict[int, float]
