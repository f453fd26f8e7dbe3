"""Robustness against solving every draw by trying every portfolio."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimization.decisions.robustness import robustness
from optimization.reading import ProblemInvalid
from tests.optimization.brute import Brute
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, best, is_valid, quarter

N = 4


@QUICK
@given(problem=problems(), seed=st.integers(0, 99))
def test_every_draw_is_answered_as_trying_every_portfolio_would(problem: dict[str, Any], seed: int) -> None:
    assume(is_valid(problem))
    factors = np.random.default_rng(seed).choice([0.5, 1.0, 2.0, 1.5], N)
    draws = {c["key"]: {k: v * factors for k, v in c["contributions"].items()} for c in problem["candidates"]}
    assume(any(draws.values()))
    found = robustness(problem, draws, solves=N, seed=seed)
    json.dumps(found, allow_nan=False)
    redrawn = [at(problem, draws, index) for index in range(N)]
    portfolios = [best(one) for one in redrawn]
    assert (found["solved"], found["infeasible"]) == (N, portfolios.count(None))
    feasible = [portfolio for portfolio in portfolios if portfolio is not None]
    for row in found["selection"]:
        times = sum(row["key"] in portfolio for portfolio in feasible)
        assert row["frequency"] == (times / len(feasible) if feasible else None)
    base = best(problem)
    if base is None:
        assert found["base"] is None
        return
    worth = [float(Brute(one).objective(base)) for one in redrawn]
    assert found["base"]["mean"] == pytest.approx(np.mean(worth))
    for row, target in zip(found["targets"], problem["targets"], strict=True):
        held = [Brute(one).met({**target, "type": "floor"}, base) for one in redrawn]
        assert row["base"]["share"] == sum(held) / N


def at(problem: dict[str, Any], draws: dict[str, Any], index: int) -> dict[str, Any]:
    changed = deepcopy(problem)
    for candidate in changed["candidates"]:
        drawn = draws[candidate["key"]]
        candidate["contributions"] = {kpi: float(f"{values[index]:.12g}") for kpi, values in drawn.items()}
    return changed


def test_the_same_column_is_drawn_for_every_initiative() -> None:
    moves = np.array([1.0, 3.0])
    draws = {"A": {"gmv": 10 * moves}, "C": {"gmv": 6 * moves}}
    problem = quarter(*FOUR, capacity_total=8, targets=[{"kpi": "gmv", "target": 40, "type": "goal"}])
    found = robustness(problem, draws, solves=2)
    assert found["base"] | {"sampling_error": 0} == found["resolved"] | {"sampling_error": 0}
    assert found["base"]["mean"] == 32  # (10 + 6) · 1 and (10 + 6) · 3, never 10 · 1 + 6 · 3
    assert found["targets"][0]["base"] == {"share": 0.5, "sampling_error": pytest.approx(0.125**0.5)}
    assert [row["key"] for row in found["selection"] if row["frequency"] == 1] == ["A", "C"]


def test_what_is_not_drawn_is_certain_and_so_is_a_single_value() -> None:
    found = robustness(quarter(*FOUR, capacity_total=8), {"A": {"gmv": 12.0}}, solves=5)
    assert (found["draws"], found["solved"], found["base"]["p50"]) == (1, 1, 18)


def test_draws_that_are_not_finite_are_left_out_and_counted() -> None:
    found = robustness(quarter(*FOUR, capacity_total=8), {"A": {"gmv": [1, np.nan, 30, np.inf]}})
    assert (found["draws"], found["unusable_draws"], found["solved"]) == (2, 2, 2)


def test_the_seed_chooses_which_draws_are_solved() -> None:
    problem, draws = quarter(*FOUR, capacity_total=8), {"A": {"gmv": np.arange(50.0)}}
    asked = [robustness(problem, draws, solves=5, seed=seed)["resolved"]["mean"] for seed in (1, 1, 2)]
    assert asked[0] == asked[1] != asked[2]


BAD = [
    ({"Q": {"gmv": [1, 2]}}, "q is not the key of a candidate"),
    ({"A": {"arpu": [1, 2]}}, "arpu is not one of the problem's KPIs"),
    ({"A": {"gmv": [1, 2]}, "B": {"gmv": [1, 2, 3]}}, "the same number of draws, not 2, 3"),
]


@pytest.mark.parametrize(("draws", "words"), BAD)
def test_draws_that_do_not_fit_the_problem_are_refused(draws: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemInvalid, match=words):
        robustness(quarter(*FOUR), draws)


def test_a_cancelled_question_counts_the_draws_it_answered() -> None:
    calls: list[str] = []
    found = robustness(
        quarter(*FOUR, capacity_total=8),
        {"A": {"gmv": np.arange(50.0)}},
        should_stop=lambda: len(calls) >= 4,
        progress=lambda done, total, text: calls.append(text),
    )
    assert not found["complete"] and 0 < found["solved"] < found["solves_asked"] == 50
