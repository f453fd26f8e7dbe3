"""The inbox in front of a person with a keyboard; and every page in both lights."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from initiatives.models import Initiative
from portfolio.sheets.models import Conflict, LinkedTab
from tests.factories import actor, put
from tests.sheets_pages import world
from tests.sheets_pages.test_runs import page_of, reported, tab_report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INBOX = "/sheets/conflicts/"


@pytest.fixture
def backlog(transactional_db: None) -> LinkedTab:
    return world.linked_tab()


@pytest.fixture
def pm(backlog: LinkedTab, sign_in: Any, person: Any) -> Page:
    return sign_in(person("PM"))  # type: ignore[no-any-return]


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName")
    )


def tab_to(page: Page, label: str) -> None:
    for _ in range(40):
        if focused(page) == label:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached by Tab.")


def test_conflicts_are_settled_by_keyboard_one_after_the_other(backlog: LinkedTab, pm: Page) -> None:
    first, second = world.disputed(backlog, "One"), world.disputed(backlog, "Two")
    pm.goto(INBOX)
    pm.get_by_role("heading", name="Conflicts").focus()
    tab_to(pm, f"Take the sheet's: {second.key} Market")
    pm.keyboard.press("Enter")
    expect(pm.locator("#toasts")).to_contain_text(f"Market of {second.key} is now “DE”.")
    expect(pm.locator(f"#conflict-{second.pk}")).to_have_count(0)
    expect(pm.locator("#waiting-count")).to_have_text("1")
    assert focused(pm) == f"Take the sheet's: {first.key} Market"
    pm.keyboard.press("Shift+Tab")
    pm.keyboard.press("Space")
    expect(pm.get_by_role("heading", name="No conflicts")).to_be_visible()
    expect(pm.get_by_role("heading", name="Conflicts 0")).to_be_focused()
    markets = dict(Initiative.objects.values_list("title", "market"))
    assert markets == {"One": "FR", "Two": "DE"}


def test_a_refused_choice_keeps_the_focus_and_says_why(backlog: LinkedTab, pm: Page) -> None:
    conflict = world.disputed(backlog)
    pm.goto(INBOX)
    put("backlog", Initiative.objects.get(), actor("PM", name="bob"), market="IT")
    pm.get_by_role("button", name="Take the sheet's: ").press("Enter")
    expect(pm.get_by_role("alert")).to_contain_text("bob changed this in Lodestar in the meantime.")
    assert focused(pm) == f"Take the sheet's: {conflict.key} Market"
    pm.keyboard.press("Enter")
    expect(pm.get_by_role("heading", name="No conflicts")).to_be_visible()
    assert Initiative.objects.get().market == "DE"


def test_many_at_once_after_a_question(backlog: LinkedTab, pm: Page) -> None:
    for title in ("One", "Two", "Three"):
        world.disputed(backlog, title)
    pm.goto(INBOX)
    pm.get_by_role("button", name="Take the sheet's for all shown").press("Enter")
    expect(pm.get_by_text("3 values in Lodestar are replaced")).to_be_visible()
    pm.keyboard.press("Escape")
    assert Conflict.objects.waiting().count() == 3
    pm.get_by_role("button", name="Take the sheet's for all shown").press("Enter")
    pm.keyboard.press("Enter")
    expect(pm.locator("#toasts")).to_contain_text("3 differences settled.")
    assert set(Initiative.objects.values_list("market", flat=True)) == {"DE"}


def test_a_discarded_value_is_copied(backlog: LinkedTab, pm: Page) -> None:
    world.disputed(backlog, kind=Conflict.Kind.DISCARDED, theirs="ask Bob")
    pm.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pm.goto(INBOX)
    pm.get_by_role("button", name="Copy value").press("Enter")
    expect(pm.locator("#toasts")).to_contain_text("Copied.")
    assert pm.evaluate("navigator.clipboard.readText()") == "ask Bob"


def test_a_sync_shows_its_progress_and_then_its_result(backlog: LinkedTab, pm: Page, worker: None) -> None:
    pm.goto("/sheets/")
    pm.get_by_role("button", name="Sync now").press("Enter")
    expect(pm.locator("#progress")).to_contain_text("GOOGLE_SERVICE_ACCOUNT_FILE")
    expect(pm.locator("#links")).to_contain_text("Failed")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_pages_are_accessible_and_keep_to_the_content_security_policy(
    backlog: LinkedTab, pm: Page, theme: Any
) -> None:
    complaints: list[str] = []
    pm.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    pm.emulate_media(color_scheme=theme)
    world.linked_tab("params", backlog.link, left_alone=True, status="Renamed.", renamed_to="Old")
    for number, kind in enumerate(Conflict.Kind):
        world.disputed(backlog, f"Row {number}", kind=kind, column="market" if kind != "lost" else "")
    run = reported(backlog.link, {**tab_report(backlog), "changes": []}, problem="No.")
    for path in ("/sheets/", backlog.link.get_absolute_url(), INBOX, page_of(run)):
        pm.goto(path)
        found = Axe().run(pm).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [f"{path} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in serious] == []
    assert complaints == []
