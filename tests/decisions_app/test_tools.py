"""Decision tools that ask a run's problem again: what they store, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from metrics.models import Contributions
from optimization.models import Constraint, Decision, Run
from portfolio.actions.job import LostClaim
from scoring.models import Param
from tests.decisions_app.world import (
    ask,
    cancel_once,
    constraint,
    decided,
    kpis,
    optimize,
    scenario,
    target,
    three,
)
from tests.factories import actor, create, put
from tests.scoring.conftest import scored

pytestmark = pytest.mark.django_db
ALL = ("pm.horse_trade", "pm.near_misses", "pm.capacity_value", "pm.frontier", "pm.robustness")


@pytest.fixture
def rows() -> list[Any]:
    kpis()
    found = three()
    scenario(30)
    return found


@pytest.fixture
def run(rows: list[Any]) -> Run:
    return optimize()


def uncertain(row: Any, low: float = 100, high: float = 300) -> None:
    """Checkout's revenue is a formula with a range instead of a person's word."""
    put("kpi_contributions", row, contribution_override=None)
    named = {"initiative_key": row.initiative_key}
    create(
        "math_models",
        **named,
        model_name="uplift",
        target_kpi="revenue",
        formula_text="value = rate",
        formula_approved=True,
    )
    param = Param.objects.get(initiative=row)
    put("params", param, value=200, min=low, max=high, distribution="uniform", approved=True)
    scored(row)


def test_a_horse_trade_is_stored_with_who_comes_and_who_goes(run: Run, rows: list[Any]) -> None:
    made = decided("pm.horse_trade", run=run.run_id, force_in=[rows[1].initiative_key])
    changed = made.answer["difference"]
    assert made.decision_id == f"DEC-{made.pk:06d}"
    assert (made.kind, made.run, made.asked_by) == ("horse_trade", run, "ana")
    assert made.complete and made.options["run"] == run.run_id
    assert changed["delta_objective"] == -80
    assert [line["key"] for line in changed["adds"]] == [rows[1].initiative_key]
    statuses = set(made.action.rows.values_list("message", flat=True))
    assert statuses == {"Comes in", "Drops out"}
    assert made.action.result["run_id"] == run.run_id


def test_the_stored_problem_is_asked_not_what_the_tabs_say_now(run: Run, rows: list[Any]) -> None:
    put("backlog", rows[1], engineering_tokens=1)
    made = decided("pm.horse_trade", run=run.run_id, force_in=[rows[1].initiative_key])
    assert made.answer["difference"]["delta_objective"] == -80


def test_the_value_of_capacity_is_asked_of_every_limit_or_of_one(rows: list[Any]) -> None:
    constraint("capacity_cap", "Pay", dimension="department", max_tokens=30)
    run = optimize()
    every = decided("pm.capacity_value", run=run.run_id, size=15, steps=1)
    assert [curve["name"] for curve in every.answer["limits"]] == [
        "the capacity",
        "the cap for department Pay",
    ]
    one = decided("pm.capacity_value", run=run.run_id, dimension="department", key="pay", size=10)
    assert [curve["dimension"] for curve in one.answer["limits"]] == ["department"]
    whole = decided("pm.capacity_value", run=run.run_id, dimension="all", size=15, steps=1)
    assert whole.answer["limits"][0]["next_value"] == 120


def test_a_frontier_is_stored_with_proven_points(run: Run) -> None:
    made = decided("pm.frontier", run=run.run_id)
    assert made.answer["points"][-1]["objective"] == 410
    assert all(point["proven"] for point in made.answer["points"]) and made.answer["is_whole_curve"]


def test_robustness_redraws_what_is_uncertain(rows: list[Any]) -> None:
    uncertain(rows[0])
    run = optimize()
    made = decided("pm.robustness", run=run.run_id, resolves=20, seed=3)
    frequency = {row["key"]: row["frequency"] for row in made.answer["selection"]}
    assert (made.answer["solved"], made.answer["uncertain"], made.answer["draws"]) == (20, 1, 10_000)
    assert 0.5 < frequency[rows[0].initiative_key] < 1
    assert made.answer["base"]["p10"] == pytest.approx(90 + 120, rel=0.01)
    again = decided("pm.robustness", run=run.run_id, resolves=20, seed=3)
    assert again.answer == made.answer


def test_what_was_scored_anew_since_the_run_is_not_redrawn(rows: list[Any]) -> None:
    uncertain(rows[0])
    run = optimize()
    put("params", Param.objects.get(), value=150, min=100, max=300, approved=True)
    scored(rows[0])
    assert Contributions.objects.get(initiative=rows[0]).effective == {"revenue": 150}
    assert "scored anew since this run" in ask("pm.robustness", run=run.run_id).error


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("pm.horse_trade", {}, "Say which run"),
        ("pm.horse_trade", {"run": "RUN-9"}, "There is no run “RUN-9”. The newest is RUN-"),
        ("pm.horse_trade", {"run": 1}, "at least one initiative to force in or out"),
        ("pm.horse_trade", {"run": 1, "force_in": 5}, "must be a list of initiative keys"),
        ("pm.horse_trade", {"run": 1, "force_in": ["INIT-9"]}, "INIT-9 is not the key of a candidate"),
        ("pm.horse_trade", {"run": 1, "force": 1}, "Unknown option force; there are run, force_in"),
        ("pm.capacity_value", {"run": 1, "steps": 0}, "steps must be a whole number from 1 to 20, not 0"),
        ("pm.capacity_value", {"run": 1, "size": "lots"}, "size must be a number of tokens above 0"),
        ("pm.capacity_value", {"run": 1, "key": "Pay"}, "say which dimension"),
        (
            "pm.capacity_value",
            {"run": 1, "dimension": "market", "key": "UK"},
            "no limit on tokens for market UK",
        ),
        ("pm.frontier", {"run": 1, "points": "many"}, "points must be a whole number from 2 to 100"),
        ("pm.robustness", {"run": 1, "resolves": 1e9}, "resolves must be a whole number"),
        (
            "pm.robustness",
            {"run": 1},
            "No contribution of this run is uncertain. Give params a min and a max",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_sentence(
    run: Run, name: str, options: dict[str, Any], said: str
) -> None:
    options = options | ({"run": run.run_id} if options.get("run") == 1 else {})
    action = ask(name, **options)
    assert action.status == "failed" and said in action.error
    assert not Decision.objects.exists()


def test_a_run_that_was_never_solved_is_no_ground_for_a_decision(rows: list[Any]) -> None:
    now = optimize()
    invalid = Run.objects.create(
        run_id="RUN-X",
        scenario=now.scenario,
        status="invalid",
        objective_mode="north_star",
        started=now.started,
        finished=now.finished,
    )
    assert "was not solved" in ask("pm.frontier", run=str(invalid)).error


@pytest.mark.parametrize("role", ["Viewer", "Finance", "Analytics"])
@pytest.mark.parametrize("name", ALL + ("pm.generate_portfolios", "pm.what_if"))
def test_only_a_pm_or_an_admin_may_ask(db: None, name: str, role: str) -> None:
    with pytest.raises(PermissionDenied):
        ask(name, actor(role))


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_stored_of_a_question_cancelled_before_anything_was_answered(
    run: Run, rows: list[Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncertain(rows[0])
    cancel_once(monkeypatch, 0)
    force = {"force_in": [rows[1].initiative_key]} if name == "pm.horse_trade" else {}
    assert ask(name, run=run.run_id, **force).status == "cancelled"
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("pm.frontier", lambda answer: answer["points"]),
        ("pm.capacity_value", lambda answer: answer["limits"][0]["points"]),
        ("pm.robustness", lambda answer: answer["solved"] == 2),
    ],
)
def test_a_cancelled_question_keeps_what_was_answered_by_then(
    rows: list[Any], name: str, answered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncertain(rows[0])
    run = optimize()
    cancel_once(monkeypatch, 2)
    action = ask(name, run=run.run_id)
    made = Decision.objects.get()
    assert (action.status, action.error) == ("cancelled", "Cancelled by ana.")
    assert (action.result["decision_id"], action.result["run_id"]) == (made.decision_id, run.run_id)
    assert (made.action, made.complete, made.answer["complete"]) == (action, False, False)
    assert answered(made.answer)


def test_half_a_horse_trade_is_none(run: Run, rows: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    cancel_once(monkeypatch, 1)
    ask("pm.horse_trade", run=run.run_id, force_in=[rows[1].initiative_key])
    assert not Decision.objects.exists()


def test_who_lost_the_claim_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel_once(monkeypatch, 2, LostClaim())
    ask("pm.frontier", run=run.run_id)
    assert not Decision.objects.exists()


def test_a_lexicographic_run_says_what_each_stage_cost(rows: list[Any]) -> None:
    put("scenario_config", optimize().scenario, objective_mode="lexicographic")
    target("signups", 9)
    target("retention", 4, "goal")
    stages = (optimize().answer or {})["stages"]
    # Without targets the best brings 290; with 9 signups (Refunds) it is 210, which has the retention too.
    assert [(stage["kpi"], stage["shortfall"], stage["cost"]) for stage in stages] == [
        ("signups", 0, 80),
        ("retention", 0, 0),
    ]


def test_k_of_n_synergies_count_from_the_tabs_to_the_run(rows: list[Any]) -> None:
    keys = [row.initiative_key for row in rows]
    constraint("synergy_bonus", "Trio", keys, kpi_key="revenue", bonus_value=100, min_members=2)
    assert optimize().objective_value == 390
    put("constraints", Constraint.objects.get(), min_members=3)
    assert optimize().objective_value == 290
