"""Versions, copying and the library as people use them: in the studio's drawer, and as pages of their own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portfolio.tabs.actor import Actor
from scoring.models import MathModel
from tests.browser.test_pages import violations
from tests.factories import create, initiative, north_star, put

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANA = Actor("ana", frozenset({"PM"}))
FIRST = "orders = visits * rate\nvalue = orders * basket"
SECOND = "orders = visits * rate\nvalue = orders * margin\neffort = 12"


@pytest.fixture
def model(transactional_db: None) -> Any:
    """A formula of three versions: approved, changed, and changed again; and many other initiatives."""
    north_star("revenue", unit="GBP")
    row = initiative("Faster checkout")
    made = create("math_models", initiative_key=row.initiative_key, model_name="Checkout", formula_text=FIRST)
    put("math_models", made, ANA, formula_approved=True)
    put("math_models", made, ANA, formula_text=SECOND)
    for number in range(1, 16):
        initiative(f"Idea {number}")
    return made


@pytest.fixture
def page_of_ana(model: Any, sign_in: Any, person: Any) -> Page:
    page = sign_in(person("PM", username="ana"))
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def studio_of(model: Any, page: str = "") -> str:
    return f"/studio/{model.initiative.initiative_key}/{page}?model={model.pk}"


def test_a_version_is_restored_from_the_drawer_and_taken_back(page_of_ana: Any, model: Any) -> None:
    page = page_of_ana
    page.goto(studio_of(model))
    page.get_by_role("link", name="History").click()
    expect(page.locator("#drawer .version")).to_have_count(2)
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_role("heading", name="Version 3")).to_be_visible()
    assert MathModel.objects.get(pk=model.pk).formula_text == FIRST
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", name="Version 4")).to_be_visible()
    assert MathModel.objects.get(pk=model.pk).formula_text == SECOND
    assert page.complaints == []


def test_a_model_is_copied_to_two_initiatives_with_the_picker(page_of_ana: Any, model: Any) -> None:
    page = page_of_ana
    page.goto(studio_of(model))
    page.get_by_role("link", name="Copy", exact=True).click()
    find = page.locator("#drawer").get_by_role("searchbox")
    for words in ("idea 7", "idea 12"):
        find.fill(words)
        find.press("Enter")
    expect(page.locator("#drawer .chip")).to_have_count(2)
    page.locator("#drawer").get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".studio-done a")).to_have_count(2)
    assert MathModel.objects.filter(model_name="Checkout").count() == 3
    assert page.complaints == []


def test_a_template_is_found_while_typing_and_used(page_of_ana: Any, model: Any) -> None:
    page = page_of_ana
    page.goto(studio_of(model))
    page.get_by_role("link", name="Library").click()
    page.locator("#library-search").fill("elasticity")
    expect(page.locator("#library details")).to_have_count(1)
    page.get_by_label("Target KPI").select_option("revenue")
    page.get_by_role("button", name="Use Pricing change").click()
    expect(page.locator(".studio-done")).to_contain_text("6 params came along without values")
    page.locator(".studio-done a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Faster checkout")
    assert page.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_pages_are_accessible_in_both_themes(page_of_ana: Any, model: Any, theme: str) -> None:
    page_of_ana.emulate_media(color_scheme=theme)
    for name in ("history/", "copy/", "library/"):
        page_of_ana.goto(studio_of(model, name))
        page_of_ana.wait_for_load_state("networkidle")
        assert violations(page_of_ana) == [], name
    page_of_ana.goto(studio_of(model, "library/") + "&q=fraud")
    page_of_ana.wait_for_load_state("networkidle")
    assert violations(page_of_ana) == []
