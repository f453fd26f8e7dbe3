"""The pages of linked spreadsheets: what they say, and what their buttons ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.sheets.models import LinkedTab
from tests.sheets_pages import world
from tests.sheets_pages.reading import read

pytestmark = pytest.mark.django_db

EDITORS = ("PM", "Admin", "Analytics", "Finance", "Engineering")


# Who may ----------------------------------------------------------------------------------------------


def pages() -> list[str]:
    link = world.link()
    return ["/sheets/", link.get_absolute_url(), "/sheets/conflicts/"]


@pytest.mark.parametrize("role", EDITORS)
def test_editors_see_every_page(role: str, as_role: Any) -> None:
    client = as_role(role)
    assert [client.get(path).status_code for path in pages()] == [200, 200, 200]
    assert 'href="/sheets/"' in client.get("/actions/").text


def test_a_viewer_sees_none_of_them_and_no_way_there(as_role: Any) -> None:
    viewer = as_role("Viewer")
    answers = [viewer.get(path) for path in pages()]
    assert {answer.status_code for answer in answers} == {403}
    assert "This page is not open to you" in answers[0].text
    assert 'href="/sheets/"' not in viewer.get("/actions/").text


@pytest.mark.parametrize("page", ["sync", "preview", "confirm"])
def test_a_viewer_starts_nothing(page: str, as_role: Any) -> None:
    link = world.link()
    assert as_role("Viewer").post(f"{link.get_absolute_url()}{page}/").status_code == 403
    assert not ActionRun.objects.exists()


@pytest.mark.parametrize("page", ["sync", "preview", "confirm"])
def test_looking_at_a_button_starts_nothing(page: str, pm: Client) -> None:
    assert pm.get(f"{world.link().get_absolute_url()}{page}/").status_code == 405


# The list ---------------------------------------------------------------------------------------------


def test_without_a_link_three_steps_lead_to_one(as_role: Any) -> None:
    page = read(as_role("PM"), "/sheets/")
    assert "GOOGLE_SERVICE_ACCOUNT_FILE to its path and restart. Not set" in page
    assert (
        "1. Give Lodestar an account" in page and "3. Paste its id" in page and "An admin does this." in page
    )
    admins = as_role("Admin").get("/sheets/").text
    assert reverse("admin:sheets_sheetlink_add") in admins


def test_an_endpoint_is_access_too(settings: Any, pm: Client) -> None:
    settings.SHEETS_API_ENDPOINT = "http://127.0.0.1:9"
    assert "Not set" not in read(pm, "/sheets/")


def test_a_bad_key_file_is_named(settings: Any, tmp_path: Any, pm: Client) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = str(tmp_path / "missing.json")
    assert "missing.json, which can't be read" in read(pm, "/sheets/")
    world.link()
    assert "Nothing is synced." in read(pm, "/sheets/")


def test_a_link_says_how_its_last_sync_went(pm: Client) -> None:
    link = world.link("intake", name="Care", title="Care 2026", synced=timezone.now() - timedelta(minutes=5))
    tab = world.linked_tab("intake", link, counts={"pulled": 3, "pushed": 1200, "created": 2, "appended": 1})
    world.linked_tab("intake", link, title="Old", confirmed=timezone.now(), counts={"pulled": 4})
    world.disputed(tab)
    page = read(pm, "/sheets/")
    assert "Intake · Care Care 2026" in page and "5 minutes ago" in page
    assert "7 1,200 3 1" in page  # pulled, pushed, created, conflicts
    assert link.address in pm.get("/sheets/").text


@pytest.mark.parametrize(
    ("link", "tab", "said"),
    [
        ({"is_enabled": False}, {}, "Off"),
        ({"problem": "Google says no."}, {}, "Failed"),
        ({}, {}, "Not synced yet"),
        ({"synced": timezone.now()}, {"left_alone": True}, "1 left alone"),
        ({"synced": timezone.now()}, {"confirmed": timezone.now()}, "In step"),
        ({"synced": timezone.now()}, {}, "1 to preview"),
    ],
)
def test_the_state_of_a_link_in_a_word(link: Any, tab: Any, said: str, pm: Client) -> None:
    linked = world.linked_tab(of=world.link(**link), **tab)
    assert said in read(pm, "/sheets/")
    assert said in read(pm, linked.link.get_absolute_url())
    if linked.link.problem:
        assert "Google says no." in read(pm, "/sheets/")


def test_the_lists_queries_do_not_grow_with_links_and_conflicts(
    pm: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        tab = world.linked_tab(of=world.link())
        for each in range(4):
            world.disputed(tab, f"Row {number}.{each}")
    with django_assert_max_num_queries(12):
        pm.get("/sheets/")


# Sync now ---------------------------------------------------------------------------------------------


def test_sync_now_asks_once_and_shows_the_progress(pm: Client) -> None:
    link = world.link()
    for _ in range(2):
        answer = pm.post(f"{link.get_absolute_url()}sync/", headers={"HX-Request": "true"})
        assert "run-progress" in answer.text and "Waiting for a worker" in answer.text
    run = ActionRun.objects.get()
    assert (run.action, run.options, run.idempotency_key) == (
        "sheets.sync",
        {"link": link.pk},
        f"link-{link.pk}",
    )
    assert "Waiting for a worker" in read(pm, "/sheets/")


def test_without_scripts_it_leads_to_the_links_page(pm: Client) -> None:
    link = world.link()
    assert pm.post(f"{link.get_absolute_url()}sync/").url == link.get_absolute_url()
    assert "Waiting for a worker" in read(pm, link.get_absolute_url())


def test_what_is_switched_off_is_not_synced(pm: Client) -> None:
    link = world.link(is_enabled=False)
    for path in ("/sheets/", link.get_absolute_url()):
        assert "Sync now" not in read(pm, path)


# One link ---------------------------------------------------------------------------------------------


def test_a_new_link_is_previewed_before_anything_is_written(pm: Client) -> None:
    link = world.link()
    assert "Its sheets are not known yet" in read(pm, link.get_absolute_url())
    asked = pm.post(f"{link.get_absolute_url()}preview/")
    run = ActionRun.objects.get()
    assert run.options == {"link": link.pk, "preview": True}
    assert asked.url == f"/sheets/runs/{run.action_id}/"


def test_a_preview_is_not_the_sync_that_is_under_way(pm: Client) -> None:
    link = world.link()
    for page in ("sync", "preview"):
        pm.post(f"{link.get_absolute_url()}{page}/")
    assert ActionRun.objects.count() == 2


def test_starting_names_the_ticked_sheets_of_this_link_only(pm: Client) -> None:
    mine, other = world.linked_tab(), world.linked_tab(of=world.link())
    answer = pm.post(f"{mine.link.get_absolute_url()}confirm/", {"tab": [mine.pk, other.pk, "x"]})
    assert answer.url == mine.link.get_absolute_url()
    assert ActionRun.objects.get().options == {"link": mine.link.pk, "confirm": [mine.pk]}


def test_starting_nothing_says_so(pm: Client) -> None:
    link = world.link()
    answer = pm.post(f"{link.get_absolute_url()}confirm/", follow=True)
    assert "Tick at least one sheet" in answer.text and not ActionRun.objects.exists()


def test_a_sheet_that_lost_rows_offers_to_believe_it(pm: Client) -> None:
    tab = world.linked_tab(left_alone=True, status="12 of 20 rows are gone.", counts={"lost": 12})
    page = read(pm, tab.link.get_absolute_url())
    assert "12 of 20 rows are gone." in page and "These 12 rows are meant to be gone" in page
    page = pm.post(f"/sheets/tabs/{tab.pk}/losses/", follow=True).text
    assert "meant to be gone." in page and "These 12 rows" not in page
    assert LinkedTab.objects.get().takes_losses


def test_a_renamed_sheet_offers_to_stay_the_tab(pm: Client) -> None:
    tab = world.linked_tab(left_alone=True, renamed_to="Backlog 2026")
    assert "“Backlog 2026” is still this tab" in read(pm, tab.link.get_absolute_url())
    pm.post(f"/sheets/tabs/{tab.pk}/title/")
    assert LinkedTab.objects.get().title == "Backlog 2026"


def test_what_is_in_step_offers_neither(pm: Client) -> None:
    tab = world.linked_tab(counts={"lost": 1})
    page = read(pm, tab.link.get_absolute_url())
    assert "meant to be gone" not in page and "still this tab" not in page
    pm.post(f"/sheets/tabs/{tab.pk}/title/")
    assert LinkedTab.objects.get().title == "Backlog"


def test_its_last_syncs_are_those_that_read_it(pm: Client) -> None:
    link, other = world.link(), world.link("product_ops")
    world.ended(link, status=Status.FAILED, error="Quota is used up.")
    world.ended(other, error="Not this one.")
    whole = world.ended(other, options={"link": None}, result={"report": {"links": {str(link.pk): {}}}})
    page = pm.get(link.get_absolute_url()).text
    assert "Quota is used up." in page and "Not this one." not in page
    assert str(whole.action_id) in page


# Elsewhere --------------------------------------------------------------------------------------------


def test_a_tab_of_a_linked_workbook_opens_its_sheet_and_syncs(pm: Client, as_role: Any) -> None:
    tab = world.linked_tab("params", world.link("product_ops"), sheet_id=77)
    page = pm.get("/tabs/params/").text
    assert f'href="{tab.address}" target="_blank" rel="noopener"' in page
    assert f'name="idempotency_key" value="link-{tab.link.pk}"' in page and "Sync now" in page
    assert "Google Sheet" not in pm.get("/tabs/backlog/").text
    assert "Google Sheet" not in as_role("Viewer").get("/tabs/params/").text


def test_a_tab_with_a_sheet_per_department_leads_to_all_of_them(pm: Client) -> None:
    for name in ("Care", "Finance"):
        world.link("intake", name=name)
    page = pm.get("/tabs/intake/").text
    assert '<a class="btn " href="/sheets/">' in page and "Sync now" not in page


def test_the_sync_from_a_tab_page_is_the_same_sync(pm: Client) -> None:
    link = world.link()
    pm.post(f"{link.get_absolute_url()}sync/")
    asked = {"action": "sheets.sync", "options": f'{{"link": {link.pk}}}'}
    pm.post("/actions/", {**asked, "idempotency_key": f"link-{link.pk}"})
    assert ActionRun.objects.count() == 1
