"""The form of a row, in the drawer and as a page of its own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from initiatives.models import Initiative
from tests import factories
from tests.browser.conftest import GridPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(grid: GridPage, place: int = 0) -> GridPage:
    grid.open("backlog").go_to(place, "title")
    grid.keyboard.press("Control+Enter")
    expect(grid.drawer.get_by_role("button", name="Save")).to_be_visible()
    return grid


def test_a_row_is_created_in_the_drawer_and_appears_in_the_grid(grid: GridPage) -> None:
    grid.open("backlog")
    grid.page.get_by_role("link", name="New row").first.click()
    grid.drawer.get_by_label("Title").fill("Brand new")
    grid.drawer.get_by_role("button", name="Create").click()
    expect(grid.drawer).to_be_hidden()
    expect(grid.page.locator(".grid__count")).to_have_text("6 rows")
    expect(grid.cell(5, "title")).to_have_text("Brand new")


def test_an_edit_in_the_drawer_shows_in_the_grid_and_can_be_undone_there(grid: GridPage) -> None:
    opened(grid).drawer.get_by_label("Title").fill("From the drawer")
    grid.drawer.get_by_role("button", name="Save").click()
    expect(grid.cell(0, "title")).to_have_text("From the drawer")
    grid.page.get_by_role("button", name="Undo").click()
    expect(grid.cell(0, "title")).to_have_text("Initiative 1")


def test_a_refused_field_keeps_its_text_and_nothing_of_the_row_is_saved(grid: GridPage) -> None:
    opened(grid).drawer.get_by_label("Title").fill("Half saved?")
    tokens = grid.drawer.locator("[name=engineering_tokens]")
    tokens.fill("plenty")
    grid.drawer.get_by_role("button", name="Save").click()
    expect(grid.drawer.locator(".form-row__error")).to_contain_text("is not a number")
    expect(tokens).to_have_value("plenty")
    expect(tokens).to_be_focused()
    expect(grid.drawer.get_by_label("Title")).to_have_value("Half saved?")
    assert not Initiative.objects.filter(title="Half saved?").exists()


def test_a_conflict_in_the_drawer_shows_theirs_and_saving_again_keeps_mine(
    grid: GridPage, initiatives: list[Any]
) -> None:
    opened(grid).drawer.get_by_label("Title").fill("Mine")
    factories.put("backlog", initiatives[0], factories.actor(name="ben"), title="Theirs")
    grid.drawer.get_by_role("button", name="Save").click()
    expect(grid.drawer.locator(".form-row__theirs")).to_contain_text("Theirs")
    expect(grid.drawer.get_by_label("Title")).to_have_value("Mine")
    grid.drawer.get_by_role("button", name="Save").click()
    expect(grid.drawer).to_be_hidden()
    assert Initiative.objects.get(pk=initiatives[0].pk).title == "Mine"


def test_escape_closes_the_drawer_and_gives_the_focus_back(grid: GridPage) -> None:
    opened(grid)
    grid.keyboard.press("Escape")
    expect(grid.drawer).to_be_hidden()
    expect(grid.page.locator("#grid-scroller")).to_be_focused()


def test_history_says_who_changed_what(grid: GridPage, initiatives: list[Any]) -> None:
    factories.put("backlog", initiatives[0], factories.actor(name="ben"), title="Renamed")
    opened(grid).drawer.get_by_role("link", name="History").click()
    newest = grid.drawer.locator(".history > li").first
    expect(newest).to_contain_text("Title")
    expect(newest).to_contain_text("Initiative 1 → Renamed")
    expect(newest).to_contain_text("ben")


def test_the_form_is_also_a_page_of_its_own(grid: GridPage, initiatives: list[Any]) -> None:
    grid.page.goto(f"/tabs/backlog/rows/{initiatives[0].pk}/")
    grid.page.get_by_label("Title").fill("Without the grid")
    grid.page.get_by_role("button", name="Save").click()
    expect(grid.page.locator(".toast")).to_contain_text("Saved")
    assert Initiative.objects.get(pk=initiatives[0].pk).title == "Without the grid"
