"""Small problems that can be checked by trying every portfolio."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, settings

from optimization.reading import ProblemInvalid, read_problem
from tests.optimization.brute import Brute
from tests.optimization.every import Every

QUICK = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
KPIS = [{"key": "gmv", "level": "north_star"}, {"key": "nps", "level": "strategic"}]


def item(key: str, tokens: float, gmv: float = 0, **more: Any) -> dict[str, Any]:
    return {"key": key, "tokens": tokens, "contributions": {"gmv": gmv}, **more}


def quarter(*candidates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"candidates": list(candidates), "kpis": KPIS, **changes}


FOUR = item("A", 5, 10), item("B", 4, 7), item("C", 3, 6), item("D", 9, 9)


def is_valid(problem: dict[str, Any]) -> bool:
    try:
        read_problem(problem)
    except ProblemInvalid:
        return False
    return True


def with_capacity(problem: dict[str, Any], tokens: float | None) -> dict[str, Any]:
    """The capacity at so many tokens; a cap on all is the same limit."""
    changed = deepcopy(problem)
    changed["capacity_total"] = tokens
    changed["constraints"].get("caps", {}).pop("all", None)
    return changed


def best(problem: dict[str, Any]) -> dict[str, str] | None:
    return Every(problem).best()


def value(problem: dict[str, Any], portfolio: dict[str, str]) -> float:
    return float(Brute(problem).objective(portfolio))
