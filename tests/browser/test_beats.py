"""From two ticked rows to how likely one beats the other."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from scoring.models import Param
from tests.browser.conftest import GridPage
from tests.factories import north_star, put
from tests.scoring.conftest import give, model, scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rough(initiatives: list[Any]) -> list[Any]:
    """Two initiatives that are worth an uncertain number."""
    north_star("revenue")
    for row in initiatives[:2]:
        put("backlog", row, effort_engineering_days=2)
        model(row, "value = rate", target_kpi="revenue")
        give(row, rate=5)
        put("params", Param.objects.get(initiative=row), min=1, max=9, approved=True)
    scored(*initiatives[:2])
    return initiatives[:2]


def test_two_ticked_rows_lead_to_their_comparison(rough: list[Any], grid: GridPage) -> None:
    grid.open("scoring_inputs").go_to(0, "title")
    compare = grid.page.get_by_role("link", name="Compare", exact=True)
    grid.keyboard.press("Shift+Space")
    expect(grid.page.get_by_text("1 row selected")).to_be_visible()
    expect(compare).to_have_count(0)
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Shift+Space")
    compare.click()
    first, second = (row.initiative_key for row in rough)
    expect(grid.page.get_by_label("A", exact=True)).to_have_value(first)
    expect(grid.page.get_by_label("B", exact=True)).to_have_value(second)
    expect(grid.page.get_by_text("have the same overall in every draw")).to_be_visible()
    expect(grid.page.get_by_role("img", name="How often which overall is drawn")).to_be_visible()
