"""The portfolio that breaks some limits least and keeps everything else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from .changed_limits import base
from .cpsat import Budget, Session
from .model import Model, Terms
from .rules import Rule, Sum
from .search import Search

NEAR = 1e-4  # part of the limits that is not worth looking for
LEAST = 0.1  # deterministic, for CP-SAT where the way by the LP found none
SMALL = 50  # variables below which CP-SAT alone is as fast


@dataclass(frozen=True)
class Nearest:
    """Variables that are 1 (None: nothing found), and whether nothing is nearer by more than `NEAR`."""

    chosen: frozenset[int] | None
    proven: bool


def nearest(model: Model, kept: list[Rule], limits: Sequence[Sum], budget: Budget) -> Nearest:
    """The portfolio for which the relative changes of all these limits add up to the least."""
    if len(limits) > 1:
        kept = [*kept, *(beyond(rule) for rule in limits)]
    if budget.is_over:
        return Nearest(None, False)
    terms = kept_best(limits)
    found = by_shares(model, kept, limits, terms, budget) if model.size > SMALL else None
    return found or in_whole(model, kept, terms, budget)


def by_shares(
    model: Model, kept: list[Rule], limits: Sequence[Sum], terms: Terms, budget: Budget
) -> Nearest | None:
    """By way of the LP, as near to its bound as makes a difference; None: this way finds none."""
    step = grain(limits)
    found = Search(model, kept, terms, budget, max(NEAR, float(step / 2))).found()
    if found is None:
        return None
    missing = found.bound - model.value(terms, set(found.chosen))
    return Nearest(found.chosen, found.proven or missing < max(step, Fraction(NEAR)))


def in_whole(model: Model, kept: list[Rule], terms: Terms, budget: Budget) -> Nearest:
    """By CP-SAT alone."""
    budget.renew(max(budget.left, LEAST))
    session = Session(model, kept, budget)
    outcome = session.minimise(session.expression({variable: -c for variable, c in terms.items()}))
    return Nearest(outcome.chosen, outcome.proven)


def beyond(rule: Sum) -> Sum:
    """On the wrong side of the limit or at it: more than is asked makes up for nothing elsewhere."""
    return replace(rule, low=rule.high, high=rule.low)


def kept_best(limits: Sequence[Sum]) -> Terms:
    """What to make the most of: floors and, negated, caps, each relative to its limit."""
    terms: Terms = {}
    for rule in limits:
        unit = (1 if rule.high is None else -1) / base(rule)
        for variable, c in rule.terms.items():
            terms[variable] = terms.get(variable, Fraction()) + unit * c
    return terms


def grain(limits: Sequence[Sum]) -> Fraction:
    """The smallest difference one limit's sum can make, relative to the limit; 0 for several limits."""
    if len(limits) > 1:
        return Fraction()
    coefficients = limits[0].terms.values()
    scale = math.lcm(*(c.denominator for c in coefficients))
    return Fraction(math.gcd(*(int(c * scale) for c in coefficients)), scale) / base(limits[0])
