"""Problems too large for one exact search: the LP decides what it is sure about, CP-SAT the rest.

The LP over all variables (GLOP) gives a bound on every portfolio; the variables it is least sure about (the
smallest reduced costs) form a kernel that CP-SAT solves while the others keep their LP value. The answer is
a real portfolio with a valid bound, `feasible` unless the two meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ortools.linear_solver.python import model_builder

from .cpsat import Budget, Session
from .model import Model, Terms
from .rules import AnyOf, Rule, Sum

LARGE = 30_000  # variables from which one exact search takes too much memory and time
SMALL = 300  # variables below which CP-SAT alone is as fast
KERNEL = 2_000  # variables left to CP-SAT at most, and
PART = 0.2  # at most this part of them
ROUNDING = 1e-12  # relative error that summing products of floats may have made
Row = tuple[dict[int, float], float, float]  # coefficients, low, high


def solve_kernel(
    model: Model, rules: list[Rule], maximised: Terms, budget: Budget
) -> tuple[frozenset[int], Bound] | None:
    """(a portfolio, a bound on the sum to maximise), or None when this way finds no portfolio."""
    objective = {variable: float(c) for variable, c in maximised.items()}
    lp = Relaxation(model.size, [row for rule in rules for row in rows_of(rule)], objective)
    if not lp.solve(seconds=budget.seconds_left):
        return None
    fixed = [
        AnyOf("as in the LP", (), (literal,)) for literal in lp.decided(min(KERNEL, round(PART * model.size)))
    ]
    session = Session(model, [*rules, *fixed], budget, model.problem.options.seed)
    outcome = session.minimise(session.expression({variable: -c for variable, c in maximised.items()}))
    return None if outcome.chosen is None else (outcome.chosen, lp.bound())


def settled(model: Model, rules: list[Rule], maximised: Terms, budget: Budget) -> list[Rule]:
    """What every portfolio has that is at least as good as the kernel's: rules that cost no optimum.

    They stay true in all later stages, which hold the objective at its optimum.
    """
    if model.size < SMALL or not (found := solve_kernel(model, rules, maximised, budget)):
        return []
    chosen, bound = found
    literals = bound.settled(float(model.value(maximised, set(chosen))))
    return [AnyOf("settled by the LP", (), (literal,)) for literal in literals]


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
        self.model = model_builder.Model()
        self.variables = [self.model.new_num_var(0.0, 1.0, "") for _ in range(size)]
        for coefficients, low, high in rows:
            self.model.add_linear_constraint(self._sum(coefficients), low, high)
        self.model.maximize(self._sum(objective))
        self.solver = model_builder.Solver("GLOP")
        self.solver.set_solver_specific_parameters("use_dual_simplex: true")  # 30 times faster at n = 40 000

    def _sum(self, coefficients: dict[int, float]) -> model_builder.LinearExpr:
        variables = [self.variables[number] for number in coefficients]
        return model_builder.LinearExpr.weighted_sum(variables, list(coefficients.values()))

    def solve(self, seconds: float) -> bool:
        """Whether the optimum was found in time."""
        self.solver.set_time_limit_in_seconds(seconds)
        return bool(self.solver.solve(self.model) == model_builder.SolveStatus.OPTIMAL)

    def decided(self, kernel: int) -> list[int]:
        """Literals, as the LP has them, of all variables but the `kernel` ones of smallest reduced cost."""
        values = self.solver.values(self.model.get_variables())
        costs = self.solver.reduced_costs(self.model.get_variables()).abs()
        sure = costs.to_numpy().argsort(kind="stable")[kernel:]
        rounded = values.to_numpy() > 0.5
        return [int(number) if rounded[number] else ~int(number) for number in sorted(sure)]

    def bound(self) -> Bound:
        """The dual bound of the LP's prices; both sign conventions are tried."""
        prices = self.solver.dual_values(self.model.get_linear_constraints()).tolist()
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
