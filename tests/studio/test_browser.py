"""A PM, a formula and its params in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from scoring.models import MathModel, Param, ScoringInputs
from tests import factories
from tests.browser.test_pages import violations
from tests.factories import initiative, put
from tests.scoring.conftest import give, model
from tests.studio.conftest import FORMULA, path
from tests.studio.test_drafts import suggested

FOCUSED = "(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Studio:
    """The studio of one initiative, in the words of the person in front of it."""

    def __init__(self, page: Page, row: Any) -> None:
        self.page, self.row = page, row

    def open(self) -> Studio:
        self.page.goto(path(self.row))
        expect(self.page.locator("html[data-studio-ready]")).to_be_attached()
        return self

    @property
    def formula(self) -> Any:
        return self.page.get_by_role("textbox", name="Formula", exact=True)

    @property
    def value(self) -> Any:
        return self.page.locator(".figure--value .figure__text")

    @property
    def saved(self) -> Any:
        return self.page.locator("#save-chip[data-state=saved]")

    def param(self, name: str) -> Any:
        return self.page.locator(f"tbody[data-name={name}]")

    def cell(self, column: str, name: str) -> Any:
        return self.param(name).locator(f"[data-column={column}]")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def fill(self, name: str, **cells: str) -> None:
        for column, text in cells.items():
            self.cell(column, name).fill(text)
            self.page.keyboard.press("Enter")


@pytest.fixture
def bare(transactional_db: None) -> Any:
    factories.north_star("revenue", unit="GBP")
    return initiative("Faster checkout", effort_engineering_days=20)


@pytest.fixture
def checkout(bare: Any) -> Any:
    model(bare, FORMULA, target_kpi="revenue")
    give(bare, traffic=1000, rate=0.05, margin=8)
    return bare


@pytest.fixture
def ana(sign_in: Any, person: Any) -> Page:
    return sign_in(person("PM", username="ana"))


def test_from_nothing_to_a_score_that_the_studio_foretold(ana: Page, bare: Any, worker: None) -> None:
    ana.goto(path(bare))
    ana.get_by_role("button", name="Start with a blank model").click()
    studio = Studio(ana, bare)
    studio.formula.press_sequentially("value = sessions * uplift")
    for name in ("sessions", "uplift"):
        expect(studio.button(f"{name} no value")).to_be_visible()
        expect(studio.param(name)).to_be_visible()
    studio.fill("sessions", value="10,000")
    studio.fill("uplift", value="2%", min="1%", max="4%")
    expect(studio.value).to_have_text("200")
    expect(ana.locator(".figure--p90 .figure__text")).not_to_have_text("–")
    ana.keyboard.press("Control+s")
    expect(studio.saved).to_be_visible()
    assert Param.objects.get(param_name="uplift").value == 0.02
    studio.button("Approve formula").click()
    expect(studio.button("Withdraw approval")).to_be_visible()
    studio.button("Approve 2 params").click()
    expect(ana.locator("#studio-standing")).to_be_hidden()
    studio.button("Score").click()
    expect(ana.locator("[data-shown=computed_value]")).to_have_text("200")
    scored = ScoringInputs.objects.get(initiative=bare)
    assert (scored.math_value_score, scored.math_overall_score) == (200, 10)
    shown = ana.locator(".figure--p90 .figure__text").inner_text()
    assert f"{MathModel.objects.get().p90:,.2f}".startswith(shown)


def test_an_error_stands_by_its_line_and_leads_to_it(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.fill("value = traffic\nx = 1 2")
    expect(ana.locator("#formula-lines [data-error]")).to_have_text("2")
    expect(ana.locator(".figures__note")).to_have_text("The numbers of the text before its error.")
    expect(studio.button("Save and approve")).to_be_disabled()
    studio.button("Line 2").click()
    expect(studio.formula).to_be_focused()
    assert ana.evaluate("window.getSelection().toString()") in ("x = 1 2", "")
    studio.formula.fill("value = traffic")
    expect(studio.value).to_have_text("1,000")


def test_a_name_that_goes_takes_its_untouched_row_along(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.fill("value = traffic * newcomer")
    expect(studio.param("newcomer")).to_be_visible()
    expect(studio.param("margin")).to_have_attribute("data-unread", "")
    studio.formula.fill("value = traffic")
    expect(studio.param("newcomer")).to_have_count(0)
    assert not Param.objects.filter(param_name="newcomer").exists()


def held_up(page: Page) -> Callable[[], None]:
    """The next change of params doesn't reach the server before the answer is called."""
    on_their_way: list[Route] = []
    page.route("**/params/changes/", lambda route: on_their_way.append(route), times=1)
    return lambda: on_their_way[0].continue_()


def comes_true(page: Page, holds: Callable[[], bool]) -> bool:
    """Whether it does, while the page goes on: one that is held up needs this process."""
    for _ in range(100):
        if holds():
            return True
        page.wait_for_timeout(100)
    return False


def test_what_is_typed_while_a_row_is_made_is_saved_too(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    go_on = held_up(ana)
    studio.formula.fill("value = newcomer")
    for column, text in {"value": "7", "unit": "people", "min": "5", "max": "9"}.items():
        studio.cell(column, "newcomer").fill(text)
    studio.formula.focus()
    go_on()
    made = Param.objects.filter(param_name="newcomer", value=7, unit="people", min=5, max=9)
    assert comes_true(ana, made.exists)  # the chip says Saved between one save and the next, too


def test_a_number_that_is_come_back_to_while_its_row_is_made_is_saved_too(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    go_on = held_up(ana)
    studio.formula.fill("value = newcomer")
    for column, text in {"value": "7", "min": "5", "max": "9"}.items():
        studio.cell(column, "newcomer").fill(text)
    studio.cell("min", "newcomer").focus()
    go_on()
    expect(studio.param("newcomer")).to_have_attribute("data-row", re.compile(r"\d+"))
    studio.formula.focus()
    assert comes_true(ana, Param.objects.filter(param_name="newcomer", value=7, min=5, max=9).exists)


def test_a_number_may_be_typed_on_while_its_row_is_made(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    go_on = held_up(ana)
    studio.formula.fill("value = newcomer")
    studio.cell("value", "newcomer").fill("7")
    ana.keyboard.press("Control+s")
    ana.keyboard.type("5")
    go_on()
    expect(studio.param("newcomer")).to_have_attribute("data-row", re.compile(r"\d+"))
    expect(studio.cell("value", "newcomer")).to_have_value("75")
    ana.keyboard.press("Tab")
    assert comes_true(ana, Param.objects.filter(param_name="newcomer", value=75).exists)
    expect(studio.saved).to_be_visible()


def test_a_refused_cell_keeps_its_text_and_says_why(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.fill("rate", value="lots")
    expect(ana.locator("#save-chip")).to_have_text("1 cell not saved")
    expect(studio.param("rate")).to_contain_text("“lots” is not a number")
    expect(studio.cell("value", "rate")).to_have_value("lots")
    ana.locator("#save-chip").click()
    expect(studio.cell("value", "rate")).to_be_focused()
    ana.keyboard.press("Escape")
    expect(studio.cell("value", "rate")).to_have_value("0.05")
    expect(studio.saved).to_be_visible()


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", 0.07), ("Take theirs", 0.06)])
def test_a_conflict_over_a_number_is_settled_by_a_person(
    ana: Page, checkout: Any, choice: str, kept: float
) -> None:
    studio = Studio(ana, checkout).open()
    studio.cell("value", "rate").fill("0.07")
    rate = Param.objects.get(param_name="rate")
    put("params", rate, factories.actor(name="ben"), value=0.06)
    ana.keyboard.press("Enter")
    expect(studio.param("rate")).to_contain_text("ben changed this in the meantime. It is 0.06 now.")
    expect(studio.cell("value", "rate")).to_have_value("0.07")
    studio.button(choice).click()
    expect(studio.cell("value", "rate")).to_have_value(str(kept))
    expect(studio.saved).to_be_visible()
    rate.refresh_from_db()
    assert rate.value == kept


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "value = 2"), ("Take theirs", "value = 3")])
def test_a_conflict_over_the_formula_loses_neither_text(
    ana: Page, checkout: Any, choice: str, kept: str
) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.fill("value = 2")
    put("math_models", MathModel.objects.get(), factories.actor(name="ben"), formula_text="value = 3")
    studio.button("Save").click()
    expect(ana.locator("#formula-conflict")).to_contain_text("ben changed this in the meantime.")
    expect(ana.locator("#formula-conflict pre")).to_have_text("value = 3")
    expect(studio.formula).to_have_value("value = 2")
    studio.button(choice).click()
    expect(studio.formula).to_have_value(kept)
    expect(studio.saved).to_be_visible()
    assert MathModel.objects.get().formula_text == kept


def test_an_unsaved_formula_is_there_again_after_leaving(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.fill("value = traffic + 1")
    expect(studio.value).to_have_text("1,001")
    ana.goto("/studio/")
    studio.open()
    expect(studio.formula).to_have_value("value = traffic + 1")
    expect(ana.locator("#formula-state")).to_have_text("Not saved · version 1")
    assert MathModel.objects.get().formula_text == FORMULA


def test_the_draft_is_compared_with_what_is_typed(ana: Page, checkout: Any) -> None:
    draft = suggested(checkout)
    studio = Studio(ana, checkout).open()
    lines = ana.get_by_role("region", name="Your formula and the draft")
    studio.formula.fill("value = 1")
    expect(lines.locator("tr.differs").first).to_contain_text("only yours: value = 1")
    ana.evaluate("document.querySelector('#studio-draft').dataset.old = ''")
    ana.evaluate("document.body.dispatchEvent(new CustomEvent('actionFinished'))")
    expect(ana.locator("#studio-draft[data-old]")).to_have_count(0)  # the draft came anew
    expect(lines.locator("tr.differs").first).to_contain_text("only yours: value = 1")
    studio.formula.fill(draft.answer["formula_text"])
    expect(ana.locator("#draft-lines")).to_have_text("Your formula says what the draft says, line by line.")


def test_approving_makes_params_of_the_names_it_reads(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.fill("value = traffic * brand_new")
    studio.button("Save and approve").click()
    expect(studio.param("brand_new")).to_have_attribute("data-row", re.compile(r"\d+"))
    expect(ana.locator("#formula-state")).to_have_text("Approved · version 2")
    assert Param.objects.filter(param_name="brand_new").exists()


def test_a_viewer_reads_everything_and_types_nothing(sign_in: Any, person: Any, checkout: Any) -> None:
    page = sign_in(person("Viewer"))
    studio = Studio(page, checkout).open()
    expect(studio.value).to_have_text("400")
    expect(studio.formula).not_to_be_editable()
    assert page.locator("#params .cell:not([readonly], :disabled)").count() == 0
    expect(studio.button("Withdraw approval")).to_be_disabled()
    expect(page.locator("#formula-why")).to_contain_text("Your role may not enter Formula Approved.")


def test_everything_is_reached_by_keyboard(ana: Page, checkout: Any) -> None:
    studio = Studio(ana, checkout).open()
    studio.formula.focus()
    seen: list[str] = []
    for _ in range(60):
        ana.keyboard.press("Tab")
        seen.append(ana.evaluate(FOCUSED))
    expected = ["traffic", "rate", "margin", "Value of traffic", "Unit of traffic", "Description of traffic"]
    places = [seen.index(label) for label in expected]
    assert places == sorted(places)
    assert "Show data" in seen or "Approved: margin" in seen


def test_a_model_is_chosen_from_its_tab_and_a_row_form_opens_in_the_drawer(ana: Page, checkout: Any) -> None:
    model(checkout, "value = 7", approved=False, model_name="variant")
    studio = Studio(ana, checkout).open()
    ana.get_by_role("link", name="variant").click()
    expect(studio.value).to_have_text("7")
    ana.get_by_role("link", name="Edit model").click()
    ana.locator("#drawer").get_by_label("Model Description").fill("Seven it is.")
    ana.locator("#drawer").get_by_role("button", name="Save").click()
    expect(ana.locator("#studio-about")).to_contain_text("Seven it is.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024])
def test_it_is_accessible_and_keeps_to_the_content_security_policy(
    ana: Page, checkout: Any, theme: str, width: int
) -> None:
    complaints: list[str] = []
    ana.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    ana.on("pageerror", lambda error: complaints.append(str(error)))
    put("params", Param.objects.get(param_name="rate"), min=0.01, max=0.2)
    model(checkout, "value = 7", approved=False, model_name="a variant " * 15)
    ana.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    ana.set_viewport_size({"width": width, "height": 800})
    ana.goto("/studio/")
    assert violations(ana) == []
    studio = Studio(ana, checkout).open()
    studio.formula.fill(FORMULA + "\neffort = 1 2")
    expect(ana.locator(".formula-errors")).to_be_visible()
    assert violations(ana) == []
    assert ana.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []
