"""Exact decimals to the whole numbers an integer solver needs, each row by itself.

A row whose decimals fit is scaled exactly; otherwise by the largest power of ten that keeps the sum of
absolute coefficients below 2^53, with an error bound that callers must account for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

LIMIT = 2**53


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


def nearest(coefficients: Iterable[Fraction], scale: Fraction) -> list[int]:
    """Coefficients scaled and rounded to the nearest whole number."""
    return [round(c) for c in scaled(coefficients, scale)]


def below(coefficients: Iterable[Fraction], scale: Fraction) -> list[int]:
    """Coefficients scaled and rounded down: what satisfies `at least` so, satisfies it exactly."""
    return [math.floor(c) for c in scaled(coefficients, scale)]


def above(coefficients: Iterable[Fraction], scale: Fraction) -> list[int]:
    """Coefficients scaled and rounded up: what satisfies `at most` so, satisfies it exactly."""
    return [math.ceil(c) for c in scaled(coefficients, scale)]


def rounding_error(coefficients: Sequence[Fraction], scaled: Sequence[int], scale: Fraction) -> Fraction:
    """The most by which a 0/1 sum can differ, in native units, from its scaled twin."""
    return sum((abs(c - Fraction(s) / scale) for c, s in zip(coefficients, scaled, strict=True)), Fraction())
