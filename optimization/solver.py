"""`solve`: a problem in, the answer out. Everything between is in modules named for one notion each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from . import answer as answers
from .model import Model
from .problem import Problem, plain
from .reading import read_problem
from .verify import Measured, verify
from .warnings import warnings

Progress = Callable[[float, str], None]


def solve(
    problem: dict[str, Any] | Problem,
    explain: bool = False,
    should_stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Finds the optimal portfolio, or says what makes one impossible.

    `problem` is the problem file as plain data (or already read). `should_stop` is polled from a second
    thread while solving; once it is true the best portfolio so far is returned, `solver.stopped_by`
    = cancelled. `progress(fraction, text)` is called at the start of each stage. The answer has every field
    of the format, also without a portfolio. Raises ProblemInvalid with every error of the problem.
    """
    problem = problem if isinstance(problem, Problem) else read_problem(problem)
    return Solving(problem, explain, should_stop, progress or (lambda fraction, text: None)).answer()


class Solving:
    """One run of the solver over one problem."""

    def __init__(
        self, problem: Problem, explain: bool, should_stop: Callable[[], bool] | None, progress: Progress
    ) -> None:
        from .cpsat import Budget

        self.problem, self.explain, self.progress = problem, explain, progress
        self.started = time.monotonic()
        self.budget = Budget.of(problem.options, should_stop)
        self.model = Model(problem)

    def answer(self) -> dict[str, Any]:
        from .explain import explained
        from .reach import reachable
        from .reasons import reasons
        from .stages import solve_in_stages

        found = answers.empty(self.problem)
        solution = solve_in_stages(self.model, self.budget, self.progress)
        found |= {"status": solution.status, "unique": solution.unique}
        measured = None
        if solution.chosen is not None:
            scopes = {v.candidate.key: v.scope for v in self.model.variants if v.variable in solution.chosen}
            measured = verify(self.problem, dict(scopes))
            found |= answers.portfolio(self.problem, dict(scopes), measured)
            found |= self._bound(solution.bound, measured)
        found["stages"] = [
            {"kpi": stage.kpi, "kind": stage.kind, "shortfall": plain(float(short))}
            for stage, short in solution.shortfalls
        ]
        found["warnings"] = warnings(self.problem)
        if self.explain and solution.chosen is not None:
            found["reasons"] = reasons(self.model, solution.chosen, proven=solution.status == "optimal")
        beside = self.budget.beside()
        if solution.status == "infeasible":
            self.progress(0.9, "what stands in the way")
            explanation = explained(self.model, beside)
            found |= explanation | {"warnings": [*found["warnings"], *explanation["warnings"]]}
        self.progress(0.95, "what each target could reach")
        found["targets"] = answers.targets(self.problem, measured, reachable(self.model, beside, measured))
        found["solver"] = self._solver()
        return found

    def _bound(self, bound: Any, measured: Measured) -> dict[str, Any]:
        if bound is None:
            return {}
        value = float(measured.objective)
        upper = max(value, float(bound))
        return {"best_bound": plain(upper), "gap": answers.gap(value, upper)}

    def _solver(self) -> dict[str, Any]:
        from .cpsat import VERSION

        return {
            "name": ", ".join(self.budget.asked),
            "version": VERSION,
            "deterministic_seconds": round(self.budget.spent, 6),
            "seconds": round(time.monotonic() - self.started, 3),
            "stopped_by": self.budget.stopped_by,
        }
