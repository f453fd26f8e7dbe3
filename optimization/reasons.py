"""Why each candidate is in or out, in words; only what is certain from the portfolio and the rules.

What it would cost to force a candidate in, or how far it is from entering, needs another solve and is not
said here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from .feasibility import caps
from .model import Model, Variant
from .objective import maximised, north_star
from .problem import Bundle, fold, spoken
from .rules import capacity, target_floors

Reason = dict[str, str]  # {"code", "text"}


def reasons(model: Model, chosen: frozenset[int], proven: bool) -> dict[str, Reason]:
    """Candidate key → reason. `proven`: the portfolio is optimal, not only the best one found."""
    return Reasons(model, chosen, proven).every()


class Reasons:
    """The portfolio, and the rules indexed by the candidate they are about."""

    def __init__(self, model: Model, chosen: frozenset[int], proven: bool) -> None:
        self.model, self.proven = model, proven
        self.gains = maximised(model)
        self.total = model.value(self.gains, set(chosen))
        self.taken = {fold(v.candidate.key): v for v in model.variants if v.variable in chosen}
        rules = model.problem.constraints
        self.mandatory = {fold(key) for key in rules.mandatory}
        self.excluded = {fold(key) for key in rules.excluded}
        self.requires = {fold(key): required for key, required in rules.prerequisites.items()}
        self.required_by: dict[str, list[str]] = defaultdict(list)
        self.bundles: dict[str, list[Bundle]] = defaultdict(list)
        self.rivals: dict[str, list[str]] = defaultdict(list)
        self._index()
        self.room = list(self._room())
        self.floors = [
            (rule, model.value(rule.terms, set(chosen)) - rule.low)
            for rule in (*capacity(model), *target_floors(model))
            if rule.low is not None
        ]

    def _index(self) -> None:
        rules = self.model.problem.constraints
        for dependent, required in rules.prerequisites.items():
            for key in required:
                self.required_by[fold(key)].append(dependent)
        for bundle in rules.bundles:
            for key in bundle.members:
                self.bundles[fold(key)].append(bundle)
        for one, other in rules.exclusion_pairs:
            self.rivals[fold(one)].append(other)
            self.rivals[fold(other)].append(one)

    def _room(self) -> Iterator[tuple[str, tuple[str, str], Fraction, Fraction]]:
        """(name, place, tokens left, tokens allowed) of the capacity and each cap."""
        for name, place, most, _ in caps(self.model):
            used = sum((v.tokens for v in self.taken.values() if place in v.places), Fraction())
            yield name, place, most - used, most

    def every(self) -> dict[str, Reason]:
        return {
            variants[0].candidate.key: next(self._in(key) if key in self.taken else self._out(key, variants))
            for key, variants in self.model.variants_of.items()
        }

    def _in(self, key: str) -> Iterator[Reason]:
        if key in self.mandatory:
            yield because("mandatory", "in because it is mandatory")
        gain = self.gains.get(self.taken[key].variable, Fraction())
        dependents = sorted(d for d in self.required_by[key] if fold(d) in self.taken)
        if gain <= 0 and dependents:
            yield because("prerequisite", f"in because {' and '.join(dependents)} requires it")
        if gain <= 0 and self.bundles[key]:
            yield because("bundle", f"in with the whole of {named(self.bundles[key][0])}")
        if gain <= 0:
            yield from self._holds_up(self.taken[key].variable)
        best = "the best portfolio" if self.proven else "the best portfolio found"
        yield because("chosen", f"part of {best}: {self._brings(self.taken[key], gain)}")

    def _holds_up(self, variable: int) -> Iterator[Reason]:
        for floor, spare in self.floors:
            if floor.terms.get(variable, 0) > spare:
                yield because("floor", f"in because {floor.subject} would not be met without it")

    def _brings(self, variant: Variant, gain: Fraction) -> str:
        """What a chosen candidate brings and costs."""
        cost = f"{spoken(variant.tokens)} tokens"
        if gain <= 0:
            return f"it brings nothing to the objective itself, but takes part in it, for {cost}"
        share = f" ({spoken(round(100 * gain / self.total, 1))}% of the objective)" if self.total > 0 else ""
        if self.model.problem.objective.mode == "weighted_kpis":
            return f"brings {spoken(round(gain, 4))} points{share} for {cost}"
        return f"brings {spoken(gain)} {north_star(self.model.problem)}{share} for {cost}"

    def _out(self, key: str, variants: list[Variant]) -> Iterator[Reason]:
        if key in self.excluded:
            yield because("excluded", "out because it is excluded")
        for rival in sorted(self.rivals[key]):
            if fold(rival) in self.taken:
                yield because("exclusion_pair", f"out because {rival} is in, and the two exclude each other")
        for required in self.requires.get(key, ()):
            if fold(required) not in self.taken:
                yield because("prerequisite", f"requires {required}, which is not in")
        for bundle in self.bundles[key]:
            others = [member for member in bundle.members if fold(member) != key]
            if others:
                yield because(
                    "bundle", f"comes only with {', '.join(others)} ({named(bundle)}), which is not in"
                )
        if all(self.gains.get(v.variable, 0) <= 0 for v in variants):
            yield because("no_gain", "brings nothing to the objective by itself")
        yield from self._no_room(variants)
        yield because("outweighed", self._outweighed())

    def _no_room(self, variants: list[Variant]) -> Iterator[Reason]:
        cheapest = min(variants, key=lambda v: v.tokens)
        for name, place, left, most in self.room:
            if place in cheapest.places and cheapest.tokens > left:
                needs = f"needs {spoken(cheapest.tokens)} tokens"
                swap = "; no allowed swap makes the portfolio better" if self.proven else ""
                room = f"{name} has {spoken(left)} of {spoken(most)} left"
                yield because("capacity", f"{needs}, {room}{swap}")

    def _outweighed(self) -> str:
        if self.proven:
            return "no allowed portfolio with it is better than this one"
        return "not in the best portfolio found so far"


def named(bundle: Bundle) -> str:
    return f"bundle {bundle.key}" if bundle.key else "its bundle"


def because(code: str, text: str) -> Reason:
    return {"code": code, "text": text}
