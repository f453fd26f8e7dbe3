"""What is different between two portfolios: who comes and goes, and what that changes in every number."""

from __future__ import annotations

from typing import Any, TypedDict

from optimization.objective import weight_per_unit
from optimization.problem import Candidate, Problem, Scope, exact, fold, plain
from optimization.verdicts import brought

from .asking import Answer, Number, objective_unit


class Line(TypedDict):
    """One initiative that comes or goes, with what it costs and brings by itself (synergies not counted)."""

    key: str
    scope: str  # full or mvp
    tokens: Number
    contributions: dict[str, Number]  # KPI → native units


class ScopeChange(TypedDict):
    """An initiative that stays, built differently."""

    key: str
    before: str
    after: str
    tokens: Number  # Δ


class TargetChange(TypedDict):
    """A target met before and missed after, or the other way round; amounts in the KPI's unit."""

    dimension: str
    dimension_key: str
    kpi: str
    type: str  # floor or goal
    need: Number  # after
    achieved_before: Number
    achieved_after: Number
    met_before: bool
    met_after: bool


class Difference(TypedDict):
    """After minus before. Lists are empty and every Δ is None where one side has no portfolio."""

    adds: list[Line]
    drops: list[Line]
    scope_changes: list[ScopeChange]
    delta_kpis: dict[str, Number] | None  # native units
    delta_tokens: dict[str, Any] | None  # {"total": n, dimension: {value: n}}
    delta_objective: Number | None  # more than 0: after is worth more; None where the objectives differ
    objective_unit: str | None  # a KPI's key, or points; None where the objectives differ
    targets: list[TargetChange]
    before_hash: str | None
    after_hash: str | None


def difference(
    before: Answer, after: Answer, problem: Problem, problem_after: Problem | None = None
) -> Difference:
    """Compares two answers; `problem_after` where the second answers another problem."""
    later = problem_after or problem
    both = before["portfolio_hash"] is not None and after["portfolio_hash"] is not None
    old, new = (before["scope"], after["scope"]) if both else ({}, {})
    same = is_same_objective(problem, later)
    gained = minus(after["objective_value"], before["objective_value"]) if both and same else None
    return {
        "adds": lines(later, {key: scope for key, scope in new.items() if key not in old}),
        "drops": lines(problem, {key: scope for key, scope in old.items() if key not in new}),
        "scope_changes": scope_changes(problem, later, old, new),
        "delta_kpis": deltas(before["kpi_totals"], after["kpi_totals"]) if both else None,
        "delta_tokens": deltas(before["capacity_used"], after["capacity_used"]) if both else None,
        "delta_objective": gained,
        "objective_unit": objective_unit(later) if same else None,
        "targets": target_changes(before["targets"], after["targets"]) if both else [],
        "before_hash": before["portfolio_hash"],
        "after_hash": after["portfolio_hash"],
    }


def is_same_objective(problem: Problem, other: Problem) -> bool:
    """Whether one unit of the one objective is worth one unit of the other."""
    if problem.objective.place != other.objective.place or objective_unit(problem) != objective_unit(other):
        return False
    weighted = problem.objective.mode == "weighted_kpis"
    return not weighted or weight_per_unit(problem) == weight_per_unit(other)


def lines(problem: Problem, scopes: dict[str, Scope]) -> list[Line]:
    candidates = {candidate.key: candidate for candidate in problem.candidates}
    return [line(candidates[key], scope) for key, scope in sorted(scopes.items())]


def line(candidate: Candidate, scope: Scope) -> Line:
    contributions = {kpi: plain(value) for kpi, value in brought(candidate, scope).items()}
    tokens = plain(candidate.tokens_for(scope))
    return {"key": candidate.key, "scope": scope, "tokens": tokens, "contributions": contributions}


def scope_changes(
    problem: Problem, later: Problem, old: dict[str, Scope], new: dict[str, Scope]
) -> list[ScopeChange]:
    changed = [key for key in sorted(old.keys() & new.keys()) if old[key] != new[key]]
    costs = {c.key: c.tokens_for(old[c.key]) for c in problem.candidates if c.key in changed}
    after = {c.key: c.tokens_for(new[c.key]) for c in later.candidates if c.key in changed}
    return [
        {"key": key, "before": old[key], "after": new[key], "tokens": plain(after[key] - costs[key])}
        for key in changed
    ]


def deltas(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Entry by entry after minus before, through nested tables; what one side lacks counts as 0."""
    found: dict[str, Any] = {}
    for key in [*before, *(key for key in after if key not in before)]:
        one, other = before.get(key), after.get(key)
        nested = isinstance(one, dict) or isinstance(other, dict)
        found[key] = deltas(one or {}, other or {}) if nested else minus(other or 0, one or 0)
    return found


def minus(number: Number, other: Number) -> Number:
    """The difference of two decimals as people calculate it (0.3 - 0.1 is 0.2)."""
    return plain(exact(number) - exact(other))


def target_changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[TargetChange]:
    earlier = {identity(target): target for target in before}
    return [
        target_change(earlier[identity(target)], target)
        for target in after
        if identity(target) in earlier and earlier[identity(target)]["met"] != target["met"]
    ]


def identity(target: dict[str, Any]) -> tuple[str, str, str]:
    """What a target is about: dimension, dimension key, KPI, folded."""
    return fold(target["dimension"]), fold(target["dimension_key"]), fold(target["kpi"])


def target_change(before: dict[str, Any], after: dict[str, Any]) -> TargetChange:
    return {
        "dimension": after["dimension"],
        "dimension_key": after["dimension_key"],
        "kpi": after["kpi"],
        "type": after["type"],
        "need": after["need"],
        "achieved_before": before["achieved"],
        "achieved_after": after["achieved"],
        "met_before": before["met"],
        "met_after": after["met"],
    }
