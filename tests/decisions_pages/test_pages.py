"""The pages on which leadership decides, as the server sends them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from optimization.models import Decision, DecisionKind, Run
from optimization.redraw import Redrawn
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from tests.decisions_app.world import cancel_once
from tests.factories import create, initiative, put
from tests.optimization_app.world import ask, candidate, constraint, kpis, optimize, scenario, target

pytestmark = pytest.mark.django_db

KINDS = ("horse_trade", "near_misses", "capacity", "frontier", "robustness", "what_if", "portfolios")


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.actions.broker.publish", lambda run: None)
    kpis()


@pytest.fixture
def pm(client: Client, person: Any) -> Client:
    client.force_login(person("PM"))
    return client


@pytest.fixture
def viewer(person: Any) -> Client:
    client = Client()
    client.force_login(person("Viewer"))
    return client


@pytest.fixture
def run() -> Run:
    candidate("Checkout", 20, {"revenue": 200, "signups": 5}, market="UK")
    candidate("Refunds", 15, {"revenue": 120}, market="UK")
    candidate("Search", 12, {"revenue": 90, "signups": 9}, market="FR")
    scenario(30)
    constraint("capacity_cap", "UK", dimension="market", max_tokens=25)
    target("revenue", 400, "goal")
    return optimize()


def key(run: Run, title: str) -> str:
    return run.results.get(initiative__title=title).initiative.initiative_key


def decided(action: str, **options: Any) -> Decision:
    asked = run_inline(Actor.command_line(), action, None, options)
    assert asked.status == "succeeded", asked.error
    return Decision.objects.get(decision_id=asked.result["decision_id"])


def read(client: Client, path: str, **headers: Any) -> str:
    """The page's text, tags and doubled spaces taken out."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


# The run page ---------------------------------------------------------------------------------------------


def test_a_run_says_what_it_brings_and_meets_in_a_sentence(pm: Client, run: Run) -> None:
    page = read(pm, run.get_absolute_url())
    assert (
        "It brings 210 revenue (EUR) and meets 0 of 1 target; revenue falls short the most, by 48%." in page
    )
    assert "Half of it comes from 1 of its 2 initiatives." in page


def test_reasons_speak_of_titles_and_lead_to_their_rows(pm: Client, run: Run) -> None:
    first = run.results.get(initiative__title="Checkout").initiative
    constraint("prerequisite", key(run, "Refunds"), [first.initiative_key])
    constraint("mandatory", key(run, "Search"))
    page = pm.get(optimize().get_absolute_url()).text
    reason = page.split("equires <a")[1].split("</a>")[0]
    assert reason.endswith(">Checkout") and f"/{first.pk}/" in reason


def test_initiatives_are_found_by_words_and_by_reason(pm: Client, run: Run) -> None:
    part = {"HX-Request": "true", "HX-Target": "candidates"}
    assert "Search" not in read(pm, f"{run.get_absolute_url()}?q=checko", **part).replace("Search title", "")
    assert "No initiative matches." in read(pm, f"{run.get_absolute_url()}?q=nothing", **part)
    code = run.answer["reasons"][key(run, "Checkout")]["code"]  # type: ignore[index]
    assert "Checkout" in read(pm, f"{run.get_absolute_url()}?why={code}")


def goal(name: str, kpi: str, need: float) -> None:
    create("targets", scenario_name=name, kpi_key=kpi, target_value=need, floor_or_goal="goal")


def test_a_weighted_objective_shows_each_share(pm: Client, run: Run) -> None:
    scenario(30, "weighted_kpis", scenario_name="Mix", objective_weights={"revenue": 3, "signups": 1})
    for kpi, need in (("revenue", 400), ("signups", 10)):
        goal("Mix", kpi, need)
    page = read(pm, optimize(scenario="Mix").get_absolute_url())
    assert "75.0%" in page and "25.0%" in page and "of what the weighted targets need" in page


def test_a_lexicographic_objective_shows_each_stage(pm: Client, run: Run) -> None:
    scenario(30, "lexicographic", scenario_name="Promises")
    goal("Promises", "signups", 20)
    page = read(pm, optimize(scenario="Promises").get_absolute_url())
    assert "the goal shortfall of signups" in page and "then as much revenue as possible" in page


def test_a_repair_starts_a_what_if_with_one_click(pm: Client, run: Run) -> None:
    constraint("mandatory", key(run, "Checkout"))
    constraint("mandatory", key(run, "Refunds"))
    infeasible = optimize()
    assert "Apply all 2 in a what-if" in read(pm, infeasible.get_absolute_url())
    repairs = [entry["constraint"] for entry in infeasible.answer["repairs"]]  # type: ignore[index]
    answer = pm.post(f"{infeasible.get_absolute_url()}ask/what_if/", {"name": "Repaired", "repairs": repairs})
    asked = ActionRun.objects.get(action="pm.what_if")
    assert answer["Location"] == f"/decisions/of/{asked.action_id}/"
    made = decided("pm.what_if", **asked.options)
    page = read(pm, made.get_absolute_url())
    assert "With these changes there is a portfolio" in page and "base scenario is untouched" in page


def test_an_invalid_run_offers_nothing_to_ask(pm: Client, run: Run) -> None:
    constraint("mandatory", initiative("Platform").initiative_key)
    ask()
    invalid = Run.objects.get(status="invalid")
    assert "Draw the frontier" not in read(pm, invalid.get_absolute_url())
    assert pm.get(f"{invalid.get_absolute_url()}ask/frontier/").status_code == 404


def test_a_viewer_reads_everything_and_is_offered_nothing(viewer: Client, run: Run) -> None:
    decision = decided("pm.frontier", run=run.run_id, points=4)
    page = read(viewer, run.get_absolute_url())
    assert "Force in" not in page and "Draw the frontier" not in page and "Efficient frontier" in page
    assert "Ask again" not in read(viewer, decision.get_absolute_url())
    assert "Asking is for PMs and Admins" in read(viewer, f"{run.get_absolute_url()}ask/frontier/")
    assert viewer.post(f"{run.get_absolute_url()}ask/frontier/").status_code == 403


# Asking and waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_question_has_its_form(pm: Client, run: Run, kind: str) -> None:
    assert run.run_id in read(pm, f"{run.get_absolute_url()}ask/{kind}/")


def test_a_question_is_started_with_its_defaults_once(pm: Client, run: Run) -> None:
    for _ in range(2):
        pm.post(f"{run.get_absolute_url()}ask/frontier/", {"idempotency_key": "once"})
    asked = ActionRun.objects.get(action="pm.frontier")
    assert asked.options == {"run": run.run_id}
    page = read(pm, f"/decisions/of/{asked.action_id}/")
    assert "Waiting for a worker" in page and "Cancel" in page
    assert "Efficient frontier" in read(pm, run.get_absolute_url())


def test_a_cancelled_question_says_so_and_leads_back(pm: Client, run: Run) -> None:
    pm.post(f"{run.get_absolute_url()}ask/frontier/")
    asked = ActionRun.objects.get(action="pm.frontier")
    pm.post(f"/actions/{asked.action_id}/cancel/")
    page = read(pm, f"/decisions/of/{asked.action_id}/")
    assert "Cancelled by" in page and f"Back to {run.run_id}" in page and "progress" not in page


def test_a_question_cancelled_at_work_is_waited_for_until_it_says_what_it_leaves(
    pm: Client, run: Run
) -> None:
    pm.post(f"{run.get_absolute_url()}ask/frontier/")
    asked = ActionRun.objects.get(action="pm.frontier")
    ActionRun.objects.update(started=timezone.now())
    pm.post(f"/actions/{asked.action_id}/cancel/")
    url = f"/decisions/of/{asked.action_id}/"
    assert "Keeping what was answered by then" in read(pm, url)
    ActionRun.objects.update(finished=timezone.now() - timedelta(minutes=1))
    assert f"Back to {run.run_id}" in read(pm, url), "a worker that died leaves nothing"


@pytest.mark.parametrize("kind", ["frontier", "capacity_value", "near_misses", "robustness"])
def test_what_a_cancelled_question_leaves_is_a_page_that_says_so(
    pm: Client, run: Run, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = Redrawn({key(run, "Checkout"): {"revenue": np.linspace(100, 300, 50)}}, [])
    monkeypatch.setattr("optimization.decision_actions.draws_for", lambda *_: draws)
    cancel_once(monkeypatch, solved=1)
    asked = run_inline(Actor.command_line(), f"pm.{kind}", None, {"run": run.run_id})
    decision = Decision.objects.get()
    assert pm.get(f"/decisions/of/{asked.action_id}/")["Location"] == decision.get_absolute_url()
    assert "It was stopped early" in read(pm, decision.get_absolute_url())
    assert "Stopped early" in read(pm, run.get_absolute_url())
    assert decision.decision_id in read(pm, asked.get_absolute_url())


def test_an_answered_question_opens_its_answer(pm: Client, run: Run) -> None:
    decision = decided("pm.frontier", run=run.run_id, points=4)
    assert decision.action
    url = f"/decisions/of/{decision.action.action_id}/"
    assert pm.get(url)["Location"] == decision.get_absolute_url()
    assert pm.get(url, headers={"HX-Request": "true"})["HX-Redirect"] == decision.get_absolute_url()


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("horse_trade", {}, "Choose at least one initiative"),
        ("horse_trade", {"force_in": "INIT-999999"}, "not one of the available choices"),
        ("frontier", {"points": "1"}, "greater than or equal to 2"),
        ("capacity", {"size": "-1"}, "greater than or equal to"),
        ("what_if", {"name": "Base", "capacity": 50}, "There is a scenario Base already"),
        ("what_if", {"name": "Same"}, "Change something"),
        ("portfolios", {}, "Tick at least one objective"),
        ("portfolios", {"weights": "revenue"}, "must be a KPI and its weight"),
        ("portfolios", {"capacities": "many"}, "is not a number of tokens"),
    ],
)
def test_a_form_says_what_would_be_right(
    pm: Client, run: Run, kind: str, given: dict[str, str], said: str
) -> None:
    answer = pm.post(f"{run.get_absolute_url()}ask/{kind}/", given)
    assert answer.status_code == 422 and said in answer.text
    assert not ActionRun.objects.filter(action=f"pm.{kind}").exists()


# The answers ----------------------------------------------------------------------------------------------


def test_a_horse_trade_shows_the_ledger(pm: Client, run: Run) -> None:
    decision = decided("pm.horse_trade", run=run.run_id, force_in=[key(run, "Checkout")])
    page = read(pm, decision.get_absolute_url())
    assert "Horse trade: Checkout in" in page and "It costs 10 revenue: 2 more drop out" in page
    assert "drops out" in page and "comes in" in page and "Both portfolios are proven best" in page


def test_an_impossible_trade_says_what_stands_against_it(pm: Client, run: Run) -> None:
    both = [key(run, "Checkout"), key(run, "Refunds")]
    decision = decided("pm.horse_trade", run=run.run_id, force_in=both)
    assert "What stands against it" in read(pm, decision.get_absolute_url())


def test_the_value_of_capacity_is_a_curve_with_its_data(pm: Client, run: Run) -> None:
    decision = decided("pm.capacity_value", run=run.run_id, steps=2, size=5)
    answer = pm.get(decision.get_absolute_url())
    page = read(pm, decision.get_absolute_url())
    assert "Most worth having: 5 more tokens for the capacity buy 80 revenue." in page
    assert "<polyline" in answer.text and "shadow" not in page and "Against now" in page


def test_a_point_of_the_frontier_opens_its_portfolio(pm: Client, run: Run) -> None:
    decision = decided("pm.frontier", run=run.run_id)
    url = decision.get_absolute_url()
    assert 'href="?point=2#point"' in pm.get(url).text
    page = read(pm, f"{url}?point=2")
    assert "Point 2: " in page and "Against the point before" in page
    part = read(pm, f"{url}?point=1", **{"HX-Request": "true", "HX-Target": "point"})
    assert part.startswith("Point 1:") and "Against the point before" not in part
    assert "Point" in read(pm, f"{url}?point=999") and "Point" in read(pm, f"{url}?point=x")


@pytest.mark.parametrize("is_current", [True, False])
def test_most_of_what_can_be_gained_is_said_once(pm: Client, run: Run, is_current: bool) -> None:
    known = decided("pm.frontier", run=run.run_id).answer
    points = [known["points"][-1] | {"is_current": is_current}]
    page = read(pm, stored(run, "frontier", known | {"points": points}).get_absolute_url())
    assert ("already bring" in page) is not is_current


def test_near_misses_say_what_they_would_take(pm: Client, run: Run) -> None:
    decision = decided("pm.near_misses", run=run.run_id)
    page = read(pm, decision.get_absolute_url())
    assert "Nearest of 1 outside: Checkout . It would take +10 revenue" in page
    assert "Nobody matches" in read(pm, f"{decision.get_absolute_url()}?q=zebra")
    (miss,) = decision.answer["candidates"]
    built = [{"key": key(run, "Search"), "before": "full", "after": "mvp"}]
    fewer = {"fewer": 1, "enough": 19}
    changed = miss | {"drops": [], "adds": [], "builds": built, "fewer_tokens": fewer}
    page = read(pm, stored(run, "near_misses", {"candidates": [changed]}).get_absolute_url())
    assert "or 1 token fewer (19 in all)" in page and "Search as MVP" in page


ROBUST = {
    "objective_unit": "revenue",
    "base": {"p10": 150, "p50": 205, "p90": 260, "mean": 206, "draws": 1000, "sampling_error": {}},
    "resolved": {"p10": 190, "p50": 230, "p90": 300, "mean": 235, "draws": 20, "sampling_error": {}},
    "targets": [
        {
            "dimension": "all",
            "dimension_key": "all",
            "kpi": "revenue",
            "type": "goal",
            "need": 400,
            "base": {"share": 0.25, "sampling_error": 0.01},
            "resolved": {"share": 0.4, "sampling_error": 0.1},
        }
    ],
    "draws": 1000,
    "solves_asked": 20,
    "solved": 20,
    "infeasible": 0,
    "unproven": 0,
    "seed": 0,
}


def test_robustness_says_how_sure_each_is(pm: Client, run: Run) -> None:
    shares = {"Refunds": 0.95, "Search": 0.5, "Checkout": 0.4}
    rows = [
        {
            "key": key(run, title),
            "in_base": title != "Checkout",
            "frequency": share,
            "sampling_error": 0.1,
            "scopes": {},
        }
        for title, share in shares.items()
    ]
    decision = stored(run, DecisionKind.ROBUSTNESS, ROBUST | {"selection": rows})
    page = read(pm, decision.get_absolute_url())
    assert "1 of the 2 initiatives in the portfolio are chosen in at least 90% of draws" in page
    assert "10% chance that it brings less than 150 revenue" in page and "25.0%" in page
    doubtful = read(pm, f"{decision.get_absolute_url()}?show=doubtful").split("Everyone")[1]
    assert "Search" in doubtful and "Checkout" not in doubtful


def stored(run: Run, kind: str, answer: dict[str, Any], complete: bool = True) -> Decision:
    made = Decision.objects.create(
        run=run,
        kind=kind,
        answer=answer,
        complete=complete,
        asked_by="ana",
        started=run.started,
        finished=run.finished,
    )
    made.number()
    return made


def test_an_answer_that_was_stopped_shows_what_was_known(pm: Client, run: Run) -> None:
    known = decided("pm.frontier", run=run.run_id).answer
    part = stored(run, "frontier", known | {"points": known["points"][:1], "end": None}, complete=False)
    page = read(pm, part.get_absolute_url())
    assert "It was stopped early" in page and "Point 1" in page
    assert "Stopped early" in read(pm, "/decisions/")


@pytest.mark.parametrize(
    "kind", ["frontier", "capacity", "near_misses", "robustness", "horse_trade", "what_if"]
)
def test_an_empty_answer_is_still_a_page(pm: Client, run: Run, kind: str) -> None:
    assert run.run_id in read(pm, stored(run, kind, {}, complete=False).get_absolute_url())


def test_decisions_are_listed_and_narrowed(pm: Client, run: Run) -> None:
    assert "Nothing was asked yet" in read(pm, "/decisions/")
    made = decided("pm.frontier", run=run.run_id, points=3)
    assert made.decision_id in read(pm, "/decisions/")
    assert made.decision_id not in read(pm, "/decisions/?kind=what_if")


# Side by side ---------------------------------------------------------------------------------------------


def test_ticked_runs_are_compared(pm: Client, run: Run) -> None:
    assert f'value="{run.run_id}"' in pm.get("/runs/").text
    put("scenario_config", run.scenario, capacity_total_tokens=20)
    other = optimize()
    page = read(pm, f"/runs/compare/?runs={run.run_id}&runs={other.run_id}")
    assert "0 initiatives are in every portfolio" in page and "brings the most revenue" in page
    assert "Best 210" in page and "Capacity 30 → 20" in page
    assert f"Base ({run.run_id}) {run.run_id}" not in page
    part = read(
        pm,
        f"/runs/compare/?runs={run.run_id},{other.run_id}&members=every",
        **{"HX-Request": "true", "HX-Target": "members"},
    )
    assert part.startswith("Who is in which") and "Nobody matches" in part


def test_one_run_is_no_comparison(pm: Client, run: Run) -> None:
    page = read(pm, f"/runs/compare/?runs={run.run_id},RUN-999999")
    assert "Two runs make a comparison" in page and "Not compared: RUN-999999" in page


def test_an_infeasible_run_can_stand_beside_others(pm: Client, run: Run) -> None:
    target("signups", 50)
    page = read(pm, f"/runs/compare/?runs={run.run_id},{optimize().run_id}")
    assert "2 initiatives are in every portfolio" in page or "They choose the same" in page


def test_generated_portfolios_open_side_by_side_under_their_names(pm: Client, run: Run) -> None:
    asked = {"modes": ["lexicographic"], "capacities": "20 25"}
    pm.post(f"{run.get_absolute_url()}ask/portfolios/", asked)
    options = ActionRun.objects.get(action="pm.generate_portfolios").options
    made = decided("pm.generate_portfolios", **options)
    page = read(pm, pm.get(made.get_absolute_url())["Location"])
    assert all(name in page for name in ("as it is", "Lexicographic", "20 tokens", "25 tokens"))


def test_no_page_is_styled_or_scripted_inline(pm: Client, run: Run) -> None:
    decision = decided("pm.frontier", run=run.run_id, points=4)
    for path in (run.get_absolute_url(), decision.get_absolute_url(), f"/runs/compare/?runs={run.run_id}"):
        page = pm.get(path).text
        assert " style=" not in page and " onclick=" not in page and "<script>" not in page
