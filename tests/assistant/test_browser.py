"""From ticked rows over the estimate to a draft, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from scoring.models import MathModel
from tests.assistant.conftest import DRAFT, VERDICT, idea, model

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fine(page: Page, name: str) -> None:
    """No violation that axe sees; with SCREENSHOTS set, a picture to judge."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_ticked_models_are_drafted_after_a_look_at_what_that_takes(llm, kpis, worker, sign_in, person):
    model(idea("Another idea"))
    made = model(idea())
    llm.say(DRAFT, VERDICT)
    page = sign_in(person("PM", username="ana"))
    page.goto("/tabs/math_models/")
    page.locator(".grid [role=row]", has_text="INIT-000002").locator("input[type=checkbox]").check()
    page.locator("#bulk-bar").get_by_role("button", name="Suggest models").click()
    expect(page.get_by_role("heading", name="What it would take")).to_be_visible()
    expect(page.get_by_text("1 row: about 2 calls")).to_be_visible()
    fine(page, "ask")
    page.get_by_role("button", name="Suggest models: 1 row").click()
    expect(page.locator("#asked")).to_contain_text("Succeeded")
    assert MathModel.objects.get(pk=made.pk).llm_suggested_formula == DRAFT["formula_text"]
    assert MathModel.objects.exclude(llm_suggested_formula="").count() == 1


def test_the_pages_of_the_llm_read_well(llm, kpis, sign_in, person):
    model(idea())
    page = sign_in(person("PM", username="ana"))
    page.goto("/assistant/context/")
    page.get_by_label("What the LLM should know").fill("We run parcel lockers in three countries.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Current")).to_be_visible()
    fine(page, "context")
    page.goto("/assistant/")
    expect(page.get_by_text("We run parcel lockers")).to_be_visible()
    fine(page, "overview")
