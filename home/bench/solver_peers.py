"""What one would write without Lodestar's search: the rules handed to a solver at its defaults.

CP-SAT with 8 workers, HiGHS and SCIP through MathOpt. Lexicographic: one solve per stage, its result held.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2
from ortools.sat.python import cp_model

from optimization.kernel import rows_of
from optimization.model import Model, Terms
from optimization.objective import Shortfalls, first_stages, maximised
from optimization.problem import Problem
from optimization.rules import AnyOf, AtMostOne, Rule, Sum, rules

WORKERS = 8
MAGNITUDE = 8  # power of ten of the sums that HiGHS and SCIP are given


@dataclass
class Solved:
    """The variables that are 1, a bound on the objective (native units) and whether it is closed."""

    chosen: frozenset[int] | None = None
    bound: float = math.inf
    proven: bool = False


class Peer:
    """A model of the rules, solved for one stage after another within seconds of wall clock."""

    def __init__(self, problem: Problem, gap: float, seconds: float) -> None:
        self.model, self.gap = Model(problem), gap
        self.deadline = time.monotonic() + seconds
        self.solved = Solved()
        self.formulate(rules(self.model))

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def run(self) -> Solved:
        stages = first_stages(self.model.problem)
        if all(self.shortfall(stage) for stage in stages):
            self.objective(maximised(self.model))
        return self.solved

    def formulate(self, every_rule: Iterable[Rule]) -> None:
        raise NotImplementedError

    def shortfall(self, stage: Shortfalls) -> bool:
        """Minimises a stage's shortfalls and holds the result; whether it is proven."""
        raise NotImplementedError

    def objective(self, terms: Terms) -> None:
        raise NotImplementedError


def whole_units(coefficients: Iterable[Fraction]) -> int:
    """The power of ten that makes the coefficients whole; or the largest whose sum a solver still holds."""
    numbers = list(coefficients)
    most = int(math.log10(2**53 / max(1.0, math.fsum(map(abs, map(float, numbers))))))
    powers = (10**power for power in range(most))
    return next((ten for ten in powers if all((c * ten).denominator == 1 for c in numbers)), 10**most)


def countable(coefficients: Iterable[Fraction]) -> int:
    """The power of ten that makes a sum large beside a solver's tolerances (10⁻⁶): else it stops too early,
    and takes for proven what is not."""
    total = math.fsum(abs(float(c)) for c in coefficients) or 1.0
    return 10 ** int(max(0, MAGNITUDE - math.floor(math.log10(total))))


class CpSat(Peer):
    def formulate(self, every_rule: Iterable[Rule]) -> None:
        self.cp = cp_model.CpModel()
        self.variables = [self.cp.new_bool_var("") for _ in range(self.model.size)]
        for rule in every_rule:
            if isinstance(rule, Sum):
                self._add(rule)
            elif isinstance(rule, AnyOf):
                self.cp.add_bool_or([self._literal(number) for number in rule.literals])
            elif isinstance(rule, AtMostOne):
                self.cp.add_at_most_one([self._literal(number) for number in rule.literals])

    def _literal(self, number: int) -> cp_model.LiteralT:
        return self.variables[number] if number >= 0 else self.variables[~number].negated()

    def _add(self, rule: Sum) -> None:
        scale = whole_units(rule.terms.values())
        if rule.low is not None:
            self.cp.add(self._sum(rule.terms, scale, math.floor) >= math.ceil(rule.low * scale))
        if rule.high is not None:
            self.cp.add(self._sum(rule.terms, scale, math.ceil) <= math.floor(rule.high * scale))

    def _sum(self, terms: Terms, scale: int, rounded: Callable[[Fraction], int]) -> cp_model.LinearExpr:
        coefficients = [rounded(c * scale) for c in terms.values()]
        return cp_model.LinearExpr.weighted_sum([self.variables[number] for number in terms], coefficients)

    def shortfall(self, stage: Shortfalls) -> bool:
        sums = [self.model.kpi(target.kpi, target.place) for target in stage.targets]
        needs = [target.need for target in stage.targets]
        scale = whole_units([*needs, *(c for terms in sums for c in terms.values())])
        short = [self._short(*pair, scale) for pair in zip(sums, needs, strict=True)]
        total = cp_model.LinearExpr.sum(short)
        self.cp.minimize(total)
        solver, status = self._solve()
        if status == cp_model.OPTIMAL:
            self.cp.add(total <= round(solver.objective_value))
        return bool(status == cp_model.OPTIMAL)

    def _short(self, terms: Terms, need: Fraction, scale: int) -> cp_model.IntVar:
        wanted = math.ceil(need * scale)
        most = wanted - sum(min(0, math.floor(c * scale)) for c in terms.values())
        short = self.cp.new_int_var(0, max(0, most), "")
        self.cp.add(self._sum(terms, scale, math.floor) + short >= wanted)
        return short

    def objective(self, terms: Terms) -> None:
        scale = whole_units(terms.values())
        self.cp.maximize(self._sum(terms, scale, round))
        solver, status = self._solve()
        self.solved.proven = bool(status == cp_model.OPTIMAL)
        self.solved.bound = solver.best_objective_bound / scale

    def _solve(self) -> tuple[cp_model.CpSolver, object]:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        solver.parameters.relative_gap_limit = self.gap
        solver.parameters.max_time_in_seconds = self.seconds_left
        status = solver.solve(self.cp)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            chosen = (n for n, variable in enumerate(self.variables) if solver.boolean_value(variable))
            self.solved.chosen = frozenset(chosen)
        return solver, status


class Mip(Peer):
    """HiGHS gets one thread, with which it takes less CPU time for the same search."""

    solver_type: mathopt.SolverType

    def formulate(self, every_rule: Iterable[Rule]) -> None:
        self.mip = mathopt.Model()
        self.variables = [self.mip.add_binary_variable() for _ in range(self.model.size)]
        for rule in every_rule:
            for coefficients, low, high in rows_of(rule):
                self._add(coefficients, low, high)

    def _add(self, coefficients: dict[int, float], low: float, high: float) -> mathopt.LinearConstraint:
        row = self.mip.add_linear_constraint(lb=low, ub=high)
        for number, c in coefficients.items():
            row.set_coefficient(self.variables[number], c)
        return row

    def shortfall(self, stage: Shortfalls) -> bool:
        short = []
        for target in stage.targets:
            terms = self.model.kpi(target.kpi, target.place)
            short.append(self.mip.add_variable(lb=0.0))
            row = self._add({v: float(c) for v, c in terms.items()}, float(target.need), math.inf)
            row.set_coefficient(short[-1], 1.0)
        self.mip.minimize(mathopt.fast_sum(short))
        result = self._solve()
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return False
        least = max(0.0, result.objective_value())
        self.mip.add_linear_constraint(mathopt.fast_sum(short) <= least + 1e-6 * max(1.0, least))
        return True

    def objective(self, terms: Terms) -> None:
        scale = countable(terms.values())
        self.mip.maximize(mathopt.fast_sum(float(c * scale) * self.variables[v] for v, c in terms.items()))
        result = self._solve()
        self.solved.proven = result.termination.reason == mathopt.TerminationReason.OPTIMAL
        self.solved.bound = result.termination.objective_bounds.dual_bound / scale

    def _solve(self) -> mathopt.SolveResult:
        highs = highs_pb2.HighsOptionsProto()
        highs.int_options["threads"] = 1
        parameters = mathopt.SolveParameters(
            relative_gap_tolerance=self.gap,
            absolute_gap_tolerance=0.0,
            time_limit=timedelta(seconds=self.seconds_left),
            highs=highs,
        )
        result = mathopt.solve(self.mip, self.solver_type, params=parameters)
        if result.has_primal_feasible_solution():
            values = result.variable_values(self.variables)
            self.solved.chosen = frozenset(n for n, value in enumerate(values) if value > 0.5)
        return result


class Highs(Mip):
    solver_type = mathopt.SolverType.HIGHS


class Scip(Mip):
    solver_type = mathopt.SolverType.GSCIP


CLASSES: dict[str, type[Peer]] = {"CP-SAT": CpSat, "HiGHS": Highs, "SCIP": Scip}
