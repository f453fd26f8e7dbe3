"""What the draws of two scores say of each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.safestring import SafeString

from portfolio.amounts import amount
from scoring.beats.overlay import bins, overlay
from scoring.beats.sides import Side
from scoring.hypercube import Draws
from scoring.ranges import SEED, Drawn
from scoring.stability import Chance, chance_of_more
from scoring.studio.words import share
from scoring.uncertainty import Summary, summarise

CERTAIN_DRAWS = 1  # of two certain scores: they are what they are


@dataclass(frozen=True)
class Measure:
    """One number of both sides, draw by draw: ``overall`` or ``value``, shapes (draws,)."""

    name: str
    a: Side
    b: Side
    drawn: tuple[Draws, Draws]

    @cached_property
    def chance(self) -> Chance:
        return chance_of_more(*self.drawn)

    @property
    def is_possible(self) -> bool:
        return self.chance.draws > 0

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        found, (a, b) = self.chance, (self.a.key, self.b.key)
        if not found.draws:
            return f"No draw gives both an {self.name}, so there is nothing to compare."
        if found.share == 0.5 and not found.sampling_error:
            return f"{a} and {b} have the same {self.name} in every draw."
        if found.share in (0, 1):
            first, second = (a, b) if found.share else (b, a)
            return f"{first} beats {second} by {self.name} in every draw."
        chance = f"{100 * found.share:.1f}% (± {100 * found.sampling_error:.1f} points)"
        return f"{a} beats {b} by {self.name} with a chance of {chance}."

    @property
    def left_out(self) -> int:
        """Draws in which one of them can't be computed."""
        return self.drawn[0].size - self.chance.draws

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """Percentiles side by side: of A, of B, and of A − B draw by draw."""
        with np.errstate(invalid="ignore"):
            said = [summarise(values) for values in (*self.drawn, self.drawn[0] - self.drawn[1])]
        percentiles = [
            (name.upper(), [_with_error(one, name) for one in said]) for name in ("p10", "p50", "p90")
        ]
        positive = ["–" if math.isnan(one.p_positive) else share(one.p_positive) for one in said]
        return [*percentiles, ("Mean", [amount(one.mean) for one in said]), ("Chance above 0", positive)]

    @property
    def chart(self) -> SafeString:
        return overlay(self.name, (f"A · {self.a.key}", f"B · {self.b.key}"), self.drawn)

    @property
    def bins(self) -> list[tuple[str, str, str, str]]:
        """The chart as a table: from, to, share of A's draws, share of B's."""
        counts, edges = bins(self.drawn, 12)
        return [
            (amount(edges[at]), amount(edges[at + 1]), share(counts[0][at]), share(counts[1][at]))
            for at in range(len(edges) - 1)
        ]


class Comparison:
    """Two sides that both have a score, drawn alike: as often as the one with fewer draws, by one seed."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b, self.seed = a, b, SEED
        self.draws = min((side.samples["draws"] for side in (a, b) if side.samples), default=CERTAIN_DRAWS)
        drawn = a.drawn(self.draws, self.seed), b.drawn(self.draws, self.seed)
        self.measures = [
            Measure(name, a, b, pair) for name in ("overall", "value") if (pair := _both(name, drawn))
        ]

    @property
    def is_certain(self) -> bool:
        return not (self.a.uncertain or self.b.uncertain)

    @property
    def notes(self) -> list[str]:
        """What a reader should know before believing the numbers."""
        said = [
            f"{side.key} changed since it was scored. Run scoring to compare it as it is now."
            for side in (self.a, self.b)
            if side.is_stale
        ]
        if self.is_certain:
            said.append("Both are certain: no param of theirs has a range, so there is nothing to draw.")
        else:
            said += [f"{one.key} is certain; only the other one varies." for one in self._certain]
        if len(self.measures) == 1:
            without = " and ".join(s.key for s in (self.a, self.b) if s.score and s.score.overall is None)
            said.append(f"{without or 'One of them'} has no overall score, so only values are compared.")
        if self.a.kpi != self.b.kpi:
            kpis = f"{self.a.kpi or 'no KPI'} and {self.b.kpi or 'no KPI'}"
            said.append(f"They aim at {kpis}: two units, so the larger number need not be the better one.")
        return said

    @property
    def _certain(self) -> list[Side]:
        return [side for side in (self.a, self.b) if not side.uncertain]

    @property
    def shared(self) -> list[tuple[str, bool]]:
        """Params that vary in both, and whether over the same range."""
        ours, theirs = self.a.uncertain, self.b.uncertain
        return [(name, ours[name] == theirs[name]) for name in sorted(ours.keys() & theirs.keys())]


def _both(name: str, drawn: tuple[Drawn, Drawn]) -> tuple[Draws, Draws] | None:
    one, other = (getattr(each, name) for each in drawn)
    return None if one is None or other is None else (one, other)


def _with_error(said: Summary, name: str) -> str:
    error: Any = said.sampling_error[name]
    text = amount(getattr(said, name))
    return f"{text} ± {amount(float(f'{error:.1g}'))}" if error and math.isfinite(error) else text
