"""The value of capacity against trying every portfolio at every limit."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given

from optimization import generate
from optimization.decisions.capacity import capacity_values
from tests.optimization.brute import Brute
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, best, is_valid, item, quarter, with_capacity


@QUICK
@given(problem=problems())
def test_every_point_is_worth_what_the_best_portfolio_within_the_moved_limit_is(
    problem: dict[str, Any],
) -> None:
    assume(is_valid(problem))
    found = capacity_values(problem, steps=3)
    json.dumps(found, allow_nan=False)
    assert found["complete"]
    for curve in found["limits"]:
        for point in curve["points"]:
            moved = moved_to(problem, curve, point["tokens"])
            right = best(moved)
            assert point["status"] == ("infeasible" if right is None else "optimal")
            expected = None if right is None else float(Brute(moved).objective(right))
            assert point["objective"] == expected


def moved_to(problem: dict[str, Any], curve: dict[str, Any], tokens: float) -> dict[str, Any]:
    if curve["dimension"] == "all":
        return with_capacity(problem, tokens)
    changed = deepcopy(problem)
    changed["constraints"]["caps"][curve["dimension"]][curve["dimension_key"]] = tokens
    return changed


UK = {"dimensions": {"market": "UK"}}
WORDS = [
    ({"capacity_total": 8}, ["The next token of the capacity buys 1 gmv.", "The last token bought 3 gmv."]),
    (
        {"capacity_total": 14},
        ["The next 2 tokens of the capacity buy nothing.", "The last token buys nothing."],
    ),
    (
        {"capacity_total": 5, "constraints": {"mandatory": ["A"]}},
        ["The next 2 tokens of the capacity buy nothing.", "With one token fewer there is no portfolio."],
    ),
]


@pytest.mark.parametrize(("changes", "texts"), WORDS)
def test_what_tokens_are_worth_is_told_in_words(changes: dict[str, Any], texts: list[str]) -> None:
    (curve,) = capacity_values(quarter(*FOUR, **changes), steps=3, size=1)["limits"]
    assert curve["texts"] == texts


def test_each_cap_has_its_own_curve_and_an_unlimited_capacity_none() -> None:
    rules = {"caps": {"market": {"UK": 4}}}
    problem = quarter(item("A", 4, 9, **UK), item("B", 2, 5, **UK), item("C", 3, 1), constraints=rules)
    (curve,) = capacity_values(problem, steps=1, size=2)["limits"]
    assert (curve["name"], curve["constraint"]) == ("the cap for market UK", "/constraints/caps/market/UK")
    assert [point["objective"] for point in curve["points"]] == [6, 10, 15]
    assert (curve["tokens_used"], curve["next_value"], curve["last_value"], curve["plateau"]) == (4, 5, 4, 0)


def test_a_plateau_is_proven_by_one_solve_at_its_far_end() -> None:
    found = capacity_values(quarter(*FOUR, capacity_total=100), steps=4, size=10)["limits"][0]
    assert found["plateau"] == 40 and found["points"][-1]["delta_objective"] == 0
    assert [point["solved"] for point in found["points"]] == [True, False, False, False, True] + 3 * [
        False
    ] + [True]


def test_a_cancelled_question_keeps_what_is_known() -> None:
    calls: list[str] = []
    found = capacity_values(
        generate.problem(40),
        should_stop=lambda: len(calls) >= 4,
        progress=lambda done, total, text: calls.append(text),
    )
    assert not found["complete"] and found["limits"][0]["points"]
    assert all(point["proven"] for curve in found["limits"] for point in curve["points"])
