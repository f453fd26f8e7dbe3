"""Several portfolios of one scenario, and what-ifs: real runs, and a base that nobody touches."""

from __future__ import annotations

from typing import Any

import pytest

from optimization.models import Constraint, Decision, Run, Scenario, Target
from portfolio.actions.job import Job
from portfolio.tabs.models import CellChange
from scoring.models import ScoringInputs
from tests.decisions_app.world import ask, constraint, decided, kpis, optimize, scenario, target, three
from tests.factories import create, put
from tests.optimization_app.world import chosen
from tests.scoring.conftest import scored

pytestmark = pytest.mark.django_db
BASE = {"scenario": "base"}
CAPACITY = {"tab": "scenario_config", "column": "capacity_total_tokens", "value": 45}


@pytest.fixture
def rows() -> list[Any]:
    kpis()
    found = three()
    scenario(30)
    return found


def cancel_on(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    progress = Job.progress

    def cancel_then(job: Job, done: int, total: int, text: str = "") -> None:
        progress(job, done, total, text)
        if word in text:
            job.run.cancel("ana")

    monkeypatch.setattr(Job, "progress", cancel_then)


def score(row: Any, value: int) -> None:
    inputs = {"rice_reach": value, "rice_impact": 1, "rice_confidence": 1, "rice_effort": 1}
    assert put("scoring_inputs", row, **inputs).ok
    scored(row)


# Several portfolios


def test_every_variant_is_a_run_and_the_decision_names_them(rows: list[Any]) -> None:
    target("signups", 10, "goal")
    variants = [
        {"name": "As it is"},
        {"name": "Signups", "weights": {"signups": 1}},
        {"name": "In order", "mode": "lexicographic", "order": ["signups"]},
        {"name": "All", "capacity": 45},
    ]
    made = decided("pm.generate_portfolios", **BASE, variants=variants)
    runs = [Run.objects.get(run_id=entry["run_id"]) for entry in made.answer["variants"]]
    modes = ["north_star", "weighted_kpis", "lexicographic", "north_star"]
    assert [run.objective_mode for run in runs] == modes
    assert [run.capacity_total for run in runs] == [30, 30, 30, 45]
    assert set(made.runs.all()) == set(runs) and made.run is None
    assert chosen(runs[0]) == {"Checkout", "Loyalty"} and len(chosen(runs[3])) == 3
    assert runs[2].answer["stages"][0]["cost"] is not None  # type: ignore[index]
    assert made.action.result["changed"] == 4 and len(made.action.result["run_ids"]) == 4


def test_a_framework_s_value_score_may_be_the_objective(rows: list[Any]) -> None:
    score(rows[1], 50)
    score(rows[2], 5)
    made = decided("pm.generate_portfolios", **BASE, variants=[{"name": "RICE", "framework": "rice"}])
    entry = made.answer["variants"][0]
    run = Run.objects.get(run_id=entry["run_id"])
    stored = sum(
        ScoringInputs.objects.exclude(rice_value_score=None).values_list("rice_value_score", flat=True)
    )
    assert run.objective_value == stored == 55 and chosen(run) == {"Refunds", "Loyalty"}
    assert entry["without_score"] == [rows[0].initiative_key]


def test_a_variant_that_makes_no_sense_fails_alone(rows: list[Any]) -> None:
    variants = [{"name": "Good"}, {"name": "Bad", "weights": {"signups": 1}}]
    made = decided("pm.generate_portfolios", **BASE, variants=variants)
    failed = made.action.rows.get(key="Bad")
    assert made.action.result["failed"] == 1 and "no target" in failed.message
    assert [entry["run_id"] is None for entry in made.answer["variants"]] == [False, True]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "must be a list of variants like"),
        ({"variants": [{}]}, "a variant needs a name"),
        ({"variants": [{"name": "A"}, {"name": "a"}]}, "called a already"),
        (
            {"variants": [{"name": "A", "framework": "ICE"}]},
            "There is no framework “ICE”. Choose one",
        ),
        ({"variants": [{"name": "A", "framework": "WSJF"}]}, "No candidate has a WSJF value score"),
        ({"variants": [{"name": "A", "colour": 1}]}, "colour is not a field of a variant"),
        ({"scenario": "Bass", "variants": [{"name": "A"}]}, "There is no scenario “Bass”"),
        ({"candidates": "some", "variants": [{"name": "A"}]}, "must be all or selected"),
    ],
)
def test_variants_are_refused_in_words(rows: list[Any], options: dict[str, Any], said: str) -> None:
    action = ask("pm.generate_portfolios", **{**BASE, **options})
    assert action.status == "failed" and said in action.error
    assert not Run.objects.exists() and not Decision.objects.exists()


def test_cancelled_portfolios_leave_no_run(rows: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    cancel_on(monkeypatch, "Two")
    variants = [{"name": "One"}, {"name": "Two"}]
    assert ask("pm.generate_portfolios", **BASE, variants=variants).status == "cancelled"
    assert not Run.objects.exists() and not Decision.objects.exists()


# What if


def test_a_what_if_is_a_copy_that_is_run_and_compared(rows: list[Any]) -> None:
    constraint("excluded", rows[2].initiative_key)
    target("revenue", 300, "goal")
    made = decided("pm.what_if", **BASE, name="Richer", changes=[CAPACITY])
    base, run = made.runs.order_by("pk")
    assert (base.scenario.scenario_name, run.scenario.scenario_name) == ("Base", "Richer")
    assert (made.run, made.answer["run_id"]) == (base, run.run_id)
    assert [change["text"] for change in made.answer["changes"]] == ["capacity 30 → 45"]
    assert made.answer["difference"]["delta_objective"] == 120
    assert run.scenario.constraints.count() == run.scenario.targets.count() == 1


def test_a_what_if_never_touches_the_base(rows: list[Any]) -> None:
    cap = constraint("capacity_cap", "Pay", dimension="department", max_tokens=30)
    target("revenue", 300, "goal")
    optimize()
    before = [list(model.objects.filter(pk__gt=0).values()) for model in (Scenario, Constraint, Target, Run)]
    changes = [
        CAPACITY,
        {"tab": "constraints", "key": "pay", "column": "max_tokens", "value": 5},
        {"tab": "constraints", "row": cap.pk, "column": "notes", "value": "tighter"},
        {"tab": "targets", "key": "revenue", "delete": True},
        {
            "tab": "constraints",
            "values": {"constraint_type": "mandatory", "dimension_key": rows[1].initiative_key},
        },
    ]
    made = decided("pm.what_if", **BASE, name="Other", changes=changes)
    after = [
        list(model.objects.filter(pk__in=[row["id"] for row in rows]).values())
        for model, rows in zip((Scenario, Constraint, Target, Run), before, strict=True)
    ]
    assert after == before
    run = made.runs.order_by("pk").last()
    assert run and chosen(run) == {"Refunds"} and run.scenario.targets.count() == 0
    assert set(run.scenario.constraints.values_list("max_tokens", flat=True)) == {5, None}


def test_the_base_run_is_reused_while_it_answers_the_base_as_it_is(rows: list[Any]) -> None:
    base = optimize()
    assert decided("pm.what_if", **BASE, name="One", changes=[CAPACITY]).run == base
    put("backlog", rows[0], engineering_tokens=21)
    assert decided("pm.what_if", **BASE, name="Two", changes=[CAPACITY]).run != base


def test_copies_have_their_history_in_the_name_of_who_asked(rows: list[Any]) -> None:
    decided("pm.what_if", **BASE, name="Richer", changes=[CAPACITY])
    copy = Scenario.objects.get(scenario_name="Richer")
    changed = CellChange.objects.filter(tab="scenario_config", row=copy.pk).select_related("batch")
    assert {(change.batch.who, change.batch.surface) for change in changed} == {("ana", "backend")}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"changes": []}, "must be a list of one change or more"),
        ({"name": ""}, "Say which name"),
        ({"name": "Base"}, "already has a row Base"),
        ({"changes": [{"tab": "backlog", "column": "title", "value": 1}]}, "shared by all scenarios"),
        ({"changes": [{"tab": "scenario_config"}]}, "Change 1 says too little"),
        ({"changes": [{**CAPACITY, "value": -1}]}, "Capacity Total Tokens"),
        ({"changes": [{**CAPACITY, "column": "colour"}]}, "has no column “colour”"),
        (
            {"changes": [{"tab": "targets", "key": "gmv", "column": "target_value", "value": 1}]},
            "“gmv” names no rows of Targets",
        ),
        ({"changes": [{**CAPACITY, "column": "scenario_name"}]}, "keeps its scenario's name"),
    ],
)
def test_a_refused_what_if_leaves_nothing(rows: list[Any], options: dict[str, Any], said: str) -> None:
    action = ask("pm.what_if", **{**BASE, "name": "Copy", "changes": [CAPACITY], **options})
    assert action.status == "failed" and said in action.error
    assert Scenario.objects.count() == 1 and not Run.objects.exists()


@pytest.mark.parametrize("word", ["Copying", "Storing"])
def test_a_cancelled_what_if_leaves_nothing(
    rows: list[Any], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel_on(monkeypatch, word)
    assert ask("pm.what_if", **BASE, name="Copy", changes=[CAPACITY]).status == "cancelled"
    assert Scenario.objects.count() == 1 and not Run.objects.exists() and not Decision.objects.exists()


def test_keys_are_those_of_the_constraint_set_that_is_asked(rows: list[Any]) -> None:
    for name, value in (("calm", 10), ("bold", 20)):
        given = {"constraint_type": "capacity_cap", "dimension": "department", "dimension_key": "Pay"}
        create("constraints", scenario_name="Base", constraint_set_name=name, max_tokens=value, **given)
    changes = [{"tab": "constraints", "key": "capacity_cap/Pay", "column": "max_tokens", "value": 30}]
    made = decided("pm.what_if", **BASE, name="Copy", constraint_set="bold", changes=changes)
    assert [change["text"] for change in made.answer["changes"]] == ["cap for department Pay 20 → 30"]
