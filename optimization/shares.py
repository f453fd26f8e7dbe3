"""What the LP, in which shares of candidates are allowed, proves about sets of constraints.

When not even shares can keep all of them, its prices say which ones clash: weighted with the prices, the
constraints add up to one that nothing can keep (Farkas). When shares can, rounding them is often a portfolio.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from .breaches import Choice, Group
from .kernel import Relaxation, rows_of
from .model import Model
from .parts import Row
from .rules import AtMostOne, Rule, Sum, links

SECONDS = 20.0  # wall clock, for one LP; it takes milliseconds
NOISE = 1e-11  # relative to all that was added: what floats may have lost
ROOM = 10  # largest coefficients of a sum between its value and its limit, at most
Prices = NDArray[np.float64]
Owners = tuple[int, ...]  # positions of the constraints that a row comes from


def clashing(model: Model, groups: Sequence[Group]) -> list[int] | None:
    """Positions of constraints that not even shares of candidates keep together; None: shares may."""
    lent = model.size  # the part by which every constraint may be broken
    rows: list[Row] = [row for rule in links(model) for row in rows_of(rule)]
    owners: list[Owners] = [()] * len(rows)
    for number, group in enumerate(groups):
        added = [row for rule in group for row in lenient(rule, lent)]
        rows += added
        owners += [(number,)] * len(added)
    for literals, pairs in cliques(groups):
        rows.append((dict.fromkeys(literals, 1.0) | {lent: 1.0 - len(literals)}, -math.inf, 1.0))
        owners.append(pairs)
    lp = Relaxation(model.size + 1, rows, {lent: -1.0})
    if not lp.solve(SECONDS):
        return None
    prices = np.asarray(lp.solver.dual_values())
    for signed in (prices, -prices):
        if found := Combination(rows, owners, signed, model.size).fewest():
            return found
    return None


def cliques(groups: Sequence[Group]) -> list[tuple[list[int], Owners]]:
    """Sets of three or more that all exclude each other, and the exclusions that say so: at most one of them.

    Pair by pair the LP would take half of each.
    """
    pairs: dict[frozenset[int], int] = {}
    friends: dict[int, set[int]] = {}
    for number, (rule, *_) in enumerate(groups):
        if isinstance(rule, AtMostOne):
            pairs.setdefault(frozenset(rule.literals), number)
            for one, other in permutations(rule.literals):
                friends.setdefault(one, set()).add(other)
    found: set[frozenset[int]] = set()
    for pair in pairs:
        together = set(pair)
        for literal in sorted(set.intersection(*(friends[one] for one in pair))):
            if together <= friends[literal]:
                together.add(literal)
        found |= {frozenset(together)} if len(together) > 2 else set()
    return [
        (each, tuple(pairs[frozenset(pair)] for pair in combinations(each, 2)))
        for each in sorted(map(sorted, found))
    ]


def roomy(model: Model, groups: Sequence[Group]) -> NDArray[np.float64] | None:
    """Shares per variable that keep all constraints with room to spare, for rounding; None: none do."""
    room = model.size
    rows = [row for rule in links(model) for row in rows_of(rule)]
    for group in groups:
        for rule in group:
            for coefficients, low, high in rows_of(rule):
                spare = ROOM * max(map(abs, coefficients.values()), default=1.0)
                kept = {room: -spare if high == math.inf else spare} if isinstance(rule, Sum) else {}
                rows.append((coefficients | kept, low, high))
    lp = Relaxation(model.size + 1, rows, {room: 1.0})
    return np.asarray(lp.solver.variable_values())[:-1] if lp.solve(SECONDS) else None


def rounded(shares: NDArray[np.float64]) -> Choice:
    """The larger half in: of two that exclude each other at most one, and with each what it requires."""
    return shares > 0.5


def lenient(rule: Rule, lent: int) -> list[Row]:
    """Its rows, each without effect once the variable `lent` is 1."""
    found = []
    for coefficients, low, high in rows_of(rule):
        if (span := span_of((coefficients, low, high)) if isinstance(rule, Sum) else 1.0) > 0:
            scaled = {variable: c / span for variable, c in coefficients.items()}
            scaled[lent] = 1.0 if high == math.inf else -1.0
            found.append((scaled, low / span, high / span))
    return found


def span_of(row: Row) -> float:
    """By how much a limit can be broken at most; 0 or less: never."""
    coefficients, low, high = row
    return low - least(coefficients) if high == math.inf else most(coefficients) - high


def least(coefficients: dict[int, float]) -> float:
    return math.fsum(c for c in coefficients.values() if c < 0)


def most(coefficients: dict[int, float]) -> float:
    return math.fsum(c for c in coefficients.values() if c > 0)


class Combination:
    """Rows added up with prices: whatever keeps them all keeps Σ price × row ≤ Σ price × limit."""

    def __init__(self, rows: list[Row], owners: list[Owners], prices: Prices, size: int) -> None:
        priced: dict[Owners, list[tuple[float, Row]]] = {}
        for owner, price, row in zip(owners, prices.tolist(), rows, strict=True):
            if price and math.isfinite(row[2] if price > 0 else row[1]):
                priced.setdefault(owner, []).append((price, row))
        self.parts = {owner: Part(pairs, size) for owner, pairs in priced.items()}
        self.sum, self.limit, self.weight = np.zeros(size), 0.0, 0.0
        for part in self.parts.values():
            self._add(part, 1)

    def _add(self, part: Part, sign: int) -> None:
        self.sum[part.variables] += sign * part.terms
        self.limit += sign * part.limit
        self.weight += part.weight

    @property
    def proves(self) -> bool:
        """Whether the sum exceeds the limit for every choice, by more than floats may have lost."""
        return float(np.minimum(0.0, self.sum).sum()) - self.limit > NOISE * self.weight

    def fewest(self) -> list[int]:
        """Constraints that prove a clash, the lightest left out while the rest does; [] without proof."""
        if not self.proves:
            return []
        for owner in sorted(self.parts, key=lambda owner: (self.parts[owner].weight, owner)):
            if owner:
                self._add(self.parts[owner], -1)
                if self.proves:
                    del self.parts[owner]
                else:
                    self._add(self.parts[owner], 1)
        return sorted({position for owner in self.parts for position in owner})


class Part:
    """The rows of one constraint, added up with their prices; `weight` is all that was added."""

    def __init__(self, pairs: list[tuple[float, Row]], size: int) -> None:
        terms: dict[int, float] = {}
        for price, (coefficients, _, _) in pairs:
            for variable, c in coefficients.items():
                if variable < size:
                    terms[variable] = terms.get(variable, 0.0) + price * c
        self.variables = np.array(list(terms), dtype=np.int64)
        self.terms = np.array(list(terms.values()))
        limits = [price * (high if price > 0 else low) for price, (_, low, high) in pairs]
        self.limit = math.fsum(limits)
        self.weight = math.fsum(map(abs, (*terms.values(), *limits)))
