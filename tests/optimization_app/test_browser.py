"""From an infeasible run to an optimal portfolio, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from optimization.models import Target
from tests.factories import put
from tests.optimization_app.world import candidate, constraint, kpis, optimize, scenario, target

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pm(sign_in: Any, person: Any) -> Page:
    kpis()
    first = candidate("Checkout", 20, {"revenue": 200, "signups": 4}, market="UK")
    candidate("Refunds", 15, {"revenue": 120}, market="FR")
    candidate("Late", 5, earliest_start_date="2027-01-01")
    scenario(30)
    constraint("mandatory", first.initiative_key)
    constraint("capacity_cap", "UK", dimension="market", max_tokens=25)
    target("signups", 50)
    return sign_in(person("PM"))  # type: ignore[no-any-return]


def test_a_pm_turns_a_floor_into_a_goal_and_gets_a_portfolio(pm: Page, worker: None) -> None:
    pm.goto("/runs/new/")
    pm.get_by_role("button", name="Run", exact=True).click()
    pm.wait_for_url("**/runs/RUN-*/")
    expect(pm.get_by_text("signups reaches 4 of 50")).to_be_visible()
    pm.get_by_role("link", name="Open the row").first.click()
    pm.get_by_label("Floor Or Goal").select_option("goal")
    pm.get_by_role("button", name="Save").click()
    expect(pm.get_by_text("Saved.")).to_be_visible()
    infeasible = pm.url
    pm.get_by_role("button", name="Run again").click()
    pm.wait_for_url(lambda url: "/runs/RUN-" in url and url != infeasible)
    expect(pm.get_by_text("Proven best: 1 of 2 candidates for 20 of 30 tokens")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_runs_are_accessible_and_keep_to_the_content_security_policy(pm: Page, theme: Any) -> None:
    complaints: list[str] = []
    pm.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    pm.emulate_media(color_scheme=theme)
    infeasible = optimize()
    put("targets", Target.objects.get(), floor_or_goal="goal")
    for path in ("/runs/", "/runs/new/", infeasible.get_absolute_url(), optimize().get_absolute_url()):
        pm.goto(path)
        found = Axe().run(pm).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in serious] == []
    assert complaints == []
