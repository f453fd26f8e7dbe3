"""The choices of a problem as 0/1 variables, and the sums that constraints and objectives are made of.

Independent of any solver. Variables are numbered; a literal is a variable or `~variable` (its negation).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from .problem import ALL, Candidate, Problem, Scope, Synergy, exact, fold

Terms = dict[int, Fraction]  # variable → coefficient
Place = tuple[str, str]  # (dimension, dimension key), folded
EVERYWHERE: Place = (ALL, ALL)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to build a candidate: variable number, what it costs and what it brings (by folded KPI)."""

    variable: int
    candidate: Candidate
    scope: Scope
    tokens: Fraction
    contributions: dict[str, Fraction]
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Bonus:
    """A synergy's extra contribution; `variable` is 1 when it is earned, `places` where it counts."""

    variable: int
    synergy: Synergy
    index: int
    places: frozenset[Place]


@dataclass
class Model:
    """Variables of a problem in canonical order (by candidate key), whatever the order of the file."""

    problem: Problem
    variants: list[Variant] = field(default_factory=list)
    inclusion: dict[str, int] = field(default_factory=dict)  # folded key → variable: is it in, in any scope
    autos: list[tuple[int, list[int]]] = field(default_factory=list)  # inclusion and its variants
    bonuses: list[Bonus] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        for candidate in sorted(self.problem.candidates, key=lambda c: c.key):
            self._add_candidate(candidate)
        self._spell = {fold(c.key): c.key for c in self.problem.candidates}
        synergies = list(enumerate(self.problem.constraints.synergies))
        for index, synergy in sorted(synergies, key=lambda s: (sorted(s[1].members), s[1].kpi, s[1].bonus)):
            shared = frozenset.intersection(*(self.places_of(key) for key in synergy.members))
            self.bonuses.append(Bonus(self._new(), synergy, index, shared))

    def _new(self) -> int:
        self.size += 1
        return self.size - 1

    def _add_candidate(self, candidate: Candidate) -> None:
        places = {(fold(name), fold(value)) for name, value in candidate.dimensions.items() if value}
        everything = {fold(kpi): exact(value) for kpi, value in candidate.contributions.items() if value}
        numbers = []
        for scope in candidate.scopes:
            numbers.append(self._new())
            share = candidate.share_for(scope)
            kept = {kpi: value * share for kpi, value in everything.items()} if share != 1 else everything
            tokens = candidate.tokens_for(scope)
            place = frozenset(places | {EVERYWHERE})
            self.variants.append(Variant(numbers[-1], candidate, scope, tokens, kept, place))
        is_in = numbers[0] if len(numbers) == 1 else self._new()
        self.inclusion[fold(candidate.key)] = is_in
        if len(numbers) > 1:
            self.autos.append((is_in, numbers))

    def key(self, reference: str) -> str:
        """A candidate's key as its own row spells it."""
        return self._spell[fold(reference)]

    def is_in(self, key: str) -> int:
        """The variable that says a candidate is in, in whatever scope."""
        return self.inclusion[fold(key)]

    @cached_property
    def variants_of(self) -> dict[str, list[Variant]]:
        """Folded key → its variants."""
        found: dict[str, list[Variant]] = defaultdict(list)
        for variant in self.variants:
            found[fold(variant.candidate.key)].append(variant)
        return found

    def places_of(self, key: str) -> frozenset[Place]:
        """Every dimension value a candidate lies inside."""
        return self.variants_of[fold(key)][0].places

    @cached_property
    def inside(self) -> dict[Place, list[Variant]]:
        """Dimension value → the variants inside it."""
        found: dict[Place, list[Variant]] = defaultdict(list)
        for variant in self.variants:
            for place in variant.places:
                found[place].append(variant)
        return found

    def tokens(self, place: Place = EVERYWHERE) -> Terms:
        """Tokens spent inside a dimension value."""
        return {v.variable: v.tokens for v in self.inside.get(place, ()) if v.tokens}

    def kpi(self, name: str, place: Place = EVERYWHERE) -> Terms:
        """What the portfolio brings to a KPI inside a dimension value, synergies included."""
        name = fold(name)
        total = {
            v.variable: v.contributions[name] for v in self.inside.get(place, ()) if v.contributions.get(name)
        }
        for bonus in self.bonuses:
            if fold(bonus.synergy.kpi) == name and place in bonus.places and bonus.synergy.bonus:
                total[bonus.variable] = exact(bonus.synergy.bonus)
        return total

    def value(self, terms: Terms, chosen: set[int]) -> Fraction:
        """A sum under a choice (the variables that are 1), exactly."""
        return sum((c for variable, c in terms.items() if variable in chosen), Fraction())
