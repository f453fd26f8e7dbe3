"""Rows: told apart by their keys, wherever they stand, and never made or taken away twice."""

from __future__ import annotations

import pytest

from initiatives.models import Initiative
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from tests.google import GoogleServer
from tests.sheets_google.backlog import backlog, row
from tests.sheets_google.desk import Desk
from tests.sheets_google.world import KPIS, RETENTION, REVENUE

pytestmark = pytest.mark.django_db
MINE, THEIRS = Conflict.Choice.MINE, Conflict.Choice.THEIRS
LOST, DELETED, DISCARDED = Conflict.Kind.LOST, Conflict.Kind.DELETED, Conflict.Kind.DISCARDED
GAMMA, DELTA = row("Gamma", Market="ES"), row("Delta", Market="PT")


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    return backlog(google, GAMMA, DELTA)


@pytest.fixture
def kpis(google: GoogleServer) -> Desk:
    desk = Desk(google, "metrics_config", [KPIS, REVENUE, RETENTION])
    desk.sync()
    return desk


# Keys that Lodestar gives -----------------------------------------------------------------------------------


def test_a_new_row_gets_its_key_once(desk: Desk) -> None:
    desk.write_row(row("Epsilon", Market="SE"))
    assert desk.sync()["created"] == 1
    assert desk.there("Epsilon", "Initiative Key") == "INIT-000005"
    desk.settle()
    assert Initiative.objects.count() == 5


def test_new_rows_that_say_the_same_become_one_initiative(desk: Desk) -> None:
    desk.write_row(row("Epsilon", Market="SE"))
    desk.write_row(row("Epsilon", Market="SE"))
    desk.sync()
    assert Initiative.objects.filter(title="Epsilon").count() == 1
    assert desk.sheet.text("L7").startswith(f"{MARK}INIT-000005 says the same in its title.")
    desk.settle()


def test_a_key_typed_over_is_put_back(desk: Desk) -> None:
    desk.type("Alpha", "Initiative Key", "A-1")
    desk.sync()
    assert desk.there("Alpha", "Initiative Key") == "INIT-000001"
    assert desk.conflict(DISCARDED).theirs == "A-1"
    desk.settle()


def test_a_key_that_was_wiped_is_put_back(desk: Desk) -> None:
    desk.type("Alpha", "Initiative Key", "")
    desk.sync()
    assert desk.there("Alpha", "Initiative Key") == "INIT-000001"
    desk.settle()
    assert Initiative.objects.count() == 4


def test_a_wiped_key_beside_an_edit_makes_no_second_initiative(desk: Desk) -> None:
    desk.type("Alpha", "Market", "DE")
    desk.type("Alpha", "Initiative Key", "")
    desk.settle()
    assert Initiative.objects.count() == 4
    assert desk.conflict(LOST).key == "INIT-000001"
    assert desk.status("Alpha").startswith(f"{MARK}INIT-000001 says the same in its title.")
    desk.type("Alpha", "Initiative Key", "INIT-000001")
    desk.settle()
    assert (desk.here("Alpha", "Market"), desk.conflicts(LOST)) == ("DE", [])


def test_a_key_typed_over_by_anothers_leaves_both_rows_alone(desk: Desk) -> None:
    desk.type("Alpha", "Initiative Key", "INIT-000002")
    desk.edit("Beta", market="IT")
    desk.settle(twice={"INIT-000002"})
    assert desk.sheet.value("C3") == "FR"
    assert desk.conflict(LOST).key == "INIT-000001"
    desk.type("Alpha", "Initiative Key", "INIT-000001")
    desk.settle()
    assert (desk.there("Beta", "Market"), desk.conflicts(LOST)) == ("IT", [])


def test_a_row_copied_with_its_key_leaves_both_alone_until_one_is_gone(desk: Desk) -> None:
    desk.sheet.put_row(6, desk.sheet.rows()[1])
    desk.sheet.type("C6", "DE")
    desk.says("sheet", desk.row("Alpha").pk, "Market", "DE")
    desk.edit("Alpha", hypothesis="It helps a lot")
    desk.settle(twice={"INIT-000001"})
    assert desk.sheet.text("L2") == desk.sheet.text("L6")
    assert desk.sheet.text("L2") == f"{MARK}Rows 2 and 6 are all about INIT-000001. Only one may stay."
    desk.sheet.delete_row(2)
    desk.settle()
    assert (desk.here("Alpha", "Market"), desk.there("Alpha", "Hypothesis")) == ("DE", "It helps a lot")


def test_a_key_nobody_gave_is_refused(desk: Desk) -> None:
    desk.write_row(["INIT-000099", *row("Epsilon")[1:]])
    desk.settle()
    assert Initiative.objects.count() == 4
    assert "There is no Initiative Key “INIT-000099”; Lodestar gives the keys." in desk.status("Epsilon")
    desk.type("Epsilon", "Initiative Key", "")
    desk.settle()
    assert desk.there("Epsilon", "Initiative Key") == "INIT-000005"


def test_a_key_in_other_letters_is_the_same_key(desk: Desk) -> None:
    desk.sheet.put(desk.at("Alpha", "Initiative Key"), " init-000001 ")
    desk.type("Alpha", "Market", "DE")
    desk.settle()
    assert (desk.here("Alpha", "Market"), Initiative.objects.count()) == ("DE", 4)


# Keys that people type --------------------------------------------------------------------------------------


def test_a_key_changed_in_the_sheet_renames_the_row(kpis: Desk) -> None:
    pk = kpis.row("retention").pk
    kpis.type("retention", "KPI Key", "kept_customers")
    kpis.settle()
    assert kpis.row("kept_customers").pk == pk


def test_a_key_changed_in_the_web_renames_the_row(kpis: Desk) -> None:
    kpis.edit("retention", kpi_key="kept_customers")
    kpis.settle()
    assert len(kpis.sheet.rows()) == 3
    assert kpis.there("kept_customers", "Unit") == "percent"


def test_a_key_changed_on_both_sides_is_a_conflict(kpis: Desk) -> None:
    kpis.type("retention", "KPI Key", "kept_there")
    kpis.edit("retention", kpi_key="kept_here")
    kpis.sync()
    found = kpis.conflict()
    assert (found.column, found.mine, found.theirs) == ("kpi_key", "kept_here", "kept_there")
    kpis.resolve(found, THEIRS)
    kpis.settle()
    assert kpis.there("kept_there", "Unit") == "percent"


def test_a_wiped_key_is_told_and_nothing_moves(kpis: Desk) -> None:
    kpis.type("retention", "KPI Key", "")
    kpis.sync()
    assert kpis.status("Retention") == f"{MARK}KPI Key: KPI Key can't be blank."
    kpis.type("Retention", "KPI Key", "retention")
    kpis.settle()
    assert len(kpis.sheet.rows()) == 3


def test_a_key_and_all_else_changed_is_another_row(kpis: Desk) -> None:
    kpis.sheet.put_row(3, ["churn", "Churn", "operational", "ratio", True])
    kpis.settle()
    assert kpis.conflict(LOST).key == "retention"
    assert kpis.row("churn").unit == "ratio"


def test_one_key_twice_at_the_first_sync_is_taken_once(google: GoogleServer) -> None:
    desk = Desk(google, "metrics_config", [KPIS, REVENUE, RETENTION, [*RETENTION[:3], "ratio", True]])
    desk.settle(twice={"retention"})
    assert len(desk.tab.index()) == 2
    desk.sheet.delete_row(4)
    desk.settle()
    assert desk.there("retention", "Unit") == "percent"


# Places -----------------------------------------------------------------------------------------------------


def test_rows_sorted_inserted_and_moved_change_nothing(desk: Desk) -> None:
    desk.sheet.sort("B", descending=True)
    desk.sheet.insert_row(3)
    desk.sheet.move_row(6, to=2)
    assert desk.sync() == {}
    desk.settle()


def test_edits_find_their_rows_after_a_sort(desk: Desk) -> None:
    desk.sheet.sort("B", descending=True)
    desk.type("Alpha", "Market", "DE")
    desk.edit("Beta", market="IT")
    desk.settle()
    assert (desk.here("Alpha", "Market"), desk.there("Beta", "Market")) == ("DE", "IT")


def test_rows_may_stand_below_blank_ones(desk: Desk) -> None:
    desk.write_row(row("Epsilon"), at=20)
    desk.settle()
    assert desk.sheet.value("A20") == "INIT-000005"
    desk.add(title="Zeta")
    desk.settle()
    assert desk.sheet.value("A21") == "INIT-000006"


# On the way -------------------------------------------------------------------------------------------------


def test_a_row_made_in_lodestar_is_added_once(desk: Desk) -> None:
    desk.add(title="Epsilon", market="SE", hypothesis="=1+1", deadline_date="2026-05-01")
    assert desk.sync()["appended"] == 1
    desk.settle()
    assert desk.sheet.formula(desk.at("Epsilon", "Hypothesis")) is None


def test_the_same_row_written_on_both_sides_is_told_apart(desk: Desk) -> None:
    desk.add(title="Epsilon", market="SE")
    desk.write_row(row("Epsilon", Market="NO"))
    desk.sync()
    assert desk.status("Epsilon").startswith(f"{MARK}INIT-000005 says the same in its title.")
    assert Initiative.objects.count() == 5


def test_the_same_kpi_written_on_both_sides_is_one(kpis: Desk) -> None:
    kpis.add(kpi_key="churn", kpi_level="operational", unit="ratio")
    kpis.write_row(["churn", "Churn", "operational", "percent", True])
    kpis.settle()
    assert (kpis.conflict().mine, kpis.conflict().theirs) == ("ratio", "percent")
    assert kpis.here("churn", "KPI Name") == "Churn"
    assert len(kpis.sheet.rows()) == 4


def test_a_new_row_with_a_cell_that_cannot_be_read_waits(desk: Desk) -> None:
    desk.write_row(row("Epsilon", Engineering_Tokens="about ten"))
    desk.settle()
    assert Initiative.objects.count() == 4
    assert "“about ten” is not a number" in desk.status("Epsilon")
    desk.type("Epsilon", "Engineering Tokens", "10")
    desk.settle()
    assert desk.here("Epsilon", "Engineering Tokens") == 10
