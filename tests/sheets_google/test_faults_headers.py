"""Headers, columns and tabs that people rename, move, double and delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portfolio.actions.runner import run_inline
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from portfolio.sheets.sync_actions import CREATE_TABS
from portfolio.tabs.actor import Actor
from tests.google import GoogleServer
from tests.sheets_google.backlog import HEADER, backlog
from tests.sheets_google.desk import Desk
from tests.sheets_google.world import KPIS, REVENUE

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    return backlog(google)


def both_edit(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Beta", market="IT")


def assert_both_taken(desk: Desk) -> None:
    assert (desk.here("Alpha", "Market"), desk.there("Beta", "Market")) == ("DE", "IT")


# Columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.sheet.insert_column("A", "Notes to self"),
        lambda desk: desk.sheet.insert_column("C"),
        lambda desk: desk.sheet.put("B1", "  title "),
        lambda desk: desk.sheet.put("C1", "market name"),
        lambda desk: desk.sheet.delete_column(desk.letter("My remarks")),
        lambda desk: desk.sheet.insert_row(1, ["Our backlog, please keep tidy"]),
        lambda desk: move_column(desk, "Run Status", 0),
        lambda desk: move_column(desk, "Initiative Key", 5),
    ],
    ids=[
        "own column before the key",
        "blank column",
        "other letters",
        "an alias",
        "own column deleted",
        "a line above",
        "run status moved",
        "key moved",
    ],
)
def test_columns_are_found_by_their_headers(desk: Desk, change: Callable[[Desk], object]) -> None:
    both_edit(desk)
    change(desk)
    before = desk.sheet.rows()
    desk.sync()
    assert len(desk.sheet.rows()) == len(before)
    rows = {cell: number for number, row in enumerate(desk.sheet.rows()) for cell in row}
    assert {"DE", "IT"} <= set(rows)
    assert desk.row("Alpha").market == "DE"


def move_column(desk: Desk, header: str, to: int) -> None:
    at = desk.header.index(header)
    source = {"sheetId": desk.sheet.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    desk.book.do({"moveDimension": {"source": source, "destinationIndex": to}})


def test_a_header_renamed_takes_its_column_out_of_the_sync_and_back_in(desk: Desk) -> None:
    desk.sheet.put("C1", "Where")
    desk.edit("Alpha", market="IT")
    desk.sync()
    assert (desk.sheet.value("C2"), desk.here("Alpha", "Market")) == ("UK", "IT")
    desk.sheet.put("C1", "Market")
    desk.settle()
    assert desk.here("Alpha", "Market") == "IT"


def test_a_column_deleted_and_made_anew_is_filled_and_empties_nothing(desk: Desk) -> None:
    desk.sheet.delete_column("C")
    desk.sync()
    desk.sheet.insert_column("C", "Market")
    desk.settle()
    assert (desk.there("Alpha", "Market"), desk.here("Beta", "Market")) == ("UK", "FR")


def test_a_column_cleared_cell_by_cell_is_cleared(desk: Desk) -> None:
    desk.sheet.clear("C2:C3")
    desk.settle()
    assert (desk.here("Alpha", "Market"), desk.here("Beta", "Market")) == (None, None)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda desk: desk.sheet.put("A1", "Number"), "has no column “Initiative Key” in its header row 1"),
        (lambda desk: desk.sheet.put("K1", "Market"), "both mean Market. Keep one of them"),
        (lambda desk: desk.sheet.put("K1", "Market name"), "both mean Market. Keep one of them"),
        (lambda desk: desk.sheet.delete_row(1), "No row of the first 5"),
        (lambda desk: desk.sheet.rename("Backlog 2027"), "was renamed to “Backlog 2027”"),
    ],
    ids=["key header renamed", "header doubled", "alias beside the header", "no header", "tab renamed"],
)
def test_a_sheet_that_is_no_longer_the_tab_it_was_is_left_alone(
    desk: Desk, change: Callable[[Desk], object], word: str
) -> None:
    both_edit(desk)
    change(desk)
    before = desk.sheet.formulas()
    desk.tried()
    desk.tried()
    assert desk.sheet.formulas() == before
    assert desk.here("INIT-000001", "Market") == "UK"
    assert desk.linked_tab.left_alone
    assert word in desk.linked_tab.status
    assert Conflict.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (lambda desk: desk.sheet.put("A1", "Number"), lambda desk: desk.sheet.put("A1", "Initiative Key")),
        (lambda desk: desk.sheet.put("K1", "Market"), lambda desk: desk.sheet.put("K1", "My remarks")),
        (lambda desk: desk.sheet.delete_row(1), lambda desk: desk.sheet.insert_row(1, HEADER)),
        (lambda desk: desk.sheet.rename("Old"), lambda desk: desk.sheet.rename("Backlog")),
        (lambda desk: desk.sheet.rename("Backlog 2027"), lambda desk: desk.linked_tab.take_title()),
    ],
    ids=["key header", "doubled header", "header row", "tab's title", "tab's title said to be right"],
)
def test_a_sheet_that_is_itself_again_goes_on(
    desk: Desk, change: Callable[[Desk], object], back: Callable[[Desk], object]
) -> None:
    both_edit(desk)
    change(desk)
    desk.tried()
    back(desk)
    desk.settle()
    assert_both_taken(desk)
    assert not desk.linked_tab.left_alone
    assert desk.linked_tab.renamed_to == ""


def test_a_run_status_that_a_person_deleted_stays_deleted(desk: Desk) -> None:
    desk.sheet.delete_column(desk.letter("Run Status"))
    both_edit(desk)
    desk.put("Alpha", "Risk Level", "enormous")
    desk.sync()
    assert "Run Status" not in desk.header
    assert_both_taken(desk)
    assert desk.here("Alpha", "Risk Level") == "low"
    told = desk.report()["changes"]
    assert [line["said"][:10] for line in told] == ["“enormous”"]


def test_a_sheet_without_key_and_run_status_gets_both_once(google: GoogleServer) -> None:
    desk = Desk(google, "backlog", [["Title", "Market"], ["Alpha", "UK"]])
    desk.tried()
    assert desk.header == ["Title", "Market"]  # a sheet without a key is not known to be the backlog


def test_intake_without_key_and_run_status_gets_both_once(google: GoogleServer) -> None:
    header = ["Title", "Requester Email", "Country"]
    desk = Desk(google, "intake", [header, ["Faster checkout", "ana@example.com", "UK"]])
    desk.sync()
    assert desk.header == [*header, "Initiative Key", "Run Status"]
    desk.settle()
    assert desk.header == [*header, "Initiative Key", "Run Status"]


def test_a_full_grid_is_widened_for_the_run_status(google: GoogleServer) -> None:
    desk = Desk(google, "metrics_config", [KPIS[:-1], REVENUE[:-1]])
    width = len(KPIS) - 1
    grid = {"sheetId": desk.sheet.id, "gridProperties": {"columnCount": width}}
    desk.book.do({"updateSheetProperties": {"properties": grid, "fields": "gridProperties.columnCount"}})
    desk.settle()
    assert desk.header == KPIS


def test_a_full_grid_is_lengthened_for_a_new_row(desk: Desk) -> None:
    grid = {"sheetId": desk.sheet.id, "gridProperties": {"rowCount": 3}}
    desk.book.do({"updateSheetProperties": {"properties": grid, "fields": "gridProperties.rowCount"}})
    desk.add(title="Gamma")
    desk.settle()
    assert desk.there("Gamma", "Initiative Key") == "INIT-000003"


# Tabs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_tabs(google: GoogleServer) -> Desk:
    """Metrics Config in step, and KPI Contributions beside it."""
    desk = Desk(google, "metrics_config", [KPIS, REVENUE])
    desk.book.add_sheet("KPI Contributions", [["Initiative Key", "Title", "Override Reason", "Run Status"]])
    desk.sync()
    return desk


def test_a_tab_that_was_deleted_is_left_alone_and_the_others_go_on(two_tabs: Desk) -> None:
    two_tabs.book["KPI Contributions"].delete()
    two_tabs.type("revenue", "Unit", "EUR")
    two_tabs.sync()
    assert two_tabs.here("revenue", "Unit") == "EUR"
    gone = two_tabs.link.linked_tabs.get(tab_name="kpi_contributions")
    assert gone.left_alone
    assert "“KPI Contributions” was deleted" in gone.status
    two_tabs.settle()


def test_all_tabs_deleted_are_left_alone(two_tabs: Desk) -> None:
    two_tabs.book.add_sheet("Notes")
    two_tabs.book["KPI Contributions"].delete()
    two_tabs.book["Metrics Config"].delete()
    two_tabs.sync()
    assert [tab.left_alone for tab in two_tabs.link.linked_tabs.all()] == [True, True]


@pytest.mark.parametrize("way", ["made by a person", "made by Lodestar"])
def test_a_new_sheet_takes_over_from_one_that_was_deleted(two_tabs: Desk, way: str) -> None:
    two_tabs.edit("revenue", unit="EUR")
    two_tabs.book["Metrics Config"].delete()
    two_tabs.sync()
    if way == "made by a person":
        two_tabs.book.add_sheet("Metrics Config", [KPIS])
        two_tabs.tried(preview=True)
    else:
        run_inline(Actor.command_line(), CREATE_TABS, options={"link": two_tabs.link.pk})
    two_tabs.sheet = two_tabs.book["Metrics Config"]
    two_tabs.settle()
    assert two_tabs.there("revenue", "Unit") == "EUR"
    assert two_tabs.link.linked_tabs.filter(tab_name="metrics_config").count() == 1


def test_a_tab_added_later_is_shown_in_the_preview_and_then_taken(google: GoogleServer) -> None:
    desk = Desk(google, "kpi_contributions", [["Initiative Key", "Title", "Override Reason", "Run Status"]])
    desk.sync()
    desk.book.add_sheet("Metrics Config", [KPIS, REVENUE])
    desk.settle()
    assert not desk.link.linked_tabs.filter(tab_name="metrics_config").exists()
    desk.tried(preview=True)
    late = desk.link.linked_tabs.get(tab_name="metrics_config")
    desk.tried(confirm_all=False)
    assert late.confirmed is None
    desk.tried(confirm_all=False, confirm=[late.pk])
    assert desk.book["Metrics Config"].text("G2").endswith("added to Lodestar")
    desk.settle()


def test_a_preview_writes_nothing_anywhere(desk: Desk) -> None:
    both_edit(desk)
    desk.type("Alpha", "Overall Score", "9")
    before = desk.everything()
    desk.google.reset_calls()
    desk.sync(preview=True)
    assert desk.everything() == before
    assert [call.kind for call in desk.google.calls if not call.reads] == []
    desk.settle()
    assert_both_taken(desk)


def test_two_tabs_that_swap_their_titles_are_both_left_alone(two_tabs: Desk) -> None:
    first, second = two_tabs.book["Metrics Config"], two_tabs.book["KPI Contributions"]
    first.rename("x")
    second.rename("Metrics Config")
    first.rename("KPI Contributions")
    before = [first.rows(), second.rows()]
    two_tabs.tried()
    assert [first.rows(), second.rows()] == before
    assert [tab.left_alone for tab in two_tabs.link.linked_tabs.all()] == [True, True]


# What may not be written --------------------------------------------------------------------------------


def test_a_protected_cell_stops_the_writing_and_says_so(desk: Desk) -> None:
    both_edit(desk)
    desk.sheet.protect("C3")
    told: Any = desk.tried()
    assert "protected" in told.error
    assert desk.there("Beta", "Market") == "FR"
    assert desk.here("Alpha", "Market") == "DE"
    [protection] = desk.sheet.sheet.protections
    desk.book.do({"deleteProtectedRange": {"protectedRangeId": protection}})
    desk.settle()
    assert_both_taken(desk)


@pytest.mark.parametrize("role", ["reader", None], ids=["may only read", "not shared any more"])
def test_a_spreadsheet_no_longer_shared_stops_the_sync_until_it_is(desk: Desk, role: str | None) -> None:
    both_edit(desk)
    desk.book.share(role)
    told = desk.tried()
    desk.link.refresh_from_db()
    assert told.error.endswith(desk.link.problem)
    assert "may not open or change the spreadsheet" in desk.link.problem
    assert desk.there("Beta", "Market") == "FR"
    desk.book.share("writer")
    desk.settle()
    assert_both_taken(desk)
    desk.link.refresh_from_db()
    assert desk.link.problem == ""


def test_a_spreadsheet_that_is_gone_is_named(desk: Desk) -> None:
    desk.book.remove()
    assert "can't find the spreadsheet" in desk.tried().error
    assert desk.here("Alpha", "Market") == "UK"


def test_a_status_says_what_is_wrong_in_the_same_words_every_time(desk: Desk) -> None:
    desk.put("Alpha", "Risk Level", "enormous")
    desk.sync()
    first = desk.status("Alpha")
    desk.settle()
    assert desk.status("Alpha") == first
    assert first.startswith(MARK)
