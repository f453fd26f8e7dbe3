"""One cell, row by row of the merge's table: whose value counts, and where the other one is kept."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from tests.google import GoogleServer
from tests.sheets_google.backlog import HEADER, backlog, row
from tests.sheets_google.desk import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    return backlog(google)


# Both sides ---------------------------------------------------------------------------------------------


def test_the_same_edit_on_both_sides_is_agreement(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="DE")
    assert desk.sync() == {}
    desk.settle()


def test_different_edits_of_one_cell_are_a_conflict_and_both_values_stay(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    assert desk.sync() == {"conflicts": 1}
    assert (desk.there("Alpha", "Market"), desk.here("Alpha", "Market")) == ("DE", "IT")
    found = desk.conflict()
    assert (found.base, found.mine, found.theirs, found.who) == ("UK", "IT", "DE", "ana")
    assert desk.status("Alpha").startswith(f"{MARK}Market was changed here and in Lodestar")
    desk.settle()


def test_edits_of_different_cells_of_a_row_are_both_taken(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", hypothesis="It helps a lot")
    told = desk.sync()
    assert (told["pulled"], told["pushed"]) == (1, 1)
    assert (desk.here("Alpha", "Market"), desk.there("Alpha", "Hypothesis")) == ("DE", "It helps a lot")
    desk.settle()


def test_a_conflict_is_over_when_one_side_comes_round(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    desk.sync()
    desk.type("Alpha", "Market", "IT")
    desk.sync()
    assert desk.conflicts() == []
    assert not desk.status("Alpha").startswith(MARK)
    desk.settle()


def test_a_conflict_follows_what_the_sides_say_later(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", market="IT")
    desk.sync()
    desk.type("Alpha", "Market", "ES")
    desk.sync()
    found = desk.conflict()
    assert (found.base, found.mine, found.theirs) == ("UK", "IT", "ES")
    desk.settle()


@pytest.mark.parametrize("side", ["sheet", "web"])
def test_a_cell_cleared_on_one_side_is_cleared_on_the_other(desk: Desk, side: str) -> None:
    if side == "sheet":
        desk.type("Alpha", "Market", "")
    else:
        desk.edit("Alpha", market="")
    desk.sync()
    assert (desk.there("Alpha", "Market"), desk.here("Alpha", "Market")) == ("", None)
    desk.settle()


def test_a_cell_cleared_here_and_edited_there_is_a_conflict(desk: Desk) -> None:
    desk.type("Alpha", "Market", "")
    desk.edit("Alpha", market="IT")
    desk.sync()
    assert (desk.conflict().theirs, desk.conflict().mine) == (None, "IT")
    desk.settle()


# Without a base -----------------------------------------------------------------------------------------


def first_meeting(google: GoogleServer, there: Any, here: Any, column: str = "Market") -> Desk:
    """A sheet and a database that both know INIT-000001 and have never been in step."""
    desk = Desk(google, "backlog", [HEADER])
    name = desk.column(column).name
    desk.add(title="Alpha", **({} if here is None else {name: here}))
    cells = row("Alpha", **{column: there})
    desk.write_row(["INIT-000001", *cells[1:]], at=2)
    return desk


@pytest.mark.parametrize(
    ("column", "there", "here", "agreed"),
    [
        ("Market", "", "IT", "IT"),
        ("Market", "DE", None, "DE"),
        ("Market", "DE", "DE", "DE"),
        ("Engineering Tokens", "", 5, 5),
        ("Engineering Tokens", 5, None, 5),
        ("Is Optimization Candidate", "", True, True),
    ],
)
def test_without_a_base_the_blank_side_takes_the_other(
    google: GoogleServer, column: str, there: Any, here: Any, agreed: Any
) -> None:
    desk = first_meeting(google, there, here, column)
    desk.sync()
    assert (desk.there("Alpha", column), desk.here("Alpha", column)) == (agreed, agreed)
    desk.settle()


def test_without_a_base_two_values_are_a_conflict(google: GoogleServer) -> None:
    desk = first_meeting(google, "DE", "IT")
    desk.sync()
    assert (desk.conflict().base, desk.conflict().mine, desk.conflict().theirs) == (None, "IT", "DE")
    desk.settle()


def test_a_column_that_the_sheet_gets_later_is_filled_from_lodestar(desk: Desk) -> None:
    desk.edit("Alpha", category="growth")
    desk.edit("Beta", category="core")
    desk.sync()
    desk.sheet.insert_column("C", "Category")
    desk.sync()
    assert (desk.there("Alpha", "Category"), desk.there("Beta", "Category")) == ("growth", "core")
    desk.settle()


# Cells that Lodestar may not or can't take ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "edited"),
    [(shown, False) for shown in ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "Loading...")]
    + [("#REF!", True), ("Loading...", True)],
)
def test_an_error_value_says_nothing_and_is_left_alone(desk: Desk, shown: str, edited: bool) -> None:
    desk.sheet.show_error(desk.at("Alpha", "Engineering Tokens"), shown)
    if edited:
        desk.edit("Alpha", engineering_tokens=6)
    desk.sync()
    assert desk.sheet.text(desk.at("Alpha", "Engineering Tokens")) == shown
    assert desk.here("Alpha", "Engineering Tokens") == (6 if edited else 5)
    assert desk.status("Alpha").startswith(f"{MARK}Engineering Tokens: ")
    desk.settle()


def test_an_error_that_goes_away_is_forgotten(desk: Desk) -> None:
    cell = desk.at("Alpha", "Engineering Tokens")
    desk.sheet.show_error(cell, "Loading...")
    desk.sync()
    desk.sheet.show(cell, 7)
    desk.sync()
    assert (desk.here("Alpha", "Engineering Tokens"), desk.status("Alpha")[:1]) == (7, "2")
    desk.settle()


@pytest.mark.parametrize(
    ("column", "text", "word"),
    [
        ("Engineering Tokens", "about ten", "“about ten” is not a number"),
        ("Engineering Tokens", "1.200,50", "“1.200,50” is not a number"),
        ("Engineering Tokens", "-3", "must be at least 0"),
        ("MVP Value Share", "80", "must be at most 1"),
        ("Deadline Date", "03/04/2026", "can be read in two ways"),
        ("Deadline Date", "soon", "“soon” is not a date"),
        ("Is Optimization Candidate", "perhaps", "neither yes nor no"),
        ("Risk Level", "enormous", "is not a choice for Risk Level. Choose one of: low, medium, high"),
        ("Title", "", "can't be blank"),
        ("Hypothesis", "x" * 33_000, "holds at most 20000 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_not_guessed_and_left_in_place(
    desk: Desk, column: str, text: str, word: str
) -> None:
    before = desk.here("Alpha", column)
    desk.put("Alpha", column, text)
    desk.sync()
    assert (desk.there("INIT-000001", column), desk.here("INIT-000001", column)) == (text, before)
    assert desk.status("INIT-000001").startswith(f"{MARK}{column}: ")
    assert word in desk.status("INIT-000001")
    desk.settle()


def test_what_cannot_be_read_does_not_keep_the_rest_of_the_row(desk: Desk) -> None:
    desk.put("Alpha", "Engineering Tokens", "about ten")
    desk.type("Alpha", "Market", "DE")
    desk.edit("Alpha", hypothesis="It helps a lot")
    desk.sync()
    assert (desk.here("Alpha", "Market"), desk.there("Alpha", "Hypothesis")) == ("DE", "It helps a lot")
    desk.settle()


def test_a_refused_value_that_is_corrected_is_taken(desk: Desk) -> None:
    desk.put("Alpha", "Engineering Tokens", "about ten")
    desk.sync()
    desk.type("Alpha", "Engineering Tokens", "10")
    desk.sync()
    assert desk.here("Alpha", "Engineering Tokens") == 10
    assert not desk.status("Alpha").startswith(MARK)
    desk.settle()


def test_a_rule_of_the_row_refuses_like_a_rule_of_the_cell(desk: Desk) -> None:
    desk.sheet.insert_column("F", "Engineering Tokens MVP")
    desk.sync()
    desk.put("Alpha", "Engineering Tokens MVP", 50)
    desk.sync()
    assert desk.here("Alpha", "Engineering Tokens MVP") is None
    assert "The MVP takes 50 tokens, more than the full scope's 5" in desk.status("Alpha")
    desk.settle()


# Formulas -----------------------------------------------------------------------------------------------


def test_a_formula_is_read_by_its_value(desk: Desk) -> None:
    desk.type("Alpha", "Engineering Tokens", "=3*7")
    desk.sync()
    assert desk.here("Alpha", "Engineering Tokens") == 21
    assert desk.sheet.formula(desk.at("Alpha", "Engineering Tokens")) == "=3*7"
    desk.settle()


@pytest.mark.parametrize("earlier", [False, True], ids=["", "with an earlier status"])
def test_a_formula_is_never_written_over(desk: Desk, earlier: bool) -> None:
    if earlier:
        desk.type("Alpha", "Market", "DE")
        desk.sync()
    cell = desk.at("Alpha", "Engineering Tokens")
    desk.sheet.type(cell, "=2+3")
    desk.edit("Alpha", engineering_tokens=6)
    desk.sync()
    assert (desk.sheet.formula(cell), desk.here("Alpha", "Engineering Tokens")) == ("=2+3", 6)
    assert desk.status("Alpha") == (
        f"{MARK}Engineering Tokens: A formula fills this cell, so Lodestar's value was not written over it."
    )
    desk.settle()
    desk.sheet.type(cell, "5")
    desk.sync()
    assert (desk.sheet.value(cell), desk.status("Alpha")) == (6, "OK")
    desk.settle()


def test_a_formula_whose_value_changed_and_an_edit_in_the_web_are_a_conflict(desk: Desk) -> None:
    desk.type("Alpha", "Engineering Tokens", "=3*7")
    desk.edit("Alpha", engineering_tokens=6)
    desk.sync()
    assert (desk.conflict().mine, desk.conflict().theirs) == (6, 21)
    desk.settle()


def test_a_formula_in_a_column_of_lodestars_gives_way(desk: Desk) -> None:
    desk.type("Alpha", "Overall Score", "=40+2")
    desk.sync()
    assert desk.sheet.formula(desk.at("Alpha", "Overall Score")) is None
    assert desk.conflict(Conflict.Kind.DISCARDED).theirs == 42
    desk.settle()


# Lodestar's own columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text", "back"),
    [("Overall Score", "99", ""), ("Initiative Key", "INIT-000999", "INIT-000001")],
)
def test_what_is_typed_where_lodestar_fills_in_is_overwritten_and_noted_once(
    desk: Desk, column: str, text: str, back: str
) -> None:
    desk.type("Alpha", column, text)
    typed = desk.there("Alpha", column)
    assert desk.sync()["discarded"] == 1
    assert desk.there("Alpha", column) == back
    assert desk.conflict(Conflict.Kind.DISCARDED).theirs == typed
    desk.settle()
    assert len(desk.conflicts(Conflict.Kind.DISCARDED)) == 1


def test_what_is_typed_over_a_run_status_stays_until_there_is_something_to_say(desk: Desk) -> None:
    desk.sheet.put(desk.at("Alpha", "Run Status"), "ask Bea first")
    desk.settle()
    assert desk.status("Alpha") == "ask Bea first"


def test_a_column_of_the_persons_own_is_left_as_it_is(desk: Desk) -> None:
    desk.type("Alpha", "My remarks", "=A2")
    desk.edit("Alpha", market="IT")
    desk.edit("Beta", market="IT")
    desk.settle()
    assert desk.sheet.formula(desk.at("Alpha", "My remarks")) == "=A2"
    assert desk.sheet.formula(desk.at("Beta", "My remarks")) == "=LEN(B3)"
