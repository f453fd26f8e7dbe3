"""How robust a portfolio is: the same question asked with contributions drawn from their uncertainty.

A draw is one column of every candidate's array, the same column for all, so that what they share (an
assumption, a market) moves together. The base portfolio is measured in every draw without solving; in some
draws, chosen by the seed, the problem is solved again.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TypedDict

import numpy as np

from optimization.problem import Problem, Target
from scoring.uncertainty import summarise

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
from .draws import Column, Drawn, Draws, drawn

SOLVES = 100
STEADY = 0.9  # of the draws' portfolios have an initiative that is sure to be chosen


class Spread(TypedDict):
    """P10, P50, P90 and mean of the objective; `sampling_error` is the standard error of each percentile."""

    p10: Number | None
    p50: Number | None
    p90: Number | None
    mean: Number | None
    sampling_error: dict[str, Number | None]
    draws: int  # that it is taken over


class Chance(TypedDict):
    """A share of draws, from 0 to 1, and its standard error √(p·(1−p)/n)."""

    share: float | None
    sampling_error: float | None


class Selection(TypedDict):
    """How often the best portfolio of a draw had this initiative, among the draws that had a portfolio."""

    key: str
    in_base: bool
    frequency: float | None
    sampling_error: float | None
    scopes: dict[str, float]  # full / mvp → share


class TargetChance(TypedDict):
    """How often a target is met: by the base portfolio in all draws; by the re-solved in theirs.

    A draw without any portfolio counts as not met.
    """

    dimension: str
    dimension_key: str
    kpi: str
    type: str
    need: Number
    base: Chance
    resolved: Chance


class Robustness(TypedDict):
    """The base portfolio held fixed, and the best portfolio of every draw that was solved."""

    objective_unit: str
    base: Spread | None  # None: there is no base portfolio
    resolved: Spread
    selection: list[Selection]  # most often selected first
    targets: list[TargetChance]
    draws: int  # N that could be used
    unusable_draws: int  # a value was not finite
    solves_asked: int
    solved: int  # draws answered, with or without a portfolio
    infeasible: int  # draws in which no portfolio keeps every constraint
    unproven: int  # draws whose portfolio is not proven best
    base_hash: str | None
    seed: int
    complete: bool  # False: cancelled, or the wall clock ended it
    text: str


def robustness(
    document: Document,
    draws: Draws,
    solves: int = SOLVES,
    seed: int = 0,
    answer: Answer | None = None,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> Robustness:
    """Asks the problem again with contributions from `draws`: {key: {kpi: N values, or one certain value}}.

    Contributions that are not drawn stay as they are. `answer` is the answer with them as they are, where it
    is known. Raises ProblemInvalid, also for draws that do not fit the problem.
    """
    problem = read(document)
    every = drawn(problem, draws)
    chosen = some(every.size, solves, seed)
    asking = Asking(should_stop, progress, len(chosen) + 1)
    base = answer or asking.best(problem, "The portfolio with contributions as they are")
    asked = Redrawn(every, base)
    for number, index in enumerate(chosen, 1):
        if asking.is_stopped:
            break
        solved = asking.best(every.problem_at(index), f"Draw {number} of {len(chosen)}")
        if is_proven(solved) or not asking.is_stopped:  # what a stop cut short says nothing
            asked.add(solved)
    found = asked.told(problem)
    found |= {"solves_asked": len(chosen), "seed": seed, "complete": not asking.is_stopped}
    return found | {"text": in_words(found)}


def in_words(found: Robustness) -> str:
    """The portfolio's spread, how much of it every draw would choose, and the least certain target."""
    n, unit = found["solved"], found["objective_unit"]
    if found["base"] is None or not n:
        return f"No portfolio to redraw; {n} of {found['solves_asked']} draws were solved"
    low, middle, high = (
        amount(significant(found["base"][name] or 0), unit) for name in ("p10", "p50", "p90")
    )
    chosen = [row for row in found["selection"] if row["in_base"]]
    steady = sum((row["frequency"] or 0) >= STEADY for row in chosen)
    said = (
        f"Over {found['draws']:,} draws the portfolio is worth {middle} (P10 {low}, P90 {high}); "
        f"{steady} of its {len(chosen)} initiatives are in {STEADY:.0%} or more of {n} solved again"
    )
    shares = [target["base"]["share"] for target in found["targets"] if target["base"]["share"] is not None]
    return f"{said}; its least certain target is met in {min(shares):.0%} of draws" if shares else said


def some(size: int, most: int, seed: int) -> list[int]:
    """Which draws are solved: a seeded selection without repetition."""
    chosen = np.random.default_rng(seed).permutation(size)[:most]
    return [int(index) for index in chosen]


class Redrawn:
    """The portfolios of the draws solved so far."""

    def __init__(self, every: Drawn, base: Answer) -> None:
        self.every, self.base = every, base
        self.answers: list[Answer] = []

    def add(self, answer: Answer) -> None:
        """A draw that was answered."""
        if answer["status"] != "unknown":
            self.answers.append(answer)

    @property
    def portfolios(self) -> list[Answer]:
        return [answer for answer in self.answers if answer["portfolio_hash"]]

    def told(self, problem: Problem) -> Robustness:
        objectives = [answer["objective_value"] for answer in self.portfolios]
        has_base = self.base["portfolio_hash"] is not None
        return {
            "objective_unit": objective_unit(problem),
            "base": spread(self.every.objective(self.base["scope"])) if has_base else None,
            "resolved": spread(np.asarray(objectives, dtype=np.float64)),
            "selection": self._selection(problem),
            "targets": [self._target(index, target) for index, target in enumerate(problem.targets)],
            "draws": self.every.size,
            "unusable_draws": self.every.unusable,
            "solves_asked": 0,
            "solved": len(self.answers),
            "infeasible": len(self.answers) - len(self.portfolios),
            "unproven": sum(not is_proven(answer) for answer in self.answers),
            "base_hash": self.base["portfolio_hash"],
            "seed": 0,
            "complete": True,
            "text": "",
        }

    def _selection(self, problem: Problem) -> list[Selection]:
        counts = Counter(item for answer in self.portfolios for item in answer["scope"].items())
        n = len(self.portfolios)
        rows = [self._selected(candidate.key, counts, n) for candidate in problem.candidates]
        return sorted(rows, key=lambda row: (-(row["frequency"] or 0), row["key"]))

    def _selected(self, key: str, counts: Counter[tuple[str, str]], n: int) -> Selection:
        scopes = {scope: counts[key, scope] for scope in ("full", "mvp") if counts[key, scope]}
        seen = chance(sum(scopes.values()), n)
        return {
            "key": key,
            "in_base": key in self.base["scope"],
            "frequency": seen["share"],
            "sampling_error": seen["sampling_error"],
            "scopes": {scope: count / n for scope, count in scopes.items()},
        }

    def _target(self, index: int, target: Target) -> TargetChance:
        met = sum(bool(answer["targets"][index]["met"]) for answer in self.portfolios)
        held = 0
        if self.base["portfolio_hash"]:
            held = int(self.every.is_met(target, self.base["scope"]).sum())
        return {
            "dimension": target.dimension,
            "dimension_key": target.dimension_key,
            "kpi": target.kpi,
            "type": target.type,
            "need": float(target.need),
            "base": chance(held, self.every.size if self.base["portfolio_hash"] else 0),
            "resolved": chance(met, len(self.answers)),
        }


def chance(times: int, n: int) -> Chance:
    if not n:
        return {"share": None, "sampling_error": None}
    share = times / n
    return {"share": share, "sampling_error": math.sqrt(share * (1 - share) / n)}


def spread(values: Column) -> Spread:
    said = summarise(values)
    return {
        "p10": number(said.p10),
        "p50": number(said.p50),
        "p90": number(said.p90),
        "mean": number(said.mean),
        "sampling_error": {name: number(error) for name, error in said.sampling_error.items()},
        "draws": int(values.size),
    }


def number(value: float) -> float | None:
    return value if math.isfinite(value) else None
