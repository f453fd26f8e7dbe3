"""Comparing portfolios: symmetric, and every number from the answers."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given

from optimization.decisions.changes import changes
from optimization.decisions.compare import Entry, compare
from optimization.decisions.difference import difference
from optimization.reading import read_problem
from optimization.solver import solve
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, is_valid, item, quarter


def entry(name: str, problem: dict[str, Any]) -> Entry:
    return {"name": name, "problem": problem, "answer": solve(problem)}


@QUICK
@given(one=problems(), other=problems())
def test_two_portfolios_differ_the_same_way_from_either_side(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assume(is_valid(one) and is_valid(other))
    there, back = compare([entry("a", one), entry("b", other)]), compare([entry("b", other), entry("a", one)])
    json.dumps(there, allow_nan=False)
    assert there["overlap"][0][1] == back["overlap"][0][1] and there["overlap"][0][0] == 1
    assert there["in_all"] == back["in_all"] and there["is_same_objective"] == back["is_same_objective"]
    ahead, behind = there["steps"][0]["difference"], back["steps"][0]["difference"]
    assert ahead["adds"] == behind["drops"] and ahead["drops"] == behind["adds"]
    assert negated(ahead["delta_kpis"]) == sorted_items(behind["delta_kpis"])
    assert (ahead["before_hash"], ahead["after_hash"]) == (behind["after_hash"], behind["before_hash"])
    assert {(c["subject"], c["field"]) for c in there["steps"][0]["changes"]} == {
        (c["subject"], c["field"]) for c in back["steps"][0]["changes"]
    }


def negated(deltas: dict[str, Any] | None) -> list[tuple[str, float]]:
    return sorted((key, -value) for key, value in (deltas or {}).items())


def sorted_items(deltas: dict[str, Any] | None) -> list[tuple[str, float]]:
    return sorted((deltas or {}).items())


@QUICK
@given(problem=problems())
def test_a_problem_differs_in_nothing_from_itself_in_another_order(problem: dict[str, Any]) -> None:
    assume(is_valid(problem))
    turned = {**problem, "candidates": problem["candidates"][::-1], "targets": problem["targets"][::-1]}
    assert changes(problem, turned) == []


def test_who_is_in_which_and_what_each_brings() -> None:
    small = entry("small", quarter(*FOUR, capacity_total=8))
    large = entry("large", quarter(*FOUR[:3], item("E", 1, 1), capacity_total=12))
    none = entry("none", quarter(*FOUR, constraints={"mandatory": ["A"], "excluded": ["A"]}))
    found = compare([small, large, none])
    assert {row["key"]: row["scopes"] for row in found["matrix"]} == {
        "A": ["full", "full", ""],
        "B": ["", "full", ""],
        "C": ["full", "full", ""],
        "D": ["", None, ""],
        "E": [None, "", None],
    }
    assert [row["key"] for row in found["matrix"]][:2] == ["A", "C"]
    assert found["overlap"][0] == [1, 2 / 3, 0]
    assert [column["objective"] for column in found["portfolios"]] == [16, 23, None]
    assert found["steps"][0]["difference"]["delta_objective"] == 7
    assert found["steps"][1]["difference"]["delta_objective"] is None
    assert found["is_same_objective"]


def test_a_target_that_turns_is_named_in_the_difference() -> None:
    goal = [{"kpi": "gmv", "target": 20, "type": "goal"}]
    poor, rich = (quarter(*FOUR, capacity_total=tokens, targets=goal) for tokens in (8, 12))
    (turned,) = difference(solve(poor), solve(rich), read_problem(poor), read_problem(rich))["targets"]
    assert (turned["met_before"], turned["met_after"], turned["achieved_after"]) == (False, True, 23)


def test_objectives_of_different_scales_have_no_difference() -> None:
    weights = {"objective": {"mode": "weighted_kpis", "weights": {"gmv": 1}}}
    one, other = (
        entry("x", quarter(*FOUR, targets=[{"kpi": "gmv", "target": need, "type": "goal"}], **weights))
        for need in (10, 20)
    )
    found = compare([one, other])
    assert not found["is_same_objective"]
    assert found["steps"][0]["difference"]["delta_objective"] is None
