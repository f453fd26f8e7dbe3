"""Planning tables to a problem: errors per row, who is a candidate, who is set aside and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from optimization.compile import Compiled, compile_problem
from optimization.constraint_set import compile_constraint_set
from optimization.solver import solve
from optimization.warnings import redundant

KNOWN = ["A", "B", "C", "D"]
KPIS = [
    {"key": "gmv", "level": "north_star", "unit": "GBP"},
    {"key": "nps", "level": "strategic"},
    {"key": "clicks", "level": "operational"},
    {"key": "old", "level": "strategic", "is_active": False},
]


def row(kind: str, key: str | None = None, members: Any = None, **cells: Any) -> dict[str, Any]:
    return {"id": 1, "constraint_type": kind, "dimension_key": key, "member_keys": members, **cells}


def cap(dimension: str, key: str | None, tokens: Any, **cells: Any) -> dict[str, Any]:
    return row("capacity_cap", key, dimension=dimension, max_tokens=tokens, **cells)


def target(kpi: str = "gmv", value: Any = 100, kind: str = "goal", **cells: Any) -> dict[str, Any]:
    return {"id": "t", "dimension": "all", "dimension_key": "all", "kpi_key": kpi, "target_value": value} | {
        "floor_or_goal": kind,
        **cells,
    }


WRONG_ROWS = [
    (row("capacity"), "constraint_type", "must be one of capacity_floor"),
    (cap("planet", "X", 1), "dimension", "takes all or country"),
    (cap("market", None, 1), "dimension_key", "needs this cell"),
    (cap("market", "UK", None), "max_tokens", "needs this cell"),
    (cap("market", "UK", -1), "max_tokens", "0 or more"),
    (cap("market", "UK", float("nan")), "max_tokens", "finite"),
    (cap("market", "UK", 1, min_tokens=1), "min_tokens", "does not use this cell"),
    (cap("all", "UK", 1), "dimension_key", "one value, all"),
    (row("mandatory", "Z"), "dimension_key", "there is no initiative Z"),
    (row("mandatory", "A", members="B"), "member_keys", "does not use this cell"),
    (row("excluded", None), "dimension_key", "needs this cell"),
    (row("exclusion_pair", None, "A, a"), "member_keys", "exactly two different members, has 1"),
    (row("exclusion_pair", "A", "A, B"), "dimension_key", "does not use this cell"),
    (row("bundle", "b", "A"), "member_keys", "at least 2 different members"),
    (row("bundle", "b", "A, Z"), "member_keys", "there is no initiative Z"),
    (row("prerequisite", "A", "A"), "member_keys", "cannot require itself"),
    (row("prerequisite", "A", "Y\nZ"), "member_keys", "there is no initiative Y, Z"),
    (row("synergy_bonus", "s", "A, B", bonus_value=1), "kpi_key", "needs this cell"),
    (row("synergy_bonus", "s", "A, B", bonus_value=1, kpi_key="clicks"), "kpi_key", "not an active"),
    (
        row("synergy_bonus", "s", "A, B", bonus_value=1, kpi_key="gmv", min_members=3),
        "min_members",
        "2 members",
    ),
    (
        row("synergy_bonus", "s", "A, B", bonus_value=1, kpi_key="gmv", min_members=0.5),
        "min_members",
        "whole",
    ),
]


@pytest.mark.parametrize(("wrong", "column", "words"), WRONG_ROWS)
def test_a_wrong_row_is_refused_at_its_cell(wrong: dict[str, Any], column: str, words: str) -> None:
    compiled = compile_constraint_set([wrong], [], KNOWN, ["gmv", "nps"])
    assert any(e["column"] == column and words in e["message"] for e in compiled.errors[1]), compiled.errors
    assert compiled.by_dimension == {}


WRONG_TARGETS = [
    (target("clicks"), "kpi_key", "not an active"),
    (target(value=None), "target_value", "needs a value"),
    (target(kind=""), "floor_or_goal", "floor (hard minimum) or goal"),
    (target(dimension="market", dimension_key=None), "dimension_key", "which market"),
    (target(dimension="bundle"), "dimension", "must be one of all"),
    (target(baseline_value=float("inf")), "baseline_value", "finite"),
]


@pytest.mark.parametrize(("wrong", "column", "words"), WRONG_TARGETS)
def test_a_wrong_target_is_refused_at_its_cell(wrong: dict[str, Any], column: str, words: str) -> None:
    compiled = compile_constraint_set([], [wrong], KNOWN, ["gmv"])
    assert any(e["column"] == column and words in e["message"] for e in compiled.errors["t"]), compiled.errors


def test_the_second_row_about_the_same_thing_is_refused() -> None:
    rows = [cap("market", "UK", 1), cap("market", " uk ", 2) | {"id": 2}]
    pairs = [row("exclusion_pair", None, "A,B") | {"id": 3}, row("exclusion_pair", None, "B,A") | {"id": 4}]
    assert set(compile_constraint_set(rows + pairs, [], KNOWN).errors) == {2, 4}


def test_a_circle_of_prerequisites_is_refused_at_each_of_its_rows() -> None:
    links = ("A", "B"), ("B", "C"), ("C", "A"), ("D", "A")
    rows = [row("prerequisite", key, required) | {"id": key} for key, required in links]
    compiled = compile_constraint_set(rows, [], KNOWN)
    assert set(compiled.errors) == {"A", "B", "C"}
    assert "is a circle" in compiled.errors["A"][0]["message"]
    assert compiled.constraints["prerequisites"] == {"D": ["A"]}


def test_rows_become_one_set_by_dimension() -> None:
    rows = [
        cap("all", "all", 90),
        cap("market", "UK", 40),
        row("capacity_floor", "uk", dimension="Market", min_tokens=5),
        row("mandatory", " a "),
        row("exclusion_pair", None, "C, B"),
        row("bundle", "pack", "A\nB, a", dimension="bundle"),
        row("prerequisite", "B", ["A", "C"]),
        row("synergy_bonus", "duo", "A,B", kpi_key="GMV", bonus_value=9, min_members=1),
        row("excluded", "D", is_active=False),
    ]
    compiled = compile_constraint_set(rows, [target(dimension="market", dimension_key="UK")], KNOWN, ["gmv"])
    assert compiled.errors == {}
    assert compiled.constraints["exclusion_pairs"] == [["B", "C"]]
    assert compiled.by_dimension == {
        "all": {"all": {"cap": 90}},
        "market": {
            "UK": {
                "cap": 40,
                "floor": 5,
                "targets": {"gmv": {"target": 100, "baseline": None, "type": "goal"}},
            }
        },
        "initiative": {
            "A": {"mandatory": True, "bundles": ["pack"], "synergies": ["duo"]},
            "B": {"excludes": ["C"], "bundles": ["pack"], "requires": ["A", "C"], "synergies": ["duo"]},
            "C": {"excludes": ["B"]},
        },
        "bundle": {"pack": {"members": ["A", "B"]}},
        "synergy": {"duo": {"members": ["A", "B"], "min_members": 1, "kpi": "gmv", "bonus": 9}},
    }


def initiative(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "flagged": True,
        "period": "Q2_2026",
        "status": "approved",
        "tokens": 10,
        "contributions": {"gmv": 5, "clicks": 9},
        "dimensions": {"market": "UK", "country": None},
        **changes,
    }


def compiled(
    *initiatives: dict[str, Any], rows: Any = (), targets: Any = (), **more: Any
) -> tuple[Compiled, dict[str, str]]:
    scenario = {"period_key": "2026-Q2", "capacity_total_tokens": 100} | more.pop("scenario", {})
    result = compile_problem(scenario, rows, targets, initiatives, KPIS, **more)
    return result, {entry["key"]: entry["reason"] for entry in result.set_aside}


def keys(result: Compiled) -> list[str]:
    assert result.problem, result.errors
    return [candidate["key"] for candidate in result.problem["candidates"]]


CANDIDACY = [
    ({}, True, None),
    ({"status": "needs_info"}, True, None),
    ({"status": "rejected"}, False, None),
    ({"status": "done"}, False, None),
    ({"flagged": False}, False, None),
    ({"period": "2026-Q3"}, False, None),
    ({"period": None}, False, None),
    ({"tokens": None}, False, "no engineering tokens"),
    ({"tokens": 0}, True, None),
    ({"scope_mode": "mvp"}, False, "no MVP tokens"),
    ({"scope_mode": "mvp", "tokens_mvp": 3}, False, "no MVP value share"),
    ({"scope_mode": "mvp", "tokens": None, "tokens_mvp": 3, "mvp_value_share": 0.5}, True, None),
    ({"scope_mode": "auto", "tokens": None}, False, "tokens for neither scope"),
    ({"scope_mode": "auto"}, True, None),
    ({"earliest_start": date(2026, 7, 1)}, False, "after 2026-Q2 ends"),
    ({"earliest_start": date(2026, 6, 30)}, True, None),
    ({"latest_finish": date(2026, 3, 31)}, False, "latest finish 2026-03-31 is before 2026-Q2 starts"),
    ({"deadline": date(2026, 4, 1)}, True, None),
]


@pytest.mark.parametrize(("changes", "is_in", "reason"), CANDIDACY)
def test_who_is_a_candidate(changes: dict[str, Any], is_in: bool, reason: str | None) -> None:
    result, aside = compiled(initiative("A", **changes))
    assert keys(result) == (["A"] if is_in else [])
    assert (reason is None) == (aside == {})
    assert reason is None or reason in aside["A"]


def test_requiring_what_cannot_be_chosen_sets_aside_and_so_on_but_done_is_satisfied() -> None:
    rows = [row("prerequisite", "A", "B"), row("prerequisite", "B", "C") | {"id": 2}]
    result, aside = compiled(initiative("A"), initiative("B"), rows=rows, others={"C": "archived"})
    assert keys(result) == []
    assert aside["B"].startswith("it requires C, which is not a candidate") and "B is set aside" in aside["A"]
    result, aside = compiled(initiative("A"), initiative("B"), rows=rows, others={"C": "done"})
    assert keys(result) == ["A", "B"] and aside == {}
    assert result.problem and result.problem["constraints"]["prerequisites"] == {"A": ["B"]}


def test_rules_that_name_a_known_initiative_outside_the_candidates() -> None:
    rows = [
        row("bundle", "pack", "A, D"),
        row("exclusion_pair", None, "B, D"),
        row("synergy_bonus", "duo", "B, D", kpi_key="gmv", bonus_value=3),
        row("excluded", "D"),
    ]
    result, aside = compiled(initiative("A"), initiative("B"), rows=rows, others={"D": "new"})
    assert keys(result) == ["B"]
    assert "bundle pack is set aside as a whole" in aside["A"]
    assert [w["code"] for w in result.warnings] == ["constraint_left_out"] * 2
    mandatory = [row("mandatory", "D") | {"id": 7}]
    result, _ = compiled(initiative("A"), rows=mandatory, others={"D": "new"})
    assert result.problem is None and "status: new" in result.errors[7][0]["message"]


def test_a_weight_without_a_scale_is_an_error_unless_nobody_contributes() -> None:
    scenario = {"objective_mode": "weighted_kpis", "objective_weights": {"gmv": 1, "nps": 1}}
    result, _ = compiled(initiative("A"), scenario=scenario)
    assert [e["column"] for e in result.errors["scenario"]] == ["objective_weights"]
    assert result.errors["scenario"][0]["message"].startswith("gmv has a weight but no target")
    result, _ = compiled(initiative("A"), scenario=scenario, targets=[target("gmv", 50)])
    assert result.problem
    answer = solve(result.problem)
    assert answer["objective_value"] == 0.5 * 5 / 50
    assert [w["code"] for w in answer["warnings"]] == ["weight_without_contributions"]


def test_two_weighted_kpis_on_one_metric_chain_are_said_to_count_twice() -> None:
    scenario = {"objective_mode": "weighted_kpis", "objective_weights": {"gmv": 1, "nps": 1}}
    chains = [["clicks", "nps", "gmv"]]
    result, _ = compiled(initiative("A"), scenario=scenario, targets=[target("gmv", 50)], chains=chains)
    assert result.warnings[0]["text"] == "nps lies upstream of gmv (nps → gmv), so one effect counts twice"
    assert result.warnings_for({"mode": "north_star", "weights": {}}) == result.warnings[1:]
    other, _ = compiled(initiative("A"), chains=chains)
    assert other.warnings_for({"mode": "weighted_kpis", "weights": {"gmv": 2, "nps": 1}}) == result.warnings


@pytest.mark.parametrize(
    ("chains", "said"),
    [
        ([["nps", "orders"], ["orders", "gmv"]], ["nps lies upstream of gmv (nps → orders → gmv)"]),
        (
            [["NPS", "orders"], ["Orders", "visits", "gmv"], ["nps", "gmv"]],
            ["nps lies upstream of gmv (NPS → gmv)"],
        ),
        (
            [["gmv", "orders"], ["orders", "nps"], ["nps", "gmv"]],
            ["gmv lies upstream of nps (gmv → orders → nps)"],
        ),
        ([["nps", "orders"], ["gmv", "orders"]], []),
        ([["orders", "nps"], ["orders", "gmv"]], []),
        ([["gmv"], ["nps"]], []),
    ],
)
def test_two_weighted_kpis_count_twice_through_several_chains_too(chains: Any, said: list[str]) -> None:
    found = redundant("weighted_kpis", {"gmv": 1, "nps": 1}, chains)
    assert [warning["text"].removesuffix(", so one effect counts twice") for warning in found] == said
    assert redundant("lexicographic", {"gmv": 1, "nps": 1}, chains) == []
    assert redundant("weighted_kpis", {"gmv": 1, "nps": 0}, chains) == []


def test_three_weighted_kpis_on_one_way_are_told_pair_by_pair() -> None:
    found = redundant("weighted_kpis", {"a": 1, "b": 1, "c": 1}, [["a", "b"], ["b", "c"]])
    assert [warning["text"].partition(",")[0] for warning in found] == [
        "a lies upstream of b (a → b)",
        "b lies upstream of c (b → c)",
    ]


def test_an_unreadable_period_is_an_error_of_the_scenario() -> None:
    result, _ = compiled(initiative("A"), scenario={"period_key": "spring"})
    assert result.errors["scenario"][0]["column"] == "period_key"
