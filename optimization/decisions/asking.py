"""Asking the solver again and again: the budget, the stop and the progress of a question of many solves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimization import answer as answers
from optimization.cpsat import Budget
from optimization.model import Model
from optimization.objective import north_star
from optimization.problem import Problem, Scope, plain, spoken
from optimization.reading import read_problem
from optimization.stages import Solution, solve_in_stages
from optimization.verify import verify

Answer = dict[str, Any]  # as `solver.solve` gives it
Document = dict[str, Any] | Problem  # a problem file as plain data, or already read
Stop = Callable[[], bool]
Progress = Callable[[int, int, str], None]  # done, total, what is being done
Number = int | float

POINT_SECONDS = 10.0  # deterministic, at most, for one of many solves
POINTS = "points"  # the unit of a weighted objective


class Asking:
    """A question of many solves: it can be stopped between and within them, and says how far it is."""

    def __init__(self, should_stop: Stop | None, progress: Progress | None, total: int = 1) -> None:
        self.should_stop, self.total, self.done = should_stop, total, 0
        self._progress = progress or (lambda done, total, text: None)
        self._was_cut_short = False

    @property
    def is_stopped(self) -> bool:
        """Whether somebody, or the wall clock, ended the question."""
        return self._was_cut_short or bool(self.should_stop and self.should_stop())

    def best(self, problem: Problem, text: str) -> Answer:
        """The best portfolio as an answer, without what only a run needs (reachable, conflict, reasons)."""
        self._progress(min(self.done, self.total), self.total, text)
        budget = Budget.of(problem.options, self.should_stop)
        budget.deterministic = min(budget.deterministic, POINT_SECONDS)
        model = Model(problem)
        solution = solve_in_stages(model, budget, lambda fraction, stage: None)
        self.done += 1
        self._was_cut_short |= budget.is_stopped
        return brief(problem, model, solution)


def brief(problem: Problem, model: Model, solution: Solution) -> Answer:
    """The answer's fields about the portfolio, verified; without one they are blank."""
    found: Answer = {"status": solution.status, "unique": solution.unique, "selected": [], "scope": {}}
    found |= dict.fromkeys(("objective_value", "best_bound", "gap", "capacity_used", "kpi_totals"))
    found |= {"targets": [], "portfolio_hash": None}
    found["stages"] = [
        {"kpi": stage.kpi, "kind": stage.kind, "shortfall": plain(float(short))}
        for stage, short in solution.shortfalls
    ]
    if solution.chosen is None:
        return found
    scopes = {v.candidate.key: v.scope for v in model.variants if v.variable in solution.chosen}
    found |= described(problem, scopes)
    return found | bounded(found["objective_value"], solution)


def described(problem: Problem, scopes: dict[str, Scope]) -> Answer:
    """The fields of a portfolio {key: scope}. Raises PortfolioBroken when a constraint is not kept."""
    measured = verify(problem, dict(scopes))
    targets = answers.targets(problem, measured, {})
    return answers.portfolio(problem, dict(scopes), measured) | {"targets": targets}


def bounded(value: Number, solution: Solution) -> Answer:
    if solution.bound is None:
        return {}
    upper = max(value, plain(float(solution.bound)))
    return {"best_bound": upper, "gap": answers.gap(value, upper)}


def read(document: Document) -> Problem:
    """The problem itself. Raises ProblemInvalid with every error."""
    return document if isinstance(document, Problem) else read_problem(document)


def is_proven(answer: Answer) -> bool:
    """Whether an answer says for certain which portfolio is best, or that there is none."""
    return answer["status"] in ("optimal", "infeasible")


def objective_unit(problem: Problem) -> str:
    """What the objective is counted in: the north star's key, or points for weighted KPIs."""
    if problem.objective.mode == "weighted_kpis":
        return POINTS
    return north_star(problem) or POINTS


def amount(value: Number, unit: str) -> str:
    """An amount of the objective in a sentence; points have four digits that count."""
    return f"{spoken(significant(value) if unit == POINTS else value)} {unit}"


def significant(value: float) -> float:
    """An estimate as it is said: four digits that count."""
    return float(f"{value:.4g}")


def standing(answer: Answer) -> tuple[float, ...]:
    """What makes one portfolio better than another: smaller shortfalls stage by stage, then the objective."""
    return (*(-stage["shortfall"] for stage in answer["stages"]), answer["objective_value"])


def listed(names: list[str], most: int = 6) -> str:
    """Names in a sentence: `A, B and C`; many are cut short with a count."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
