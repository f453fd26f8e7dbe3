"""A run from the database: what competes, what comes out, and what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.models import Initiative
from optimization.models import Constraint, Gap, Result, Run
from portfolio.actions.job import Job
from portfolio.tabs.models import TabRevision, gate_open
from tests.factories import create, initiative, put
from tests.optimization_app.world import (
    ask,
    candidate,
    chosen,
    constraint,
    kpis,
    optimize,
    reasons,
    scenario,
    target,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    kpis()


@pytest.fixture
def three() -> list[Any]:
    """Together 45 tokens; the best for 30 is Checkout with Loyalty."""
    return [
        candidate("Checkout", 20, {"revenue": 200, "signups": 1}, market="UK", department="Pay"),
        candidate("Refunds", 15, {"revenue": 120, "signups": 9}, market="UK", department="Ops"),
        candidate("Loyalty", 10, {"revenue": 90, "retention": 4}, market="FR", department="Pay"),
    ]


def test_a_run_stores_the_best_portfolio_with_everything_it_rests_on(three: list[Any]) -> None:
    scenario(30)
    target("revenue", 400, "goal")
    run = optimize()
    assert chosen(run) == {"Checkout", "Loyalty"}
    assert (run.status, run.objective_value, run.best_bound, run.gap) == ("optimal", 290, 290, 0)
    assert (run.capacity_used, run.candidates, run.selected) == (30, 3, 2)
    assert run.problem["capacity_total"] == 30 and run.answer["selected"]  # type: ignore[index]
    assert len(run.inputs_hash) == len(run.portfolio_hash) == 64
    assert run.solver.startswith("CP-SAT") and run.asked_by == "command line" and run.action
    checkout = run.results.get(initiative=three[0])
    assert (checkout.scope, checkout.allocated_tokens, checkout.contributions["revenue"]) == ("full", 20, 200)
    assert checkout.objective_share == pytest.approx(200 / 290)
    gap = run.gaps.get()
    assert (gap.target, gap.achieved, gap.reachable, gap.gap, gap.severity) == (
        400,
        290,
        290,
        110,
        "impossible",
    )


def test_every_candidate_has_a_reason_in_words(three: list[Any]) -> None:
    candidate("Poster", 5)
    scenario(30)
    constraint("excluded", three[2].initiative_key)
    said = reasons(optimize())
    assert "brings 200 revenue" in said["Checkout"]
    assert "excluded" in said["Loyalty"]
    assert "15 tokens" in said["Refunds"]
    assert "nothing to the objective" in said["Poster"]


def test_weighted_kpis_count_shares_of_what_is_needed(three: list[Any]) -> None:
    scenario(20, "weighted_kpis", objective_weights={"signups": 3, "retention": 1})
    target("signups", 10, "goal")
    target("retention", 4, "goal")
    run = optimize()
    assert chosen(run) == {"Refunds"}
    assert run.objective_value == pytest.approx(0.75 * 0.9)
    assert run.results.get(selected=True).objective_share == pytest.approx(1)


def test_lexicographic_closes_the_first_kpis_gap_before_the_next(three: list[Any]) -> None:
    scenario(20, "lexicographic", lexicographic_order=["retention", "revenue"])
    target("retention", 4, "goal")
    target("revenue", 500, "goal")
    run = optimize()
    assert chosen(run) == {"Loyalty"}
    assert [stage["kpi"] for stage in run.answer["stages"]] == ["retention", "revenue"]  # type: ignore[index]


def test_a_scope_counts_only_what_is_brought_there(three: list[Any]) -> None:
    scenario(30, objective_scope="market:FR")
    run = optimize()
    assert run.objective_value == 90
    assert run.results.get(selected=True).initiative.title == "Loyalty"


def test_the_mvp_is_taken_where_it_is_the_better_bargain() -> None:
    candidate(
        "Wallet", 40, {"revenue": 100}, scope_mode="auto", engineering_tokens_mvp=10, mvp_value_share=0.5
    )
    scenario(20)
    result = optimize().results.get()
    assert (result.scope, result.allocated_tokens, result.contributions) == ("mvp", 10, {"revenue": 50})


def test_constraints_of_every_kind_reach_the_solver(three: list[Any]) -> None:
    checkout, refunds, loyalty = (row.initiative_key for row in three)
    scenario(45)
    constraint("capacity_cap", "Pay", dimension="department", max_tokens=20)
    constraint("capacity_floor", "FR", dimension="market", min_tokens=10)
    assert chosen(optimize()) == {"Refunds", "Loyalty"}
    constraint("exclusion_pair", None, [refunds, loyalty])
    assert chosen(optimize()) == {"Loyalty"}
    put("constraints", Constraint.objects.get(constraint_type="exclusion_pair"), is_active=False)
    constraint("prerequisite", loyalty, [checkout])
    assert optimize().status == "infeasible"


def test_only_one_set_counts_and_the_only_one_is_the_default(three: list[Any]) -> None:
    scenario(30)
    constraint("excluded", three[0].initiative_key, constraint_set_name="careful")
    assert optimize().constraint_set_name == "careful"
    constraint("excluded", three[1].initiative_key)
    run = optimize()
    assert (run.constraint_set_name, chosen(run)) == ("default", {"Checkout", "Loyalty"})
    assert "Checkout" not in chosen(optimize(constraint_set="CAREFUL"))


def test_names_match_in_any_case_and_any_alphabet(three: list[Any]) -> None:
    scenario(30, scenario_name="Été")
    row = {"scenario_name": "ÉTÉ", "constraint_type": "excluded"}
    create("constraints", **row, dimension_key=three[0].initiative_key, constraint_set_name="Öko")
    create("constraints", **row, dimension_key=three[1].initiative_key, constraint_set_name="ÖKO")
    assert chosen(optimize(scenario="éTé", constraint_set="öko")) == {"Loyalty"}
    assert chosen(optimize(scenario="éTé")) == {"Loyalty"}, "one set in two spellings is the only one"


# Who competes


def test_only_graduated_initiatives_of_the_period_compete(three: list[Any]) -> None:
    scenario(100)
    initiative("Not graduated", engineering_tokens=1)
    candidate("Next quarter", 1, candidate_period_key="2026-Q3")
    for status in ("rejected", "archived", "done"):
        candidate(status, 1, lifecycle_status=status)
    candidate("Incomplete", 1, {"revenue": 1}, lifecycle_status="needs_info", candidate_period_key="Q2_2026")
    run = optimize()
    assert set(reasons(run)) == {"Checkout", "Refunds", "Loyalty", "Incomplete"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tokens": None}, "no engineering tokens"),
        ({"scope_mode": "mvp"}, "no MVP tokens"),
        ({"earliest_start_date": "2026-07-01"}, "earliest start 2026-07-01 is after 2026-Q2 ends"),
        ({"deadline_date": "2026-03-31"}, "deadline 2026-03-31 is before 2026-Q2 starts"),
    ],
)
def test_who_cannot_compete_is_set_aside_with_the_reason(values: dict[str, Any], said: str) -> None:
    candidate("Late", **values)
    scenario()
    action = ask()
    run = Run.objects.get()
    assert run.candidates == 0
    assert said in reasons(run)["Late"] and reasons(run)["Late"].startswith("Set aside")
    assert action.result["skipped"] == 1 and said in action.rows.get().message


def test_who_requires_someone_absent_is_set_aside_too(three: list[Any]) -> None:
    absent = initiative("Platform", engineering_tokens=5)
    scenario(100)
    constraint("prerequisite", three[0].initiative_key, [absent.initiative_key])
    run = optimize()
    assert "requires" in reasons(run)["Checkout"] and chosen(run) == {"Refunds", "Loyalty"}
    put("backlog", absent, lifecycle_status="done")
    assert "Checkout" in chosen(optimize())


def test_selected_candidates_are_the_ticked_ones_or_the_keys_given(three: list[Any]) -> None:
    scenario(100)
    put("candidates", three[1], is_selected_for_run=True)
    assert set(reasons(optimize("selected"))) == {"Refunds"}
    keys = [row.initiative_key.lower() for row in three[:2]]
    assert set(reasons(optimize("selected", keys))) == {"Checkout", "Refunds"}


# No portfolio


def test_an_infeasible_run_says_what_is_out_of_reach_and_by_how_much(three: list[Any]) -> None:
    scenario(100)
    target("revenue", 1000, baseline_value=500)
    signups = target("signups", 50)
    run = optimize()
    assert (run.status, run.objective_value, run.selected) == ("infeasible", None, 0)
    assert not run.results.exists()
    gap = run.gaps.get(kpi_key="signups")
    assert (gap.target, gap.reachable, gap.gap, gap.severity) == (50, 10, 40, "impossible")
    assert gap.gap_pct == pytest.approx(0.8)
    assert {entry["constraint"] for entry in run.answer["conflict"]} == {"/targets/0", "/targets/1"}  # type: ignore[index]
    assert run.sources["/targets/1"] == {"tab": "targets", "row": signups.pk}


def test_a_goal_instead_of_the_floor_gives_a_portfolio(three: list[Any]) -> None:
    scenario(100)
    floor = target("signups", 50)
    assert optimize().status == "infeasible"
    put("targets", floor, floor_or_goal="goal")
    run = optimize()
    assert (run.status, chosen(run)) == ("optimal", {"Checkout", "Refunds", "Loyalty"})


def test_a_conflict_leads_to_the_rows_it_comes_from(three: list[Any]) -> None:
    base = scenario(10)
    must = constraint("mandatory", three[0].initiative_key)
    run = optimize()
    places = {(place["tab"], place["row"]) for place in run.sources.values()}
    assert ("scenario_config", base.pk) in places
    put("scenario_config", base, capacity_total_tokens=100)
    out = constraint("excluded", three[0].initiative_key)
    rows = {place["row"] for place in optimize().sources.values()}
    assert rows == {must.pk, out.pk}


# The same again


def test_the_same_inputs_give_the_same_hashes(three: list[Any]) -> None:
    scenario(30)
    constraint("mandatory", three[0].initiative_key)
    constraint("exclusion_pair", None, [three[1].initiative_key, three[2].initiative_key])
    target("revenue", 10)
    target("signups", 1, "goal")
    first, second = optimize(), optimize()
    assert (first.inputs_hash, first.portfolio_hash) == (second.inputs_hash, second.portfolio_hash)
    _enter_again_in_another_order()
    third = optimize()
    assert (third.inputs_hash, third.portfolio_hash) == (first.inputs_hash, first.portfolio_hash)
    put("backlog", three[1], engineering_tokens=14)
    assert optimize().inputs_hash != first.inputs_hash


def _enter_again_in_another_order() -> None:
    """The same rows with other numbers, last first."""
    with gate_open():
        for row in [*Constraint.objects.order_by("-pk")]:
            row.delete()
            row.pk = None
            row.save()
        for kept in Initiative.objects.order_by("-pk"):
            Initiative.objects.filter(pk=kept.pk).update(updated_by="shuffled")


# What goes wrong


def test_rows_that_need_a_correction_are_named_and_nothing_is_half_stored(three: list[Any]) -> None:
    scenario(30)
    absent = initiative("Platform", engineering_tokens=5)
    row = constraint("mandatory", absent.initiative_key)
    action = ask()
    run = Run.objects.get(run_id=action.result["run_id"])
    assert (action.status, run.status, action.result["failed"]) == ("failed", "invalid", 1)
    assert run.errors[0]["tab"] == "constraints" and run.errors[0]["row"] == row.pk
    assert "not a candidate" in run.errors[0]["text"]
    assert "1 row needs a correction" in action.error
    assert not Result.objects.exists() and not Gap.objects.exists()


def test_a_weight_without_a_scale_is_an_error_of_the_scenario(three: list[Any]) -> None:
    base = scenario(30, "weighted_kpis", objective_weights={"revenue": 1})
    ask()
    error = Run.objects.get().errors[0]
    assert (error["tab"], error["row"]) == ("scenario_config", base.pk)
    assert "revenue" in error["text"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scenario": "Bass"}, "no scenario “Bass”. There are: Base."),
        ({"scenario": ""}, "no scenario"),
        ({"constraint_set": "bold"}, "no constraint set “bold”"),
        ({"capacity": 5}, "Unknown option capacity"),
    ],
)
def test_a_question_that_makes_no_sense_says_what_would(options: dict[str, Any], said: str) -> None:
    scenario()
    action = ask(**options)
    assert action.status == "failed" and said in action.error
    assert not Run.objects.exists()


def test_nothing_is_stored_of_a_cancelled_run(three: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    scenario(30)
    progress = Job.progress

    def cancel_then(job: Job, done: int, total: int, text: str = "") -> None:
        progress(job, done, total, text)
        if text == "Storing the run":
            job.run.cancel("ana")

    monkeypatch.setattr(Job, "progress", cancel_then)
    assert ask().status == "cancelled"
    assert not Run.objects.exists() and not Result.objects.exists()


def test_tabs_hear_of_a_new_run(three: list[Any]) -> None:
    scenario(30)
    before = {tab: TabRevision.current(tab) for tab in ("runs", "results", "gaps_and_alerts")}
    optimize()
    assert all(TabRevision.current(tab) > was for tab, was in before.items())


def test_runs_are_numbered_as_people_know_them(three: list[Any]) -> None:
    scenario(30)
    first, second = optimize(), optimize()
    assert first.run_id == f"RUN-{first.pk:06d}" and second.run_id != first.run_id
