"""Hand cases of each notion, and what an answer looks like in every situation."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.core.management import call_command

from optimization import generate
from optimization.answer import portfolio_hash
from optimization.problem import Problem
from optimization.reading import read_problem
from optimization.solver import solve
from optimization.verify import PortfolioBroken, verify

from .brute import weight

FIELDS = [
    "status",
    "unique",
    "objective_value",
    "best_bound",
    "gap",
    "selected",
    "scope",
    "capacity_used",
    "kpi_totals",
    "kpi_totals_by_dimension",
    "targets",
    "shares",
    "stages",
    "conflict",
    "repairs",
    "set_aside",
    "warnings",
    "reasons",
    "solver",
    "inputs_hash",
    "portfolio_hash",
]
KPIS = [{"key": "gmv", "level": "north_star"}, {"key": "nps", "level": "strategic"}]


def item(key: str, tokens: float, gmv: float = 0, **more: Any) -> dict[str, Any]:
    return {"key": key, "tokens": tokens, "contributions": {"gmv": gmv}, **more}


def quarter(*candidates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"candidates": list(candidates), "kpis": KPIS, **changes}


TEN = item("A", 10, 15), item("B", 10, 5)
UK = {"dimensions": {"market": "UK"}}


def floor(kpi: str, target: float, **more: Any) -> dict[str, Any]:
    return {"kpi": kpi, "target": target, "type": "floor", **more}


def test_the_worked_example_of_the_problem_file() -> None:
    answer = solve(
        quarter(
            item("A", 12, 120000.5, dimensions={"department": "payments", "market": "UK"}),
            item("C", 3),
            item("B", 4, 90000),
            item("D", 300, 100000, scope_mode="auto", tokens_mvp=20.5, mvp_value_share=0.3),
            capacity_total=200,
            constraints={
                "caps": {"department": {"payments": 120}},
                "exclusion_pairs": [["A", "B"]],
                "prerequisites": {"A": ["C"]},
                "synergies": [{"members": ["A", "C"], "kpi": "gmv", "bonus": 5000}],
            },
        )
    )
    assert answer["scope"] == {"A": "full", "C": "full", "D": "mvp"}
    assert answer["objective_value"] == answer["best_bound"] == 155000.5
    assert answer["capacity_used"] == {"total": 35.5, "department": {"payments": 12}, "market": {"UK": 12}}
    assert answer["kpi_totals"] == {"gmv": 155000.5, "nps": 0}
    assert answer["kpi_totals_by_dimension"]["market"]["UK"]["gmv"] == 120000.5
    assert answer["portfolio_hash"] == portfolio_hash({"D": "mvp", "C": "full", "A": "full"})


def test_a_synergy_counts_in_a_dimension_only_when_all_members_are_inside() -> None:
    synergies = [
        {"members": ["A", "B"], "kpi": "gmv", "bonus": 7},
        {"members": ["A", "C"], "kpi": "gmv", "bonus": 100, "min_members": 1},
    ]
    rows = item("A", 1, 1, **UK), item("B", 1, 1, **UK), item("C", 1, 1)
    answer = solve(quarter(*rows, constraints={"synergies": synergies}))
    assert answer["objective_value"] == 110
    assert answer["kpi_totals_by_dimension"]["market"]["UK"]["gmv"] == 9


def test_weights_are_shares_of_the_needs_of_the_scopes_targets() -> None:
    targets = [
        floor("gmv", 200, type="goal"),
        floor("gmv", 50, type="goal", dimension="market", dimension_key="UK"),
        floor("nps", 9, baseline=5, type="goal", dimension="market", dimension_key="uk"),
    ]
    rows = (
        item("A", 1, 10, **UK),
        item("B", 1, 1000),
        {"key": "C", "tokens": 1, "contributions": {"nps": 2}, **UK},
    )
    objective = {"mode": "weighted_kpis", "scope": "market:UK", "weights": {"gmv": 3, "nps": 1}}
    answer = solve(quarter(*rows, objective=objective, targets=targets))
    assert answer["objective_value"] == pytest.approx(0.75 * 10 / 50 + 0.25 * 2 / 4)
    assert answer["shares"] == [
        {"kpi": "gmv", "weight": 0.75, "total": 10, "need": 50, "points": 0.15, "share": 0.15 / 0.275},
        {"kpi": "nps", "weight": 0.25, "total": 2, "need": 4, "points": 0.125, "share": 0.125 / 0.275},
    ]


def test_lexicographic_stages_hold_each_result_before_the_north_star() -> None:
    rows = item("A", 10, 100), {"key": "B", "tokens": 10, "contributions": {"gmv": 1, "nps": 6}}
    objective = {"mode": "lexicographic", "lexicographic_order": ["nps", "gmv"]}
    targets = [floor("nps", 10), floor("gmv", 50)]
    answer = solve(quarter(*rows, capacity_total=10, objective=objective, targets=targets))
    assert (answer["status"], answer["selected"], answer["objective_value"]) == ("optimal", ["B"], 1)
    assert answer["stages"] == [
        {"kpi": "nps", "kind": "floor", "shortfall": 4},
        {"kpi": "gmv", "kind": "floor", "shortfall": 49},
    ]
    assert [t["met"] for t in answer["targets"]] == [False, False]


def test_among_equals_the_cheaper_portfolio_wins_and_then_the_smaller_hash() -> None:
    first, second = sorted("AB", key=lambda key: weight(f"{key}:full"))
    cheaper = quarter(item(first, 5, 10), item(second, 4, 10), capacity_total=8)
    assert solve(cheaper)["selected"] == [second]
    equal = quarter(item(second, 4, 10), item(first, 4, 10), capacity_total=7)
    assert solve(equal)["selected"] == [first]


def test_a_need_met_within_the_tolerance_is_met() -> None:
    third = item("A", 1, 0.1), item("B", 1, 0.2)
    answer = solve(quarter(*third, targets=[floor("gmv", 0.3 + 5e-10)]))
    assert (answer["status"], answer["targets"][0]["met"], answer["targets"][0]["gap"]) == (
        "optimal",
        True,
        0,
    )


INFEASIBLE = [
    (
        {"targets": [floor("gmv", 50), floor("nps", 3, baseline=1)]},
        {"/targets/0", "/targets/1"},
        "all candidates together bring 20 of the 50 gmv required, short by 30",
    ),
    (
        {"constraints": {"mandatory": ["A", "B"], "excluded": ["B"]}, "capacity_total": None},
        {"/constraints/mandatory/1", "/constraints/excluded/0"},
        "B is both mandatory and excluded",
    ),
    (
        {"constraints": {"mandatory": ["A", "B"]}},
        {"/capacity_total"},
        "need 20 tokens, the capacity allows 15",
    ),
    (
        {
            "candidates": [item("A", 10, **UK), item("B", 10, dimensions={"market": "FR"})],
            "constraints": {"floors": {"market": {"UK": 10, "FR": 6}}},
        },
        {"/capacity_total", "/constraints/floors/market/UK", "/constraints/floors/market/FR"},
        "token floors for market FR, UK need 16 tokens, the capacity allows 15",
    ),
    (
        {"constraints": {"floors": {"market": {"UK": 12}}}, "capacity_total": None},
        {"/constraints/floors/market/UK"},
        "bring 0 of the 12 tokens required",
    ),
    (
        {"targets": [floor("gmv", 18)], "constraints": {"caps": {"all": {"all": 12}}}},
        {"/capacity_total", "/constraints/caps/all/all", "/targets/0"},
        "at most 12 tokens in all",
    ),
    (
        {
            "constraints": {
                "mandatory": ["A"],
                "bundles": [{"key": "x", "members": ["A", "B"]}],
                "exclusion_pairs": [["B", "A"]],
            },
            "capacity_total": None,
        },
        {"/constraints/mandatory/0", "/constraints/bundles/0", "/constraints/exclusion_pairs/0"},
        "A and B exclude each other",
    ),
]


@pytest.mark.parametrize(("changes", "pointers", "words"), INFEASIBLE, ids=[case[2] for case in INFEASIBLE])
def test_what_is_infeasible_is_named(changes: dict[str, Any], pointers: set[str], words: str) -> None:
    answer = solve({**quarter(*TEN, capacity_total=15), **changes})
    assert set(answer) == set(FIELDS)
    assert (answer["status"], answer["selected"], answer["scope"]) == ("infeasible", [], {})
    assert answer["objective_value"] is answer["kpi_totals"] is answer["portfolio_hash"] is None
    conflict = {entry["constraint"] for entry in answer["conflict"]}
    assert pointers <= conflict
    assert any(words in entry["text"] for entry in answer["conflict"])


def test_repairs_say_which_numbers_to_change_and_a_double_limit_is_changed_in_both_places() -> None:
    answer = solve(
        quarter(
            *TEN, capacity_total=15, targets=[floor("gmv", 18)], constraints={"caps": {"all": {"all": 12}}}
        )
    )
    assert [(r["constraint"], r["from"], r["to"]) for r in answer["repairs"]] == [
        ("/targets/0", 18, 15),
        ("/capacity_total", 15, 20),
        ("/constraints/caps/all/all", 12, 20),
    ]
    assert [r["together"] for r in answer["repairs"]] == [False, True, True]
    assert answer["targets"][0]["reachable"] == 15


def test_reasons_say_why_each_candidate_is_in_or_out() -> None:
    rows = (
        item("must", 1),
        item("helper", 1),
        item("star", 10, 100),
        item("rival", 1, 1),
        item("banned", 1, 50),
        item("big", 90, 99),
        item("idle", 1),
        item("late", 1, 5),
    )
    constraints = {
        "mandatory": ["must"],
        "excluded": ["banned"],
        "exclusion_pairs": [["rival", "star"]],
        "prerequisites": {"star": ["helper"], "late": ["banned"]},
    }
    answer = solve(quarter(*rows, capacity_total=91, constraints=constraints), explain=True)
    assert {key: reason["code"] for key, reason in answer["reasons"].items()} == {
        "must": "mandatory",
        "helper": "prerequisite",
        "star": "chosen",
        "rival": "exclusion_pair",
        "banned": "excluded",
        "big": "capacity",
        "idle": "no_gain",
        "late": "prerequisite",
    }
    assert answer["reasons"]["big"]["text"].startswith("needs 90 tokens, the capacity has 79 of 91 left")


def test_a_broken_portfolio_never_gets_past_verification() -> None:
    problem: Problem = read_problem(
        quarter(
            *TEN, capacity_total=15, targets=[floor("gmv", 18)], constraints={"prerequisites": {"A": ["B"]}}
        )
    )
    with pytest.raises(PortfolioBroken, match=r"A requires B.*the floor 18"):
        verify(problem, {"A": "full"})
    with pytest.raises(PortfolioBroken, match="20 tokens exceed the capacity of 15"):
        verify(problem, {"A": "full", "B": "full"})


def test_a_spent_deterministic_budget_is_visible_and_repeatable() -> None:
    problem = generate.problem(400, seed=5) | {"options": {"deterministic_seconds": 0.005}}
    first, second = solve(problem), solve(problem)
    assert first["status"] in ("feasible", "unknown", "optimal") and not first["unique"]
    assert first["solver"]["stopped_by"] == "deterministic_limit"
    assert first["portfolio_hash"] == second["portfolio_hash"]


ENDLESS = {"deterministic_seconds": 1e6, "wall_seconds": 3600}


@pytest.mark.parametrize("polls", [0, 10])
def test_cancelling_ends_what_would_go_on_for_hours_and_says_so(polls: int) -> None:
    asked = itertools.count()
    answer = solve(
        generate.knapsack(10, 500) | {"options": ENDLESS}, should_stop=lambda: next(asked) >= polls
    )
    assert answer["solver"]["stopped_by"] == "cancelled"
    assert set(answer) == set(FIELDS)


def test_what_is_cancelled_before_it_starts_says_so() -> None:
    answer = solve(generate.problem(2000), should_stop=lambda: True)
    assert answer["solver"]["stopped_by"] == "cancelled"
    assert set(answer) == set(FIELDS)


@pytest.mark.parametrize("mode", ["north_star", "weighted_kpis", "lexicographic"])
def test_a_planning_quarter_is_solved_to_the_end_with_progress(mode: str) -> None:
    told: list[tuple[float, str]] = []
    answer = solve(generate.problem(100, mode), progress=lambda fraction, text: told.append((fraction, text)))
    assert (answer["status"], answer["unique"]) == ("optimal", True)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = 0
    try:
        call_command("solve", *arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_the_command_prints_one_answer(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(quarter(*TEN, capacity_total=15)))
    code, answer, err = run(capsys, str(file), "--explain")
    assert (code, list(answer), err) == (0, FIELDS, "")
    assert answer["selected"] == ["A"] and set(answer["reasons"]) == {"A", "B"}


def test_the_command_refuses_an_invalid_file_with_every_error(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "problem.json"
    file.write_text('{"candidates": [{"key": "A", "tokens": NaN}], "x": 1}')
    code, answer, err = run(capsys, str(file))
    assert code == 2 and len(answer["errors"]) == 2 == len(err.splitlines())
    assert run(capsys, str(tmp_path / "missing.json"))[0] == 2
    assert run(capsys, "--schema")[1]["properties"]["candidates"]
