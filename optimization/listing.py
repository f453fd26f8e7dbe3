"""Every portfolio that loses little against the bound, listed, so that the best is known to be the best.

What a portfolio is worth is the bound, less what its parts lose, less the price of the room it leaves under
each limit. Few parts can choose otherwise without losing more than there is to spare:

1. Most of them use up one limit of their own (the cap of their department) and one that all share (capacity).
   The few that use several limits of their own are mixed; their choices are gone through one by one.
2. The parts of a class are dealt to two lists, each of its choices and what they lose; they are joined where
   together they leave the right room under the class's own limit.
3. Two halves of the classes are joined where together they leave the right room under the shared limit.

No list grows beyond a fixed length: the same problem always ends the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .kernel import Relaxation
from .lists import (
    List,
    Meter,
    Part,
    Table,
    TooLong,
    dealt,
    halves,
    joined,
    listed,
    merged,
    pairs,
    stacked,
    together,
    whole,
)
from .parts import Floats, Losses, Options, Parts, Row

MOST = 0.55  # of the parts may use a limit that is a class's own
MIXED = 16  # parts at most that use several of those
STEPS = 64  # whole units of room that may be left under a shared or own limit
LISTS = 4  # at least, so that halves stay short
WIDEST = 40  # priced limits that lists keep account of
TRIES = 200  # portfolios looked at one by one, before there are too many
ROUNDING = 1e-11  # relative: what portfolios lose is compared exactly when closer than this part of the bound
Judge = Callable[[frozenset[int]], Fraction | None]  # what a portfolio is worth exactly; None: not allowed


class Limits:
    """The limits that have a price: what is left under each once every part chooses its best."""

    def __init__(self, lp: Relaxation, priced: NDArray[np.bool_]) -> None:
        limits = np.where(lp.prices > 0, lp.highs, lp.lows)
        self.rows = np.flatnonzero(priced & (lp.prices != 0) & np.isfinite(limits))
        if len(self.rows) > WIDEST:
            raise TooLong
        signs = np.sign(lp.prices[self.rows])
        self.prices = np.abs(lp.prices[self.rows])
        self.most = signs * limits[self.rows]
        self.matrix = np.zeros((len(self.rows), lp.size))
        for number, (row, sign) in enumerate(zip(self.rows, signs, strict=True)):
            coefficients = lp.rows[row][0]
            self.matrix[number, list(coefficients)] = sign * np.array(list(coefficients.values()))

    def __len__(self) -> int:
        return len(self.rows)


class Listing:
    """The portfolios that lose at most `spare` against a bound; `choices` are the variables that make a
    portfolio."""

    def __init__(
        self, lp: Relaxation, losses: Losses, spare: float, choices: frozenset[int], meter: Meter
    ) -> None:
        self.meter = meter
        worth = losses.value - spare
        self.chosen = np.zeros(lp.size)
        settled = losses.settled(worth)
        self.chosen[[literal for literal in settled if literal >= 0]] = 1.0
        known = {literal if literal >= 0 else ~literal for literal in settled}
        free = [number for number in range(lp.size) if number not in known]
        rows = [self._opened(row, known) for row in lp.rows]
        tied = Parts(free, rows)
        priced = tied.priced & np.array([bool(row[0]) for row in rows], bool)
        self.limits = Limits(lp, priced)
        paid, gains, noise = lp.paid(np.where(priced, lp.prices, 0.0))
        every = [distinct(options, choices) for options in tied.options(gains, math.inf)]
        self.is_empty = not all(len(options.losses) for options in every)  # some part has no choice left
        if self.is_empty:
            return
        for options in every:
            self.chosen[options.variables] = options.values[0]
        self.spare = paid + float(gains @ self.chosen) - worth
        self.tolerance = ROUNDING * noise
        self.parts = [Part(near, self._used(near)) for near in self._near(every)]
        self.room = self.limits.most - self.limits.matrix @ self.chosen
        self.choices = choices
        self._classify()

    def _opened(self, row: Row, known: set[int]) -> Row:
        """A row without the settled variables."""
        coefficients, low, high = row
        given = math.fsum(
            c for variable, c in coefficients.items() if variable in known and self.chosen[variable]
        )
        left = {variable: c for variable, c in coefficients.items() if variable not in known}
        return left, low - given, high - given

    def _near(self, every: list[Options]) -> Iterator[Options]:
        for options in every:
            near = options.losses <= self.spare + self.tolerance
            if near.sum() > 1:
                yield Options(options.variables, options.values[near], options.losses[near])

    def _used(self, options: Options) -> Floats:
        used: Floats = (options.values - options.values[0]) @ self.limits.matrix[:, options.variables].T
        return used

    # -- classes -------------------------------------------------------------------------------------------

    def _classify(self) -> None:
        """Which limit is shared, which ones are a class's own, and which parts are mixed."""
        every = range(len(self.limits))
        touched = np.array([np.any(part.uses != 0, axis=0) for part in self.parts], bool)
        touched = touched.reshape(len(self.parts), len(self.limits))
        counts = touched.sum(axis=0)
        self.units = [self._unit(number) for number in every]
        steps = [self.limits.prices[number] * self.units[number] * STEPS for number in every]
        sharp = [number for number in every if self.spare < steps[number]]
        self.shared = max(sharp, key=lambda number: int(counts[number]), default=None)
        self.own: list[int] = []
        for number in sorted(sharp, key=lambda number: -steps[number]):
            mixes = (touched[:, [*self.own, number]].sum(axis=1) > 1).sum() > MIXED
            if number != self.shared and counts[number] <= MOST * len(self.parts) and not mixes:
                self.own.append(number)
        self.open = [number for number in every if number != self.shared and number not in self.own]
        self._deal(touched[:, self.own])

    def _deal(self, touched: NDArray[np.bool_]) -> None:
        """Parts to the lists in which they are gone through."""
        using = [np.flatnonzero(row).tolist() for row in touched]
        self.mixed = [part for part, own in zip(self.parts, using, strict=True) if len(own) > 1]
        rest = [part for part, own in zip(self.parts, using, strict=True) if not own]
        self.rest = dealt(rest, max(2, LISTS - len(self.own)))
        self.classes = [
            dealt([part for part, own in zip(self.parts, using, strict=True) if own == [number]], 2)
            for number in range(len(self.own))
        ]

    def _unit(self, number: int) -> float:
        """The largest amount of which every use of a limit is a multiple; 0 where there is none."""
        uses = 1000 * np.concatenate([part.uses[:, number] for part in self.parts] or [np.zeros(1)])
        if np.abs(uses - np.rint(uses)).max() > 1e-6 or not uses.any():
            return 0.0
        return float(np.gcd.reduce(np.rint(uses).astype(np.int64))) / 1000

    # -- the best ------------------------------------------------------------------------------------------

    def best(self, judge: Judge) -> list[frozenset[int]]:
        """Every portfolio that is worth most; [] when none is worth as much as was asked."""
        if self.is_empty or self.spare < -self.tolerance:
            return []
        self.cap = self.spare + self.tolerance
        self.judged = 0
        mixed = self._listed(self.mixed, self.cap)
        least = self._least(mixed)
        bound = mixed.losses + least.sum(axis=1)
        order = [int(i) for i in bound.argsort(kind="stable") if bound[i] <= self.cap]
        if not order:
            return []
        caps = [max(self.cap - bound[i] + least[i, number] for i in order) for number in range(len(self.own))]
        classes = [
            [self._listed(half, cap) for half in each] for each, cap in zip(self.classes, caps, strict=True)
        ]
        rest = [self._listed(piece, self.cap - bound[order[0]]) for piece in self.rest]
        found = [
            each
            for i in order
            if bound[i] <= self.cap
            for each in self._best_of(Mixed(mixed, i), classes, rest, least[i], judge)
        ]
        most = max((value for value, _ in found), default=None)
        return list({chosen & self.choices: chosen for value, chosen in found if value == most}.values())

    def _listed(self, parts: Sequence[Part], cap: float) -> List:
        return listed(parts, cap, len(self.limits), self.meter)

    def _least(self, mixed: List) -> Floats:
        """What each class loses at least to leave the right room under its own limit; half of what there is
        to spare where no choice that loses less does."""
        least = np.zeros((len(mixed.losses), len(self.own)))
        half = self.spare / 2
        for number, (limit, parts) in enumerate(zip(self.own, self.classes, strict=True)):
            one, other = (whole(self._listed(each, half)) for each in parts)
            rooms = self.room[limit] - mixed.uses[:, limit]
            for room in set(rooms.tolist()):
                costs = self._within(one, other, limit, room, half).costs
                least[rooms == room, number] = costs.min(initial=half)
        return least

    def _within(self, one: Table, other: Table, limit: int | None, room: float, cap: float) -> Table:
        """Pairs that keep a limit, at `cap` at most with the price of the room they leave under it."""
        if limit is None:
            return together(one, other, cap, self.meter)
        unit, price = self.units[limit], self.limits.prices[limit]
        units = other.units(limit, unit)
        order = np.lexsort((other.costs, units))
        other, units = other.some(order), units[order]
        scale = 2 * max(cap, self.tolerance, 1e-300)  # beyond every cost, so that keys sort like pairs
        keys = units * scale + other.costs
        blur = ROUNDING * scale * (1 + float(np.abs(units).max(initial=0)))
        found = []
        most = math.floor(room / unit + 1e-6)
        for used in range(most, most - STEPS - 1, -1):
            left = cap - price * max(0.0, room - used * unit)
            if left < 0:
                break
            wanted = used - one.units(limit, unit)
            starts = np.searchsorted(units, wanted, "left")
            ends = np.searchsorted(keys, wanted * scale + (left + blur - one.costs), "right")
            found.append(joined(one, other, *pairs(starts, ends, self.meter), cap - left))
        return stacked(found) if found else one.some(np.zeros(0, np.int64))

    def _slack(self) -> Floats:
        """Rounding that is let through; what breaks a limit by so little is found out exactly."""
        slack: Floats = 1e-9 * np.maximum(1.0, np.abs(self.limits.most[self.open]))
        return slack

    def _best_of(
        self, mixed: Mixed, classes: list[list[List]], rest: list[List], least: Floats, judge: Judge
    ) -> Iterator[tuple[Fraction, frozenset[int]]]:
        """The best with one choice of the mixed parts."""
        cap = self.cap - mixed.loss - least.sum()
        tables = []
        for limit, lists, lowest in zip(self.own, classes, least, strict=True):
            room = float(self.room[limit] - mixed.uses[limit])
            tables.append((self._within(whole(lists[0]), whole(lists[1]), limit, room, cap + lowest), lists))
        for entries in rest:
            tables.append((whole(entries).some(entries.losses <= cap), [entries]))
        if all(len(table) for table, _ in tables):
            yield from self._met(mixed, halves(tables), judge)

    def _met(
        self, mixed: Mixed, sides: list[list[tuple[Table, list[List]]]], judge: Judge
    ) -> Iterator[tuple[Fraction, frozenset[int]]]:
        """Both halves together, the cheapest first."""
        cap = self.cap - mixed.loss
        cheapest = [sum(float(table.costs.min()) for table, _ in side) for side in sides]
        one, other = (
            merged([table for table, _ in side], cap - beyond, self.meter)
            for side, beyond in zip(sides, reversed(cheapest), strict=True)
        )
        room = 0.0 if self.shared is None else float(self.room[self.shared] - mixed.uses[self.shared])
        found = self._within(one, other, self.shared, room, cap)
        rooms = self.room[self.open] - mixed.uses[self.open] - found.uses[:, self.open]
        costs = found.costs + mixed.loss + rooms @ self.limits.prices[self.open]
        fit = np.flatnonzero((rooms >= -self._slack()).all(axis=1) & (costs <= self.cap))
        lists = [entries for side in sides for _, several in side for entries in several]
        for entry in fit[costs[fit].argsort(kind="stable")]:
            if costs[entry] > self.cap:
                break
            picks = [int(pick[entry]) for pick in found.picks]
            chosen = self._portfolio([(mixed.entries, mixed.entry), *zip(lists, picks, strict=True)])
            if (value := self._judged(judge, chosen)) is not None:
                self.cap = min(self.cap, float(costs[entry]) + self.tolerance)
                yield value, chosen

    def _judged(self, judge: Judge, chosen: frozenset[int]) -> Fraction | None:
        self.judged += 1
        if self.judged > TRIES:
            raise TooLong
        return judge(chosen)

    def _portfolio(self, entries: list[tuple[List, int]]) -> frozenset[int]:
        chosen = self.chosen.copy()
        for entries_of, entry in entries:
            for part, option in entries_of.told(entry):
                chosen[part.options.variables] = part.options.values[option]
        return frozenset(np.flatnonzero(chosen > 0.5).tolist())


@dataclass(frozen=True)
class Mixed:
    """One choice of the mixed parts."""

    entries: List
    entry: int

    @property
    def loss(self) -> float:
        return float(self.entries.losses[self.entry])

    @property
    def uses(self) -> Floats:
        uses: Floats = self.entries.uses[self.entry]
        return uses


def distinct(options: Options, choices: frozenset[int]) -> Options:
    """The options that differ in what is chosen, the best first.

    Of those that choose the same, the one that loses least, and among equals the one that earns every bonus.
    A bonus that is taken apart from its members may still be earned or not.
    """
    ours = np.array([int(variable) in choices for variable in options.variables], bool)
    told = options.values[:, ours] if ours.any() else options.values
    seen: dict[bytes, int] = {}
    for number in np.lexsort((-np.arange(len(options.losses)), options.losses)):
        if math.isfinite(options.losses[number]):
            seen.setdefault(told[number].tobytes(), int(number))
    kept = list(seen.values())
    return Options(options.variables, options.values[kept], options.losses[kept])
