"""The frontier against trying every portfolio at every capacity."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given

from optimization import generate
from optimization.decisions.asking import Answer, Asking, standing
from optimization.decisions.frontier import frontier
from optimization.problem import Problem, exact
from tests.optimization.brute import Brute
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, best, is_valid, quarter, with_capacity


@QUICK
@given(problem=problems())
def test_every_point_is_the_best_portfolio_from_the_tokens_it_uses_to_its_capacity(
    problem: dict[str, Any],
) -> None:
    assume(is_valid(problem))
    found = frontier(problem, 400)
    json.dumps(found, allow_nan=False)
    if best(with_capacity(problem, None)) is None:
        assert (found["points"], found["text"]) == ([], "No capacity is enough for a portfolio")
        return
    assert found["is_monotone"] and found["is_whole_curve"] and found["complete"]
    for point in found["points"]:
        for tokens in {point["tokens_used"], point["capacity"]}:
            assert best(with_capacity(problem, tokens)) == point["scope"]
    assert_nothing_between(problem, found["points"])
    assert_ends(problem, found)


def assert_nothing_between(problem: dict[str, Any], points: list[dict[str, Any]]) -> None:
    """Between two points nothing is worth more than the left one: that is what the whole curve means."""
    brute = Brute(problem)
    for left, right in pairwise(points):
        middle = (exact(left["capacity"]) + exact(right["tokens_used"])) / 2
        between = best(with_capacity(problem, float(middle)))
        assert between is not None
        if middle < exact(right["tokens_used"]):
            assert brute.rank(between)[:-2] == brute.rank(left["scope"])[:-2] or (
                brute.objective(between) == brute.objective(left["scope"])
            )


def assert_ends(problem: dict[str, Any], found: dict[str, Any]) -> None:
    free = with_capacity(problem, None)
    allowed = [p for p in Brute(free).portfolios() if Brute(free).allowed(p)]
    assert found["start"] == min(float(Brute(free).tokens(p)) for p in allowed)
    assert found["points"][-1]["scope"] == best(free)


def test_twelve_points_or_more_are_proven_and_lie_where_the_curve_bends() -> None:
    found = frontier(generate.problem(60), 12)
    assert len(found["points"]) >= 12 and all(point["proven"] for point in found["points"])
    assert found["is_monotone"] and sum(point["is_current"] for point in found["points"]) == 1


def test_the_current_capacity_is_a_point_and_its_answer_is_not_solved_again() -> None:
    found = frontier(quarter(*FOUR, capacity_total=8), 3)
    assert [(p["capacity"], p["objective"]) for p in found["points"] if p["is_current"]] == [(8, 16)]
    assert (found["start"], found["end"], found["current"]) == (0, 21, 8)


def test_a_cancelled_frontier_has_the_points_proven_so_far() -> None:
    calls: list[str] = []
    found = frontier(
        quarter(*FOUR, capacity_total=8),
        should_stop=lambda: len(calls) >= 3,
        progress=lambda done, total, text: calls.append(text),
    )
    assert not found["complete"] and 0 < len(found["points"]) < 5
    assert all(point["proven"] for point in found["points"])


def test_where_a_search_finds_nothing_in_time_the_portfolio_for_fewer_tokens_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solved = Asking.best

    def sometimes(asking: Asking, problem: Problem, text: str) -> Answer:
        found = solved(asking, problem, text)
        lost = {"status": "unknown", "portfolio_hash": None, "objective_value": None}
        return found | lost if asking.done > 4 else found

    monkeypatch.setattr(Asking, "best", sometimes)
    found = frontier(generate.problem(60), 12)
    assert found["is_monotone"] and not found["is_whole_curve"]
    assert {point["proven"] for point in found["points"]} == {True, False}


def test_a_smaller_shortfall_beats_any_objective() -> None:
    short, rich = ({"stages": [{"shortfall": s}], "objective_value": v} for s, v in ((1, 9), (2, 99)))
    assert standing(short) > standing(rich)
