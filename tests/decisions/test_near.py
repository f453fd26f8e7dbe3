"""Near misses against trying every portfolio."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given

from optimization import generate
from optimization.decisions.capacities import grain
from optimization.decisions.near import near_misses
from optimization.reading import read_problem
from tests.optimization.brute import Brute
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, best, is_valid, item, quarter, value


@QUICK
@given(problem=problems())
def test_the_cost_is_what_the_best_portfolio_with_the_candidate_lacks(problem: dict[str, Any]) -> None:
    assume(is_valid(problem))
    base = best(problem)
    found = near_misses(problem, forced=9, bisected=0)
    json.dumps(found, allow_nan=False)
    keys = {c["key"] for c in problem["candidates"]}
    assert {miss["key"] for miss in found["candidates"]} == (
        keys - base.keys() if base is not None else set()
    )
    for miss in found["candidates"]:
        forced = deepcopy(problem)
        forced["constraints"]["mandatory"].append(miss["key"])
        taken = best(forced)
        assert (miss["how"] == "never") is (taken is None)
        if taken is not None and miss["cost"] is not None:
            assert base is not None
            assert miss["cost"] == pytest.approx(value(problem, base) - value(problem, taken), abs=1e-6)
            assert miss["at_least"] <= miss["cost"] + 1e-6 and miss["proven"]


@QUICK
@given(problem=problems())
def test_the_tokens_that_are_enough_are_the_most_with_which_it_is_chosen(problem: dict[str, Any]) -> None:
    assume(is_valid(problem) and not problem["constraints"].get("floors"))
    for miss in near_misses(problem, forced=9, bisected=2)["candidates"][:2]:
        said = miss["fewer_tokens"]
        if said is None:
            continue
        assert said["tokens"] > 0 or said["enough"] is None
        step = float(grain(read_problem(problem)))
        for tokens in (said["enough"], None if said["enough"] is None else said["enough"] + step):
            if tokens is not None and tokens < said["tokens"]:
                assert is_chosen(problem, miss["key"], said["scope"], tokens) is (tokens == said["enough"])
        if said["enough"] is None:
            assert not is_chosen(problem, miss["key"], said["scope"], 0)


def is_chosen(problem: dict[str, Any], key: str, scope: str, tokens: float) -> bool:
    changed = deepcopy(problem)
    row = next(c for c in changed["candidates"] if c["key"] == key)
    row["tokens" if scope == "full" else "tokens_mvp"] = tokens
    return key in (Brute(changed).best() or {})


def test_a_near_miss_is_told_in_words() -> None:
    problem = quarter(*FOUR, capacity_total=9, constraints={"excluded": ["C"]})
    found = near_misses(problem)
    assert [(m["key"], m["how"], m["text"]) for m in found["candidates"]] == [
        ("D", "forced", "Taking D would cost 8 gmv: drops A and B."),
        ("C", "never", "It is excluded, so it cannot be in."),
    ]
    assert found["candidates"][0]["fewer_tokens"] == {
        "scope": "full",
        "tokens": 9,
        "enough": 4,
        "fewer": 5,
        "proven": True,
    }


def test_who_would_be_built_in_another_scope_is_named() -> None:
    smaller = item("A", 6, 10, scope_mode="auto", tokens_mvp=2, mvp_value_share=0.9)
    (miss,) = near_misses(quarter(smaller, item("B", 3, 0.5), capacity_total=6))["candidates"]
    assert (miss["cost"], miss["drops"], miss["adds"]) == (0.5, [], [])
    assert miss["builds"] == [{"key": "A", "before": "full", "after": "mvp", "tokens": -4}]


def test_many_candidates_have_bounds_from_one_lp_and_a_few_exact_costs() -> None:
    problem = generate.problem(120)
    few, more = (near_misses(problem, forced=forced, bisected=0) for forced in (0, 15))
    bounds = {miss["key"]: miss["at_least"] for miss in few["candidates"]}
    exact = {miss["key"]: miss["cost"] for miss in more["candidates"] if miss["cost"] is not None}
    assert few["forced"] == 0 and more["forced"] == 15
    assert sum(bound > 0 for bound in bounds.values()) > len(bounds) / 2
    assert all(bounds[key] <= cost for key, cost in exact.items())


def test_a_companion_that_is_in_already_adds_nothing_to_the_bound() -> None:
    rows = item("base", 5, 10), item("extra", 1, 0.1), item("rival", 1, 5)
    problem = quarter(*rows, capacity_total=6, constraints={"prerequisites": {"extra": ["base"]}})
    (miss,) = near_misses(problem)["candidates"]
    assert miss["at_least"] <= miss["cost"] == 4.9


def test_cancelled_it_says_what_was_computed_exactly() -> None:
    calls: list[str] = []
    found = near_misses(
        quarter(*FOUR, capacity_total=5),
        should_stop=lambda: len(calls) >= 3,
        progress=lambda done, total, text: calls.append(text),
    )
    assert not found["complete"] and 0 < found["forced"] < len(found["candidates"])
