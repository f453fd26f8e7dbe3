"""The solver against trying every portfolio: small random problems, every constraint type, every mode."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimization import kernel, search
from optimization.reading import ProblemInvalid
from optimization.solver import solve

from .brute import Brute

KEYS = "ABCDEFGH"
KPIS = ("star", "reach")
MARKETS = ("UK", "FR")


def amounts(least: int = -20) -> st.SearchStrategy[float]:
    """Few distinct values, so that ties are common; some with decimals."""
    return st.one_of(st.integers(least, 60), st.sampled_from([0.1, 0.2, 0.3, 12.75, 1e-3, 1e6]))


def candidates(n: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.tuples(*(candidate(key) for key in KEYS[:n])).map(list)


def candidate(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "key": st.just(key),
            "tokens": st.sampled_from([0, 1, 2, 3, 5, 7.5, 10]),
            "contributions": st.dictionaries(st.sampled_from(KPIS), amounts(), max_size=2),
            "dimensions": st.dictionaries(st.just("market"), st.sampled_from(MARKETS)),
            "scope_mode": st.sampled_from(["full", "full", "full", "mvp", "auto"]),
            "tokens_mvp": st.sampled_from([0, 1, 2, 2.5]),
            "mvp_value_share": st.sampled_from([0, 0.3, 0.5, 1]),
        }
    )


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 8))
    rows = draw(candidates(n))
    autos = [row for row in rows if row["scope_mode"] == "auto"]
    for row in autos[3:]:
        row["scope_mode"] = "full"
    keys = [row["key"] for row in rows]
    mode = draw(st.sampled_from(["north_star", "weighted_kpis", "lexicographic"]))
    weights = draw(st.sampled_from([{"star": 1}, {"star": 2, "reach": 1}, {"reach": 0.3, "star": 0}]))
    order = draw(st.sampled_from([[], ["reach", "star"], ["reach"]]))
    return {
        "candidates": rows,
        "kpis": [{"key": "reach", "level": "strategic"}, {"key": "star", "level": "north_star"}],
        "objective": {
            "mode": mode,
            "scope": draw(st.sampled_from(["all", "all", "market:UK"])),
            "weights": weights if mode == "weighted_kpis" else {},
            "lexicographic_order": order,
        },
        "capacity_total": draw(st.sampled_from([None, 0, 5, 10, 12.5, 20])),
        "constraints": draw(constraints(keys)),
        "targets": draw(st.lists(targets(), max_size=4, unique_by=lambda t: (t["dimension_key"], t["kpi"]))),
    }


def constraints(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    key = st.sampled_from(keys)
    some = st.lists(key, min_size=1, max_size=3)
    pair = st.lists(key, min_size=2, max_size=2, unique=True)
    places = st.sampled_from([("market", "UK"), ("market", "FR"), ("all", "all")])
    return st.fixed_dictionaries(
        {
            "caps": st.dictionaries(places, st.sampled_from([3, 8, 12]), max_size=2).map(nested),
            "floors": st.dictionaries(places, st.sampled_from([1, 2.5, 4]), max_size=1).map(nested),
            "mandatory": st.lists(key, max_size=1),
            "excluded": st.lists(key, max_size=1),
            "exclusion_pairs": st.lists(pair, max_size=2) if len(keys) > 1 else st.just([]),
            "bundles": st.lists(st.fixed_dictionaries({"key": st.just("b"), "members": some}), max_size=1),
            "prerequisites": st.dictionaries(key, some, max_size=3),
            "synergies": st.lists(synergies(some), max_size=2),
        }
    )


def nested(limits: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (dimension, value), tokens in limits.items():
        found.setdefault(dimension, {})[value] = tokens
    return found


def synergies(members: st.SearchStrategy[list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "members": members,
            "min_members": st.sampled_from([None, 1]),
            "kpi": st.sampled_from(KPIS),
            "bonus": st.sampled_from([-15, 5, 40.5]),
        }
    )


def targets() -> st.SearchStrategy[dict[str, Any]]:
    places = st.sampled_from([("all", "all"), ("all", "all"), ("market", "UK")])
    rest = st.fixed_dictionaries(
        {
            "kpi": st.sampled_from(KPIS),
            "target": st.sampled_from([1, 20, 30.5, 60, 110]),
            "baseline": st.sampled_from([None, None, 0, 10.5]),
            "type": st.sampled_from(["floor", "goal", "goal"]),
        }
    )
    return st.tuples(places, rest).map(lambda t: {"dimension": t[0][0], "dimension_key": t[0][1], **t[1]})


def check(problem: dict[str, Any], seed: int) -> None:
    try:
        answer = solve(problem)
    except ProblemInvalid as invalid:
        assert all("/objective/weights" in error["pointer"] for error in invalid.errors)
        return
    best = Brute(problem).best()
    if best is None:
        assert answer["status"] == "infeasible" and answer["selected"] == []
        assert_conflict_is_real(problem, answer)
    else:
        assert (answer["status"], answer["unique"], answer["scope"]) == ("optimal", True, best)
        assert answer["objective_value"] == float(Brute(problem).objective(best))
        assert answer["gap"] <= 1e-9
        assert_reachable_is_honest(problem, answer)
    random.Random(seed).shuffle(problem["candidates"])
    again = solve(problem)
    assert (again["portfolio_hash"], again["inputs_hash"]) == (
        answer["portfolio_hash"],
        answer["inputs_hash"],
    )


CASES = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@CASES
@given(problem=problems(), seed=st.integers(0, 99))
def test_the_answer_is_the_one_that_trying_every_portfolio_gives(problem: dict[str, Any], seed: int) -> None:
    check(problem, seed)


@CASES
@given(problem=problems(), seed=st.integers(0, 99))
def test_searching_a_growing_kernel_gives_the_same_answer(problem: dict[str, Any], seed: int) -> None:
    with patch.object(kernel, "SMALL", 0), patch.multiple(search, KERNEL=2, CORE=4):
        check(problem, seed)


def assert_conflict_is_real(problem: dict[str, Any], answer: dict[str, Any]) -> None:
    """Each pointer names something, and after every repair there is a portfolio."""
    assert answer["conflict"]
    for entry in answer["conflict"]:
        at(problem, entry["constraint"])
    if answer["repairs"]:
        assert Brute(repaired(problem, answer["repairs"])).best() is not None


def repaired(problem: dict[str, Any], repairs: list[dict[str, Any]]) -> dict[str, Any]:
    problem = deepcopy(problem)
    for repair in repairs:
        *way, last = repair["constraint"].split("/")[1:]
        holder = at(problem, "".join(f"/{step}" for step in way))
        if way == ["targets"]:
            holder, last = holder[int(last)], "target"
        assert holder[last] == repair["from"]
        holder[last] = repair["to"]
    return problem


def at(data: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def assert_reachable_is_honest(problem: dict[str, Any], answer: dict[str, Any]) -> None:
    """Reachable is attained by a portfolio within capacity and governance, and the best one when missed."""
    free = Brute({**problem, "targets": []})
    allowed = [p for p in free.portfolios() if free.allowed(p)]
    for target, row in zip(problem["targets"], answer["targets"], strict=True):
        where = (target["dimension"], target["dimension_key"])
        totals = [float(free.kpi(portfolio, target["kpi"], where)) for portfolio in allowed]
        assert row["reachable"] in totals
        assert row["reachable"] >= row["achieved"]
        if not row["met"]:
            assert row["reachable"] == max(totals)
