"""Every page in every light: no serious accessibility violation, no broken policy, fast enough."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from initiatives.models import Initiative
from portfolio.tabs import registry
from portfolio.tabs.models import gate_open
from tests.browser.conftest import GridPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SERIOUS = {"serious", "critical"}


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found if each["impact"] in SERIOUS]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/tabs/backlog/",
        "/tabs/constraints/",
        "/tabs/backlog/rows/new/",
        "/tabs/backlog/columns/",
        "/actions/",
        "/nowhere/",
    ],
)
def test_pages_are_accessible_in_both_themes(grid: GridPage, path: str, theme: str) -> None:
    grid.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    grid.page.goto(path)
    grid.page.wait_for_load_state("networkidle")
    assert violations(grid.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_is_accessible_in_both_themes(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto("/tabs/backlog/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert violations(page) == []


def test_every_tab_opens_and_keeps_to_the_content_security_policy(grid: GridPage) -> None:
    complaints: list[str] = []
    grid.page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    grid.page.on("pageerror", lambda error: complaints.append(str(error)))
    for tab in registry.tabs():
        grid.open(tab.name)
        expect(grid.page.get_by_role("heading", level=1)).to_have_text(tab.title)
    assert complaints == []


def test_the_theme_is_remembered_by_the_server(grid: GridPage) -> None:
    grid.open("backlog").page.get_by_label("Your menu").click()
    grid.page.get_by_role("button", name="Dark").click()
    assert 'data-theme="dark"' in grid.page.request.get("/tabs/backlog/").text()


def test_the_density_changes_the_height_of_a_row(grid: GridPage) -> None:
    grid.open("backlog").page.get_by_role("button", name="Roomy").click()
    row: Any = grid.page.locator(".grid__body .grid__row").first.bounding_box()
    assert row["height"] == 40


MOST_NODES = 1000


def test_ten_thousand_rows_fill_no_more_of_the_page_than_a_screenful(grid: GridPage) -> None:
    many = [Initiative(initiative_key=f"X-{number}", title=f"Title {number}") for number in range(10_000)]
    with gate_open():
        Initiative.objects.bulk_create(many, batch_size=500)
    grid.open("backlog")
    expect(grid.page.locator(".grid__count")).to_have_text("10,005 rows")
    assert grid.page.evaluate("document.querySelectorAll('#grid *').length") < MOST_NODES
