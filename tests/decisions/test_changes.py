"""Changed inputs in words."""

from __future__ import annotations

from typing import Any

import pytest

from optimization.decisions.changes import changes

from .cases import item, quarter

UK = {"dimensions": {"market": "UK"}}


def rules(**said: Any) -> dict[str, Any]:
    return {"constraints": said}


def target(amount: float, kind: str = "floor", **more: Any) -> dict[str, Any]:
    return {"targets": [{"kpi": "gmv", "target": amount, "type": kind, **more}]}


A, B = item("A", 12, 5), item("B", 1)
WORDS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {}, []),
    ({"capacity_total": 400}, {"capacity_total": 450}, ["capacity 400 → 450"]),
    ({}, {"capacity_total": 1e6}, ["capacity unlimited → 1,000,000"]),
    (target(9), target(9, "goal"), ["target gmv in all: type floor → goal"]),
    (
        target(9),
        target(10, baseline=2),
        ["target gmv in all: amount 9 → 10", "target gmv in all: baseline none → 2"],
    ),
    (
        {},
        target(9, dimension="market", dimension_key="UK"),
        ["target gmv for market UK: added (type floor, amount 9)"],
    ),
    (rules(caps={"market": {"UK": 4}}), rules(caps={"Market": {"uk": 6}}), ["cap for Market uk 4 → 6"]),
    (rules(), rules(floors={"market": {"UK": 4}}), ["token floor for market UK: added (4)"]),
    (rules(mandatory=["A"]), rules(excluded=["a"]), ["mandatory A: removed", "excluded a: added"]),
    (rules(exclusion_pairs=[["A", "B"]]), rules(exclusion_pairs=[["B", "A"]]), []),
    (rules(), rules(prerequisites={"A": ["B"]}), ["A requires B: added"]),
    (rules(bundles=[{"members": ["A", "B"]}]), rules(), ["bundle A + B: removed"]),
    (
        rules(synergies=[{"members": ["A", "B"], "kpi": "gmv", "bonus": 5}]),
        rules(synergies=[{"members": ["B", "A"], "kpi": "gmv", "bonus": 7, "min_members": 1}]),
        ["synergy A + B on gmv: bonus 5 → 7", "synergy A + B on gmv: members needed none → 1"],
    ),
    ({}, {"objective": {"scope": "market:UK"}}, ["objective: scope all → market:UK"]),
    (
        {},
        {"objective": {"mode": "lexicographic", "lexicographic_order": ["nps", "gmv"]}},
        ["objective: mode north star → lexicographic", "objective: order none → nps, gmv"],
    ),
    ({"candidates": [A]}, {"candidates": [item("a", 14, 5)]}, ["a: tokens 12 → 14"]),
    (
        {"candidates": [A]},
        {"candidates": [item("A", 12, 6, **UK)]},
        ["A: contribution to gmv 5 → 6", "A: market none → UK"],
    ),
    ({"candidates": [A]}, {"candidates": [B]}, ["A: removed", "B: added"]),
]


@pytest.mark.parametrize(("before", "after", "texts"), WORDS)
def test_each_changed_input_is_one_sentence(
    before: dict[str, Any], after: dict[str, Any], texts: list[str]
) -> None:
    found = [change["text"] for change in changes(*({**quarter(A, B), **side} for side in (before, after)))]
    assert [text.partition(" (tokens")[0] for text in found] == texts
