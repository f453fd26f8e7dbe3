"""What becomes of both sides when a person settles a conflict."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.models import Initiative
from portfolio.sheets.conflicts import AlreadyResolvedError, CannotResolveError, resolve
from portfolio.sheets.merge import Verdict, merge_cell
from portfolio.sheets.models import Conflict, LinkedTab, SheetLink, SyncedRow
from portfolio.tabs import registry
from portfolio.tabs.changes import DeleteRow, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange
from tests.factories import actor, initiative, put
from tests.sheets_pages import world

pytestmark = pytest.mark.django_db

MINE, THEIRS = Conflict.Choice.MINE, Conflict.Choice.THEIRS
PM = actor("PM", name="ana")


@pytest.fixture
def backlog() -> LinkedTab:
    return world.linked_tab()


def deleted(row: Any) -> None:
    assert apply_changes(registry.tab("backlog"), PM, Surface.GRID, [DeleteRow(row.pk)]).ok


def verdict(conflict: Conflict) -> Verdict:
    """What the next sync does with the cell."""
    base = SyncedRow.objects.get(row=conflict.row).cells["market"]
    return merge_cell(base, conflict.theirs, Initiative.objects.get().market, by_person=True)


# Cells ----------------------------------------------------------------------------------------------------


def test_keeping_lodestars_value_lets_the_next_sync_push_it(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    assert "next sync writes it into the sheet" in resolve(conflict, MINE, PM)
    assert Initiative.objects.get().market == "FR"
    assert verdict(conflict) is Verdict.PUSH


def test_taking_the_sheets_value_goes_through_the_gate_and_leaves_both_agreed(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    assert resolve(conflict, THEIRS, PM) == f"Market of {conflict.key} is now “DE”."
    change = CellChange.objects.latest("pk")
    assert (change.column, change.old, change.new) == ("market", "FR", "DE")
    assert (change.batch.who, change.batch.surface) == ("ana", "sheet")
    assert verdict(conflict) is Verdict.AGREED


@pytest.mark.parametrize("choice", [MINE, THEIRS])
def test_it_is_closed_with_who_chose_what(backlog: LinkedTab, choice: str) -> None:
    conflict = world.disputed(backlog)
    resolve(conflict, choice, PM)
    conflict.refresh_from_db()
    assert conflict.closed is not None
    assert (conflict.closed_by, conflict.choice) == ("ana", choice)
    assert not Conflict.objects.waiting().exists()


def test_the_next_sync_looks_again_although_nobody_edited_the_sheet(backlog: LinkedTab) -> None:
    assert not backlog.link.changed_there
    resolve(world.disputed(backlog), MINE, PM)
    assert SheetLink.objects.get().changed_there


def test_a_blank_from_the_sheet_can_be_taken(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog, theirs=None)
    assert resolve(conflict, THEIRS, PM).endswith("is now blank.")
    assert Initiative.objects.get().market == ""
    assert SyncedRow.objects.get().cells["market"] is None


def test_rows_that_never_agreed_get_their_base(backlog: LinkedTab) -> None:
    conflict = world.conflict(backlog, initiative(market="FR"), base=None)
    resolve(conflict, MINE, PM)
    assert verdict(conflict) is Verdict.PUSH


def test_what_the_gate_refuses_stays_open_with_its_words(backlog: LinkedTab) -> None:
    row = initiative(engineering_tokens=5)
    conflict = world.conflict(backlog, row, column="engineering_tokens", base=1, mine=5, theirs=-3)
    with pytest.raises(CannotResolveError, match="Engineering Tokens"):
        resolve(conflict, THEIRS, PM)
    assert Conflict.objects.waiting().count() == 1
    assert not SyncedRow.objects.exists()
    assert Initiative.objects.get().engineering_tokens == 5


@pytest.mark.parametrize("choice", [MINE, THEIRS])
def test_who_may_not_enter_the_column_settles_nothing(backlog: LinkedTab, choice: str) -> None:
    conflict = world.disputed(backlog)
    with pytest.raises(CannotResolveError, match="Your role may not enter Market"):
        resolve(conflict, choice, actor("Finance"))
    assert Conflict.objects.waiting().exists()
    assert SyncedRow.objects.get().cells["market"] == "UK"


def test_lodestars_value_that_moved_on_is_shown_instead_of_overwritten(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    put("backlog", Initiative.objects.get(), actor("PM", name="bob"), market="IT")
    with pytest.raises(CannotResolveError, match=r"bob changed this .* It says “IT” now"):
        resolve(conflict, THEIRS, PM)
    conflict.refresh_from_db()
    assert (conflict.mine, conflict.who, conflict.closed) == ("IT", "bob", None)
    assert resolve(conflict, THEIRS, PM).endswith("is now “DE”.")


def test_nobody_settles_what_they_have_not_seen(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    seen = conflict.stamp
    Conflict.objects.update(theirs="AT")
    with pytest.raises(CannotResolveError, match="Look again"):
        resolve(conflict, THEIRS, PM, seen)
    assert resolve(conflict, THEIRS, PM, conflict.stamp).endswith("is now “AT”.")


def test_a_second_answer_changes_nothing(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    twin = Conflict.objects.get()
    resolve(conflict, MINE, PM)
    with pytest.raises(AlreadyResolvedError, match="ana resolved this already: Lodestar's"):
        resolve(twin, THEIRS, actor("PM", name="bob"))
    assert Initiative.objects.get().market == "FR"


def test_a_conflict_whose_sheet_was_unlinked_is_gone(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog)
    backlog.link.delete()
    with pytest.raises(AlreadyResolvedError, match="no longer linked"):
        resolve(conflict, MINE, PM)


# Rows -----------------------------------------------------------------------------------------------------


@pytest.fixture
def lost(backlog: LinkedTab) -> Conflict:
    """A row that is gone from the sheet."""
    return world.disputed(backlog, kind=Conflict.Kind.LOST, column="", mine=None, theirs=None)


@pytest.fixture
def gone(backlog: LinkedTab) -> Conflict:
    """A row that was deleted in Lodestar and is still in the sheet."""
    conflict = world.disputed(backlog, kind=Conflict.Kind.DELETED, column="", mine=None, theirs=None)
    deleted(Initiative.objects.get())
    return conflict


def test_a_lost_row_that_is_kept_is_sent_again(lost: Conflict) -> None:
    assert "adds it to the sheet again" in resolve(lost, MINE, PM)
    assert Initiative.objects.exists() and not SyncedRow.objects.exists()


def test_a_lost_row_can_be_deleted_here_too(lost: Conflict) -> None:
    assert resolve(lost, THEIRS, PM).endswith("is deleted.")
    assert not Initiative.objects.exists() and Initiative.all_objects.exists()
    assert not SyncedRow.objects.exists()


def test_a_lost_row_that_was_deleted_here_meanwhile_is_simply_gone(lost: Conflict) -> None:
    deleted(Initiative.objects.get())
    assert resolve(lost, THEIRS, PM).endswith("is deleted.")


def test_a_deleted_row_can_be_brought_back(gone: Conflict) -> None:
    assert resolve(gone, THEIRS, PM).endswith("is back.")
    assert Initiative.objects.exists()
    assert SyncedRow.objects.exists()


def test_a_row_somebody_brought_back_is_back(gone: Conflict) -> None:
    Initiative.all_objects.update(deleted_at=None)
    assert resolve(gone, THEIRS, PM).endswith("is back.")


def test_a_deleted_row_stays_deleted(gone: Conflict) -> None:
    assert "removes it from the sheet" in resolve(gone, MINE, PM)
    assert not Initiative.objects.exists()
    assert SyncedRow.objects.exists()  # by which the sync still knows the sheet's row


@pytest.mark.parametrize("choice", [MINE, THEIRS])
def test_rows_come_and_go_only_for_those_who_may(choice: str, lost: Conflict) -> None:
    with pytest.raises(CannotResolveError, match="Your role may not"):
        resolve(lost, choice, actor("Viewer"))
    assert SyncedRow.objects.exists() and Initiative.objects.exists()


@pytest.mark.parametrize("choice", [MINE, THEIRS])
def test_deleted_rows_are_for_those_who_may_delete(choice: str, gone: Conflict) -> None:
    with pytest.raises(CannotResolveError, match="Your role may not"):
        resolve(gone, choice, actor("Finance"))
    assert not Initiative.objects.exists()


# Files and discarded values -------------------------------------------------------------------------------


def test_a_returned_file_has_no_base_to_move() -> None:
    conflict = world.conflict(world.export(), initiative(market="FR"))
    assert resolve(conflict, MINE, PM).endswith("Lodestar's value stays.")
    assert not SyncedRow.objects.exists() and conflict.closed


def test_a_returned_files_value_is_an_import() -> None:
    resolve(world.conflict(world.export(), initiative(market="FR")), THEIRS, PM)
    assert Initiative.objects.get().market == "DE"
    assert CellChange.objects.latest("pk").batch.surface == "import"
    assert not SyncedRow.objects.exists()


def test_a_discarded_value_can_only_be_dismissed(backlog: LinkedTab) -> None:
    conflict = world.disputed(backlog, kind=Conflict.Kind.DISCARDED, column="a_column_of_old")
    with pytest.raises(CannotResolveError, match="fills this column"):
        resolve(conflict, THEIRS, PM)
    assert resolve(conflict, MINE, actor("Finance")).endswith("dismissed.")
    assert SyncedRow.objects.get().cells["market"] == "UK"


# What a person says about a sheet -------------------------------------------------------------------------


def test_missing_rows_may_be_meant_to_be_gone(backlog: LinkedTab) -> None:
    backlog.left_alone, backlog.counts = True, {"lost": 12}
    assert backlog.missing_rows == 12
    backlog.take_losses()
    assert LinkedTab.objects.get().takes_losses
    assert SheetLink.objects.get().changed_there


def test_a_renamed_sheet_may_still_be_the_one(backlog: LinkedTab) -> None:
    backlog.renamed_to = "Backlog 2026"
    backlog.take_title()
    backlog.refresh_from_db()
    assert (backlog.title, backlog.renamed_to) == ("Backlog 2026", "")
