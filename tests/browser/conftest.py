"""Drivers of the grid and the drawer in a real Chromium, in the words of the person in front of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portfolio.tabs import registry
from tests import factories

pytestmark = pytest.mark.browser


class GridPage:
    """The page of one tab. Cells are named by row label (its first column) and column name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.columns: list[str] = []

    def open(self, tab: str, query: str = "") -> GridPage:
        self.page.goto(f"/tabs/{tab}/{query}")
        expect(self.page.locator("html[data-grid-ready]")).to_be_attached()
        shown = registry.tab(tab).columns_for("grid")
        frozen = [column.name for column in shown if column.frozen]
        self.columns = frozen + [column.name for column in shown if not column.frozen]
        return self

    @property
    def keyboard(self) -> Any:
        return self.page.keyboard

    @property
    def saved(self) -> Locator:
        return self.page.locator("#save-chip[data-state=saved]")

    @property
    def chip(self) -> Locator:
        return self.page.locator("#save-chip")

    @property
    def card(self) -> Locator:
        return self.page.locator("#cell-card")

    @property
    def status(self) -> Locator:
        return self.page.locator(".grid__about")

    @property
    def drawer(self) -> Locator:
        return self.page.locator("#drawer")

    def cell(self, place: int, column: str) -> Locator:
        """The cell of the ``place``-th row shown (from 0), drawn or not."""
        return self.page.locator(f"#cell-{place}-{self.columns.index(column)}")

    def go_to(self, place: int, column: str) -> Locator:
        """Walk there with the keyboard, as far as it takes; the cell is in view afterwards."""
        self.page.locator("#grid-scroller").focus()
        self.keyboard.press("Control+Home")
        for _ in range(place):
            self.keyboard.press("ArrowDown")
        for _ in range(self.columns.index(column)):
            self.keyboard.press("ArrowRight")
        return self.cell(place, column)

    def type(self, place: int, column: str, text: str) -> Locator:
        """Type into a cell and leave it downwards."""
        cell = self.go_to(place, column)
        self.keyboard.type(text)
        self.keyboard.press("Enter")
        return cell

    def paste(self, text: str) -> None:
        self.page.locator("#grid-scroller").evaluate(
            """(grid, text) => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                const options = {clipboardData: data, bubbles: true, cancelable: true};
                grid.dispatchEvent(new ClipboardEvent("paste", options));
            }""",
            text,
        )

    def column_text(self, column: str, places: int) -> list[str]:
        return [self.cell(place, column).inner_text() for place in range(places)]

    def api(self, tab: str) -> dict[str, Any]:
        """What the server holds, as this person reads it."""
        return json.loads(self.page.request.get(f"/api/v1/tabs/{tab}/").text())


@pytest.fixture
def initiatives(transactional_db: None) -> list[Any]:
    """Five initiatives on the backlog."""
    return [
        factories.initiative(f"Initiative {number}", engineering_tokens=number * 10) for number in range(1, 6)
    ]


@pytest.fixture
def grid(initiatives: list[Any], sign_in: Any, person: Any) -> GridPage:
    """The grid in front of a PM, with five initiatives on the backlog."""
    return GridPage(sign_in(person("PM", username="ana")))
