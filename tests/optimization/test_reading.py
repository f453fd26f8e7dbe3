"""Bad problem files: every mistake at once, with its place and words; odd but valid ones are answered."""

from __future__ import annotations

import math
from typing import Any

import pytest

from optimization.problem import inputs_hash, schema, to_json
from optimization.reading import ProblemInvalid, read_problem, read_text
from optimization.solver import solve

A, B = {"key": "A", "tokens": 5, "contributions": {"gmv": 10}}, {"key": "B", "tokens": 5}
STAR = {"key": "gmv", "level": "north_star"}


def problem(**changes: Any) -> dict[str, Any]:
    return {"candidates": [A, B], "kpis": [STAR], **changes}


def rules(**constraints: Any) -> dict[str, Any]:
    return problem(constraints=constraints)


def weighted(**objective: Any) -> dict[str, Any]:
    return problem(objective={"mode": "weighted_kpis", **objective})


INVALID = [
    ([], "", "one JSON object"),
    ({}, "/candidates", "is required"),
    (problem(candidates=[A | {"tokens": math.nan}]), "/candidates/0/tokens", "finite number"),
    (
        problem(candidates=[A | {"contributions": {"gmv": math.inf}}]),
        "/candidates/0/contributions/gmv",
        "finite",
    ),
    (problem(candidates=[A | {"tokens": -1}]), "/candidates/0/tokens", "must be 0 or more, not -1"),
    (problem(candidates=[A | {"tokens": True}]), "/candidates/0/tokens", "must be a number"),
    (problem(candidates=[A | {"tokens": "12"}]), "/candidates/0/tokens", "not “12”"),
    (problem(candidates=[A | {"effort": 1}]), "/candidates/0/effort", "not a field"),
    (problem(candidates=[{"key": "A"}]), "/candidates/0/tokens", "is required"),
    (problem(candidates=[A | {"key": " "}]), "/candidates/0/key", "not be blank"),
    (
        problem(candidates=[A, B, {"key": " a", "tokens": 1}]),
        "/candidates/2/key",
        "already listed as number 1",
    ),
    (problem(candidates=[A | {"scope_mode": "half"}]), "/candidates/0/scope_mode", "'full', 'mvp' or 'auto'"),
    (problem(candidates=[A | {"scope_mode": "mvp"}]), "/candidates/0/mvp_value_share", "as an MVP"),
    (
        problem(candidates=[A | {"mvp_value_share": 1.5}]),
        "/candidates/0/mvp_value_share",
        "must be 1 or less",
    ),
    (
        problem(candidates=[A | {"dimensions": {"market": "x", "Market ": "y"}}]),
        "/candidates/0/dimensions/Market ",
        "same",
    ),
    (problem(kpis=[]), "/candidates/0/contributions/gmv", "not one of the problem's KPIs"),
    (problem(kpis=[STAR, STAR | {"key": "x"}]), "/kpis", "only one KPI can be the north star"),
    (problem(capacity_total=-1), "/capacity_total", "must be 0 or more"),
    (problem(objective={"mode": "best"}), "/objective/mode", "must be"),
    (problem(objective={"scope": "UK"}), "/objective/scope", "dimension:key"),
    (weighted(weights={}), "/objective/weights", "at least one weight above 0"),
    (weighted(weights={"gmv": -1}), "/objective/weights/gmv", "must be 0 or more"),
    (weighted(weights={"nps": 1}), "/objective/weights/nps", "not one of the problem's KPIs"),
    (weighted(weights={"gmv": 1}), "/objective/weights/gmv", "no target"),
    (rules(mandatory=["Z"]), "/constraints/mandatory/0", "Z is not the key of a candidate"),
    (rules(prerequisites={"A": ["Z"]}), "/constraints/prerequisites/A/0", "Z is not the key"),
    (rules(prerequisites={"Z": ["A"]}), "/constraints/prerequisites/Z", "Z is not the key"),
    (rules(exclusion_pairs=[["A", "a"]]), "/constraints/exclusion_pairs/0", "cannot exclude itself"),
    (rules(exclusion_pairs=[["A"]]), "/constraints/exclusion_pairs/0", "at least 2"),
    (rules(bundles=[{"members": []}]), "/constraints/bundles/0/members", "at least 1"),
    (rules(caps={"all": {"UK": 5}}), "/constraints/caps/all/UK", "one value, all"),
    (
        rules(synergies=[{"members": ["A", "B"], "min_members": 3, "kpi": "gmv", "bonus": 1}]),
        "/constraints/synergies/0/min_members",
        "2 members",
    ),
    (
        problem(targets=[{"kpi": "gmv", "target": 1}, {"kpi": "GMV", "target": 2}]),
        "/targets/1",
        "already has target number 1",
    ),
    (problem(options={"deterministic_seconds": 0}), "/options/deterministic_seconds", "must be more than 0"),
]


@pytest.mark.parametrize(
    ("data", "pointer", "words"), INVALID, ids=[f"{p or 'root'}: {w}" for _, p, w in INVALID]
)
def test_a_mistake_is_named_with_its_place(data: Any, pointer: str, words: str) -> None:
    with pytest.raises(ProblemInvalid) as refused:
        read_problem(data)
    assert any(e["pointer"] == pointer and words in e["text"] for e in refused.value.errors), (
        refused.value.errors
    )


def test_every_mistake_is_reported_not_the_first() -> None:
    data = rules(mandatory=["Z"], excluded=["Y"]) | {"candidates": [A | {"tokens": -1, "x": 1}, B, B]}
    with pytest.raises(ProblemInvalid) as refused:
        read_problem(data)
    assert {error["pointer"] for error in refused.value.errors} == {
        "/candidates/0/tokens",
        "/candidates/0/x",
        "/candidates/2/key",
        "/constraints/mandatory/0",
        "/constraints/excluded/0",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ('{"candidates": [], "candidates": []}', "“candidates” is written 2 times"),
        ('{"candidates": [{"key": "A", "tokens": 1e999}]}', "finite"),
        ("[" * 100_000, "six levels"),
    ],
)
def test_text_that_cannot_be_read_says_why(text: str, words: str) -> None:
    with pytest.raises(ProblemInvalid, match=words):
        read_text(text)


ODD = [
    ("no candidates", {"candidates": []}, [], "no_candidates"),
    ("only key and tokens", {"candidates": [{"key": "A", "tokens": 1}]}, [], "no_north_star"),
    ("all excluded", rules(excluded=["A", "B"]), [], None),
    ("capacity 0", problem(capacity_total=0), [], None),
    ("keys in another spelling", rules(mandatory=[" b "]), ["A", "B"], None),
    ("a bundle of one", rules(bundles=[{"key": "x", "members": ["A", "a"]}]), ["A"], "bundle_of_one"),
    (
        "a bundle with an excluded member",
        rules(bundles=[{"members": ["A", "B"]}], excluded=["B"]),
        [],
        "bundle_excluded",
    ),
    ("a circle", rules(prerequisites={"A": ["B"], "B": ["A"]}), ["A", "B"], "prerequisite_cycle"),
    ("a cap for nobody", rules(caps={"market": {"UK": 5}}), ["A"], "limit_without_candidates"),
    ("a loss", problem(candidates=[A | {"contributions": {"gmv": -10}}]), [], None),
    (
        "tiny and huge",
        problem(candidates=[A | {"contributions": {"gmv": 1e8}}, B | {"contributions": {"gmv": 1e-3}}]),
        ["A", "B"],
        None,
    ),
    ("no choice of scope", problem(candidates=[A | {"scope_mode": "auto"}]), ["A"], "scope_not_estimated"),
    (
        "weight nobody serves",
        problem(candidates=[B], objective={"mode": "weighted_kpis", "weights": {"gmv": 1}}),
        [],
        "weight_without_contributions",
    ),
]


@pytest.mark.parametrize(
    ("data", "selected", "warning"), [odd[1:] for odd in ODD], ids=[odd[0] for odd in ODD]
)
def test_an_odd_problem_gets_its_answer(data: Any, selected: list[str], warning: str | None) -> None:
    answer = solve(data)
    assert (answer["status"], answer["unique"], answer["selected"]) == ("optimal", True, selected)
    assert warning in ([None] if warning is None else [w["code"] for w in answer["warnings"]])


def test_a_problem_written_out_reads_back_the_same() -> None:
    once = read_problem(rules(bundles=[{"members": ["A", "B"]}]))
    assert read_problem(to_json(once)) == once
    assert schema()["required"] == ["candidates"]


def test_the_inputs_hash_ignores_order_but_no_number() -> None:
    given = read_problem(rules(mandatory=["A", "B"], exclusion_pairs=[["A", "B"]]))
    turned = read_problem(
        problem(candidates=[B, A], constraints={"mandatory": ["B", "A"], "exclusion_pairs": [["B", "A"]]})
    )
    other = read_problem(rules(mandatory=["A", "B"], exclusion_pairs=[["A", "B"]]) | {"capacity_total": 1})
    assert inputs_hash(given) == inputs_hash(turned) != inputs_hash(other)
