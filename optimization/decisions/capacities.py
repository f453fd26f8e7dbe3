"""The limits on tokens of a problem, and the same problem with one of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from optimization.model import EVERYWHERE, Model, Place
from optimization.problem import ALL, Problem, exact, fold, limits, plain, pointer
from optimization.rules import capacity_total, place


@dataclass(frozen=True)
class Limit:
    """A cap on tokens: the capacity (dimension all), or the cap of a dimension value. `tokens` None: open."""

    dimension: str
    key: str
    tokens: Fraction | None

    @property
    def place(self) -> Place:
        """The dimension value, folded."""
        return place(self.dimension, self.key)

    @property
    def name(self) -> str:
        return "the capacity" if self.place == EVERYWHERE else f"the cap for {self.dimension} {self.key}"

    @property
    def constraint(self) -> str:
        """JSON pointer into the problem (the capacity may be said by a cap on all as well)."""
        if self.place == EVERYWHERE:
            return "/capacity_total"
        return pointer("constraints", "caps", self.dimension, self.key)

    def used(self, answer: dict[str, Any]) -> int | float:
        """Tokens a portfolio spends where this limit looks."""
        used: dict[str, Any] = answer["capacity_used"]
        if self.place == EVERYWHERE:
            used = {ALL: {ALL: used["total"]}}
        values = next(values for name, values in used.items() if fold(name) == self.place[0])
        found: int | float = next(n for key, n in values.items() if fold(key) == self.place[1])
        return found

    def moved(self, problem: Problem, tokens: Fraction | None) -> Problem:
        """The problem with this limit at so many tokens (None: without it)."""
        rules = problem.constraints
        if self.place == EVERYWHERE:
            caps = {name: keys for name, keys in rules.caps.items() if fold(name) != ALL}
            total = None if tokens is None else float(tokens)
            constraints = rules.model_copy(update={"caps": caps})
            return problem.model_copy(update={"capacity_total": total, "constraints": constraints})
        caps = {name: dict(keys) for name, keys in rules.caps.items()}
        del caps[self.dimension][self.key]
        if tokens is not None:
            caps[self.dimension][self.key] = float(tokens)
        return problem.model_copy(update={"constraints": rules.model_copy(update={"caps": caps})})


def total(problem: Problem) -> Limit:
    """The capacity: the smaller of `capacity_total` and a cap on all."""
    return Limit(ALL, ALL, capacity_total(Model(problem))[0])


def every_limit(problem: Problem) -> list[Limit]:
    """The capacity, where there is one, then every cap."""
    whole = total(problem)
    caps = [
        Limit(dimension, key, exact(tokens))
        for dimension, key, tokens in limits(problem.constraints.caps)
        if place(dimension, key) != EVERYWHERE
    ]
    return ([whole] if whole.tokens is not None else []) + caps


def grain(problem: Problem) -> Fraction:
    """The smallest step in which token sums can differ: the greatest common divisor of all token amounts."""
    amounts = [c.tokens_for(scope) for c in problem.candidates for scope in c.scopes]
    common = lcm(*(amount.denominator for amount in amounts))
    return Fraction(gcd(*(int(amount * common) for amount in amounts)), common) or Fraction(1)


def rounded_down(tokens: Fraction, step: Fraction) -> Fraction:
    return tokens // step * step


def shown(tokens: Fraction | None) -> int | float | None:
    return None if tokens is None else plain(tokens)
