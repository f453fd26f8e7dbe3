"""Efficient frontier: the best objective for every capacity, as proven points from least to most useful.

The curve is a staircase. A point's portfolio is the best for every capacity from the tokens it uses to the
capacity it was solved at, so two points that touch leave nothing unknown between them. New points go where
the curve bends most, and where it was looked at least.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TypedDict

from optimization.cpsat import Budget, Session
from optimization.kernel import settled
from optimization.model import Model
from optimization.problem import Problem, Scope, exact, plain
from optimization.rules import rules

from .asking import (
    POINT_SECONDS,
    Answer,
    Asking,
    Document,
    Number,
    Progress,
    Stop,
    is_proven,
    objective_unit,
    read,
    standing,
)
from .capacities import grain, rounded_down, total

POINTS = 12
UNPROVEN = {"status": "feasible", "gap": None}
SPARE = 4  # points more, where some could not be proven
FIRST = 5  # points at equal distances before the bends decide


class Point(TypedDict):
    """The best portfolio at one capacity; the same is best from `tokens_used` to `capacity` tokens."""

    capacity: Number  # tokens
    tokens_used: Number
    objective: Number  # in the frontier's objective_unit
    gap: Number | None  # |bound − objective| / max(1, |objective|); 0 where proven
    proven: bool
    shortfalls: list[Number]  # lexicographic mode: each stage's, in its KPI's unit; they come first
    kpi_totals: dict[str, Number]  # native units
    targets_met: int
    selected: list[str]
    scope: dict[str, Scope]
    portfolio_hash: str
    is_current: bool  # the problem's own capacity


class Frontier(TypedDict):
    """Points by rising capacity, from the smallest with a portfolio to where no more helps."""

    points: list[Point]
    objective_unit: str
    start: Number | None  # tokens
    start_proven: bool  # no portfolio exists below
    end: Number | None  # tokens; None: stopped before it was known
    current: Number | None  # tokens, the problem's capacity; None = unlimited
    is_whole_curve: bool  # nothing is unknown between the points
    is_monotone: bool  # checked: more capacity is never worth less
    complete: bool  # False: cancelled, or the wall clock ended it
    text: str


def frontier(
    document: Document,
    points: int = POINTS,
    answer: Answer | None = None,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """The best objective against the capacity, in `points` points or fewer where they tell all.

    Caps of dimension values and all other constraints stay as they are. `answer` is the answer at the
    problem's own capacity, where it is known. Raises ProblemInvalid.
    """
    problem = read(document)
    return Curve(problem, Asking(should_stop, progress, points)).drawn(max(points, 2), answer)


class Curve:
    """The points known so far, by capacity."""

    def __init__(self, problem: Problem, asking: Asking) -> None:
        self.problem, self.asking = problem, asking
        self.limit, self.step = total(problem), grain(problem)
        self.known: dict[Fraction, Answer] = {}
        self.start: Fraction | None = None
        self.start_proven = False
        self.end: Fraction | None = None

    def drawn(self, points: int, answer: Answer | None) -> Frontier:
        """Both ends, a few points between, the problem's own capacity, then the bends."""
        self._find_end()
        if self.end is not None:
            self._find_start()
        if self.start is not None and self.end is not None:
            self._mark_current(answer)
            self._spread(points)
            while self._wants_more(points) and (gap := self._widest_bend()):
                self._solve(self._middle(*gap))
        return self._told()

    def _wants_more(self, points: int) -> bool:
        """Whether points are missing; those that could not be proven are made up for, a few times."""
        proven = sum(map(is_proven, self.known.values()))
        tried = len(self.known)
        return proven < points and tried < points + SPARE and not self.asking.is_stopped

    def _find_end(self) -> None:
        """Without any capacity the best portfolio takes as few tokens as it can: more would buy nothing."""
        found = self.asking.best(self.limit.moved(self.problem, None), "What unlimited capacity would buy")
        if found["portfolio_hash"]:
            self.end = exact(found["capacity_used"]["total"])
            self._keep(self.end, found)

    def _find_start(self) -> None:
        """The fewest tokens with which any portfolio exists."""
        model = Model(self.limit.moved(self.problem, None))
        every_rule, tokens = rules(model), model.tokens()
        budget = Budget.of(self.problem.options, self.asking.should_stop)
        budget.deterministic = min(budget.deterministic, POINT_SECONDS)
        known = settled(model, every_rule, {variable: -c for variable, c in tokens.items()}, budget)
        session = Session(model, [*every_rule, *known], budget)
        outcome = session.minimise(session.expression(tokens))
        self.start_proven = outcome.proven
        if outcome.chosen is not None:
            self.start = model.value(tokens, set(outcome.chosen))
            self._solve(self.start)

    def _mark_current(self, answer: Answer | None) -> None:
        """The problem's own capacity is a point, unless it lies beyond both ends."""
        current = self.limit.tokens
        if current is None or self.start is None or self.end is None or not self.start < current < self.end:
            return
        if answer and answer["portfolio_hash"]:
            self._keep(current, answer)
        else:
            self._solve(current)

    def _spread(self, points: int) -> None:
        assert self.start is not None and self.end is not None
        count = min(FIRST, points) - 1
        for number in range(1, count):
            at = self.start + rounded_down((self.end - self.start) * number / count, self.step)
            if len(self.known) < points and not self._is_known(at):
                self._solve(at)

    def _solve(self, capacity: Fraction) -> None:
        if self.asking.is_stopped:
            return
        text = f"The best for {plain(capacity)} tokens"
        found = self.asking.best(self.limit.moved(self.problem, capacity), text)
        if self.asking.is_stopped and not is_proven(found):
            return
        if found["portfolio_hash"] or any(at <= capacity for at in self.known):
            self._keep(capacity, found)

    def _keep(self, capacity: Fraction, answer: Answer) -> None:
        """Keeps a point; where a search was cut short, a better portfolio for fewer tokens serves too."""
        fewer = [self.known[at] for at in self.known if at <= capacity]
        best = max([answer, *fewer] if answer["portfolio_hash"] else fewer, key=standing)
        self.known[capacity] = answer if best is answer else best | UNPROVEN
        for at in [at for at in self.known if at > capacity]:
            if standing(self.known[at]) < standing(best):
                self.known[at] = best | UNPROVEN

    # Where to look next ------------------------------------------------------------------------------------

    def _is_known(self, capacity: Fraction) -> bool:
        """Whether a solved portfolio is the best here too."""
        return any(self._used(at) <= capacity <= at for at in self.known)

    def _used(self, capacity: Fraction) -> Fraction:
        """From how many tokens on the portfolio of this point is the best."""
        answer = self.known[capacity]
        return exact(answer["capacity_used"]["total"]) if is_proven(answer) else capacity

    def _unknown(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Neighbouring points between which a better portfolio than the left one may start."""
        for left, right in pairwise(sorted(self.known)):
            is_rising = standing(self.known[left]) < standing(self.known[right])
            if is_rising and self._used(right) - left > self.step:
                yield left, right

    def _widest_bend(self) -> tuple[Fraction, Fraction] | None:
        return max(self._unknown(), key=lambda gap: self._bend(*gap) * float(gap[1] - gap[0]), default=None)

    def _bend(self, left: Fraction, right: Fraction) -> float:
        """How much the slope changes at both ends; a little for every interval, so that none is forgotten."""
        ordered = sorted(self.known)
        at = bisect_left(ordered, left)
        around = ordered[max(0, at - 1) : at + 3]
        slopes = [self._slope(*pair) for pair in pairwise(around)]
        turns = sum(abs(one - other) for one, other in pairwise(slopes))
        steepest = max(map(abs, slopes)) or 1.0
        return turns / steepest + 0.1

    def _slope(self, left: Fraction, right: Fraction) -> float:
        gained = self.known[right]["objective_value"] - self.known[left]["objective_value"]
        return float(gained) / float(right - left)

    def _middle(self, left: Fraction, right: Fraction) -> Fraction:
        return left + max(self.step, rounded_down((self._used(right) - left) / 2, self.step))

    # What it says ------------------------------------------------------------------------------------------

    def _told(self) -> Frontier:
        found = [self._point(at) for at in sorted(self.known)]
        standings = [standing(self.known[at]) for at in sorted(self.known)]
        whole = self.end is not None and self.start_proven and not list(self._unknown())
        return {
            "points": found,
            "objective_unit": objective_unit(self.problem),
            "start": None if self.start is None else plain(self.start),
            "start_proven": self.start_proven,
            "end": None if self.end is None else plain(self.end),
            "current": None if self.limit.tokens is None else plain(self.limit.tokens),
            "is_whole_curve": whole and all(point["proven"] for point in found),
            "is_monotone": standings == sorted(standings),
            "complete": not self.asking.is_stopped,
            "text": self._text(found),
        }

    def _point(self, capacity: Fraction) -> Point:
        answer = self.known[capacity]
        return {
            "capacity": plain(capacity),
            "tokens_used": answer["capacity_used"]["total"],
            "objective": answer["objective_value"],
            "gap": answer["gap"],
            "proven": is_proven(answer),
            "shortfalls": [stage["shortfall"] for stage in answer["stages"]],
            "kpi_totals": answer["kpi_totals"],
            "targets_met": sum(bool(target["met"]) for target in answer["targets"]),
            "selected": answer["selected"],
            "scope": answer["scope"],
            "portfolio_hash": answer["portfolio_hash"],
            "is_current": capacity == self.limit.tokens,
        }

    def _text(self, found: list[Point]) -> str:
        if not found:
            stopped = self.asking.is_stopped
            return (
                "Stopped before a portfolio was found" if stopped else "No capacity is enough for a portfolio"
            )
        proven = sum(point["proven"] for point in found)
        start = (
            f"Below {plain(self.start)} tokens there is no portfolio"
            if self.start
            else "It starts at 0 tokens"
        )
        end = f"beyond {plain(self.end)} tokens nothing more can be gained" if self.end is not None else ""
        return f"{start}; {end}. {proven} of {len(found)} points are proven."
