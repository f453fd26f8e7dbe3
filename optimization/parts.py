"""What small groups of choices that rules tie together lose by one choice, exactly.

Most rules tie few candidates: a prerequisite, a pair, a bundle, a bonus. Once the wide rows (capacity, caps,
floors) are paid for by prices, such a group, a part, is small enough to try all its choices. That tells far
more than the prices of its own rules would: a bonus and its members often all have price zero.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Row = tuple[dict[int, float], float, float]  # coefficients, low, high
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
LARGEST = 10  # variables in a part; larger groups are taken apart and their rules priced
TOLERANCE = 1e-9  # a sum that misses its limit by less is let through, which only loosens the bound
ROUNDING = 1e-12  # relative error that summing products of floats may have made


@dataclass(frozen=True)
class Losses:
    """No portfolio is worth more than `value`, safe against rounding; by how much at least that falls when a
    variable is 0 (`out`) or 1 (`into`)."""

    value: float
    out: Floats
    into: Floats

    @property
    def prices(self) -> Floats:
        """What deciding a variable against its part's best choice loses."""
        return np.maximum(self.out, self.into)

    def settled(self, worth: float) -> list[int]:
        """Literals that hold in every portfolio worth at least this: without them the bound falls below."""
        spare = self.value - worth + ROUNDING * abs(self.value)
        far = np.flatnonzero(self.prices > spare)
        return [int(v) if self.out[v] > spare else ~int(v) for v in far]


@dataclass(frozen=True)
class Options:
    """Choices in one part: its variables, their values in each choice, and what each choice loses."""

    variables: NDArray[np.int64]
    values: Floats
    losses: Floats


class Parts:
    """The variables in parts, and which choices in each part its rules allow."""

    def __init__(self, variables: Sequence[int], rows: list[Row]) -> None:
        tying = [row for row in rows if len(row[0]) <= LARGEST]
        self.of_size: dict[int, list[list[int]]] = defaultdict(list)
        self.place: dict[int, tuple[int, int, int]] = {}  # variable → size, number and position in its part
        for part in groups(variables, (list(coefficients) for coefficients, _, _ in tying)):
            for each in [part] if len(part) <= LARGEST else [[variable] for variable in part]:
                self._add(each)
        self.variables = {k: np.array(parts) for k, parts in self.of_size.items()}
        self.allowed = {k: np.ones((len(parts), 2**k), bool) for k, parts in self.of_size.items()}
        self.priced = np.array([not self._ties(coefficients) for coefficients, _, _ in rows], bool)
        known: dict[tuple[object, ...], Mask] = {}
        for row, priced in zip(rows, self.priced, strict=True):
            if not priced:
                self._allow(row, known)

    def _add(self, part: list[int]) -> None:
        number = len(self.of_size[len(part)])
        self.of_size[len(part)].append(part)
        self.place |= {variable: (len(part), number, position) for position, variable in enumerate(part)}

    def _ties(self, coefficients: dict[int, float]) -> bool:
        """Whether a row lies inside one part."""
        if len(coefficients) > LARGEST:
            return False
        return len({self.place[variable][:2] for variable in coefficients}) == 1

    def _allow(self, row: Row, known: dict[tuple[object, ...], Mask]) -> None:
        coefficients, low, high = row
        size, number, _ = self.place[next(iter(coefficients))]
        spots = tuple((self.place[variable][2], c) for variable, c in coefficients.items())
        kind = (size, spots, low, high)
        if kind not in known:
            total = sum(c * choices(size)[:, position] for position, c in spots)
            known[kind] = np.asarray((total >= low - TOLERANCE) & (total <= high + TOLERANCE))
        self.allowed[size][number] &= known[kind]

    def options(self, gains: Floats, spare: float) -> Iterator[Options]:
        """What may be chosen in each part without losing more than `spare`."""
        for size, variables in self.variables.items():
            worth = np.where(self.allowed[size], gains[variables] @ choices(size).T, -math.inf)
            for part, each, allowed in zip(variables, worth, self.allowed[size], strict=True):
                with np.errstate(invalid="ignore"):  # −∞ − −∞ where nothing is allowed: no options either
                    lost = each[allowed].max(initial=-math.inf) - each
                near = np.flatnonzero(allowed & (lost <= spare))
                yield Options(part, choices(size)[near], lost[near])

    @np.errstate(invalid="ignore")  # −∞ − −∞ where a part has no choice at all: then the value is −∞
    def losses(self, paid: float, gains: Floats, noise: float) -> Losses:
        """`gains`: what each variable adds once the priced rows are paid for, `paid` what they add."""
        best, out, into = paid, np.zeros_like(gains), np.zeros_like(gains)
        for size, variables in self.variables.items():
            worth = np.where(self.allowed[size], gains[variables] @ choices(size).T, -math.inf)
            most = worth.max(axis=1)
            best += most.sum()
            for position, taken in enumerate(choices(size).T.astype(bool)):
                out[variables[:, position]] = most - worth[:, ~taken].max(axis=1)
                into[variables[:, position]] = most - worth[:, taken].max(axis=1)
        return Losses(best + ROUNDING * noise, out, into)


def choices(size: int) -> Floats:
    """Every choice in a part of this size, one per line."""
    return ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(float)


def groups(numbers: Sequence[int], ties: Iterable[list[int]]) -> list[list[int]]:
    """The numbers, those that ties connect together; in a stable order."""
    parent = {number: number for number in numbers}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for tied in ties:
        for number in tied[1:]:
            parent[root(number)] = root(tied[0])
    found: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        found[root(number)].append(number)
    return list(found.values())
