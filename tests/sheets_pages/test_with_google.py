"""From linking to settling, through the pages, with a server that stands for Google behind them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from metrics.models import Metric
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_queued
from portfolio.sheets.models import Conflict, SheetLink
from portfolio.tabs import registry
from portfolio.tabs.changes import DeleteRow, Surface
from portfolio.tabs.gate import apply_changes
from tests.factories import actor, put
from tests.google import Book, BookSheet, GoogleServer
from tests.google.fixtures import google
from tests.sheets_google.conftest import no_waiting
from tests.sheets_google.world import KPIS, RETENTION, REVENUE, linked, sync
from tests.sheets_pages.reading import read, text_of

__all__ = ["google", "no_waiting"]
pytestmark = pytest.mark.django_db(transaction=True)

CHURN = ["churn", "Churn", "strategic", "percent", True, "", ""]


@pytest.fixture
def book(google: GoogleServer) -> Book:
    return google.book("Product ops", {"Metrics Config": [KPIS, REVENUE, RETENTION, CHURN]})


@pytest.fixture
def kpis(book: Book) -> BookSheet:
    """In step, with one unit that both sides changed since then."""
    linked(book)
    sync()
    return book["Metrics Config"]


def kpi(key: str) -> Metric:
    return Metric.objects.get(kpi_key=key)


def disputed(kpis: BookSheet) -> Conflict:
    kpis.type("D2", "EUR")
    put("metrics_config", kpi("revenue"), unit="USD")
    sync()
    return Conflict.objects.waiting().get()


def settle(client: Client, conflict: Conflict, choice: str) -> str:
    asked = {"choice": choice, "seen": conflict.stamp}
    answer = client.post(f"/sheets/conflicts/{conflict.pk}/", asked, follow=True)
    return text_of(answer.text)


def settled_for_good() -> bool:
    """Whether another sync finds nothing to dispute."""
    sync()
    return not Conflict.objects.waiting().exists()


def test_what_lodestar_keeps_is_in_the_sheet_after_the_next_sync(kpis: BookSheet, pm: Client) -> None:
    conflict = disputed(kpis)
    assert "GBP USD" in read(pm, "/sheets/conflicts/")
    assert "The next sync writes it into the sheet." in settle(pm, conflict, "mine")
    assert settled_for_good()
    assert (kpis.text("D2"), kpi("revenue").unit) == ("USD", "USD")


def test_what_the_sheet_keeps_is_in_lodestar_at_once(kpis: BookSheet, pm: Client) -> None:
    assert "is now “EUR”" in settle(pm, disputed(kpis), "theirs")
    assert kpi("revenue").unit == "EUR"
    assert settled_for_good()
    assert kpis.text("D2") == "EUR"


def test_an_edit_after_the_choice_is_not_lost(kpis: BookSheet, pm: Client) -> None:
    settle(pm, disputed(kpis), "mine")
    kpis.type("D2", "CHF")
    sync()
    again = Conflict.objects.waiting().get()
    assert (again.mine, again.theirs) == ("USD", "CHF")
    assert (kpis.text("D2"), kpi("revenue").unit) == ("CHF", "USD")


@pytest.mark.parametrize(("choice", "stays"), [("mine", True), ("theirs", False)])
def test_a_row_that_is_gone_from_the_sheet(choice: str, stays: bool, kpis: BookSheet, pm: Client) -> None:
    kpis.delete_row(kpis.row_of("churn"))
    sync()
    conflict = Conflict.objects.waiting().get()
    assert conflict.kind == Conflict.Kind.LOST
    settle(pm, conflict, choice)
    assert settled_for_good()
    assert bool(kpis.find("churn")) is stays
    assert Metric.objects.filter(kpi_key="churn").exists() is stays


@pytest.mark.parametrize(("choice", "back"), [("mine", False), ("theirs", True)])
def test_a_row_that_was_deleted_in_lodestar(choice: str, back: bool, kpis: BookSheet, pm: Client) -> None:
    tab = registry.tab("metrics_config")
    assert apply_changes(tab, actor(), Surface.GRID, [DeleteRow(kpi("churn").pk)]).ok
    sync()
    conflict = Conflict.objects.waiting().get()
    assert conflict.kind == Conflict.Kind.DELETED
    settle(pm, conflict, choice)
    assert settled_for_good()
    assert bool(kpis.find("churn")) is back
    assert Metric.objects.filter(kpi_key="churn").exists() is back


def test_from_the_id_to_the_first_sync(book: Book, as_role: Any) -> None:
    admin = as_role("Admin")
    admin.post(
        "/admin/sheets/sheetlink/add/",
        {"workbook": "product_ops", "spreadsheet_id": book.id, "is_enabled": "on"},
    )
    link = SheetLink.objects.get()
    tested = admin.post(f"/admin/sheets/sheetlink/{link.pk}/test/", follow=True)
    assert "The connection works: “Product ops”." in text_of(tested.text)

    asked = admin.post(f"{link.get_absolute_url()}preview/")
    run_queued(str(ActionRun.objects.latest("pk").action_id))
    preview = admin.get(asked.url)
    assert "3 new in Lodestar" in text_of(preview.text) and not Metric.objects.exists()

    tab = link.linked_tabs.get()
    assert f'name="tab" value="{tab.pk}" checked' in preview.text
    admin.post(f"{link.get_absolute_url()}confirm/", {"tab": tab.pk})
    run_queued(str(ActionRun.objects.latest("pk").action_id))
    assert Metric.objects.count() == 3
    assert "In step" in read(admin, link.get_absolute_url())
    assert "Start syncing" not in admin.get(asked.url).text


def test_a_sheet_that_lost_most_of_its_rows_asks_first(kpis: BookSheet, pm: Client) -> None:
    for key in ("churn", "retention"):
        kpis.delete_row(kpis.row_of(key))
    sync()
    link = SheetLink.objects.get()
    tab = link.linked_tabs.get()
    assert "These 2 rows are meant to be gone" in read(pm, link.get_absolute_url())
    assert not Conflict.objects.exists()
    pm.post(f"/sheets/tabs/{tab.pk}/losses/")
    sync()
    assert {each.kind for each in Conflict.objects.waiting()} == {Conflict.Kind.LOST}
    for conflict in Conflict.objects.waiting():
        settle(pm, conflict, "theirs")
    assert settled_for_good() and Metric.objects.count() == 1
    assert "In step" in read(pm, link.get_absolute_url())


def test_while_its_losses_are_disputed_it_stays_in_step(kpis: BookSheet, pm: Client) -> None:
    for key in ("churn", "retention"):
        kpis.delete_row(kpis.row_of(key))
    sync()
    tab = SheetLink.objects.get().linked_tabs.get()
    pm.post(f"/sheets/tabs/{tab.pk}/losses/")
    for _ in range(2):
        sync()
        tab.refresh_from_db()
        assert not tab.left_alone, tab.status
    kpis.type("D2", "EUR")
    sync()
    assert kpi("revenue").unit == "EUR"


def test_a_renamed_sheet_asks_whether_it_still_is_the_tab(kpis: BookSheet, pm: Client) -> None:
    kpis.rename("KPIs 2026")
    kpis.type("D2", "EUR")
    sync()
    link = SheetLink.objects.get()
    assert "“KPIs 2026” is still this tab" in read(pm, link.get_absolute_url())
    assert kpi("revenue").unit == "GBP"
    pm.post(f"/sheets/tabs/{link.linked_tabs.get().pk}/title/")
    sync()
    assert kpi("revenue").unit == "EUR"
    assert "In step" in read(pm, link.get_absolute_url())
