"""What was changed between two problems, in words: "capacity 400 → 450", "A: tokens 12 → 14".

Compared by what things are about (a key, a dimension value, a KPI), never by their order in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from optimization.problem import Limits, Problem, Synergy, Target, fold, limits, spoken
from optimization.rules import in_words

from .asking import Document, read

ARROW = " → "
Facts = dict[str, Any]  # field in words → value
Named = dict[Any, tuple[str, Facts]]  # identity → (name in words, its facts)


class Change(TypedDict):
    """One changed input. `before` and `after` are as entered, None where there was nothing."""

    subject: str
    field: str | None  # None: the subject as a whole was added or removed
    before: Any
    after: Any
    text: str


def changes(before: Document, after: Document) -> list[Change]:
    """Every input that differs. Raises ProblemInvalid for a problem that cannot be read."""
    one, other = read(before), read(after)
    return [change for notion in NOTIONS for change in compared(notion(one), notion(other))]


def compared(before: Named, after: Named) -> Iterator[Change]:
    """Field by field where both have it, else as a whole."""
    for identity in [*before, *(identity for identity in after if identity not in before)]:
        if identity not in after:
            yield whole(before[identity][0], "removed", before[identity][1], None)
        elif identity not in before:
            yield whole(after[identity][0], "added", None, after[identity][1])
        else:
            yield from fields(after[identity][0], before[identity][1], after[identity][1])


def whole(name: str, verb: str, before: Facts | None, after: Facts | None) -> Change:
    said = shown_facts(after or before or {})
    text = f"{name}: {verb}" + (f" ({said})" if said else "")
    return {"subject": name, "field": None, "before": before, "after": after, "text": text}


def fields(name: str, before: Facts, after: Facts) -> Iterator[Change]:
    for field in [*before, *(field for field in after if field not in before)]:
        old, new = before.get(field), after.get(field)
        if old != new:
            subject = f"{name}: {field}" if field else name
            text = f"{subject} {shown(old)}{ARROW}{shown(new)}"
            yield {"subject": name, "field": field, "before": old, "after": new, "text": text}


def shown_facts(facts: Facts) -> str:
    return ", ".join(f"{field} {shown(value)}".strip() for field, value in facts.items() if value is not None)


def shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return spoken(value) if isinstance(value, int | float) else str(value)


# What a problem is made of ---------------------------------------------------------------------------------


def capacity(problem: Problem) -> Named:
    return {"": ("capacity", {"": "unlimited" if problem.capacity_total is None else problem.capacity_total})}


def objective(problem: Problem) -> Named:
    asked = problem.objective
    facts: Facts = {
        "mode": asked.mode.replace("_", " "),
        "scope": asked.scope,
        "order": asked.lexicographic_order,
    }
    facts |= {f"weight of {kpi}": weight for kpi, weight in sorted(asked.weights.items())}
    return {"": ("objective", facts)}


def kpis(problem: Problem) -> Named:
    return {
        fold(kpi.key): (f"KPI {kpi.key}", {"level": kpi.level.replace("_", " "), "unit": kpi.unit})
        for kpi in problem.kpis
    }


def targets(problem: Problem) -> Named:
    return {(*target.place, fold(target.kpi)): target_facts(target) for target in sorted_targets(problem)}


def sorted_targets(problem: Problem) -> list[Target]:
    return sorted(problem.targets, key=lambda target: (*target.place, fold(target.kpi)))


def target_facts(target: Target) -> tuple[str, Facts]:
    name = f"target {target.kpi} {in_words(target.dimension, target.dimension_key)}"
    return name, {"type": target.type, "amount": target.target, "baseline": target.baseline}


def caps(problem: Problem) -> Named:
    return limit_facts("cap", problem.constraints.caps)


def floors(problem: Problem) -> Named:
    return limit_facts("token floor", problem.constraints.floors)


def limit_facts(what: str, table: Limits) -> Named:
    return {
        (fold(dimension), fold(key)): (f"{what} {in_words(dimension, key)}", {"": tokens})
        for dimension, key, tokens in limits(table)
    }


def mandatory(problem: Problem) -> Named:
    return statements("mandatory", ([key] for key in problem.constraints.mandatory))


def excluded(problem: Problem) -> Named:
    return statements("excluded", ([key] for key in problem.constraints.excluded))


def exclusion_pairs(problem: Problem) -> Named:
    return statements("exclusion pair", problem.constraints.exclusion_pairs)


def bundles(problem: Problem) -> Named:
    return statements("bundle", (bundle.members for bundle in problem.constraints.bundles))


def statements(what: str, said: Iterable[list[str]]) -> Named:
    """Rules that are there or not: the initiatives they are about, in one order."""
    by_members = {frozenset(map(fold, members)): sorted(set(members)) for members in said}
    ordered = sorted(by_members.items(), key=lambda item: item[1])
    return {members: (f"{what} {' + '.join(names)}", {}) for members, names in ordered}


def prerequisites(problem: Problem) -> Named:
    table = problem.constraints.prerequisites
    return {
        (fold(dependent), fold(key)): (f"{dependent} requires {key}", {})
        for dependent in sorted(table)
        for key in sorted(table[dependent])
    }


def synergies(problem: Problem) -> Named:
    """By members and KPI; several on the same ones are told apart by their place among those."""
    found: Named = {}
    for synergy in sorted(problem.constraints.synergies, key=lambda s: (sorted(s.members), s.kpi, s.bonus)):
        identity = (frozenset(map(fold, synergy.members)), fold(synergy.kpi))
        twin = sum(known[:2] == identity for known in found)
        found[*identity, twin] = synergy_facts(synergy)
    return found


def synergy_facts(synergy: Synergy) -> tuple[str, Facts]:
    name = f"synergy {' + '.join(sorted(set(synergy.members)))} on {synergy.kpi}"
    return name, {"bonus": synergy.bonus, "members needed": synergy.min_members}


def candidates(problem: Problem) -> Named:
    return {
        fold(candidate.key): (
            candidate.key,
            {
                "tokens": candidate.tokens,
                "scope mode": candidate.scope_mode,
                "MVP tokens": candidate.tokens_mvp,
                "MVP value share": candidate.mvp_value_share,
            }
            | {f"contribution to {kpi}": value for kpi, value in sorted(candidate.contributions.items())}
            | dict(sorted(candidate.dimensions.items())),
        )
        for candidate in sorted(problem.candidates, key=lambda candidate: candidate.key)
    }


def budget(problem: Problem) -> Named:
    options = problem.options
    return {"": ("solver", {"deterministic seconds": options.deterministic_seconds, "seed": options.seed})}


NOTIONS = (
    capacity,
    objective,
    kpis,
    targets,
    caps,
    floors,
    mandatory,
    excluded,
    exclusion_pairs,
    bundles,
    prerequisites,
    synergies,
    candidates,
    budget,
)
