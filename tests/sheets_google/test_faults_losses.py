"""Rows that are gone from one side or both, and sheets that were damaged."""

from __future__ import annotations

import pytest

from initiatives.models import Initiative
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from tests.google import GoogleServer
from tests.sheets_google.backlog import backlog, row
from tests.sheets_google.desk import Desk

pytestmark = pytest.mark.django_db
MINE, THEIRS = Conflict.Choice.MINE, Conflict.Choice.THEIRS
LOST, DELETED = Conflict.Kind.LOST, Conflict.Kind.DELETED
GAMMA, DELTA = row("Gamma", Market="ES"), row("Delta", Market="PT")


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    return backlog(google, GAMMA, DELTA)


# Rows that are gone -----------------------------------------------------------------------------------------


def test_a_row_deleted_in_the_sheet_is_asked_about(desk: Desk) -> None:
    desk.sheet.delete_row(5)
    desk.settle()
    assert (desk.conflict(LOST).key, Initiative.objects.count()) == ("INIT-000004", 4)


def test_a_row_deleted_in_the_sheet_and_edited_in_the_web_can_come_back(desk: Desk) -> None:
    desk.sheet.delete_row(5)
    desk.edit("Delta", market="IT")
    desk.sync()
    desk.resolve(desk.conflict(LOST), MINE)
    desk.settle()
    assert desk.there("Delta", "Market") == "IT"


def test_a_row_deleted_in_the_sheet_is_deleted_when_a_person_says_so(desk: Desk) -> None:
    desk.sheet.delete_row(5)
    desk.edit("Delta", market="IT")
    desk.sync()
    desk.resolve(desk.conflict(LOST), THEIRS)
    desk.settle()
    assert Initiative.objects.count() == 3


def test_a_row_brought_back_in_the_sheet_ends_the_question(desk: Desk) -> None:
    gone = desk.sheet.rows()[4]
    desk.sheet.delete_row(5)
    desk.sync()
    desk.sheet.insert_row(2, gone)
    desk.settle()
    assert desk.conflicts(LOST) == []


@pytest.mark.parametrize("edited", [False, True], ids=["", "edited in the sheet"])
def test_a_row_deleted_in_lodestar_is_asked_about(desk: Desk, edited: bool) -> None:
    pk = desk.delete("Delta")
    if edited:
        desk.sheet.type("C5", "IT")
        desk.says("sheet", pk, "Market", "IT")
    desk.settle()
    assert desk.conflict(DELETED).key == "INIT-000004"
    assert desk.status("Delta") == f"{MARK}Deleted in Lodestar; choose there whether it goes here too."


def test_what_was_typed_over_lodestars_cells_of_a_deleted_row_is_shown_before_it_goes(desk: Desk) -> None:
    desk.delete("Delta")
    desk.type("Delta", "Overall Score", "99")
    desk.sync()
    assert desk.conflict(DELETED).theirs["overall_score"] == 99


@pytest.mark.parametrize("edited", [False, True], ids=["", "edited in the sheet"])
def test_a_row_deleted_in_lodestar_leaves_the_sheet_when_a_person_says_so(desk: Desk, edited: bool) -> None:
    pk = desk.delete("Delta")
    if edited:
        desk.sheet.type("C5", "IT")
        desk.says("sheet", pk, "Market", "IT")
    desk.sync()
    desk.resolve(desk.conflict(DELETED), MINE)
    assert desk.sync()["removed"] == 1
    assert desk.sheet.find("Delta") is None
    desk.settle()


def test_a_row_edited_in_the_sheet_after_it_was_given_up_is_asked_about_again(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sync()
    desk.resolve(desk.conflict(DELETED), MINE)
    desk.sheet.type("C5", "IT")
    desk.says("sheet", pk, "Market", "IT")
    desk.settle()
    assert desk.sheet.value("C5") == "IT"
    assert desk.conflict(DELETED).key == "INIT-000004"


def test_a_row_deleted_in_lodestar_comes_back_with_the_edits_of_the_sheet(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sheet.type("C5", "IT")
    desk.says("sheet", pk, "Market", "IT")
    desk.sync()
    desk.resolve(desk.conflict(DELETED), THEIRS)
    desk.settle()
    assert (desk.row("Delta").pk, desk.here("Delta", "Market")) == (pk, "IT")


def test_a_row_restored_in_lodestar_goes_on_as_before(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sync()
    desk.restore(pk)
    desk.type("Delta", "Market", "IT")
    desk.settle()
    assert (desk.conflicts(DELETED), desk.here("Delta", "Market")) == ([], "IT")


def test_a_row_deleted_once_more_is_asked_about_once_more(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sync()
    desk.resolve(desk.conflict(DELETED), MINE)
    desk.sync()
    desk.restore(pk)
    desk.settle()
    assert desk.there("Delta", "Market") == "PT"
    desk.delete("Delta")
    desk.settle()
    assert desk.conflict(DELETED).row == pk


def test_a_row_deleted_on_both_sides_is_forgotten(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sheet.delete_row(5)
    desk.settle()
    assert not desk.linked_tab.rows.filter(row=pk).exists()
    assert Conflict.objects.count() == 0


def test_a_row_deleted_on_both_sides_and_restored_is_added_again(desk: Desk) -> None:
    pk = desk.delete("Delta")
    desk.sheet.delete_row(5)
    desk.sync()
    desk.restore(pk)
    desk.settle()
    assert desk.there("Delta", "Initiative Key") == "INIT-000004"


# A damaged sheet --------------------------------------------------------------------------------------------


def lose(desk: Desk, *rows: int) -> None:
    for number in sorted(rows, reverse=True):
        desk.sheet.delete_row(number)


@pytest.mark.parametrize(
    "damage",
    [
        lambda desk: lose(desk, 4, 5),
        lambda desk: desk.sheet.clear("A2:L100"),
        lambda desk: desk.sheet.clear("A1:L100"),
        lambda desk: desk.sheet.clear("A2:A100") or desk.sheet.clear("B2:K100"),
    ],
    ids=["half its rows", "all its rows", "everything", "all but the run status"],
)
def test_a_sheet_that_lost_much_is_left_alone(desk: Desk, damage: object) -> None:
    damage(desk)  # type: ignore[operator]
    before = desk.sheet.rows()
    desk.edit("Alpha", market="IT")
    desk.add(title="Epsilon")
    desk.settle()
    assert desk.sheet.rows() == before
    assert Initiative.objects.count() == 5
    assert desk.linked_tab.left_alone


def test_rows_that_come_back_are_merged_as_if_nothing_was(desk: Desk) -> None:
    rows = desk.sheet.rows()
    desk.sheet.clear("A2:L100")
    desk.edit("Alpha", market="IT")
    desk.sync()
    for number, cells in enumerate(rows[1:], start=2):
        desk.sheet.put_row(number, cells)
    desk.type("Beta", "Market", "DE")
    desk.settle()
    assert (desk.there("Alpha", "Market"), desk.here("Beta", "Market")) == ("IT", "DE")
    assert Conflict.objects.count() == 0


def test_losses_that_are_meant_are_asked_about_one_by_one(desk: Desk) -> None:
    lose(desk, 4, 5)
    desk.sync()
    assert desk.linked_tab.missing_rows == 2
    desk.linked_tab.take_losses()
    desk.settle()
    assert {found.key for found in desk.conflicts(LOST)} == {"INIT-000003", "INIT-000004"}


def test_rows_below_a_long_gap_are_not_read_and_not_taken_for_lost(google: GoogleServer) -> None:
    desk = backlog(google, GAMMA)
    desk.sheet.put_row(700, desk.sheet.rows()[3])
    desk.sheet.clear("A4:L4")
    desk.type("Alpha", "Market", "DE")
    told = desk.report()
    assert told["status"].startswith("Rows below 3 were not read: more than 500 blank rows")
    assert (told["lost"], told["appended"]) == (0, 0)
    assert desk.here("Alpha", "Market") == "DE"
    assert Initiative.objects.count() == 3
