"""Leadership decides in a real browser: a run, its frontier, a horse trade, two runs side by side."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from optimization.decisions.asking import Asking
from optimization.models import Decision, Run
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from tests.factories import put
from tests.optimization_app.world import candidate, constraint, kpis, optimize, scenario, target

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run() -> Run:
    kpis()
    candidate("Checkout", 20, {"revenue": 200, "signups": 5}, market="UK")
    candidate("Refunds", 15, {"revenue": 120}, market="UK")
    candidate("Search", 12, {"revenue": 90, "signups": 9}, market="FR")
    scenario(30)
    constraint("capacity_cap", "UK", dimension="market", max_tokens=25)
    target("revenue", 400, "goal")
    return optimize()


@pytest.fixture
def pm(run: Run, sign_in: Any, person: Any) -> Page:
    return sign_in(person("PM"))  # type: ignore[no-any-return]


def test_from_a_run_to_the_frontier_and_one_of_its_points(pm: Page, run: Run, worker: None) -> None:
    pm.goto(run.get_absolute_url())
    pm.get_by_role("button", name="Draw the frontier").click()
    pm.wait_for_url("**/decisions/DEC-*/")
    pm.get_by_role("link", name="Point 1:").click()
    expect(pm.get_by_role("heading", name="Point 1:")).to_be_visible()
    pm.get_by_role("link", name="More tokens").press("Enter")
    expect(pm.get_by_role("heading", name="Point 2:")).to_be_visible()
    expect(pm).to_have_url(re.compile(r"\?point=2"))


def test_from_a_candidate_to_its_horse_trade(pm: Page, run: Run, worker: None) -> None:
    pm.goto(run.get_absolute_url())
    pm.get_by_label("Search title, key or reason").press_sequentially("checko")
    expect(pm.get_by_role("button", name="Force out")).to_have_count(0)
    pm.get_by_role("button", name="Force in Checkout").click()
    pm.wait_for_url("**/decisions/DEC-*/")
    expect(pm.get_by_role("heading", name="Horse trade: Checkout in")).to_be_visible()
    expect(pm.get_by_text("It costs 10 revenue")).to_be_visible()


def test_a_cancelled_frontier_leads_to_the_points_proven_by_then(
    pm: Page, run: Run, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = Asking.best

    def third_takes_forever(asking: Asking, *asked: Any) -> Any:
        while asking.done == 2 and not asking.is_stopped:
            time.sleep(0.01)
        return best(asking, *asked)

    monkeypatch.setattr(Asking, "best", third_takes_forever)
    pm.goto(run.get_absolute_url())
    pm.get_by_role("button", name="Draw the frontier").click()
    expect(pm.get_by_text("1 of 12")).to_be_visible()
    pm.get_by_role("button", name="Cancel").click()
    pm.wait_for_url("**/decisions/DEC-*/")
    expect(pm.get_by_text("It was stopped early.")).to_be_visible()
    pm.get_by_role("link", name="Point 1:").click()
    expect(pm.get_by_role("heading", name="Point 1:")).to_be_visible()


def test_two_ticked_runs_stand_side_by_side(pm: Page, run: Run) -> None:
    put("scenario_config", run.scenario, capacity_total_tokens=20)
    other = optimize()
    pm.goto("/runs/")
    for each in (run, other):
        pm.get_by_label(f"Compare {each.run_id}").check()
    pm.get_by_role("button", name="Compare ticked runs").click()
    expect(pm.get_by_role("heading", name="Who is in which")).to_be_visible()
    pm.get_by_label("Show", exact=True).select_option("every")
    expect(pm.get_by_text("Nobody matches.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_decision_pages_are_accessible_and_keep_to_the_content_security_policy(
    pm: Page, run: Run, theme: Any
) -> None:
    complaints: list[str] = []
    pm.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    pm.emulate_media(color_scheme=theme)
    for action in ("frontier", "capacity_value", "near_misses"):
        run_inline(Actor.command_line(), f"pm.{action}", None, {"run": run.run_id})
    put("scenario_config", run.scenario, capacity_total_tokens=20)
    pages = [made.get_absolute_url() for made in Decision.objects.all()]
    pages += [run.get_absolute_url(), "/runs/", "/decisions/", f"{run.get_absolute_url()}ask/what_if/"]
    pages.append(f"/runs/compare/?runs={run.run_id},{optimize().run_id}")
    for path in pages:
        pm.goto(path)
        found = Axe().run(pm).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [
            f"{path} {each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['html'][:160]}"
            for each in serious
        ] == []
    assert len(pages) == 8 and complaints == []
