"""Exact decimals to the whole numbers an integer solver needs, each row by itself.

A row whose decimals fit is scaled exactly; otherwise by the largest power of ten that keeps the sum of
absolute coefficients below 2^53, with an error bound that callers must account for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LIMIT = 2**53
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Whole:
    """A sum of choices in whole numbers: variables and their coefficients, both of shape (terms,).

    `scale` whole numbers make one unit. `error` is the most by which the sum may be off, in units.
    """

    variables: Integers
    coefficients: Integers
    scale: Fraction
    error: Fraction = Fraction()

    def __neg__(self) -> Whole:
        return Whole(self.variables, -self.coefficients, self.scale, self.error)

    def of(self, chosen: Iterable[int]) -> int:
        """The sum under a choice, in whole numbers."""
        return int(self.coefficients[np.isin(self.variables, list(chosen))].sum())


def whole(terms: Mapping[int, Fraction], coefficients: Sequence[int], scale: Fraction) -> Whole:
    """The sum of these terms with coefficients that somebody scaled and rounded."""
    return Whole(np.fromiter(terms, np.int64, len(terms)), np.array(coefficients, np.int64), scale)


def nearest(terms: Mapping[int, Fraction]) -> Whole:
    """A sum in whole numbers, each coefficient rounded to the nearest one."""
    scale, exact = factor(list(terms.values()))
    rounded = [round(c) for c in scaled(terms.values(), scale)]
    error = Fraction() if exact else Fraction(len(rounded), 2) / scale
    return replace(whole(terms, rounded, scale), error=error)


def at_least(terms: Mapping[int, Fraction], low: Fraction) -> tuple[Whole, int]:
    """`low` ≤ sum, in whole numbers: what keeps to it keeps to the rule itself."""
    scale, _ = factor(list(terms.values()))
    return whole(terms, below(terms.values(), scale), scale), math.ceil(low * scale)


def at_most(terms: Mapping[int, Fraction], high: Fraction) -> tuple[Whole, int]:
    """sum ≤ `high` as `least` ≤ −sum, in whole numbers: what keeps to it keeps to the rule itself."""
    scale, _ = factor(list(terms.values()))
    return -whole(terms, above(terms.values(), scale), scale), -math.floor(high * scale)


def factor(coefficients: Sequence[Fraction], others: Sequence[Fraction] = ()) -> tuple[Fraction, bool]:
    """(factor, exact): multiply by `factor`; exact says every coefficient (and other) becomes whole."""
    total = sum(abs(c.numerator) / c.denominator for c in coefficients) or 1.0
    common = math.lcm(*{c.denominator for c in coefficients}, *{c.denominator for c in others})
    if common < LIMIT / total:
        shared = math.gcd(*(c.numerator * (common // c.denominator) for c in (*coefficients, *others)))
        return Fraction(common, shared or 1), True
    power = math.floor(math.log10(LIMIT / total))
    return Fraction(10) ** power, False


def scaled(coefficients: Iterable[Fraction], scale: Fraction) -> Iterable[Fraction | int]:
    """Each coefficient times the factor; without fractions where it divides, which is ten times faster."""
    up, down = scale.numerator, scale.denominator
    for c in coefficients:
        whole, rest = divmod(c.numerator * up, c.denominator * down)
        yield Fraction(c.numerator * up, c.denominator * down) if rest else whole


def below(coefficients: Iterable[Fraction], scale: Fraction) -> list[int]:
    """Coefficients scaled and rounded down: what satisfies `at least` so, satisfies it exactly."""
    return [math.floor(c) for c in scaled(coefficients, scale)]


def above(coefficients: Iterable[Fraction], scale: Fraction) -> list[int]:
    """Coefficients scaled and rounded up: what satisfies `at most` so, satisfies it exactly."""
    return [math.ceil(c) for c in scaled(coefficients, scale)]
