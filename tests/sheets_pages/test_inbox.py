"""The inbox: what waits, in words; one choice, and many at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from initiatives.models import Initiative
from portfolio.sheets.models import Conflict, LinkedTab, SyncedRow
from tests.factories import actor, initiative, put
from tests.sheets_pages import world
from tests.sheets_pages.reading import read, text_of

pytestmark = pytest.mark.django_db

INBOX = "/sheets/conflicts/"
Kind = Conflict.Kind
HTMX = {"HX-Request": "true", "HX-Target": "x"}


@pytest.fixture
def backlog() -> LinkedTab:
    return world.linked_tab()


def settle(client: Client, conflict: Conflict, choice: str, query: str = "", **headers: str) -> Any:
    return client.post(f"{INBOX}{conflict.pk}/{query}", {"choice": choice}, headers=headers)


# What it shows ----------------------------------------------------------------------------------------


def test_an_empty_inbox_says_what_would_be_in_it(pm: Client) -> None:
    assert "No spreadsheet is linked yet" in read(pm, INBOX)
    world.link()
    assert "Where both change the same cell, it waits here." in read(pm, INBOX)


def test_a_conflict_with_all_sides_who_and_when(backlog: LinkedTab, pm: Client) -> None:
    at = timezone.now().replace(month=3, day=4, hour=9, minute=5)
    conflict = world.disputed(backlog, who="ana", when=at, who_there="Nora")
    page = read(pm, INBOX)
    assert f"{conflict.key} Market Backlog!E2 in Google Sheets, in a new tab · Central backlog" in page
    assert "UK FR ana 4 Mar 09:05 DE Nora · seen" in page
    assert "Keep Lodestar's Take the sheet's" in page
    assert f"{backlog.address}&amp;range=E2" in pm.get(INBOX).text


def test_values_are_read_as_people_write_them(pm: Client) -> None:
    tab = world.linked_tab("scoring_inputs", world.link("product_ops"))
    row = initiative()
    sides: dict[str, Any] = {"base": 0.8, "mine": 0.5, "theirs": None}
    world.conflict(tab, row, tab_name="scoring_inputs", column="rice_confidence", **sides)
    assert "80% 50% blank" in read(pm, INBOX)


def test_a_long_text_is_told_by_what_was_changed_in_it(backlog: LinkedTab, pm: Client) -> None:
    old = "Customers wait two days for a label, print it themselves, and half of them give up before that."
    sides: dict[str, Any] = {"base": old, "mine": old.replace("two", "three"), "theirs": old + " " + old}
    world.disputed(backlog, column="problem_statement", **sides)
    page = pm.get(INBOX).text
    assert "<del>two </del><ins>three </ins>" in page and "Whole text" in page


def test_a_lost_row_says_what_either_choice_does(backlog: LinkedTab, pm: Client) -> None:
    world.disputed(backlog, kind=Kind.LOST, column="", base={"title": "Faster checkout", "market": "UK"})
    page = read(pm, INBOX)
    assert "Gone from the sheet" in page and "Title: Faster checkout Market: UK" in page
    assert "Has the row" in page and "Taking this deletes the row here, too." in page


def test_a_deleted_row_links_nowhere_in_lodestar(backlog: LinkedTab, pm: Client) -> None:
    conflict = world.disputed(backlog, kind=Kind.DELETED, column="", place="Backlog!12")
    page = pm.get(INBOX).text
    assert "Taking this brings it back here." in page and "range=12:12" in page
    assert f"/rows/{conflict.row}/" not in page


def test_a_deleted_row_tells_what_was_typed_into_it_since_also_where_nobody_may(
    backlog: LinkedTab, pm: Client
) -> None:
    base = {"title": "Faster checkout", "market": "UK", "overall_score": 2.5}
    theirs = {**base, "market": "IT", "overall_score": 99}
    world.disputed(backlog, kind=Kind.DELETED, column="", base=base, theirs=theirs)
    assert "Still has the row Market: IT Overall Score: 99" in read(pm, INBOX)


def test_a_returned_files_conflicts_speak_of_the_file(pm: Client) -> None:
    world.conflict(world.export(), initiative(), who_there="nora")
    page = read(pm, INBOX)
    assert "file exported by ana" in page and "Take the file's" in page and "nora · seen" in page


def test_who_may_not_enter_a_column_sees_whose_decision_it_is(backlog: LinkedTab, as_role: Any) -> None:
    world.disputed(backlog)
    world.disputed(backlog, "Another")
    page = read(as_role("Finance"), INBOX)
    assert "For Admin or PM" in page and "Keep Lodestar's" not in page


def test_newest_first_a_hundred_a_page(backlog: LinkedTab, pm: Client) -> None:
    row = initiative()
    for number in range(101):
        world.conflict(backlog, row, row=1000 + number, key=f"K-{number:03}")
    first, second = read(pm, INBOX), read(pm, f"{INBOX}?page=2")
    assert first.index("K-100") < first.index("K-099") and "K-000" not in first
    assert "K-000" in second and "Page 2 of 2" in second


def test_narrowing_by_spreadsheet_tab_and_file(pm: Client) -> None:
    ops = world.link("product_ops")
    made = {
        "backlog": world.disputed(world.linked_tab()),
        "params": world.conflict(world.linked_tab("params", ops), initiative(), tab_name="params"),
        "models": world.conflict(world.linked_tab("math_models", ops), initiative(), tab_name="math_models"),
        "file": world.conflict(world.export(), initiative()),
    }

    def shown(query: str) -> set[str]:
        page = pm.get(INBOX + query)
        return {name for name, each in made.items() if each in page.context["page"].object_list}

    assert shown("") == set(made)
    assert shown(f"?link={ops.pk}") == {"params", "models"}
    assert shown(f"?link={ops.pk}&tab=params") == {"params"}
    assert shown("?tab=backlog") == {"backlog", "file"}
    assert shown("?link=files") == {"file"}
    assert shown("?link=nonsense&page=7") == set(made)
    page = read(pm, f"{INBOX}?link={ops.pk}")
    assert "All Central backlog 1 Product ops 2 Returned files 1 Math Models 1 Params 1" in page
    assert "No conflict here" in read(pm, f"{INBOX}?tab=intake")


def test_queries_do_not_grow_with_the_conflicts(backlog: LinkedTab, pm: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert pm.get(INBOX).status_code == 200
        return len(caught)

    rows = [initiative(f"Row {number}", market="FR") for number in range(5)]
    for number in range(200):
        row = rows[number % 5]
        world.conflict(backlog, row, row=row.pk + 10 * number)
        world.conflict(backlog, row, row=row.pk + 10 * number, kind=Kind.DISCARDED)
        world.conflict(backlog, row, row=row.pk + 10 * number, kind=Kind.LOST).close("mine", "ana")
        if number == 4:
            few = queries()
    assert queries() == few < 25


# One choice -------------------------------------------------------------------------------------------


def test_a_choice_takes_the_row_away_and_says_what_became_of_it(backlog: LinkedTab, pm: Client) -> None:
    conflict, _ = world.disputed(backlog), world.disputed(backlog, "Another")
    answer = settle(pm, conflict, "theirs", **HTMX)
    assert answer.status_code == 200 and "<tr" not in answer.text
    assert 'id="waiting-count" hx-swap-oob="true">1<' in answer.text
    said = json.loads(answer.headers["HX-Trigger"])["showToast"]
    assert said == {"text": f"Market of {conflict.key} is now “DE”.", "kind": "ok"}


def test_without_scripts_it_comes_back_to_the_same_filter(backlog: LinkedTab, pm: Client) -> None:
    query = f"?link={backlog.link.pk}"
    answer = settle(pm, world.disputed(backlog), "mine", query)
    assert answer.url == INBOX + query
    assert "The next sync writes it into the sheet." in read(pm, answer.url)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_refusal_stays_in_the_row_with_its_reason(headers: Any, backlog: LinkedTab, pm: Client) -> None:
    conflict = world.disputed(backlog)
    put("backlog", Initiative.objects.get(), actor("PM", name="bob"), market="IT")
    answer = settle(pm, conflict, "theirs", **headers)
    page = answer.text if headers else pm.get(answer.url).text
    assert answer.status_code == (409 if headers else 302)
    assert "bob changed this in Lodestar in the meantime. It says “IT” now" in text_of(page)
    assert f'id="conflict-{conflict.pk}"' in page and "IT" in page
    assert Initiative.objects.get().market == "IT"


def test_a_page_that_is_old_settles_nothing_unseen(backlog: LinkedTab, pm: Client) -> None:
    conflict = world.disputed(backlog)
    seen = conflict.stamp
    Conflict.objects.update(theirs="AT")
    asked = {"choice": "theirs", "seen": seen}
    answer = pm.post(f"{INBOX}{conflict.pk}/", asked, headers=HTMX)
    assert answer.status_code == 409 and "AT" in answer.text and "Look again" in answer.text


def test_what_somebody_settled_already_leaves_too(backlog: LinkedTab, pm: Client) -> None:
    conflict = world.disputed(backlog)
    conflict.close("theirs", "bob")
    answer = settle(pm, conflict, "mine", **HTMX)
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"])["showToast"]["kind"] == "info"
    assert "bob resolved this already" in read(pm, settle(pm, conflict, "mine").url)


def test_a_conflict_that_never_was_is_no_error(pm: Client) -> None:
    assert settle(pm, Conflict(pk=404), "mine", **HTMX).status_code == 200


@pytest.mark.parametrize("choice", ["", "agreed", "both"])
def test_only_a_side_can_be_chosen(choice: str, backlog: LinkedTab, pm: Client) -> None:
    answer = settle(pm, world.disputed(backlog), choice, **HTMX)
    assert answer.status_code == 409 and "Choose one of the sides" in answer.text


def test_a_viewer_settles_nothing(backlog: LinkedTab, as_role: Any) -> None:
    conflict = world.disputed(backlog)
    viewer = as_role("Viewer")
    assert settle(viewer, conflict, "theirs").status_code == 403
    assert viewer.post(f"{INBOX}all/", {"choice": "mine"}).status_code == 403
    assert Conflict.objects.waiting().exists()


# Many at once -----------------------------------------------------------------------------------------


def all_shown(client: Client, choice: str, query: str = "") -> str:
    """Settle what the page shows, as its form does; the page afterwards."""
    page = client.get(INBOX + query)
    shown = [f"{line.conflict.pk}.{line.conflict.stamp}" for line in page.context["mine_to_settle"]]
    answer = client.post(f"{INBOX}all/{query}", {"choice": choice, "shown": shown}, follow=True)
    return text_of(answer.text)


def test_the_question_before_many_changes_counts_them(backlog: LinkedTab, pm: Client) -> None:
    for title in ("One", "Two", "Three"):
        world.disputed(backlog, title)
    world.disputed(backlog, "Four", kind=Kind.LOST, column="")
    page = read(pm, INBOX)
    assert "Keep Lodestar's 4 times?" in page
    assert "Take the sheet's 4 times? 3 values in Lodestar are replaced 1 row is deleted" in page


def test_all_that_is_shown_is_settled_and_nothing_else(backlog: LinkedTab, pm: Client) -> None:
    for title in ("One", "Two"):
        world.disputed(backlog, title)
    other = world.conflict(
        world.linked_tab("params", world.link("product_ops")), initiative(), tab_name="params"
    )
    assert "2 differences settled." in all_shown(pm, "theirs", f"?link={backlog.link.pk}")
    assert list(Conflict.objects.waiting()) == [other]
    assert {row.market for row in Initiative.objects.filter(title__in=["One", "Two"])} == {"DE"}


def test_what_is_refused_stays_open_and_the_rest_is_settled(backlog: LinkedTab, pm: Client) -> None:
    world.disputed(backlog, "One")
    sides: dict[str, Any] = {"base": 1, "mine": 5, "theirs": -3}
    row = initiative(engineering_tokens=5)
    refused = world.conflict(backlog, row, column="engineering_tokens", **sides)
    page = all_shown(pm, "theirs")
    assert "1 difference settled." in page and "1 difference left open: Engineering Tokens" in page
    assert list(Conflict.objects.waiting()) == [refused]


def test_what_changed_since_the_page_was_shown_is_left_open(backlog: LinkedTab, pm: Client) -> None:
    conflict = world.disputed(backlog)
    shown = f"{conflict.pk}.{conflict.stamp}"
    Conflict.objects.update(mine="AT")
    pm.post(f"{INBOX}all/", {"choice": "theirs", "shown": [shown, "x.y", "7", ""]})
    assert Conflict.objects.waiting().exists()


# Not taken, and settled -------------------------------------------------------------------------------


def test_a_value_typed_where_lodestar_fills_in_can_be_copied_and_dismissed(
    backlog: LinkedTab, as_role: Any
) -> None:
    finance = as_role("Finance")
    conflict = world.disputed(backlog, kind=Kind.DISCARDED, theirs="ask Bob")
    page = finance.get(INBOX).text
    assert "Not taken" in page and 'data-copy="ask Bob"' in page and "No conflicts" in page
    assert settle(finance, conflict, "mine", **HTMX).status_code == 200
    assert not Conflict.objects.open().exists()
    assert SyncedRow.objects.get().cells["market"] == "UK"
    assert "Dismissed" in read(finance, INBOX)


def test_many_of_them_are_dismissed_at_once(backlog: LinkedTab, pm: Client) -> None:
    made = [world.disputed(backlog, f"Row {n}", kind=Kind.DISCARDED) for n in range(3)]
    shown = [f"{each.pk}.{each.stamp}" for each in made]
    pm.post(f"{INBOX}all/", {"choice": "mine", "shown": shown})
    assert not Conflict.objects.open().exists()


def test_the_last_settled_are_listed_newest_first(backlog: LinkedTab, pm: Client) -> None:
    for n, choice in enumerate(("mine", "theirs", "agreed")):
        conflict = world.disputed(backlog, f"Row {n}")
        conflict.close(choice, "" if choice == "agreed" else "bob")
        Conflict.objects.filter(pk=conflict.pk).update(closed=timezone.now() + timedelta(minutes=n))
    page = read(pm, INBOX)
    settled = page[page.index("Recently settled") :]
    assert (
        settled.index("They agree by now") < settled.index("The sheet's FR") < settled.index("Lodestar's FR")
    )
    assert "the sync" in settled and "bob" in settled


# At home ----------------------------------------------------------------------------------------------


def test_home_counts_what_a_person_may_settle(backlog: LinkedTab, as_role: Any) -> None:
    for title in ("One", "Two"):
        world.disputed(backlog, title)
    world.disputed(backlog, "Three", kind=Kind.DISCARDED)
    page = as_role("PM").get("/")
    assert "2 conflicts wait for you" in page.text and f'href="{INBOX}?tab=backlog"' in page.text
    for role in ("Finance", "Viewer"):
        assert "wait for you" not in as_role(role).get("/").text


def test_home_is_quiet_without_conflicts(backlog: LinkedTab, pm: Client) -> None:
    world.disputed(backlog).close("mine", "ana")
    assert "wait for you" not in pm.get("/").text
