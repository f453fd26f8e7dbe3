"""Starting actions from a tab page, for ticked rows and for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portfolio.actions import registry
from portfolio.actions.models import ActionRun
from portfolio.tabs import toolbar
from portfolio.tabs.toolbar import Button
from tests.browser.conftest import GridPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def buttons() -> Iterator[None]:
    registry.action("test.polish", title="Polish", roles=("PM",))(lambda job: None)
    before = list(toolbar._sources)
    toolbar.register(
        "backlog",
        lambda request, tab: [
            Button("Polish all", action="test.polish"),
            Button("Polish selected", action="test.polish", keys_from="initiative_key"),
        ],
    )
    yield
    toolbar._sources[:] = before
    del registry.actions["test.polish"]


def test_ticked_rows_are_handed_to_an_action_by_their_keys(grid: GridPage) -> None:
    grid.open("backlog").go_to(1, "title")
    grid.keyboard.press("Shift+Space")
    grid.page.get_by_role("button", name="Polish selected").dblclick()
    expect(grid.page.locator("#action-progress")).to_contain_text("Queued")
    keys = [row[1] for row in grid.api("backlog")["rows"]]
    assert [run.keys for run in ActionRun.objects.all()] == [[keys[1]]]


def test_an_action_for_all_rows_starts_from_the_head_of_the_page(grid: GridPage) -> None:
    grid.open("backlog").page.get_by_role("button", name="Polish all").click()
    expect(grid.page.locator("#action-progress")).to_contain_text("Queued")
    assert ActionRun.objects.get().keys is None
    grid.page.get_by_role("button", name="Hide the progress").click()
    expect(grid.page.locator(".action-progress")).to_be_hidden()
