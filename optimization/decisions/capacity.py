"""Marginal value of capacity: what the next tokens would buy, and what the last ones bought.

Every number comes from solving again with the limit moved; an integer programme has no valid price per
token. Points are solved from the outside in: where both neighbours are worth the same, so is everything
between them, and where nothing exists with more tokens, nothing exists with fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypedDict

from optimization.problem import Problem, exact, plain, spoken
from optimization.reading import ProblemInvalid
from optimization.rules import place

from .asking import (
    Answer,
    Asking,
    Document,
    Number,
    Progress,
    Stop,
    amount,
    is_proven,
    listed,
    objective_unit,
    read,
    standing,
)
from .capacities import Limit, every_limit, grain, rounded_down
from .difference import minus

STEPS = 2
SHARE = Fraction(1, 20)  # of the limit, the size of a step


class CapacityPoint(TypedDict):
    """The best with the limit moved. Without a portfolio the numbers are None."""

    change: Number  # tokens, against the limit as it is
    tokens: Number  # the limit moved
    status: str  # optimal, feasible, infeasible, unknown
    proven: bool
    solved: bool  # False: follows from points around it
    objective: Number | None
    delta_objective: Number | None  # against the limit as it is; more than 0: worth more
    shortfalls: list[Number]  # lexicographic mode: each stage's, in its KPI's unit; they come first
    tokens_used: Number | None  # where the limit looks
    portfolio_hash: str | None


class CapacityCurve(TypedDict):
    """One limit and what moving it does."""

    name: str  # the capacity; the cap for department payments
    constraint: str  # JSON pointer into the problem
    dimension: str
    dimension_key: str
    tokens: Number
    tokens_used: Number | None
    step: Number  # tokens
    points: list[CapacityPoint]  # by rising change, 0 included
    next_value: Number | None  # objective that the next `step` tokens would buy
    last_value: (
        Number | None
    )  # objective that the last `step` tokens bought; None: without them nothing exists
    plateau: Number  # at least so many more tokens buy nothing
    texts: list[str]


class CapacityValues(TypedDict):
    """What moving each limit does to the objective."""

    limits: list[CapacityCurve]
    objective_unit: str
    complete: bool  # False: cancelled, or the wall clock ended it


def capacity_values(
    document: Document,
    steps: int = STEPS,
    size: float | None = None,
    only: tuple[str, str] | None = None,
    answer: Answer | None = None,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> CapacityValues:
    """The capacity and every cap, moved by up to `steps` steps of `size` tokens each way.

    Without a size a step is 5 % of the limit, in whole multiples of the smallest token difference. `only` is
    the (dimension, key) of one limit, (all, all) for the capacity. `answer` is the answer as it is, where it
    is known. Raises ProblemInvalid.
    """
    problem = read(document)
    limits = chosen(every_limit(problem), only)
    asking = Asking(should_stop, progress, 1 + 2 * steps * len(limits))
    base = answer or asking.best(problem, "The portfolio as it is")
    step = grain(problem)
    sizes = [exact(size) if size else step_of(limit, step) for limit in limits]
    curves = [Moves(problem, *pair, steps, base, asking) for pair in zip(limits, sizes, strict=True)]
    return {
        "limits": [curve.told() for curve in curves],
        "objective_unit": objective_unit(problem),
        "complete": not asking.is_stopped,
    }


def chosen(limits: list[Limit], only: tuple[str, str] | None) -> list[Limit]:
    """All of them, or the one asked for. Raises ProblemInvalid where there is none."""
    found = limits if only is None else [limit for limit in limits if limit.place == place(*only)]
    if only and not found:
        names = listed([limit.name for limit in limits]) or "none"
        text = f"there is no limit on tokens for {' '.join(only)}; the limits are: {names}"
        raise ProblemInvalid([{"pointer": "", "text": text}])
    return found


def step_of(limit: Limit, step: Fraction) -> Fraction:
    return max(step, rounded_down((limit.tokens or Fraction()) * SHARE, step))


class Moves:
    """One limit at several places around where it is."""

    def __init__(
        self, problem: Problem, limit: Limit, size: Fraction, steps: int, base: Answer, asking: Asking
    ) -> None:
        assert limit.tokens is not None
        self.problem, self.limit, self.size, self.asking = problem, limit, size, asking
        self.unit = objective_unit(problem)
        self.tokens = limit.tokens
        self.known: dict[int, Answer] = {0: base}
        self.solved: set[int] = {0}
        self.numbers = [n for n in range(-steps, steps + 1) if self.tokens + n * size >= 0]
        for side in (n for n in (max(self.numbers), min(self.numbers)) if n):
            self._ask(side)
            self._between(*sorted((0, side)))

    def _ask(self, number: int) -> None:
        if not self.asking.is_stopped:
            moved = self.tokens + number * self.size
            text = f"{self.limit.name} at {spoken(moved)} tokens"
            found = self.asking.best(self.limit.moved(self.problem, moved), text)
            if found["status"] != "unknown":
                self.known[number] = found
                self.solved.add(number)

    def _between(self, low: int, high: int) -> None:
        """Fills what lies between two numbers of steps, solving only where the ends do not tell."""
        if high - low < 2:
            return
        middle = (low + high) // 2
        if settled := self._follows(low, high):
            self.known |= dict.fromkeys(range(low + 1, high), settled)
            return
        self._ask(middle)
        self._between(low, middle)
        self._between(middle, high)

    def _follows(self, low: int, high: int) -> Answer | None:
        """The answer everywhere between, where it is certain already."""
        below, above = self.known.get(low), self.known.get(high)
        if above is None or not is_proven(above):
            return None
        if above["status"] == "infeasible":
            return above
        fits = exact(self.limit.used(above)) <= self.tokens + (low + 1) * self.size
        is_equal = (
            below is not None
            and has_portfolio(below)
            and is_proven(below)
            and below["scope"] == above["scope"]
        )
        return above if fits or is_equal else None

    def told(self) -> CapacityCurve:
        base = self.known[0]
        last = self._value(-1, 0)
        return {
            "name": self.limit.name,
            "constraint": self.limit.constraint,
            "dimension": self.limit.dimension,
            "dimension_key": self.limit.key,
            "tokens": plain(self.tokens),
            "tokens_used": self.limit.used(base) if has_portfolio(base) else None,
            "step": plain(self.size),
            "points": [self._point(number) for number in self.numbers if number in self.known],
            "next_value": self._value(0, 1),
            "last_value": last,
            "plateau": plain(self._plateau() * self.size),
            "texts": list(self._texts()),
        }

    def _value(self, low: int, high: int) -> Number | None:
        if not all(number in self.known and has_portfolio(self.known[number]) for number in (low, high)):
            return None
        return minus(self.known[high]["objective_value"], self.known[low]["objective_value"])

    def _plateau(self) -> int:
        """How many steps up are proven to buy nothing."""
        base = self.known[0]
        flat = [
            number
            for number in self.numbers
            if number > 0
            and number in self.known
            and is_proven(self.known[number])
            and is_as_good(base, self.known[number])
        ]
        return max(flat, default=0)

    def _point(self, number: int) -> CapacityPoint:
        answer = self.known[number]
        return {
            "change": plain(number * self.size),
            "tokens": plain(self.tokens + number * self.size),
            "status": answer["status"],
            "proven": is_proven(answer),
            "solved": number in self.solved,
            "objective": answer["objective_value"],
            "delta_objective": self._value(0, number),
            "shortfalls": [stage["shortfall"] for stage in answer["stages"]],
            "tokens_used": self.limit.used(answer) if has_portfolio(answer) else None,
            "portfolio_hash": answer["portfolio_hash"],
        }

    def _texts(self) -> Iterator[str]:
        tokens, buy = counted(self.size), buys(self.size)
        bought, lost = self._value(0, 1), self._value(-1, 0)
        if plateau := self._plateau():
            flat = plateau * self.size
            yield f"The next {counted(flat)} of {self.limit.name} {buys(flat)} nothing."
        elif bought is not None:
            yield f"The next {tokens} of {self.limit.name} {buy} {amount(bought, self.unit)}."
        if lost is not None:
            said = f"bought {amount(lost, self.unit)}" if lost else f"{buy} nothing"
            yield f"The last {tokens} {said}."
        elif -1 in self.known and self.known[-1]["status"] == "infeasible":
            yield f"With {'one ' * (self.size == 1)}{tokens} fewer there is no portfolio."


def counted(tokens: Fraction) -> str:
    return "token" if tokens == 1 else f"{spoken(tokens)} tokens"


def buys(tokens: Fraction) -> str:
    return "buys" if tokens == 1 else "buy"


def has_portfolio(answer: Answer) -> bool:
    return answer["portfolio_hash"] is not None


def is_as_good(one: Answer, other: Answer) -> bool:
    return has_portfolio(one) and has_portfolio(other) and standing(one) == standing(other)
