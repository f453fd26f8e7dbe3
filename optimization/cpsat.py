"""The native CP-SAT formulation: rules to a CpModel, one solve after another within one budget.

Tuned to use the LP: one worker, linearization level 2, LP constraints added at once, no cuts. The defaults
barely touch the LP on these problems; cuts cost more than they save, ten times as much where thousands of
prerequisites make the LP large; and several workers give different answers from run to run.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from . import scaling
from .model import Model, Terms
from .objective import Shortfalls
from .problem import Options
from .rules import AnyOf, AtMostOne, Rule, Sum
from .scaling import Whole

NAME, VERSION = "CP-SAT", version("ortools")
POLL_SECONDS = 0.05


@dataclass
class Budget:
    """What is left of the deterministic budget, and the two ways to be stopped from outside."""

    deterministic: float
    deadline: float
    should_stop: Callable[[], bool] | None = None
    spent: float = 0.0
    asked: list[str] = field(default_factory=lambda: [NAME])  # solvers
    stopped_by: str | None = None  # deterministic_limit, wall_clock, cancelled, problem_size

    @classmethod
    def of(cls, options: Options, should_stop: Callable[[], bool] | None = None) -> Budget:
        return cls(options.deterministic_seconds, time.monotonic() + options.wall_seconds, should_stop)

    @property
    def left(self) -> float:
        return max(0.0, self.deterministic - self.spent)

    @property
    def is_stopped(self) -> bool:
        """Whether somebody, or the wall clock, ended the whole run."""
        return self.stopped_by in ("wall_clock", "cancelled")

    @property
    def is_over(self) -> bool:
        return self.is_stopped or self.left <= 0

    @property
    def seconds_left(self) -> float:
        """Until the wall clock stops the run."""
        return max(0.0, self.deadline - time.monotonic())

    def beside(self) -> Budget:
        """A budget for questions beside the answer: same deadline and stop, own deterministic time."""
        return Budget(0.0, self.deadline, self.should_stop)

    def renew(self, seconds: float) -> None:
        """Allows this much more deterministic time from here."""
        self.deterministic = self.spent + seconds

    def interruption(self) -> str | None:
        """Why a running solve must stop now, if it must."""
        if self.should_stop and self.should_stop():
            return "cancelled"
        return "wall_clock" if time.monotonic() > self.deadline else None


@dataclass(frozen=True)
class Outcome:
    """One solve: the choice found (variables that are 1; None = no solution found), its value and bound in
    scaled units (minimised), and whether that is proven."""

    proven: bool
    chosen: frozenset[int] | None
    value: int = 0
    bound: int = 0

    @property
    def infeasible(self) -> bool:
        return self.proven and self.chosen is None


@dataclass
class Expression:
    """A whole-number expression of CP-SAT variables and what one unit of it is worth."""

    variables: list[cp_model.IntVar]
    coefficients: list[int]
    scale: Fraction = field(default_factory=lambda: Fraction(1))
    error: Fraction = field(default_factory=Fraction)
    given: int = 0  # what the literals add that are given

    @property
    def sum(self) -> cp_model.LinearExpr:
        return cp_model.LinearExpr.weighted_sum(self.variables, self.coefficients)


class Session:
    """A CP-SAT model of some rules that is solved for one expression after another."""

    def __init__(
        self, model: Model, rules: Iterable[Rule], budget: Budget, seed: int = 0, fixed: Iterable[int] = ()
    ) -> None:
        """`fixed`: literals taken as given; their variables are not part of the CP-SAT model at all."""
        self.cp = cp_model.CpModel()
        given = np.fromiter(fixed, np.int64)
        self.is_one = np.zeros(model.size, bool)
        self.is_one[given[given >= 0]] = True
        self.ones = frozenset(given[given >= 0].tolist())
        self.is_free = np.ones(model.size, bool)
        self.is_free[np.where(given >= 0, given, ~given)] = False
        self.bools = {number: self.cp.new_bool_var("") for number in np.flatnonzero(self.is_free).tolist()}
        self.model, self.budget, self.seed = model, budget, seed
        for rule in rules:
            self.add(rule)

    def literal(self, number: int) -> cp_model.LiteralT:
        return self.bools[number] if number >= 0 else self.bools[~number].negated()

    def add(self, rule: Rule) -> list[cp_model.Constraint]:
        """Adds a rule; returns its CP-SAT constraints."""
        if isinstance(rule, Sum):
            return self._add_sum(rule)
        assert isinstance(rule, AnyOf | AtMostOne)
        if isinstance(rule, AtMostOne):
            return self._add_at_most_one(rule)
        if any(self._holds(number) for number in rule.literals):
            return []
        literals = [self.literal(number) for number in rule.literals if self._is_free(number)]
        if len(literals) == 2:
            return [self.cp.add_implication(~literals[0], literals[1])]
        return [self.cp.add_bool_or(literals)]

    def _add_at_most_one(self, rule: AtMostOne) -> list[cp_model.Constraint]:
        free = [self.literal(number) for number in rule.literals if self._is_free(number)]
        holding = sum(self._holds(number) for number in rule.literals)
        if holding > 1:
            return [self.cp.add_bool_or([])]
        if holding:
            return [self.cp.add_bool_and([~literal]) for literal in free]
        return [self.cp.add_at_most_one(free)]

    def _is_free(self, literal: int) -> bool:
        return (literal if literal >= 0 else ~literal) in self.bools

    def _holds(self, literal: int) -> bool:
        """Whether a literal is given as true."""
        if self._is_free(literal):
            return False
        return literal in self.ones if literal >= 0 else ~literal not in self.ones

    def add_if(self, rule: Rule, switch: cp_model.IntVar) -> None:
        """Adds a rule that only counts while the switch is 1."""
        if isinstance(rule, AtMostOne):
            one, other = (self.literal(number) for number in rule.literals)
            self.cp.add_bool_or([~one, ~other]).only_enforce_if(switch)
        else:
            for constraint in self.add(rule):
                constraint.only_enforce_if(switch)

    def sufficient_assumptions(self, seconds: float) -> set[int]:
        """Indices of assumptions that cannot hold together; empty when no contradiction was proven."""
        self.budget.renew(seconds)
        solver = self._solver(1.0)
        solver.parameters.cp_model_presolve = False
        with Watch(self.budget, solver):
            status = solver.solve(self.cp)
        self.budget.spent += solver.deterministic_time
        return (
            set(solver.sufficient_assumptions_for_infeasibility()) if status == cp_model.INFEASIBLE else set()
        )

    def _add_sum(self, rule: Sum) -> list[cp_model.Constraint]:
        return [self._at_least(self.split(total), least) for total, least in rule.whole]

    def _at_least(self, total: Expression, least: int) -> cp_model.Constraint:
        missing = least - total.given
        if not total.variables:
            return self.cp.add_bool_or([]) if missing > 0 else self.cp.add_bool_and([])
        added: cp_model.Constraint = self.cp.add(total.sum >= clamp(missing))
        return added

    def split(self, total: Whole) -> Expression:
        """A sum in whole numbers: what is still open, and what the given literals add to it."""
        free = self.is_free[total.variables]
        given = int(total.coefficients[self.is_one[total.variables]].sum())
        variables = [self.bools[number] for number in total.variables[free].tolist()]
        return Expression(variables, total.coefficients[free].tolist(), total.scale, total.error, given)

    def expression(self, terms: Terms) -> Expression:
        """A sum of choices as a whole-number expression."""
        return self.split(scaling.nearest(terms))

    def shortfalls(self, stage: Shortfalls) -> Expression:
        """New variables, one per target: by how much it falls short; all in one unit so that they add."""
        sums = [self.model.kpi(target.kpi, target.place) for target in stage.targets]
        needs = [target.need for target in stage.targets]
        widest = max(sums, key=lambda terms: sum(map(abs, terms.values())))
        every = [c for terms in sums for c in terms.values()]
        scale, _ = scaling.factor([*widest.values(), *needs], every)
        short = [self._shortfall(*pair, scale) for pair in zip(sums, needs, strict=True)]
        return Expression(short, [1] * len(short), scale)

    def _shortfall(self, terms: Terms, need: Fraction, scale: Fraction) -> cp_model.IntVar:
        whole = scaling.below(terms.values(), scale)
        wanted = math.ceil(need * scale)
        most = max(0, wanted - sum(c for c in whole if c < 0))
        variable = self.cp.new_int_var(0, most, "")
        total = self.split(scaling.whole(terms, whole, scale))
        self.cp.add(total.sum + variable >= wanted - total.given)
        return variable

    def hold(self, expression: Expression, value: int) -> None:
        """From now on the expression may not get worse than this."""
        if expression.variables:
            self.cp.add(expression.sum <= value - expression.given)
        elif expression.given > value:
            self.cp.add_bool_or([])

    def hint(self, chosen: frozenset[int]) -> None:
        """Starts the next search from a known solution."""
        self.cp.clear_hints()
        for number, variable in self.bools.items():
            self.cp.add_hint(variable, number in chosen)

    def minimise(
        self,
        expression: Expression | None,
        share: float = 1.0,
        tuning: Mapping[str, Any] | None = None,
        at_most: int | None = None,
    ) -> Outcome:
        """Minimises an expression (None: any solution will do) within a share of the budget's rest.

        `at_most`: values above it count as no solution. As the objective's domain this prunes far better than
        as a constraint on the same sum.
        """
        self.cp.clear_objective()
        if expression is not None and expression.variables:
            self.cp.minimize(expression.sum)
            if at_most is not None:
                self.cp.proto.objective.domain.extend([-(2**62), clamp(at_most - expression.given)])
        elif expression is not None and at_most is not None:
            self.hold(expression, at_most)
        if fault := self.cp.validate():
            raise AssertionError(f"CP-SAT refuses the model: {fault}")
        if reason := self.budget.interruption():
            self.budget.stopped_by = reason
            return Outcome(False, None)
        solver = self._solver(share)
        for name, setting in (tuning or {}).items():
            setattr(solver.parameters, name, setting)
        with Watch(self.budget, solver):
            status = solver.solve(self.cp)
        self.budget.spent += solver.deterministic_time
        return self._outcome(solver, status, expression)

    def _solver(self, share: float) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = 1
        parameters.linearization_level = 2
        parameters.add_lp_constraints_lazily = False
        parameters.cut_level = 0
        parameters.random_seed = self.seed
        parameters.max_deterministic_time = self.budget.left * share
        return solver

    def _outcome(self, solver: cp_model.CpSolver, status: object, expression: Expression | None) -> Outcome:
        anything_will_do = expression is None or not expression.variables
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        proven = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE) or (found and anything_will_do)
        if not proven and self.budget.stopped_by is None:
            self.budget.stopped_by = "deterministic_limit"
        if not found:
            return Outcome(proven, None)
        free = frozenset(n for n, variable in self.bools.items() if solver.boolean_value(variable))
        chosen = free | self.ones
        if expression is None:
            return Outcome(proven, chosen)
        terms = zip(expression.variables, expression.coefficients, strict=True)
        value = expression.given + sum(c * solver.value(v) for v, c in terms)
        if anything_will_do:
            return Outcome(proven, chosen, value, value)
        bound = expression.given + solver.response_proto.inner_objective_lower_bound
        return Outcome(proven and bound >= value, chosen, value, bound)


class Watch:
    """Stops a running solve from a second thread: a signal would reach Python only after it returned."""

    def __init__(self, budget: Budget, solver: cp_model.CpSolver) -> None:
        self.budget, self.solver = budget, solver
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def _poll(self) -> None:
        while not self.done.wait(POLL_SECONDS):
            if reason := self.budget.interruption():
                self.budget.stopped_by = reason
                self.solver.stop_search()


def clamp(number: int) -> int:
    """Keeps a bound that no sum can reach within what CP-SAT accepts."""
    return max(-(2**62), min(2**62, number))
