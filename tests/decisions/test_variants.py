"""Several portfolios from one problem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimization.decisions.variants import portfolios
from optimization.reading import ProblemInvalid
from optimization.solver import solve

from .cases import FOUR, item, quarter

GOAL = {"kpi": "gmv", "target": 20, "type": "goal"}
NPS = {"kpi": "nps", "target": 5, "type": "goal"}
ROWS = (*FOUR, {"key": "E", "tokens": 8, "contributions": {"nps": 5}})
PROBLEM = quarter(*ROWS, capacity_total=8, targets=[GOAL, NPS])

SELECTED = [
    ({}, ["A", "C"]),
    ({"capacity": 12}, ["A", "B", "C"]),
    ({"capacity": None}, ["A", "B", "C", "D", "E"]),
    ({"weights": {"nps": 1}}, ["E"]),
    ({"mode": "weighted_kpis", "weights": {"gmv": 9, "nps": 1}}, ["A", "C"]),
    ({"order": ["nps"]}, ["E"]),
    ({"constraints": {"excluded": ["A"]}}, ["B", "C"]),
    ({"value_scores": {"a": 1, "D": 50, "B": 3}}, ["B", "C"]),  # C for the goal, as always among equals
    ({"value_scores": {"B": 3, "E": 4}, "scope": "market:UK"}, ["A", "C"]),
]


@pytest.mark.parametrize(("variant", "selected"), SELECTED)
def test_a_variant_changes_only_what_it_says(variant: dict[str, Any], selected: list[str]) -> None:
    (entry,) = portfolios(PROBLEM, [{"name": "x", **variant}])["variants"]
    assert entry["errors"] == [] and entry["answer"]["status"] == "optimal"
    assert entry["answer"]["selected"] == selected
    assert solve(entry["problem"])["portfolio_hash"] == entry["answer"]["portfolio_hash"]


def test_value_scores_are_the_north_star_and_targets_keep_their_kpis() -> None:
    floor = quarter(*ROWS, capacity_total=8, targets=[{"kpi": "gmv", "target": 16}])
    (entry,) = portfolios(floor, [{"name": "RICE", "value_scores": {"E": 99, "A": 1}}])["variants"]
    assert entry["answer"]["selected"] == ["A", "C"]  # the floor holds, whatever the scores say
    assert entry["answer"]["kpi_totals"] == {"value score": 1, "gmv": 16, "nps": 0}
    assert entry["without_score"] == ["B", "C", "D"]


def test_a_kpi_that_is_called_value_score_already_is_left_alone() -> None:
    problem = {
        "candidates": [item("A", 1, 2)],
        "kpis": [{"key": "gmv", "level": "north_star"}, {"key": "Value Score"}],
    }
    (entry,) = portfolios(problem, [{"name": "x", "value_scores": {"A": 7}}])["variants"]
    assert entry["answer"]["kpi_totals"] == {"value score 2": 7, "gmv": 2, "Value Score": 0}


BAD = [
    ({"mode": "best"}, "mode must be"),
    ({"speed": 3}, "speed is not a field of a variant; there are name, mode"),
    ({"weights": {"arpu": 1}}, "arpu is not one of the problem's KPIs"),
    ({"capacity": -1}, "capacity_total must be 0 or more"),
    ({"value_scores": {"A": 1}, "mode": "lexicographic"}, "leave mode out"),
    ({"value_scores": {"A": float("nan")}}, "must be a finite number"),
    ({"value_scores": {"Q": 1}}, "Q is not the key of a candidate"),
    ({"value_scores": [1]}, "value_scores must be an object"),
]


@pytest.mark.parametrize(("variant", "words"), BAD)
def test_a_senseless_variant_says_why_and_stops_no_other(variant: dict[str, Any], words: str) -> None:
    bad, good = portfolios(PROBLEM, [{"name": "bad", **variant}, {"name": "good"}])["variants"]
    assert bad["answer"] is None and any(words in error["text"] for error in bad["errors"])
    assert good["answer"]["selected"] == ["A", "C"]


@pytest.mark.parametrize("names", [[""], ["a", "A "], [None]])
def test_every_variant_needs_a_name_of_its_own(names: list[Any]) -> None:
    with pytest.raises(ProblemInvalid, match=r"name|called"):
        portfolios(PROBLEM, [{"name": name} for name in names])


def test_cancelled_the_variants_not_reached_have_no_answer() -> None:
    calls: list[str] = []
    found = portfolios(
        PROBLEM,
        [{"name": name} for name in "abc"],
        should_stop=lambda: len(calls) >= 2,
        progress=lambda done, total, text: calls.append(text),
    )
    assert [entry["answer"] is None for entry in found["variants"]] == [False, False, True]
    assert not found["complete"]
    json.dumps(found, allow_nan=False)
