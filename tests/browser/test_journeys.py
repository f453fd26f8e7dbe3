"""What people come to do, from the first page to the last, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from metrics.models import Contributions, Metric
from optimization.models import Run
from scoring.models import Param
from tests import factories
from tests.browser.conftest import GridPage
from tests.decisions_app import world
from tests.sheets.files import xlsx

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#field-{name}").fill(value)


def new_row(page: Page, tab: str) -> None:
    page.goto(f"/tabs/{tab}/")
    page.get_by_role("link", name="New row").click()
    page.locator("#drawer form").wait_for()


def test_a_workbook_is_looked_at_and_then_imported(
    worker: None, sign_in: Any, person: Any, tmp_path: Path
) -> None:
    page = sign_in(person("PM"))
    rows = [["KPI Key", "Level"], ["revenue", "North star"], ["signups", "huge"]]
    page.goto("/import/")
    page.set_input_files("input[type=file]", xlsx(tmp_path / "plan.xlsx", Metrics_Config=rows))
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_text("1 rejected row would be left out")).to_be_visible()
    expect(page.get_by_text("“huge” is not a choice")).to_be_visible()
    assert not Metric.objects.exists()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Saved: 1 new row")).to_be_visible()
    assert Metric.objects.get().kpi_level == "north_star"


def test_a_model_written_by_hand_becomes_a_contribution(worker: None, grid: GridPage) -> None:
    factories.north_star("revenue")
    page = grid.page
    new_row(page, "math_models")
    fill(page, initiative_key="INIT-000001", model_name="Uplift", formula_text="a = reach\nvalue = a *")
    page.locator("#field-target_kpi").select_option("revenue")
    page.locator("#field-formula_approved").select_option(label="Yes")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("can't be approved. Line 2")).to_be_visible()
    fill(page, formula_text="a = reach\nvalue = a * 2")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Created.")).to_be_visible()
    assert Param.objects.get().param_name == "reach"
    grid.open("params").type(0, "value", "1,500")
    grid.go_to(0, "approved")
    grid.keyboard.press("Space")
    expect(grid.saved).to_be_visible()
    grid.open("kpi_contributions")
    page.get_by_role("button", name="Score all").click()
    expect(page.get_by_text("5 rows")).to_be_visible()
    expect(grid.cell(0, "contribution_effective:revenue")).to_have_text("3,000")
    grid.type(0, "contribution_override:revenue", "2500")
    expect(grid.cell(0, "contribution_effective:revenue")).to_have_text("2,500")
    grid.go_to(0, "contribution_override:revenue")
    grid.keyboard.press("Delete")
    expect(grid.cell(0, "contribution_effective:revenue")).to_have_text("3,000")
    assert Contributions.objects.get().override is None


def test_a_submission_is_completed_and_overridden_and_both_sides_see_it(sign_in: Any, person: Any) -> None:
    grid = GridPage(sign_in(person("PM")))
    new_row(grid.page, "intake")
    fill(grid.page, title="Quiet lockers", requester_email="eva@example.com")
    grid.page.get_by_role("button", name="Create").click()
    expect(grid.page.get_by_text("Created.")).to_be_visible()
    expect(grid.open("intake").cell(0, "lifecycle_status")).to_have_text("Needs info")
    row = grid.api("intake")["rows"][0][0]
    grid.page.goto(f"/tabs/intake/rows/{row}/")
    fill(grid.page, requesting_team="Ops", requester_name="Eva", country="Spain", problem_statement="Noise")
    grid.page.get_by_role("button", name="Save").click()
    expect(grid.page.get_by_text("Saved.")).to_be_visible()
    grid.open("backlog").type(0, "title", "Silent lockers")
    expect(grid.saved).to_be_visible()
    grid.open("intake").type(0, "title", "Quiet at night")
    expect(grid.saved).to_be_visible()
    grid.open("intake").go_to(0, "title")
    expect(grid.card).to_contain_text("The backlog says “Silent lockers” here")
    grid.open("backlog").go_to(0, "title")
    expect(grid.card).to_contain_text("Intake says “Quiet at night” here")


@pytest.mark.parametrize("tab", ["backlog", "params", "kpi_contributions", "targets"])
def test_a_viewer_reads_every_cell_and_is_offered_nothing_to_change(
    initiatives: list[Any], sign_in: Any, person: Any, tab: str
) -> None:
    grid = GridPage(sign_in(person("Viewer"))).open(tab)
    offered = [button.inner_text() for button in grid.page.locator(".page-head__tools .btn").all()]
    assert offered == []
    assert not any(column["editable"] for column in grid.api(tab)["columns"])
    expect(grid.page.get_by_role("link", name="Import and export")).to_have_count(0)


def test_two_of_many_are_found_and_forced_in(worker: None, sign_in: Any, person: Any) -> None:
    run = many_candidates(20)
    page = sign_in(person("PM"))
    page.goto(f"/runs/{run.run_id}/ask/horse_trade/")
    find = page.get_by_label("Find in Force in")
    find.fill("init-000013")
    find.press("Enter")
    find.fill("idea 13")
    page.locator("select[name=force_in] option:not([hidden])", has_text="Idea 13").click()
    page.get_by_role("button", name="Remove Idea 12").click()
    expect(page.locator(".picker__chosen .chip:visible")).to_have_count(1)
    page.get_by_role("button", name="Find out").click()
    expect(page.locator("main")).to_contain_text("Idea 13")


def many_candidates(size: int) -> Run:
    """A run that takes the few cheapest of many ideas of the same worth."""
    world.kpis()
    for number in range(size):
        world.candidate(f"Idea {number}", 10 + number, {"revenue": 100})
    world.scenario(30)
    return world.optimize()
