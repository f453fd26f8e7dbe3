"""Horse trades: the ledger against trying every portfolio, and what it says."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimization import generate
from optimization.decisions.trade import trade
from optimization.reading import ProblemInvalid
from optimization.solver import solve
from tests.optimization.test_every_portfolio import problems

from .cases import FOUR, QUICK, best, is_valid, item, quarter, value


@QUICK
@given(problem=problems(), pick=st.data())
def test_the_ledger_is_the_difference_to_the_best_portfolio_that_does_what_is_forced(
    problem: dict[str, Any], pick: st.DataObject
) -> None:
    assume(is_valid(problem))
    keys = st.sampled_from([c["key"] for c in problem["candidates"]])
    ins, outs = pick.draw(st.lists(keys, max_size=2)), pick.draw(st.lists(keys, max_size=1))
    found = trade(problem, ins, outs)
    forced = deepcopy(problem)
    forced["constraints"]["mandatory"] += ins
    forced["constraints"]["excluded"] += outs
    before, after = best(problem), best(forced)
    assert found["feasible"] is (after is not None)
    assert found["complete"] and found["proven"] and found["text"]
    if before is None or after is None:
        assert found["conflict"] and found["difference"]["delta_objective"] is None
        return
    changed = found["difference"]
    assert found["answer"]["scope"] == after
    assert {line["key"] for line in changed["adds"]} == after.keys() - before.keys()
    assert {line["key"] for line in changed["drops"]} == before.keys() - after.keys()
    assert changed["delta_objective"] == pytest.approx(
        value(problem, after) - value(problem, before), abs=1e-6
    )
    json.dumps(found, allow_nan=False)


WORDS = [
    ({"force_in": ["B"]}, {}, "Forcing B in costs 3 gmv: drops A."),
    ({"force_in": ["a"]}, {}, "Forcing A in changes nothing: the portfolio is that way already."),
    ({"force_out": ["A"]}, {}, "Forcing A out costs 3 gmv: adds B."),
    ({"force_in": ["B"], "force_out": ["C"]}, {}, "Forcing B in and C out costs 9 gmv: drops A."),
    (
        {"force_in": ["D"]},
        {"constraints": {"excluded": ["D"]}, "capacity_total": 10},
        "Forcing D in is not possible: D is forced in and excluded; drop one of the two",
    ),
    (
        {"force_out": ["A"]},
        {"constraints": {"mandatory": ["A"]}},
        "Forcing A out is not possible: A is mandatory and forced out; drop one of the two",
    ),
    (
        {"force_in": ["A"], "force_out": ["A"]},
        {},
        "Forcing A in and A out is not possible: A is forced in and forced out; drop one of the two",
    ),
    (
        {"force_in": ["D"]},
        {},
        "Forcing D in is not possible: forced-in initiatives need 9 tokens, the capacity allows 8: D (9)",
    ),
    (
        {"force_in": ["A", "B"]},
        {"constraints": {"exclusion_pairs": [["A", "B"]]}, "capacity_total": 20},
        "Forcing A and B in is not possible: A is forced in; B is forced in; A and B exclude each other",
    ),
    (
        {"force_in": ["B"]},
        {"targets": [{"kpi": "gmv", "target": 99}]},
        "There is no portfolio even without the trade: the floor of gmv in all: all candidates together",
    ),
    (
        {"force_in": ["B"]},
        {"targets": [{"kpi": "gmv", "target": 14, "type": "goal"}]},
        "drops A. The goal of gmv in all is missed then: 13 of 14.",
    ),
    (
        {"force_in": ["B"]},
        {"targets": [{"kpi": "gmv", "target": 14}], "objective": {"mode": "lexicographic"}},
        "The floor shortfall of gmv grows from 0 to 1.",
    ),
]


@pytest.mark.parametrize(("forced", "changes", "words"), WORDS, ids=[case[2] for case in WORDS])
def test_a_trade_is_told_in_words(forced: dict[str, Any], changes: dict[str, Any], words: str) -> None:
    assert words in trade(quarter(*FOUR, **{"capacity_total": 8, **changes}), **forced)["text"]


def test_what_was_forced_is_pointed_at_in_the_question() -> None:
    problem = quarter(*FOUR, capacity_total=20, constraints={"mandatory": ["C"], "excluded": ["D"]})
    conflict = trade(problem, force_in=["B", "D"])["conflict"]
    assert {entry["constraint"] for entry in conflict} == {"/force_in/1", "/constraints/excluded/0"}


def test_the_ledger_counts_kpis_tokens_by_dimension_and_scopes() -> None:
    uk = {"dimensions": {"market": "UK"}}
    auto = item("big", 6, 10, scope_mode="auto", tokens_mvp=2, mvp_value_share=0.5, **uk)
    changed = trade(quarter(auto, item("x", 4, 1), capacity_total=8), force_in=["x"])["difference"]
    assert changed["scope_changes"] == [{"key": "big", "before": "full", "after": "mvp", "tokens": -4}]
    assert changed["delta_tokens"] == {"total": 0, "market": {"UK": -4}}
    assert changed["delta_kpis"] == {"gmv": -4, "nps": 0}
    assert changed["adds"] == [{"key": "x", "scope": "full", "tokens": 4, "contributions": {"gmv": 1}}]


def test_a_known_answer_is_not_solved_again_and_unknown_keys_are_refused() -> None:
    problem = quarter(*FOUR, capacity_total=8)
    known = solve(problem)
    assert trade(problem, ["A"], answer=known)["answer"] is known
    with pytest.raises(ProblemInvalid, match="/force_out/0: Q is not the key of a candidate"):
        trade(problem, [], ["Q"])


def test_a_stopped_trade_says_so() -> None:
    found = trade(generate.problem(1000), ["INIT-000001"], should_stop=lambda: True)
    assert not found["complete"] and not found["proven"]
    assert "stopped before" in found["text"] or "Not proven" in found["text"]
