"""Which constraints a portfolio breaks: all at once and exactly, for thousands of portfolios a second."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .model import Model
from .problem import unique
from .rules import AnyOf, AtMostOne, Rule, Sum, rules

Group = tuple[Rule, ...]  # the rules of one constraint of the problem
Choice = NDArray[np.bool_]  # per variable of the model: is it 1
SAFE = 2**62


def constraints_of(model: Model) -> list[Group]:
    """Rules of the same constraint together; what merely links variables is left out."""
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules(model):
        if rule.sources:
            groups.setdefault(rule.sources, []).append(rule)
    return [tuple(group) for group in groups.values()]


def is_limit(group: Group) -> bool:
    """Whether it is a number that can be raised or lowered."""
    return isinstance(group[0], Sum)


class Breaches:
    """The constraints of a model, numbered, ready to be held against one choice after another."""

    def __init__(self, model: Model, groups: list[Group]) -> None:
        self.model = model
        self.sums = [Total(n, rule) for n, g in enumerate(groups) for rule in g if isinstance(rule, Sum)]
        clauses = [
            (n, *clause(rule)) for n, g in enumerate(groups) for rule in g if not isinstance(rule, Sum)
        ]
        self.clauses = np.array(clauses, dtype=np.int64).reshape(-1, 3)
        self._link(model)

    def _link(self, model: Model) -> None:
        pairs = [(is_in, variant) for is_in, variants in model.autos for variant in variants]
        self.autos = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        members = [[model.is_in(key) for key in unique(b.synergy.members)] for b in model.bonuses]
        needed = [b.synergy.min_members or len(m) for b, m in zip(model.bonuses, members, strict=True)]
        self.bonuses = np.array([b.variable for b in model.bonuses], dtype=np.int64)
        self.needed = np.array(needed, dtype=np.int64)
        self.member_of = np.repeat(np.arange(len(members)), [len(m) for m in members])
        self.members = np.array([number for m in members for number in m], dtype=np.int64)

    def completed(self, choice: Choice) -> Choice:
        """The choice with what follows from the variants that are in: candidates, and bonuses earned."""
        whole = choice.copy()
        whole[self.autos[:, 0]] = False
        np.logical_or.at(whole, self.autos[:, 0], whole[self.autos[:, 1]])
        counts = np.bincount(self.member_of[whole[self.members]], minlength=len(self.bonuses))
        whole[self.bonuses] = counts >= self.needed
        return whole

    def of(self, choice: Choice) -> frozenset[int]:
        """Numbers of the constraints that a completed choice breaks."""
        found = {total.number for total in self.sums if total.is_broken_by(choice)}
        one, other = self.clauses[:, 1], self.clauses[:, 2]
        broken = ~(holds(choice, one) | holds(choice, other))
        return frozenset(found.union(self.clauses[broken, 0].tolist()))


class Total:
    """One sum with its limits, in whole numbers."""

    def __init__(self, number: int, rule: Sum) -> None:
        self.number = number
        limits = [limit for limit in (rule.low, rule.high) if limit is not None]
        scale = math.lcm(*(c.denominator for c in (*rule.terms.values(), *limits)))
        whole = [int(c * scale) for c in rule.terms.values()]
        self.low, self.high = (times(limit, scale) for limit in (rule.low, rule.high))
        kind = np.int64 if sum(map(abs, whole)) < SAFE else object
        self.variables = np.array(list(rule.terms), dtype=np.int64)
        self.coefficients = np.array(whole, dtype=kind)

    def is_broken_by(self, choice: Choice) -> bool:
        value = int(self.coefficients[choice[self.variables]].sum())
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


def times(limit: Fraction | None, scale: int) -> int | None:
    return None if limit is None else int(limit * scale)


def clause(rule: Rule) -> tuple[int, int]:
    """The two literals of which one has to hold; one literal counts as both."""
    assert isinstance(rule, AnyOf | AtMostOne)
    literals = rule.literals if isinstance(rule, AnyOf) else tuple(~literal for literal in rule.literals)
    assert 1 <= len(literals) <= 2
    return literals[0], literals[-1]


def holds(choice: Choice, literals: NDArray[np.int64]) -> Choice:
    negated = literals < 0
    return choice[np.where(negated, ~literals, literals)] ^ negated
