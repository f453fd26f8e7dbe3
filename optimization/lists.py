"""Lists of what several parts may choose together, by what they lose; and how lists are joined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .parts import Floats, Options

Whole = NDArray[np.int64]


class TooLong(Exception):  # noqa: N818 - says what happened
    """Too many portfolios lose this little."""


class Meter:
    """Counts the entries of all lists, and refuses what would be too long."""

    def __init__(self, longest: int, most: int) -> None:
        """`longest`: entries of one list; `most`: of all lists together."""
        self.longest, self.most, self.spent = longest, most, 0

    def take(self, entries: int) -> None:
        if entries > self.longest or self.spent + entries > self.most:
            raise TooLong
        self.spent += entries


@dataclass(frozen=True)
class Part:
    """A part that may choose otherwise, its best choice first; `uses` is what each choice uses up of every
    limit beyond the best one."""

    options: Options
    uses: Floats

    @property
    def losses(self) -> Floats:
        return self.options.losses


@dataclass
class List:
    """Choices of several parts. Entry 0 is every part's best; each other one differs from the entry `before`
    it by one `choice` (a part and its option)."""

    choices: list[tuple[Part, int]]
    losses: Floats
    uses: Floats
    before: Whole
    choice: Whole

    def told(self, entry: int) -> Iterator[tuple[Part, int]]:
        while entry:
            yield self.choices[self.choice[entry]]
            entry = int(self.before[entry])


@dataclass
class Table:
    """Entries of several lists together: what they cost so far, and what they use up of every limit."""

    costs: Floats
    uses: Floats
    picks: list[Whole]

    def __len__(self) -> int:
        return len(self.costs)

    def some(self, which: Whole | NDArray[np.bool_]) -> Table:
        return Table(self.costs[which], self.uses[which], [pick[which] for pick in self.picks])

    def units(self, limit: int, unit: float) -> Whole:
        return np.rint(self.uses[:, limit] / unit).astype(np.int64)


def listed(parts: Sequence[Part], cap: float, width: int, meter: Meter) -> List:
    """All choices of some parts that lose at most `cap` together; the dearest part first, to stay short."""
    found = List([], np.zeros(1), np.zeros((1, width)), np.zeros(1, int), np.zeros(1, int))
    for part in sorted(parts, key=lambda part: -part.losses[1]):
        pieces = [(found.losses, found.uses, found.before, found.choice)]
        for option in range(1, len(part.losses)):
            near = np.flatnonzero(found.losses <= cap - part.losses[option])
            which = np.full(len(near), len(found.choices))
            found.choices.append((part, option))
            pieces.append(
                (found.losses[near] + part.losses[option], found.uses[near] + part.uses[option], near, which)
            )
        meter.take(sum(len(piece[0]) for piece in pieces))
        found.losses, found.uses, found.before, found.choice = (
            np.concatenate(each) for each in zip(*pieces, strict=True)
        )
    return found


def pairs(starts: Whole, ends: Whole, meter: Meter) -> tuple[Whole, Whole]:
    """(row, partner) for every row and every partner from its start to before its end."""
    counts = np.maximum(ends - starts, 0)
    meter.take(int(counts.sum()))
    row = np.repeat(np.arange(len(counts)), counts)
    partner = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
    return row, partner


def joined(one: Table, other: Table, row: Whole, partner: Whole, cost: float = 0.0) -> Table:
    """These pairs as entries, each `cost` dearer."""
    picks = [pick[row] for pick in one.picks] + [pick[partner] for pick in other.picks]
    return Table(one.costs[row] + other.costs[partner] + cost, one.uses[row] + other.uses[partner], picks)


def together(one: Table, other: Table, cap: float, meter: Meter) -> Table:
    """Every entry of one with every entry of the other, at `cap` at most."""
    other = other.some(other.costs.argsort(kind="stable"))
    ends = np.searchsorted(other.costs, cap - one.costs, "right")
    return joined(one, other, *pairs(np.zeros_like(ends), ends, meter))


def dealt(parts: list[Part], lists: int) -> list[list[Part]]:
    """Parts dealt to so many lists that grow alike."""
    parts = sorted(parts, key=lambda part: part.losses[1])
    return [parts[start::lists] for start in range(lists)]


def whole(entries: List) -> Table:
    return Table(entries.losses, entries.uses, [np.arange(len(entries.losses))])


def stacked(tables: list[Table]) -> Table:
    picks = [np.concatenate(each) for each in zip(*(table.picks for table in tables), strict=True)]
    costs, uses = (np.concatenate([getattr(table, name) for table in tables]) for name in ("costs", "uses"))
    return Table(costs, uses, picks)


def halves(tables: list[tuple[Table, list[List]]]) -> list[list[tuple[Table, list[List]]]]:
    """Two sides whose joins are about as long: the longest first, each to the shorter side."""
    sides: list[list[tuple[Table, list[List]]]] = [[], []]
    sizes = [0.0, 0.0]
    for table in sorted(tables, key=lambda table: -len(table[0])):
        side = sizes.index(min(sizes))
        sides[side].append(table)
        sizes[side] += math.log(len(table[0]) + 1)
    return sides


def merged(tables: list[Table], cap: float, meter: Meter) -> Table:
    """All combinations of some tables' entries, at `cap` at most."""
    left = sum(float(table.costs.min()) for table in tables)
    found = tables[0]
    left -= float(found.costs.min())
    for table in tables[1:]:
        left -= float(table.costs.min())
        found = together(found, table, cap - left, meter)
    return found
