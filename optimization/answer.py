"""The answer as plain JSON data: always every field, also when there is no portfolio."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .problem import ALL, Problem, Target, fold, inputs_hash, limits, plain
from .verify import Measured, Place, is_met, needed, weighed

Reachable = Mapping[int, float]  # position of the target in the problem → what can be reached


def empty(problem: Problem) -> dict[str, Any]:
    """An answer without a portfolio, every field present."""
    return {
        "status": "unknown",
        "unique": False,
        "objective_value": None,
        "best_bound": None,
        "gap": None,
        "selected": [],
        "scope": {},
        "capacity_used": None,
        "kpi_totals": None,
        "kpi_totals_by_dimension": None,
        "targets": [],
        "shares": [],
        "stages": [],
        "conflict": [],
        "repairs": [],
        "set_aside": [],
        "warnings": [],
        "reasons": {},
        "solver": {},
        "inputs_hash": inputs_hash(problem),
        "portfolio_hash": None,
    }


def portfolio(problem: Problem, scopes: dict[str, str], measured: Measured) -> dict[str, Any]:
    """The fields that describe a verified portfolio."""
    return {
        "objective_value": number(measured.objective),
        "selected": sorted(scopes),
        "scope": {key: scopes[key] for key in sorted(scopes)},
        "capacity_used": capacity_used(problem, measured),
        "kpi_totals": kpi_totals(problem, measured, (ALL, ALL)),
        "kpi_totals_by_dimension": {
            dimension: {value: kpi_totals(problem, measured, place) for value, place in values.items()}
            for dimension, values in spelled_places(problem).items()
        },
        "shares": shares(problem, measured),
        "portfolio_hash": portfolio_hash(scopes),
    }


def shares(problem: Problem, measured: Measured) -> list[dict[str, Any]]:
    """Each KPI of a weighted objective, the largest part first; ``share``: of all points, None where they
    add up to nothing. Empty in the other modes."""
    whole = measured.objective
    found = sorted(weighed(problem, measured), key=lambda each: (-each.points, each.kpi))
    return [
        {name: number(value) if isinstance(value, Decimal) else value for name, value in vars(each).items()}
        | {"share": number(each.points / whole) if whole else None}
        for each in found
    ]


def portfolio_hash(scopes: dict[str, str]) -> str:
    """sha256 of the sorted `key:scope` lines."""
    lines = "\n".join(sorted(f"{key}:{scope}" for key, scope in scopes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def capacity_used(problem: Problem, measured: Measured) -> dict[str, Any]:
    used: dict[str, Any] = {"total": number(measured.tokens.get((ALL, ALL), Decimal(0)))}
    for dimension, values in spelled_places(problem).items():
        used[dimension] = {
            value: number(measured.tokens.get(place, Decimal(0))) for value, place in values.items()
        }
    return used


def kpi_totals(problem: Problem, measured: Measured, place: Place) -> dict[str, int | float]:
    return {kpi.key: number(measured.kpis.get((place, fold(kpi.key)), Decimal(0))) for kpi in problem.kpis}


def targets(problem: Problem, measured: Measured | None, reachable: Reachable) -> list[dict[str, Any]]:
    """Each target with need, achieved, reachable, gap (what is missing, never negative) and met."""
    return [
        target_row(target, measured, reachable.get(index)) for index, target in enumerate(problem.targets)
    ]


def target_row(target: Target, measured: Measured | None, reachable: float | None) -> dict[str, Any]:
    row = target.model_dump() | {"target": plain(target.target), "need": number(needed(target))}
    row |= {"baseline": None if target.baseline is None else plain(target.baseline)}
    row |= {"achieved": None, "reachable": reachable, "gap": None, "met": None}
    if measured is not None:
        achieved = measured.achieved(target)
        met = is_met(target, achieved)
        gap = 0 if met else number(needed(target) - achieved)
        row |= {"achieved": number(achieved), "gap": gap, "met": met}
    return row


def gap(objective: float, bound: float) -> float:
    """|bound − objective| / max(1, |objective|)."""
    return abs(bound - objective) / max(1.0, abs(objective))


def spelled_places(problem: Problem) -> dict[str, dict[str, Place]]:
    """{dimension: {value: place}} of every value that a candidate or a limit names, as entered."""
    named = [(name, value) for c in problem.candidates for name, value in c.dimensions.items() if value]
    for table in (problem.constraints.caps, problem.constraints.floors):
        named += [(dimension, key) for dimension, key, _ in limits(table)]
    found: dict[str, dict[str, Place]] = {}
    dimensions = spellings(name for name, _ in named)
    values = spellings_of_values(named)
    for place in sorted(values):
        if place[0] != ALL:
            found.setdefault(dimensions[place[0]], {})[values[place]] = place
    return found


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Folded name → the one spelling to show, the same in whatever order they come."""
    return {fold(name): name for name in sorted(set(names), reverse=True)}


def spellings_of_values(named: Iterable[tuple[str, str]]) -> dict[Place, str]:
    return {(fold(name), fold(value)): value for name, value in sorted(set(named), reverse=True)}


def number(value: Decimal) -> int | float:
    """A native number for JSON."""
    return plain(float(value))
