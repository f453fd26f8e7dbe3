"""People who edit the sheet, or Lodestar, between any two calls of a sync."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from initiatives.models import Initiative
from tests.google import GoogleServer
from tests.sheets_google.backlog import row
from tests.sheets_google.both_sides import sheet_rows
from tests.sheets_google.busy import EVERYDAY, SCENES, Scene
from tests.sheets_google.desk import Desk, elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, REMOVAL = SCENES[1], SCENES[2]
Edit = Callable[[Desk], object]


def delete_row(desk: Desk, title: str) -> None:
    """A person deletes the row; what they had typed into it goes with it."""
    desk.sheet.delete_row(desk.sheet.row_of(title))
    known = desk.pk_of(title)
    desk.said = [said for said in desk.said if said.side == "web" or said.row not in (title, known)]


def move_column(desk: Desk, header: str, to: int) -> None:
    at = desk.header.index(header)
    source = {"sheetId": desk.sheet.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    desk.book.do({"moveDimension": {"source": source, "destinationIndex": to}})


CELLS: dict[str, Edit] = {
    "types into the cell that is pulled": lambda desk: desk.type("Alpha", "Market", "PL"),
    "types into the cell that is pushed": lambda desk: desk.type("Beta", "Market", "PL"),
    "clears the cell that is pushed": lambda desk: desk.type("Beta", "Market", ""),
    "types what is pushed": lambda desk: desk.type("Beta", "Market", "IT"),
    "types into the blank cell that is pushed": lambda desk: desk.type("Gamma", "Hypothesis", "Mine"),
    "puts a formula into the cell that is pushed": lambda desk: desk.type("Beta", "Market", '="P"&"L"'),
    "types beside it": lambda desk: desk.type("Beta", "Risk Level", "medium"),
    "types into the disputed cell": lambda desk: desk.type("Delta", "Market", "BE"),
    "types over a value of Lodestar's": lambda desk: desk.type("Beta", "Overall Score", "11"),
    "types over a key": lambda desk: desk.type("Beta", "Initiative Key", "B-1"),
    "wipes a key": lambda desk: desk.type("Beta", "Initiative Key", ""),
    "edits the new row": lambda desk: desk.type("Epsilon", "Market", "DK"),
    "renames the new row": lambda desk: desk.type("Epsilon", "Title", "Epsilon II"),
    "types a key into the new row": lambda desk: desk.type("Epsilon", "Initiative Key", "E-1"),
}
ROWS: dict[str, Edit] = {
    "sorts by title": lambda desk: desk.sheet.sort("B", descending=True),
    "sorts by market": lambda desk: desk.sheet.sort("C"),
    "sorts by risk": lambda desk: desk.sheet.sort("D"),
    "inserts a row": lambda desk: desk.sheet.insert_row(3),
    "inserts a row and fills it": lambda desk: (desk.sheet.insert_row(2), desk.write_row(row("Eta"), at=2)),
    "moves a row": lambda desk: desk.sheet.move_row(2, to=5),
    "deletes a row above": lambda desk: delete_row(desk, "Alpha"),
    "deletes the row that is written to": lambda desk: delete_row(desk, "Beta"),
    "deletes the new row": lambda desk: delete_row(desk, "Epsilon"),
    "adds a row where the append lands": lambda desk: desk.write_row(row("Eta", Market="DK")),
    "adds a line further below": lambda desk: desk.write_row(row("Eta", Market="DK"), at=9),
}
COLUMNS: dict[str, Edit] = {
    "inserts a column before the key": lambda desk: desk.sheet.insert_column("A", "No."),
    "inserts a blank column before the key": lambda desk: desk.sheet.insert_column("A"),
    "inserts a column in the middle": lambda desk: desk.sheet.insert_column("C", "Owner"),
    "inserts a column before the status": lambda desk: desk.sheet.insert_column("L", "Owner"),
    "moves the market to the end": lambda desk: move_column(desk, "Market", 12),
    "moves the status to the front": lambda desk: move_column(desk, "Run Status", 0),
    "deletes a column of their own": lambda desk: desk.sheet.delete_column(desk.letter("My remarks")),
    "deletes the status": lambda desk: desk.sheet.delete_column(desk.letter("Run Status")),
    "inserts a column and sorts": lambda desk: (desk.sheet.insert_column("B", "Owner"), desk.sheet.sort("C")),
}


def cases(edits: dict[str, Edit], scene: Scene) -> list[object]:
    """Each edit before each call but the first, which is the same as before the sync."""
    return [
        pytest.param(edit, at, id=f"{name} before call {at + 1}, {scene.calls[at]}")
        for name, edit in edits.items()
        for at in range(1, len(scene.calls))
    ]


def disturbed(google: GoogleServer, scene: Scene, at: int, edit: Edit) -> Desk:
    desk = scene.prepare(google)
    google.reset_calls()
    google.between(at, elsewhere(lambda: edit(desk)))
    desk.tried()
    return desk


def keeps_own_columns(desk: Desk) -> None:
    """What people keep beside Lodestar's columns is theirs: nothing comes, nothing goes."""
    new = [desk.letter(header) for header in ("No.", "Owner", "") if header in desk.header]
    assert [desk.sheet.value(f"{letter}{row}") for letter in new for row in range(2, 9)] == [""] * 7 * len(
        new
    )
    if "My remarks" in desk.header and desk.sheet.find("Alpha"):
        assert desk.there("Alpha", "My remarks") == "ask Bea"


@pytest.mark.parametrize(("edit", "at"), cases(CELLS, EVERYDAY))
def test_a_person_types(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, edit)
    desk.settle()
    assert Initiative.objects.count() == 6


@pytest.mark.parametrize(("edit", "at"), cases(ROWS, EVERYDAY))
def test_a_person_moves_adds_and_deletes_rows(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, edit)
    desk.settle()
    titles = set(Initiative.objects.values_list("title", flat=True))
    assert {"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"} <= titles <= {*titles, "Eta"}


@pytest.mark.parametrize(("edit", "at"), cases(COLUMNS, EVERYDAY))
def test_a_person_moves_adds_and_deletes_columns(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, edit)
    keeps_own_columns(desk)
    if "Run Status" in desk.header:
        desk.settle()
        assert Initiative.objects.count() == 6


@pytest.mark.parametrize("most", [3, 9])
@pytest.mark.parametrize("name", [*COLUMNS, *ROWS])
def test_a_person_disturbs_a_write_of_many_cells(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    """Where more is to be written than is compared cell by cell: in columns (3) or in runs (9)."""
    monkeypatch.setattr("portfolio.sheets.sync.writes.MOST_RANGES", most)
    desk = EVERYDAY.prepare(google)
    google.between(3 if most == 3 else 2, elsewhere(lambda: {**COLUMNS, **ROWS}[name](desk)))
    desk.tried()
    keeps_own_columns(desk)
    if "Run Status" in desk.header:
        desk.settle()


@pytest.mark.parametrize(
    ("edit", "at"),
    cases({"sorts by title": ROWS["sorts by title"], "inserts a row": ROWS["inserts a row"]}, FIRST)
    + cases({"inserts a column": COLUMNS["inserts a column in the middle"]}, FIRST),
)
def test_a_first_sync_is_disturbed(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = disturbed(google, FIRST, at, edit)
    desk.settle()
    assert Initiative.objects.count() == 3
    assert desk.header.count("Run Status") == 1


@pytest.mark.parametrize("at", range(1, 5))
def test_somebody_names_a_column_where_the_status_was_to_go(google: GoogleServer, at: int) -> None:
    desk = FIRST.prepare(google)
    google.between(at, lambda: desk.sheet.put("L1", "Owner") if desk.sheet.value("L1") == "" else None)
    desk.tried()
    desk.settle()
    assert set(desk.header) >= {"Run Status"}
    assert at > 3 or "Owner" in desk.header


REMOVING: dict[str, Edit] = {
    "sorts by title": ROWS["sorts by title"],
    "sorts by market": ROWS["sorts by market"],
    "inserts a row": ROWS["inserts a row"],
    "deletes a row above": ROWS["deletes a row above"],
    "inserts a column before the key": COLUMNS["inserts a column before the key"],
    "edits the row that is to go": lambda desk: desk.type("Gamma", "Market", "DK"),
    "deletes it": lambda desk: desk.sheet.delete_row(desk.sheet.row_of("Gamma")),
}


@pytest.mark.parametrize(("edit", "at"), cases(REMOVING, REMOVAL))
def test_a_row_is_taken_out_meanwhile(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = REMOVAL.prepare(google)
    gone = next(conflict.row for conflict in desk.link.linked_tabs.get().conflicts.all())
    google.reset_calls()
    google.between(at, elsewhere(lambda: desk.sheet.find("Gamma") and edit(desk)))
    desk.tried()
    desk.settle()
    assert {"Beta", "Delta"} <= {str(cells.get("title")) for cells in sheet_rows(desk.tab, desk.sheet)}
    assert Initiative.all_objects.get(pk=gone).title == "Gamma"


# Lodestar meanwhile -------------------------------------------------------------------------------------

WEB: dict[str, Edit] = {
    "edits the cell that is pulled": lambda desk: desk.edit("Alpha", market="PL"),
    "edits the cell that is pushed": lambda desk: desk.edit("Beta", market="PL"),
    "clears the cell that is pushed": lambda desk: desk.edit("Beta", market=""),
    "edits another cell of the row": lambda desk: desk.edit("Beta", risk_level="medium"),
    "edits the row that is appended": lambda desk: desk.edit("Zeta", market="DK"),
    "deletes a row": lambda desk: desk.delete("Beta"),
    "deletes the row that is appended": lambda desk: desk.delete("Zeta"),
    "adds a row": lambda desk: desk.add(title="Eta", market="DK"),
}


@pytest.mark.parametrize(("edit", "at"), cases(WEB, EVERYDAY))
def test_somebody_works_in_lodestar_meanwhile(google: GoogleServer, edit: Edit, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, edit)
    desk.settle()


# Titles and tabs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(1, 4))
def test_the_tab_is_renamed_and_named_back(google: GoogleServer, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, lambda desk: desk.sheet.rename("Backlog 2027"))
    desk.tried()
    assert desk.linked_tab.left_alone
    desk.sheet.rename("Backlog")
    EVERYDAY.ends_well(desk)


@pytest.mark.parametrize("at", range(1, 4))
def test_the_tab_is_deleted(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    desk.book.add_sheet("Notes")
    google.between(at, desk.sheet.delete)
    desk.tried()
    desk.tried()
    assert desk.linked_tab.left_alone
    assert "was deleted" in desk.linked_tab.status
    titles = {"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"}
    assert set(Initiative.objects.values_list("title", flat=True)) == titles


@pytest.mark.parametrize("at", range(1, 4))
def test_the_sheet_is_emptied(google: GoogleServer, at: int) -> None:
    desk = EVERYDAY.prepare(google)
    google.between(at, lambda: desk.sheet.clear("A2:L100"))
    desk.tried()
    before = desk.everything()
    desk.tried()
    assert desk.linked_tab.left_alone
    assert desk.everything()["rows"] == before["rows"]
    assert Initiative.objects.count() == 6


@pytest.mark.parametrize("at", range(1, 4))
def test_a_header_is_renamed_and_named_back(google: GoogleServer, at: int) -> None:
    desk = disturbed(google, EVERYDAY, at, lambda desk: desk.sheet.put("C1", "Where"))
    desk.sync()
    desk.sheet.put("C1", "Market")
    EVERYDAY.ends_well(desk)
