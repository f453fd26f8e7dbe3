"""How an answer is judged, target by target. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from optimization.charts import percent
from optimization.sources import row_finder
from optimization.verdicts import gap_of, severity
from portfolio.amounts import amount


def told(need: float, achieved: float | None, reachable: float | None) -> dict[str, Any]:
    met = achieved is not None and achieved >= need
    gap = None if achieved is None else max(0, need - achieved)
    place = {"dimension": "all", "dimension_key": "all", "kpi": "revenue"}
    return place | {"need": need, "achieved": achieved, "reachable": reachable, "gap": gap, "met": met}


@pytest.mark.parametrize(
    ("need", "achieved", "reachable", "verdict"),
    [
        (100, 100, 120, "met"),
        (100, 95, 120, "near"),
        (100, 94.9, 120, "missed"),
        (100, 99, 99, "impossible"),
        (100, None, 99, "impossible"),
        (100, None, 100, "missed"),
        (-10, -20, -5, "missed"),
        (0, -1, None, "missed"),
    ],
)
def test_severity(need: float, achieved: float | None, reachable: float | None, verdict: str) -> None:
    assert severity(told(need, achieved, reachable)) == verdict


@pytest.mark.parametrize(
    ("need", "achieved", "reachable", "gap", "share"),
    [
        (200, 150, 180, 50, 0.25),
        (200, None, 180, 20, 0.1),
        (200, None, 300, None, None),
        (0, -5, 5, 5, None),
        (-10, -20, 0, 10, 1),
    ],
)
def test_gap(need: float, achieved: Any, reachable: Any, gap: Any, share: Any) -> None:
    found = gap_of(told(need, achieved, reachable))
    assert (found["gap"], found["gap_pct"]) == (gap, share)


ROWS = [
    {"id": 1, "constraint_type": "capacity_cap", "dimension": "Market", "dimension_key": "UK/IE"},
    {"id": 2, "constraint_type": "capacity_floor", "dimension": "all", "dimension_key": None},
    {"id": 3, "constraint_type": "mandatory", "dimension_key": "a"},
    {"id": 4, "constraint_type": "exclusion_pair", "member_keys": ["B", "A"]},
    {"id": 5, "constraint_type": "bundle", "dimension_key": "Pack", "member_keys": ["A", "B"]},
    {"id": 6, "constraint_type": "prerequisite", "dimension_key": "A", "member_keys": ["B"]},
    {"id": 7, "constraint_type": "mandatory", "dimension_key": "C", "is_active": False},
]
PROBLEM = {
    "constraints": {
        "mandatory": ["A", "C"],
        "exclusion_pairs": [["A", "B"]],
        "bundles": [{"key": "pack", "members": ["A", "B"]}],
    }
}


@pytest.mark.parametrize(
    ("pointer", "row"),
    [
        ("/constraints/caps/market/UK~1IE", 1),
        ("/constraints/floors/all/all", 2),
        ("/constraints/mandatory/0", 3),
        ("/constraints/mandatory/1", None),
        ("/constraints/exclusion_pairs/0", 4),
        ("/constraints/bundles/0", 5),
        ("/constraints/prerequisites/A/0", 6),
        ("/targets/1", "second target"),
        ("/capacity_total", "scenario"),
    ],
)
def test_a_pointer_leads_back_to_its_row(pointer: str, row: Any) -> None:
    find = row_finder(PROBLEM, ROWS, ["first target", "second target"], "scenario")
    assert find(pointer) == row


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (1497936.82, "1,497,937"),
        (12.3456, "12.35"),
        (0.123456, "0.1235"),
        (0, "0"),
        (-1200, "-1,200"),
    ],
)
def test_amounts_are_short_but_true(value: float | None, said: str) -> None:
    assert amount(value) == said


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, 0), (5, 10, 50), (15, 10, 100), (-1, 10, 0), (None, 1, 0), (1, None, 0)],
)
def test_bars_stay_within_their_frame(part: Any, whole: Any, shown: int) -> None:
    assert percent(part, whole) == shown
