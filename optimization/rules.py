"""The constraints of a problem as a list of named sentences, one function per notion.

Each rule says its sentence and the JSON pointers it comes from (none for what merely links variables).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from . import scaling
from .model import EVERYWHERE, Model, Place, Terms
from .problem import exact, fold, limits, pointer, spoken, unique
from .scaling import Whole


@dataclass(frozen=True)
class Rule:
    """A named constraint; `sources` are JSON pointers into the problem."""

    sentence: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Sum(Rule):
    """low ≤ Σ coefficient × variable ≤ high (None = open)."""

    terms: Terms
    low: Fraction | None = None
    high: Fraction | None = None
    subject: str = ""  # what a repair would raise or lower

    @cached_property
    def whole(self) -> list[tuple[Whole, int]]:
        """The rule as sums of whole numbers and what each has to reach at least."""
        found = [] if self.low is None else [scaling.at_least(self.terms, self.low)]
        return found if self.high is None else [*found, scaling.at_most(self.terms, self.high)]


@dataclass(frozen=True)
class AnyOf(Rule):
    """At least one literal holds."""

    literals: tuple[int, ...]


@dataclass(frozen=True)
class AtMostOne(Rule):
    """No two literals hold."""

    literals: tuple[int, ...]


def rules(model: Model) -> list[Rule]:
    """Every constraint of the problem; target floors are soft (absent here) in lexicographic mode."""
    found = [*links(model), *governance(model), *capacity(model)]
    if model.problem.objective.mode != "lexicographic":
        found += target_floors(model)
    return found


def governance(model: Model) -> Iterator[Rule]:
    """What must, may not, or may only together be in."""
    for notion in (mandatory, excluded, exclusion_pairs, bundles, prerequisites):
        yield from notion(model)


def links(model: Model) -> Iterator[Rule]:
    """What ties helper variables to choices: scopes, and when a synergy is earned."""
    for is_in, variants in model.autos:
        yield AtMostOne("one scope at most", (), tuple(variants))
        yield Sum(
            "in when in one scope", (), {is_in: Fraction(-1)} | dict.fromkeys(variants, Fraction(1)), *ZERO
        )
    for bonus in model.bonuses:
        members = tuple(model.is_in(key) for key in unique(bonus.synergy.members))
        needed = bonus.synergy.min_members or len(members)
        yield from earned(bonus.variable, members, needed, bonus.synergy.bonus)


ZERO = (Fraction(0), Fraction(0))


def earned(bonus: int, members: tuple[int, ...], needed: int, value: float) -> Iterator[Rule]:
    """A bonus needs its members; a malus cannot be declined once they are in."""
    count: Terms = dict.fromkeys(members, Fraction(1))
    if value >= 0 and needed == len(members):
        for member in members:
            yield AnyOf("the bonus needs every member", (), (~bonus, member))
    elif value >= 0:
        terms = count | {bonus: Fraction(-needed)}
        yield Sum(f"the bonus needs {needed} members", (), terms, low=Fraction(0))
    else:
        spare = len(members) - needed + 1
        terms = count | {bonus: Fraction(-spare)}
        yield Sum(f"{needed} members bring the malus", (), terms, high=Fraction(needed - 1))


def mandatory(model: Model) -> Iterator[Rule]:
    for index, key in in_order(model.problem.constraints.mandatory):
        source = pointer("constraints", "mandatory", index)
        yield AnyOf(f"{model.key(key)} is mandatory", (source,), (model.is_in(key),))


def excluded(model: Model) -> Iterator[Rule]:
    for index, key in in_order(model.problem.constraints.excluded):
        source = pointer("constraints", "excluded", index)
        yield AnyOf(f"{model.key(key)} is excluded", (source,), (~model.is_in(key),))


def exclusion_pairs(model: Model) -> Iterator[Rule]:
    pairs = enumerate(model.problem.constraints.exclusion_pairs)
    for index, pair in sorted(pairs, key=lambda numbered: sorted(numbered[1])):
        one, other = sorted(model.key(key) for key in pair)
        source = pointer("constraints", "exclusion_pairs", index)
        both = (model.is_in(one), model.is_in(other))
        yield AtMostOne(f"{one} and {other} exclude each other", (source,), both)


def bundles(model: Model) -> Iterator[Rule]:
    numbered = enumerate(model.problem.constraints.bundles)
    for index, bundle in sorted(numbered, key=lambda b: sorted(b[1].members)):
        members = sorted(unique(model.key(key) for key in bundle.members))
        name = f"bundle {bundle.key or index + 1} ({', '.join(members)}) is all or nothing"
        source = pointer("constraints", "bundles", index)
        for one, after in zip(members, members[1:] + members[:1], strict=True):
            if one != after:
                yield AnyOf(name, (source,), (~model.is_in(one), model.is_in(after)))


def prerequisites(model: Model) -> Iterator[Rule]:
    table = model.problem.constraints.prerequisites
    for dependent in sorted(table):
        for index, required in in_order(table[dependent]):
            if fold(required) == fold(dependent):
                continue
            source = pointer("constraints", "prerequisites", dependent, index)
            name = f"{model.key(dependent)} requires {model.key(required)}"
            yield AnyOf(name, (source,), (~model.is_in(dependent), model.is_in(required)))


def in_order(keys: list[str]) -> list[tuple[int, str]]:
    """The distinct keys with their position in the file, in an order that does not depend on it."""
    first = {fold(key): index for index, key in reversed(list(enumerate(keys)))}
    return [(first[key], keys[first[key]]) for key in sorted(first)]


def capacity(model: Model) -> Iterator[Sum]:
    """Caps and floors on tokens. `capacity_total` and `caps.all.all` are one rule, the smaller of the two."""
    total, sources = capacity_total(model)
    if total is not None:
        name = f"at most {spoken(total)} tokens in all"
        named = ("the capacity" if source == "/capacity_total" else "the cap on all" for source in sources)
        yield Sum(name, sources, model.tokens(), high=total, subject=" and ".join(named))
    for dimension, key, tokens in limits(model.problem.constraints.caps):
        if place(dimension, key) != EVERYWHERE:
            name = f"{dimension} {key}: at most {spoken(tokens)} tokens"
            source = pointer("constraints", "caps", dimension, key)
            terms = model.tokens(place(dimension, key))
            yield Sum(name, (source,), terms, high=exact(tokens), subject=f"the cap for {dimension} {key}")
    for dimension, key, tokens in limits(model.problem.constraints.floors):
        where = in_words(dimension, key)
        name = f"at least {spoken(tokens)} tokens {where}"
        source = pointer("constraints", "floors", dimension, key)
        terms = model.tokens(place(dimension, key))
        yield Sum(name, (source,), terms, low=exact(tokens), subject=f"the token floor {where}")


def capacity_total(model: Model) -> tuple[Fraction | None, tuple[str, ...]]:
    """(tokens, JSON pointers of every source), or (None, ()) when unlimited."""
    sources = {}
    if model.problem.capacity_total is not None:
        sources["/capacity_total"] = exact(model.problem.capacity_total)
    for dimension, key, tokens in limits(model.problem.constraints.caps):
        if place(dimension, key) == EVERYWHERE:
            sources[pointer("constraints", "caps", dimension, key)] = exact(tokens)
    return min(sources.values(), default=None), tuple(sources)


def target_floors(model: Model) -> Iterator[Sum]:
    """Floors of targets: the need, less the tolerance within which it counts as met."""
    numbered = [pair for pair in enumerate(model.problem.targets) if pair[1].type == "floor"]
    for index, target in sorted(numbered, key=lambda pair: (pair[1].kpi, *pair[1].place)):
        where = in_words(target.dimension, target.dimension_key)
        name = f"at least {spoken(target.need)} {target.kpi} {where}"
        terms = model.kpi(target.kpi, target.place)
        low = target.need - target.slack
        subject = f"the floor of {target.kpi} {where}"
        yield Sum(name, (pointer("targets", index),), terms, low=low, subject=subject)


def in_words(dimension: str, key: str) -> str:
    """Where a limit or target applies."""
    return "in all" if place(dimension, key) == EVERYWHERE else f"for {dimension} {key}"


def place(dimension: str, key: str) -> Place:
    """A dimension value, folded."""
    return fold(dimension), fold(key)
