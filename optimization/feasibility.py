"""What cannot hold, in a PM's words: names, and the numbers that do not go together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from .breaches import Group
from .changed_limits import position, steps
from .model import EVERYWHERE, Model, Place, Terms
from .problem import ALL, Target, exact, fold, limits, pointer, spoken
from .rules import Rule, Sum, capacity_total, place
from .warnings import few

Conflict = dict[str, str]  # {"constraint": JSON pointer, "text": …}


def in_words(model: Model, groups: Sequence[Group]) -> list[Conflict]:
    """Constraints that cannot hold together, each with what it says or, where numbers clash, by how much.

    A limit with two sources is told at both.
    """
    return list(Clash(model, groups).told())


def caps(model: Model) -> Iterator[tuple[str, Place, Fraction, tuple[str, ...]]]:
    """(name, place, tokens, JSON pointers) of the capacity and of every cap."""
    total, sources = capacity_total(model)
    if total is not None:
        yield "the capacity", EVERYWHERE, total, sources
    for dimension, key, tokens in limits(model.problem.constraints.caps):
        if place(dimension, key) != EVERYWHERE:
            source = pointer("constraints", "caps", dimension, key)
            yield f"the cap for {dimension} {key}", place(dimension, key), exact(tokens), (source,)


def everything(model: Model, target: Target) -> Fraction:
    """What all candidates that are not excluded would bring together, losses left out: an upper bound."""
    out = {fold(key) for key in model.problem.constraints.excluded}
    return most_of(model, model.kpi(target.kpi, target.place), out)


def most_of(model: Model, terms: Terms, without: Collection[str] = ()) -> Fraction:
    """The most that a sum could be without some candidates (folded keys) if nothing else stood in the way."""
    parts = [
        max((terms.get(v.variable, Fraction()) for v in variants), default=Fraction())
        for key, variants in model.variants_of.items()
        if key not in without
    ]
    parts += [terms.get(bonus.variable, Fraction()) for bonus in model.bonuses]
    return sum((part for part in parts if part > 0), Fraction())


class Clash:
    """Constraints that cannot hold together (or, when it is one, not even by itself)."""

    def __init__(self, model: Model, groups: Sequence[Group]) -> None:
        self.model = model
        self.rules = [group[0] for group in groups]
        self.sums = [rule for rule in self.rules if isinstance(rule, Sum)]
        self.forced = {side: self._named(side) for side in ("mandatory", "excluded")}

    def _named(self, side: str) -> list[str]:
        """Keys of the initiatives that these constraints make mandatory, or exclude."""
        keys = getattr(self.model.problem.constraints, side)
        ways = [steps(source) for rule in self.rules for source in rule.sources]
        return sorted(self.model.key(keys[int(way[2])]) for way in ways if way[1:2] == [side])

    def told(self) -> Iterator[Conflict]:
        """Limits first; what one sentence says about several constraints is told at each of them."""
        shared = dict(self._sentences())
        for rule in sorted(self.rules, key=lambda rule: not isinstance(rule, Sum)):
            kind = "limit" if isinstance(rule, Sum) else steps(rule.sources[0])[1]
            text = shared.get(rule.sources) or shared.get((kind,)) or rule.sentence + self._above(rule)
            yield from ({"constraint": source, "text": text} for source in rule.sources)

    def _sentences(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """(sources of a limit, or (kind of constraint,); what the numbers say about it)."""
        for rule in self.sums:
            if rule.high is not None and (text := self._mandatory(rule, rule.high)):
                yield from ((rule.sources, text), (("mandatory",), text))
            elif rule.high is not None and (text := self._floors(rule, rule.high)):
                yield ("limit",), text
            elif text := self._too_little(rule):
                yield from ((rule.sources, text), (("excluded",), text))
        if both := set(self.forced["mandatory"]) & set(self.forced["excluded"]):
            text = f"{min(both)} is both mandatory and excluded; drop one of the two"
            yield from ((("mandatory",), text), (("excluded",), text))

    def _mandatory(self, cap: Sum, most: Fraction) -> str:
        cheapest = {
            key: min(cap.terms.get(v.variable, Fraction()) for v in self.model.variants_of[fold(key)])
            for key in self.forced["mandatory"]
        }
        if (needed := sum(cheapest.values(), Fraction())) <= most:
            return ""
        costs = few(f"{key} ({spoken(tokens)})" for key, tokens in cheapest.items() if tokens)
        return f"mandatory initiatives need {spoken(needed)} tokens, {allows(cap)}: {costs}"

    def _floors(self, cap: Sum, most: Fraction) -> str:
        """Token floors of one dimension under a cap: a token is spent in one of its values only."""
        floors = [(rule, steps(rule.sources[0])) for rule in self.sums if rule is not cap]
        needed = sum((rule.low or Fraction() for rule, _ in floors), Fraction())
        dimensions = {fold(way[2]) for _, way in floors if way[1:2] == ["floors"]}
        is_under = all(
            way[1:2] == ["floors"] and rule.terms.keys() <= cap.terms.keys() for rule, way in floors
        )
        if needed <= most or len(dimensions) != 1 or not is_under:
            return ""
        dimension, values = floors[0][1][2], few(way[3] for _, way in floors)
        where = "in all" if dimensions == {ALL} else f"for {dimension} {values}"
        return f"token floors {where} need {spoken(needed)} tokens, {allows(cap)}"

    def _too_little(self, floor: Sum) -> str:
        """How far all candidates, less the excluded ones of the clash, fall short of a floor."""
        most = most_of(self.model, floor.terms, set(map(fold, self.forced["excluded"])))
        if floor.low is None or most >= floor.low:
            return ""
        target = self._target(floor)
        need, unit = (target.need, target.kpi) if target else (floor.low, "tokens")
        who = "all candidates that are not excluded" if self.forced["excluded"] else "all candidates"
        brought = f"{who} together bring {about(most)} of the {about(need)} {unit} required"
        return f"{floor.subject}: {brought}{self._above(floor)}, short by {about(need - most)}"

    def _above(self, rule: Rule) -> str:
        target = self._target(rule)
        start = target.baseline if target else None
        return f" above the baseline of {spoken(start)}" if start else ""

    def _target(self, rule: Rule) -> Target | None:
        source = rule.sources[0]
        return self.model.problem.targets[position(source)] if source.startswith("/targets/") else None


def allows(cap: Sum) -> str:
    return f"{cap.subject} allow{'s' if len(cap.sources) == 1 else ''} {spoken(cap.high or 0)}"


def about(number: Fraction) -> str:
    """A number in a sentence; from a thousand on without decimals."""
    return spoken(number if abs(number) < 1000 else round(number))
