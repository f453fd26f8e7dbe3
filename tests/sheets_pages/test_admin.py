"""Linking a spreadsheet in the Django admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portfolio.actions.models import ActionRun
from portfolio.sheets import google
from portfolio.sheets.google.connection import Trial
from portfolio.sheets.models import Conflict, SheetLink
from tests.sheets_pages import world
from tests.sheets_pages.reading import read, text_of

pytestmark = pytest.mark.django_db

URL = "/admin/sheets/sheetlink/"
LINK = {"workbook": "intake", "spreadsheet_id": world.SPREADSHEET, "name": "Care", "is_enabled": "on"}


@pytest.fixture
def admin(as_role: Any) -> Client:
    return as_role("Admin")


def tried(monkeypatch: pytest.MonkeyPatch, trial: Trial) -> list[str]:
    """Answer tests of the connection with ``trial``; the ids that were tried."""
    asked: list[str] = []
    monkeypatch.setattr(google, "try_connection", lambda spreadsheet: asked.append(spreadsheet) or trial)
    return asked


def test_a_link_keeps_who_made_it_and_where_lodestar_is(admin: Client) -> None:
    answer = admin.post(f"{URL}add/", LINK)
    link = SheetLink.objects.get()
    assert answer.url == f"{URL}{link.pk}/change/"
    assert link.created_by.startswith("admin") and link.site == "http://testserver/"
    page = admin.get(answer.url).text
    assert "Test the connection" in page and link.get_absolute_url() in page


def test_a_later_save_does_not_change_who_made_it(admin: Client) -> None:
    link = world.link(created_by="ana")
    admin.post(f"{URL}{link.pk}/change/", {**LINK, "spreadsheet_id": link.spreadsheet_id})
    link.refresh_from_db()
    assert (link.created_by, link.name) == ("ana", "Care")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            f"https://docs.google.com/spreadsheets/d/{world.SPREADSHEET}/edit?gid=0#gid=0",
            f"This is an address, and Lodestar opens no addresses. Paste only its id: {world.SPREADSHEET}",
        ),
        ("http://169.254.169.254/latest/" + "x" * 200, "This is an address"),
        ("docs.google.com", "the long part between /d/ and /edit"),
        ("short", "Paste the id only: the long part of the address between /d/ and /edit"),
        ("a" * 101, "at most 100 characters"),
        ("", "This field is required."),
    ],
)
def test_what_is_no_id_is_refused_with_what_would_be_right(typed: str, said: str, admin: Client) -> None:
    page = text_of(admin.post(f"{URL}add/", {**LINK, "spreadsheet_id": typed}).text)
    assert said in page and not SheetLink.objects.exists()


def test_an_id_may_come_with_spaces_around_it(admin: Client) -> None:
    admin.post(f"{URL}add/", {**LINK, "spreadsheet_id": f"  {world.SPREADSHEET}\n"})
    assert SheetLink.objects.get().spreadsheet_id == world.SPREADSHEET


def test_one_spreadsheet_is_linked_once(admin: Client) -> None:
    link = world.link()
    page = text_of(admin.post(f"{URL}add/", {**LINK, "spreadsheet_id": link.spreadsheet_id}).text)
    assert "already exists" in page and SheetLink.objects.count() == 1


def test_a_working_connection_shows_the_title(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = world.link()
    asked = tried(monkeypatch, Trial(title="Backlog 2026"))
    answer = admin.post(f"{URL}{link.pk}/test/", follow=True)
    assert "The connection works: “Backlog 2026”." in text_of(answer.text)
    assert asked == [link.spreadsheet_id]
    assert SheetLink.objects.get().title == "Backlog 2026"


def test_a_failing_one_says_what_to_do(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = world.link(title="Before")
    tried(monkeypatch, Trial(problem="Share it with lodestar@example.com as an editor."))
    answer = admin.post(f"{URL}{link.pk}/test/", follow=True)
    assert "Share it with lodestar@example.com as an editor." in answer.text
    assert SheetLink.objects.get().title == "Before"


def test_without_credentials_the_test_names_the_variable(admin: Client) -> None:
    answer = admin.post(f"{URL}{world.link().pk}/test/", follow=True)
    assert "GOOGLE_SERVICE_ACCOUNT_FILE" in answer.text


def test_creating_the_workbook_is_a_job(admin: Client) -> None:
    link = world.link()
    answer = admin.post(f"{URL}{link.pk}/make/")
    run = ActionRun.objects.get()
    assert (run.action, run.options) == ("sheets.create_tabs", {"link": link.pk})
    assert answer.url == run.get_absolute_url()


@pytest.mark.parametrize("button", ["test", "make"])
def test_the_buttons_are_for_admins_who_press_them(button: str, admin: Client, as_role: Any) -> None:
    path = f"{URL}{world.link().pk}/{button}/"
    assert admin.get(path).status_code == 405
    assert as_role("PM").post(path).status_code == 302  # to the admin's login
    assert not ActionRun.objects.exists()
    assert admin.post(f"{URL}404/{button}/").status_code == 404


def test_the_form_says_whom_to_share_with(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the e-mail address of the service account" in read(admin, f"{URL}add/")
    monkeypatch.setattr(google, "service_account_email", lambda: "lodestar@example.com")
    assert "as an editor, with lodestar@example.com" in read(admin, f"{URL}add/")


def test_deleting_a_link_lists_no_bookkeeping(admin: Client) -> None:
    conflict = world.disputed(world.linked_tab())
    link = SheetLink.objects.get()
    page = read(admin, f"{URL}{link.pk}/delete/")
    assert "Central backlog" in page and conflict.key not in page
    admin.post(f"{URL}{link.pk}/delete/", {"post": "yes"})
    assert not SheetLink.objects.exists() and not Conflict.objects.exists()


def test_bookkeeping_is_not_in_the_admin(admin: Client) -> None:
    for name in ("linkedtab", "conflict", "syncedrow", "export"):
        assert admin.get(f"/admin/sheets/{name}/").status_code == 404
    assert admin.get(URL).status_code == 200
