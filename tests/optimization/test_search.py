"""The search itself: what it says about the best portfolio, by whichever way it got there."""

from __future__ import annotations

import itertools
import time
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest

from optimization import search
from optimization.cpsat import Budget
from optimization.generate import problem
from optimization.mathopt import keeps
from optimization.model import Model
from optimization.objective import maximised
from optimization.reading import read_problem
from optimization.rules import rules
from optimization.search import Found, Search
from optimization.solver import solve


def searched(document: dict, kernel_size: int = search.KERNEL, **limits: Any) -> tuple[Found, Fraction]:
    model = Model(read_problem(document))
    budget = Budget(30.0, time.monotonic() + 600)
    with patch.multiple(search, KERNEL=kernel_size, **limits):
        found = Search(model, rules(model), maximised(model), budget).found()
    assert found is not None
    return found, model.value(maximised(model), set(found.chosen))


def of(*worths: float, capacity: float, tokens: int = 1) -> dict:
    candidates = [
        {"key": f"C{number}", "tokens": tokens, "contributions": {"gmv": worth}}
        for number, worth in enumerate(worths)
    ]
    kpis = [{"key": "gmv", "level": "north_star", "unit": None}]
    return {"candidates": candidates, "kpis": kpis, "capacity_total": capacity}


WAYS = {
    "lists": {},
    "kernel and core": {"kernel_size": 4, "CORE": 6, "LONGEST": 0},
    "core at once": {"kernel_size": 4, "CORE": 600, "LONGEST": 0},
    "other solvers": {"kernel_size": 60, "CORE": 600, "TRIES": 0, "LONGEST": 0},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_every_way_finds_the_same_best_portfolio(way, seed):
    document = problem(60, seed=seed)
    expected = solve(document)
    found, worth = searched(document, **WAYS[way])
    assert found.proven
    assert found.bound == worth
    assert float(worth) == expected["objective_value"]


def test_a_portfolio_without_an_equal_is_said_to_be_alone():
    found, worth = searched(of(5_000_001, 4e6, 3e6, 2e6, 1e6, capacity=2))
    assert (found.proven, found.alone, worth) == (True, True, 9_000_001)


def test_a_portfolio_with_an_equal_is_not():
    found, worth = searched(of(5_000_001, 4e6, 4e6, 1e6, capacity=2))
    assert (found.proven, found.alone, worth) == (True, False, 9_000_001)


def test_equals_that_only_rounding_hides_are_told_apart():
    """Whole numbers below 2^53 cannot hold both ends of this sum, so the two middle ones look alike."""
    found, worth = searched(of(1e15, 0.0003, 0.0002, 1e-4, capacity=2))
    assert (found.proven, found.alone) == (True, True)
    assert worth == Fraction(10**15) + Fraction(3, 10_000)
    assert found.bound == worth


def test_what_is_settled_holds_in_every_portfolio_as_good():
    document = problem(16, seed=3)
    model = Model(read_problem(document))
    terms = maximised(model)
    found, worth = searched(document, kernel_size=4, CORE=2)
    assert found.settled
    for size in range(model.size + 1):
        for chosen in itertools.combinations(range(model.size), size):
            if model.value(terms, set(chosen)) >= worth and kept(model, set(chosen)):
                assert all(
                    (number in chosen) if number >= 0 else (~number not in chosen) for number in found.settled
                )


def kept(model: Model, chosen: set[int]) -> bool:
    return all(keeps(rule, frozenset(chosen)) for rule in rules(model))


def test_where_equals_are_the_rule_nobody_asks_whether_there_is_one():
    found, worth = searched(of(5, 4, 3, 2, 1, capacity=2), LONGEST=0)
    assert (found.proven, found.alone, worth) == (True, False, 9)


def test_where_a_group_has_no_choice_at_all_nothing_is_found_and_nobody_is_warned(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Halves of three that exclude each other keep the floor, which is why the LP does not see it."""
    document = of(3, 2, 1, capacity=9)
    pairs = [["C0", "C1"], ["C0", "C2"], ["C1", "C2"]]
    document["constraints"] = {"exclusion_pairs": pairs, "floors": {"all": {"all": 1.5}}}
    model = Model(read_problem(document))
    search = Search(model, rules(model), maximised(model), Budget(30.0, time.monotonic() + 600))
    assert search.found() is None
    assert [str(warning.message) for warning in recwarn] == []


def test_a_limit_that_whole_numbers_only_come_near_is_kept():
    """Three small ones take 0.02 tokens too many; scaled to fit below 2^53, each of them is 0.9 of a unit."""
    document = of(9, 3, 2, 1, capacity=900_000_000_000_000.25)
    for row, tokens in zip(document["candidates"], (9e14, 0.09, 0.09, 0.09), strict=True):
        row["tokens"] = tokens
    assert solve(document)["selected"] == ["C0", "C1", "C2"]
