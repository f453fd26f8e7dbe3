"""What can be said before solving: contradictions with names and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from .model import EVERYWHERE, Model, Place, Variant
from .problem import Target, exact, fold, limits, pointer, spoken
from .rules import capacity, capacity_total, in_words, place

Conflict = dict[str, str]  # {"constraint": JSON pointer, "text": …}


def impossible(model: Model) -> list[Conflict]:
    """Every constraint that cannot hold by itself or against one limit, in words with names and numbers."""
    found = [
        *mandatory_and_excluded(model),
        *mandatory_over_capacity(model),
        *floors_over_caps(model),
        *floors_beyond_candidates(model),
    ]
    if model.problem.objective.mode != "lexicographic":
        found += targets_beyond_candidates(model)
    return found


def mandatory_and_excluded(model: Model) -> Iterator[Conflict]:
    rules = model.problem.constraints
    out = {fold(key): index for index, key in enumerate(rules.excluded)}
    for index, key in enumerate(rules.mandatory):
        if fold(key) in out:
            text = f"{key} is both mandatory and excluded; drop one of the two"
            yield conflict(text, "constraints", "mandatory", index)
            yield conflict(text, "constraints", "excluded", out[fold(key)])


def mandatory_over_capacity(model: Model) -> Iterator[Conflict]:
    must = {fold(key): index for index, key in enumerate(model.problem.constraints.mandatory)}
    for name, where, most, sources in caps(model):
        cheapest = {
            key: min(v.tokens for v in model.variants_of[key])
            for key in must
            if where in model.places_of(key)
        }
        needed = sum(cheapest.values(), Fraction())
        if needed > most:
            listed = ", ".join(f"{model.key(key)} ({spoken(cheapest[key])})" for key in sorted(cheapest))
            text = f"mandatory initiatives need {spoken(needed)} tokens, {name} allows {spoken(most)}"
            yield from ({"constraint": source, "text": f"{text}: {listed}"} for source in sources)


def caps(model: Model) -> Iterator[tuple[str, Place, Fraction, tuple[str, ...]]]:
    """(name, place, tokens, JSON pointers) of the capacity and of every cap."""
    total, sources = capacity_total(model)
    if total is not None:
        yield "the capacity", EVERYWHERE, total, sources
    for dimension, key, tokens in limits(model.problem.constraints.caps):
        if place(dimension, key) != EVERYWHERE:
            source = pointer("constraints", "caps", dimension, key)
            yield f"the cap for {dimension} {key}", place(dimension, key), exact(tokens), (source,)


def floors_over_caps(model: Model) -> Iterator[Conflict]:
    floors = model.problem.constraints.floors
    for name, where, most, sources in caps(model):
        for dimension in sorted(floors):
            same = {k: exact(t) for k, t in floors[dimension].items() if covers(where, place(dimension, k))}
            needed = sum(same.values(), Fraction())
            if needed > most:
                floors_are = f"token floors {spoken_places(dimension, same)} need {spoken(needed)} tokens"
                text = f"{floors_are}, {name} allows {spoken(most)}"
                yield from ({"constraint": source, "text": text} for source in sources)
                for key in sorted(same):
                    yield conflict(text, "constraints", "floors", dimension, key)


def covers(outer: Place, inner: Place) -> bool:
    """Whether tokens spent in one place are spent in the other."""
    return outer in (EVERYWHERE, inner)


def spoken_places(dimension: str, keys: Iterable[str]) -> str:
    names = ", ".join(sorted(keys))
    return "in all" if fold(dimension) == EVERYWHERE[0] else f"for {dimension} {names}"


def floors_beyond_candidates(model: Model) -> Iterator[Conflict]:
    for rule in capacity(model):
        if rule.low is None:
            continue
        (source,) = rule.sources
        _, _, _, dimension, key = source.split("/", 4)
        where = place(*(part.replace("~1", "/").replace("~0", "~") for part in (dimension, key)))
        most = sum(best(model, where, lambda v: v.tokens).values(), Fraction())
        if most < rule.low:
            yield {"constraint": source, "text": f"{rule.subject}: {too_little(most, rule.low, 'tokens')}"}


def targets_beyond_candidates(model: Model) -> Iterator[Conflict]:
    for index, target in enumerate(model.problem.targets):
        most = everything(model, target)
        if target.type == "floor" and most < target.need - target.slack:
            where = in_words(target.dimension, target.dimension_key)
            text = f"the floor of {target.kpi} {where}: {too_little(most, target.need, target.kpi)}"
            yield conflict(text, "targets", index)


def too_little(most: Fraction, need: Fraction, unit: str) -> str:
    brought = f"all candidates together bring {spoken(most)} of the {spoken(need)} {unit} required"
    return f"{brought}, short by {spoken(need - most)}"


def everything(model: Model, target: Target) -> Fraction:
    """What all candidates that are not excluded would bring together, losses left out: an upper bound."""
    kpi = fold(target.kpi)
    total = sum(
        best(model, target.place, lambda v: v.contributions.get(kpi, Fraction())).values(), Fraction()
    )
    earned = (
        exact(bonus.synergy.bonus)
        for bonus in model.bonuses
        if fold(bonus.synergy.kpi) == kpi and target.place in bonus.places and bonus.synergy.bonus > 0
    )
    return total + sum(earned, Fraction())


def best(model: Model, where: Place, amount: Callable[[Variant], Fraction]) -> dict[str, Fraction]:
    """Folded key → the most a candidate inside the place can bring, at least 0; excluded ones left out."""
    out = {fold(key) for key in model.problem.constraints.excluded}
    found: dict[str, Fraction] = {}
    for variant in model.inside.get(where, ()):
        key = fold(variant.candidate.key)
        if key not in out:
            found[key] = max(found.get(key, Fraction()), amount(variant))
    return found


def conflict(text: str, *place: str | int) -> Conflict:
    return {"constraint": pointer(*place), "text": text}
