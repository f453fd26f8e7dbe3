"""What forcing a candidate in costs at least, for all candidates at once: the prices of one LP.

The LP's prices bound every portfolio by a sum over candidates; forcing some in that the sum leaves out, and
others out that it counts, lowers the bound. What it falls below the best portfolio's objective is lost.
"""

from __future__ import annotations

from optimization.kernel import Bound, Relaxation, rows_of
from optimization.model import Model
from optimization.objective import maximised
from optimization.problem import Problem, fold
from optimization.rules import rules

from .asking import Answer

SECONDS = 10.0  # for the LP
ROUNDING = 1e-9  # relative: a float bound this close to nothing says nothing


def least_costs(problem: Problem, base: Answer) -> dict[str, float]:
    """Key of every candidate outside the portfolio → proven lower bound on Δ objective; 0 says nothing.

    In lexicographic mode shortfalls come first, so a bound on the north star says nothing.
    """
    nothing = dict.fromkeys((c.key for c in problem.candidates if c.key not in base["scope"]), 0.0)
    model = Model(problem)
    if problem.objective.mode == "lexicographic" or not (bound := lp_bound(model)):
        return nothing
    spare = base["objective_value"] - bound.value - ROUNDING * max(1.0, abs(bound.value))
    return {key: max(0.0, spare + Consequences(problem, key).lowers(bound, model)) for key in nothing}


def lp_bound(model: Model) -> Bound | None:
    gains = {variable: float(c) for variable, c in maximised(model).items()}
    lp = Relaxation(model.size, [row for rule in rules(model) for row in rows_of(rule)], gains)
    return lp.bound() if lp.solve(seconds=SECONDS) else None


def objective_per_token(problem: Problem) -> dict[str, float]:
    """Key → what a candidate brings to the objective for each token (and one more, as tokens may be 0)."""
    model = Model(problem)
    gains = maximised(model)
    return {
        variants[0].candidate.key: max(float(gains.get(v.variable, 0) / (v.tokens + 1)) for v in variants)
        for variants in model.variants_of.values()
    }


class Consequences:
    """Who comes along when a candidate is in (bundles, prerequisites), and who cannot; folded keys."""

    def __init__(self, problem: Problem, key: str) -> None:
        self.rules = problem.constraints
        self.inside: set[str] = set()
        waiting = [fold(key)]
        while waiting:
            member = waiting.pop()
            if member not in self.inside:
                self.inside.add(member)
                waiting += self._companions(member)
        pairs = [{fold(key) for key in pair} for pair in self.rules.exclusion_pairs]
        self.outside = {rival for pair in pairs if pair & self.inside for rival in pair - self.inside}

    def _companions(self, member: str) -> list[str]:
        bundled = [b.members for b in self.rules.bundles if member in map(fold, b.members)]
        needed = [needs for key, needs in self.rules.prerequisites.items() if fold(key) == member]
        return [fold(key) for keys in (*bundled, *needed) for key in keys]

    def lowers(self, bound: Bound, model: Model) -> float:
        """By how much the bound on every portfolio falls once these are in and those are out."""
        gains_in = (bound.gains.get(model.is_in(key), 0.0) for key in self.inside)
        gains_out = (bound.gains.get(model.is_in(key), 0.0) for key in self.outside)
        return sum(max(0.0, -gain) for gain in gains_in) + sum(max(0.0, gain) for gain in gains_out)
