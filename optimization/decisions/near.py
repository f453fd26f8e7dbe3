"""Near misses: for every candidate that is out, what it would take to be chosen.

What its value lacks is what forcing it in would cost the objective: with that much more value of its own, a
portfolio with it is as good as the best without it. One LP gives every candidate a proven lower bound on
that cost; those with the smallest bounds are then forced in one by one, and the nearest of them are
also asked how many tokens fewer would do, by bisection.
"""

from __future__ import annotations

from typing import TypedDict

from optimization.problem import Candidate, Problem, Scope, fold

from .asking import (
    Answer,
    Asking,
    Document,
    Number,
    Progress,
    Stop,
    amount,
    is_proven,
    objective_unit,
    read,
    significant,
)
from .bounds import least_costs, objective_per_token
from .difference import ScopeChange, difference
from .fewer_tokens import FewerTokens, fewer_tokens
from .trade import Forced, movements, stage_changes

FORCED = 20  # candidates whose cost is computed exactly
TOLD = 3  # of the nearest, in the sentence about all
BISECTED = 3  # of these, how many are asked for tokens as well


class NearMiss(TypedDict):
    """One candidate that is out. Amounts are in the objective's unit."""

    key: str
    how: str  # forced: computed exactly · bound: only `at_least` is known · never: no portfolio has it
    cost: Number | None  # what taking it would cost = the extra value with which it would be chosen
    at_least: Number  # proven lower bound on the cost
    proven: bool  # the cost is exact
    drops: list[str]
    adds: list[str]  # besides itself
    builds: list[ScopeChange]  # who is built in another scope
    fewer_tokens: FewerTokens | None
    text: str


class NearMisses(TypedDict):
    """Nearest first: exact costs, then bounds, then what can never be in."""

    candidates: list[NearMiss]
    objective_unit: str
    forced: int  # how many were computed exactly
    complete: bool  # False: cancelled, or the wall clock ended it
    text: str


def near_misses(
    document: Document,
    answer: Answer | None = None,
    forced: int = FORCED,
    bisected: int = BISECTED,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> NearMisses:
    """What every candidate outside the portfolio lacks: `forced` of them exactly, all others as a bound.

    `answer` is the problem's answer, where it is known; without a portfolio nothing is near. Raises
    ProblemInvalid.
    """
    problem = read(document)
    asking = Asking(should_stop, progress, forced + 6 * bisected)
    base = answer or asking.best(problem, "The portfolio as it is")
    found = Nearness(problem, base, asking).every(forced, bisected) if base["portfolio_hash"] else []
    return {
        "candidates": found,
        "objective_unit": objective_unit(problem),
        "forced": sum(miss["how"] != "bound" for miss in found),
        "complete": not asking.is_stopped,
        "text": " ".join(miss["text"] for miss in found[:TOLD]) or "No candidate is out",
    }


class Nearness:
    """A portfolio, and what stands between it and the candidates outside."""

    def __init__(self, problem: Problem, base: Answer, asking: Asking) -> None:
        self.problem, self.base, self.asking = problem, base, asking
        self.unit = objective_unit(problem)
        self.excluded = {fold(key) for key in problem.constraints.excluded}
        self.scopes: dict[str, Scope] = {}  # of those that were forced in
        self.out = [c for c in problem.candidates if c.key not in base["scope"]]

    def every(self, forced: int, bisected: int) -> list[NearMiss]:
        """Bounds for all, exact costs for the `forced` of the smallest bounds, tokens for the nearest."""
        bounds, worth = least_costs(self.problem, self.base), objective_per_token(self.problem)
        possible = [c for c in self.out if fold(c.key) not in self.excluded]
        ordered = sorted(possible, key=lambda c: (bounds[c.key], -worth[c.key], c.key))
        found = [self._forced(c, bounds[c.key]) for c in ordered[:forced]]
        found += [self._bound(c.key, bounds[c.key]) for c in ordered[forced:]]
        banned = "It is excluded, so it cannot be in."
        found += [blank(c.key, "never", 0, banned) for c in self.out if fold(c.key) in self.excluded]
        found.sort(key=nearest_first)
        for miss in [miss for miss in found if miss["cost"] is not None][:bisected]:
            key = miss["key"]
            miss["fewer_tokens"] = fewer_tokens(self.problem, key, self.scopes[key], self.asking)
        return found

    def _bound(self, key: str, at_least: float) -> NearMiss:
        """What the LP alone says."""
        text = f"Taking {key} would cost at least {amount(significant(at_least), self.unit)}."
        return blank(key, "bound", at_least, text if at_least else "Not computed.")

    def _forced(self, candidate: Candidate, at_least: float) -> NearMiss:
        """Forces it in, and tells what that costs."""
        key = candidate.key
        if self.asking.is_stopped:
            return self._bound(key, at_least)
        after = self.asking.best(Forced(self.problem, [key], []).problem(), f"Taking {key}")
        if after["status"] == "infeasible":
            return blank(key, "never", 0, f"No portfolio with {key} keeps every constraint.")
        if after["portfolio_hash"] is None:
            return self._bound(key, at_least)
        self.scopes[key] = after["scope"][key]
        return self._price(key, after, at_least)

    def _price(self, key: str, after: Answer, at_least: float) -> NearMiss:
        """The fields of a miss that was forced in; in lexicographic mode a longer shortfall has no price."""
        moved = difference(self.base, after, self.problem)
        shorter = " ".join(stage_changes(self.base["stages"], after["stages"]))
        cost = -(moved["delta_objective"] or 0)
        said = f"cost {amount(cost, self.unit)}" if cost else "cost nothing, but not make it better"
        text = f"Taking {key} would {said}: {movements(moved, [key])}. {shorter}".strip()
        found = blank(key, "forced", at_least, text)
        found["cost"] = None if shorter else cost
        found["proven"] = is_proven(self.base) and is_proven(after)
        found["drops"] = [line["key"] for line in moved["drops"]]
        found["adds"] = [line["key"] for line in moved["adds"] if line["key"] != key]
        found["builds"] = moved["scope_changes"]
        return found


def nearest_first(miss: NearMiss) -> tuple[int, float, str]:
    """Exact costs first, then bounds, then what can never be in."""
    rank = {"forced": 0, "bound": 1, "never": 2}[miss["how"]]
    return rank, float(miss["at_least"] if miss["cost"] is None else miss["cost"]), miss["key"]


def blank(key: str, how: str, at_least: Number, text: str) -> NearMiss:
    return {
        "key": key,
        "how": how,
        "cost": None,
        "at_least": at_least,
        "proven": how == "never",
        "drops": [],
        "adds": [],
        "builds": [],
        "fewer_tokens": None,
        "text": text,
    }
