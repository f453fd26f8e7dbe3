"""The KPI tree in a real browser: accessible in both themes, by keyboard, and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.factories import create, initiative, north_star, put, strategic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pm(transactional_db: None, sign_in: Any, person: Any) -> Page:
    north_star("revenue", kpi_name="Revenue", unit="EUR")
    strategic("nps", unit="points")
    chains = (
        "visits > activation > revenue",
        "activation > nps",
        "activation > visits > revenue",
        "nps > revenue",
    )
    for number, chain in enumerate(chains):
        row = initiative(f"Idea {number}")
        target = chain.rpartition("> ")[2]
        key = {"initiative_key": row.initiative_key}
        create("math_models", **key, model_name="main", metric_chain_text=chain, target_kpi=target)
        put("kpi_contributions", row, **{f"contribution_override:{target}": 10 * (number + 1)})
    return sign_in(person("PM", username="ana"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tree_is_accessible_and_keeps_to_the_content_security_policy(pm: Page, theme: Any) -> None:
    complaints: list[str] = []
    pm.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    pm.emulate_media(color_scheme=theme)
    for path in ("/kpis/", "/kpis/?kpi=activation", "/kpis/?target=nps&period=none"):
        pm.goto(path)
        for summary in pm.locator("main details > summary").all():
            summary.click()
        found = Axe().run(pm).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [f"{path} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in serious] == []
    assert complaints == []


def test_a_kpi_and_an_initiative_are_reached_by_keyboard(pm: Page) -> None:
    pm.goto("/kpis/")
    pm.get_by_role("link", name="activation (not in Metrics Config).").focus()
    pm.keyboard.press("Enter")
    expect(pm.get_by_role("heading", name="activation", exact=True)).to_be_visible()
    expect(pm.locator(".kpi-edge--lit").first).to_be_attached()
    pm.keyboard.press("Tab")
    pm.locator(".kpi-tree").get_by_role("link", name="Idea 1").press("Enter")
    expect(pm).to_have_url(re.compile("/tabs/backlog/rows/"))


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_page_never_scrolls_sideways_and_letters_stay_readable(pm: Page, width: int) -> None:
    pm.set_viewport_size({"width": width, "height": 900})
    pm.goto("/kpis/?kpi=activation")
    assert pm.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sizes = pm.locator(".kpi-tree .value").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 10


def test_names_are_declared_and_taken_back_without_a_script(
    pm: Page, browser: Browser, live_server: Any
) -> None:
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=pm.context.storage_state()
    )
    page = plain.new_page()
    page.goto("/kpis/")
    expect(page.get_by_role("heading", name="2 names in chains")).to_be_visible()
    page.get_by_role("button", name="Make the ticked ones operational KPIs").click()
    expect(page.get_by_text("Now operational KPIs")).to_be_visible()
    expect(page.get_by_role("heading", name="names in chains")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="2 names in chains")).to_be_visible()
    page.get_by_label("Target KPI").select_option("nps")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/kpis/?target=nps&period=")
    plain.close()
