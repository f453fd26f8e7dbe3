"""What an answer means for each target and for each candidate. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from optimization.objective import north_star, weight_per_unit
from optimization.problem import Candidate, Problem, Scope, exact, fold, plain
from optimization.reading import is_inside

NEAR = 0.95
Answer = dict[str, Any]


def gap_of(target: dict[str, Any]) -> dict[str, Any]:
    """One target of an answer as a gap; amounts are increments in the KPI's unit.

    Without a portfolio the gap is what even the reachable amount leaves open, if it does.
    """
    need, achieved, reachable = target["need"], target["achieved"], target["reachable"]
    verdict = severity(target)
    missing = need - reachable if achieved is None and verdict == "impossible" else target["gap"]
    return {
        "dimension": target["dimension"],
        "dimension_key": target["dimension_key"],
        "kpi_key": target["kpi"],
        "target": need,
        "achieved": achieved,
        "reachable": reachable,
        "gap": missing,
        "gap_pct": missing / abs(need) if missing is not None and need else None,
        "severity": verdict,
    }


def severity(target: dict[str, Any]) -> str:
    """met; impossible (no portfolio reaches it); near (at least 95%); else missed."""
    need, achieved, reachable = target["need"], target["achieved"], target["reachable"]
    if target["met"]:
        return "met"
    if reachable is not None and reachable < need - 1e-9 * max(1, abs(need)):
        return "impossible"
    return "near" if achieved is not None and need > 0 and achieved >= NEAR * need else "missed"


def results(problem: Problem, answer: Answer) -> Iterator[dict[str, Any]]:
    """Every candidate's part in the portfolio: key, selected, scope, allocated_tokens, contributions
    {kpi: native value}, objective_share (0 to 1; a synergy's bonus belongs to nobody), reason.

    An initiative that is out shows what it would have brought in its first possible scope.
    """
    scopes = {fold(key): scope for key, scope in answer["scope"].items()}
    for candidate in problem.candidates:
        scope = scopes.get(fold(candidate.key))
        contributions = brought(candidate, scope or candidate.scopes[0])
        yield {
            "key": candidate.key,
            "selected": scope is not None,
            "scope": scope or "",
            "allocated_tokens": plain(candidate.tokens_for(scope)) if scope else 0,
            "contributions": {kpi: plain(value) for kpi, value in contributions.items()},
            "objective_share": share(problem, candidate, contributions, answer) if scope else None,
            "reason": answer["reasons"].get(candidate.key, {}).get("text", ""),
        }


def brought(candidate: Candidate, scope: Scope) -> dict[str, Fraction]:
    """The candidate's contributions in that scope, native units."""
    kept = candidate.share_for(scope)
    return {kpi: exact(value) * kept for kpi, value in candidate.contributions.items()}


def share(
    problem: Problem, candidate: Candidate, contributions: dict[str, Fraction], answer: Answer
) -> float | None:
    """The part of the objective that these contributions bring, or None where the objective is 0."""
    if not answer["objective_value"]:
        return None
    if not is_inside(candidate.dimensions, *problem.objective.place):
        return 0.0
    factors = {fold(kpi): factor for kpi, factor in _factors(problem).items()}
    gain = sum((factors.get(fold(kpi), 0) * value for kpi, value in contributions.items()), Fraction())
    return float(gain / exact(answer["objective_value"]))


def _factors(problem: Problem) -> dict[str, Fraction]:
    """KPI → what one unit of it adds to the objective."""
    if problem.objective.mode == "weighted_kpis":
        return weight_per_unit(problem)
    star = north_star(problem)
    return {star: Fraction(1)} if star else {}
