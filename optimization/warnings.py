"""What is allowed but probably not meant: said with every answer, never blocking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import permutations

from metrics.graph import Chain, Graph

from .objective import north_star
from .problem import Bundle, Problem, fold, limits, unique
from .reading import is_inside, someone_contributes

REDUNDANT = "redundant_kpis"
Warning = dict[str, str]  # {"code": …, "text": …}


def warnings(problem: Problem) -> list[Warning]:
    """Every warning about a valid problem, in a stable order."""
    notions = (
        nothing_to_choose,
        no_north_star,
        weights_without_effect,
        circles,
        broken_bundles,
        lone_bundles,
    )
    return [
        warning
        for notion in (*notions, limits_without_candidates, missing_mvps)
        for warning in notion(problem)
    ]


def nothing_to_choose(problem: Problem) -> Iterator[Warning]:
    if not problem.candidates:
        yield warn("no_candidates", "there are no candidates, so nothing can be chosen")


def no_north_star(problem: Problem) -> Iterator[Warning]:
    if problem.objective.mode != "weighted_kpis" and north_star(problem) is None:
        yield warn("no_north_star", "no KPI is the north star, so every portfolio is worth the same")


def weights_without_effect(problem: Problem) -> Iterator[Warning]:
    for kpi, weight in sorted(problem.objective.weights.items()):
        if problem.objective.mode == "weighted_kpis" and weight and not someone_contributes(problem, kpi):
            text = f"{kpi} has a weight, but no candidate contributes to it; its share of the weight is lost"
            yield warn("weight_without_contributions", text)


def circles(problem: Problem) -> Iterator[Warning]:
    if circle := find_circle(problem.constraints.prerequisites):
        text = f"{' requires '.join(circle)}: they come all together or not at all"
        yield warn("prerequisite_cycle", text)


def find_circle(prerequisites: dict[str, list[str]]) -> list[str]:
    """One circle of requirements, first key repeated at the end; [] when there is none."""
    spelled = {fold(k): k for dependent, required in prerequisites.items() for k in (dependent, *required)}
    graph = {fold(key): sorted(map(fold, required)) for key, required in sorted(prerequisites.items())}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [spelled[key] for key in reversed(error.args[1])]
    return []


def broken_bundles(problem: Problem) -> Iterator[Warning]:
    excluded = {fold(key) for key in problem.constraints.excluded}
    for bundle in problem.constraints.bundles:
        if out := sorted(key for key in bundle.members if fold(key) in excluded):
            text = f"{named(bundle)} is out as a whole, because {' and '.join(out)} is excluded"
            yield warn("bundle_excluded", text)


def lone_bundles(problem: Problem) -> Iterator[Warning]:
    for bundle in problem.constraints.bundles:
        if len(unique(bundle.members)) == 1:
            yield warn("bundle_of_one", f"{named(bundle)} has one member, so it has no effect")


def named(bundle: Bundle) -> str:
    return f"bundle {bundle.key}" if bundle.key else f"the bundle of {', '.join(bundle.members)}"


def limits_without_candidates(problem: Problem) -> Iterator[Warning]:
    for what, table in (("cap", problem.constraints.caps), ("floor", problem.constraints.floors)):
        for dimension, key, _ in limits(table):
            inside = (is_inside(c.dimensions, fold(dimension), fold(key)) for c in problem.candidates)
            if problem.candidates and not any(inside):
                text = f"there is a token {what} for {dimension} {key}, but no candidate belongs to it"
                yield warn("limit_without_candidates", text)


def missing_mvps(problem: Problem) -> Iterator[Warning]:
    keys = [c.key for c in problem.candidates if c.scope_mode == "auto" and len(c.scopes) == 1]
    if keys:
        text = f"no choice of scope where one scope has no tokens: {few(keys)}"
        yield warn("scope_not_estimated", text)


def few(keys: Iterable[str], most: int = 10) -> str:
    """Some keys by name and the rest as a count."""
    listed = sorted(keys)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def redundant(
    mode: str | None, weights: Mapping[str, float] | None, chains: Iterable[Sequence[str]]
) -> list[Warning]:
    """A KPI that moves another of the same objective, through whatever chains, counts its effect twice."""
    chosen = [kpi for kpi, weight in (weights or {}).items() if weight] if mode == "weighted_kpis" else []
    graph = Graph.of(Chain(tuple(chain)) for chain in chains) if len(chosen) > 1 else Graph({}, {})
    told: dict[frozenset[str], Warning] = {}
    for lower, upper in permutations(chosen, 2):
        way = graph.path(lower, upper)
        if way and not {fold(kpi) for kpi in chosen}.intersection(map(fold, way[1:-1])):
            place = f"{lower} lies upstream of {upper} ({' → '.join(way)})"
            told.setdefault(
                frozenset((lower, upper)), warn(REDUNDANT, f"{place}, so one effect counts twice")
            )
    return list(told.values())


def warn(code: str, text: str) -> Warning:
    return {"code": code, "text": text}
