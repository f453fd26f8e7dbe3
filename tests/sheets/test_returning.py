"""An exported file that comes back is merged with what it said: edits are taken, all else stays as it is."""

from datetime import date

import pytest
from openpyxl import load_workbook

from initiatives.models import Initiative
from metrics.models import Metric
from portfolio.sheets.conflicts import resolve
from portfolio.sheets.models import Conflict
from portfolio.tabs import registry
from portfolio.tabs.actor import PM
from portfolio.tabs.changes import DeleteRow, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange
from scoring.models import Param
from tests.factories import actor, create, initiative, north_star, put, strategic
from tests.organisation import organise
from tests.sheets.files import edited, exported, imported, take

pytestmark = pytest.mark.django_db

CHOICE = Conflict.Choice


@pytest.fixture
def out(tmp_path):
    """``out(workbook)``: the path of an export of what there is now."""
    return lambda workbook="central_backlog", **options: exported(
        tmp_path / f"{workbook}.xlsx", workbook, **options
    )


def back(path, **options):
    return take(path, "central_backlog", **options)["backlog"]


def counts(report):
    return report.created, report.changed, report.unchanged, report.failed, len(report.conflicts)


# Every case of the merge ------------------------------------------------------------------------------

A, B, C = "base", "file", "lodestar"
COLUMNS = {
    "country": {A: "Chile", B: "Peru", C: "Spain"},
    "engineering_tokens": {A: 12.5, B: 40, C: 7},
    "mvp_value_share": {A: 0.5, B: 0.75, C: 1 / 3},
    "deadline_date": {A: "2026-05-15", B: date(2026, 6, 1), C: "2026-07-01"},
    "risk_level": {A: "low", B: "high", C: "medium"},
    "problem_statement": {A: "=A1\n00123", B: "@later", C: "ñ"},
}
#: what the export said, what the file says, what Lodestar says; what it says then, and whether they clash
CASES = [
    (A, A, A, A, False),
    (A, B, A, B, False),
    (A, A, C, C, False),
    (A, C, C, C, False),
    (A, B, C, C, True),
    (A, None, A, None, False),
    (A, A, None, None, False),
    (A, None, None, None, False),
    (A, None, C, C, True),
    (A, B, None, None, True),
    (None, None, None, None, False),
    (None, B, None, B, False),
    (None, None, C, C, False),
    (None, C, C, C, False),
    (None, B, C, C, True),
]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(("base", "file", "here", "then", "clash"), CASES)
def test_every_case_of_the_merge(column, base, file, here, then, clash, out):
    values = COLUMNS[column] | {None: None}
    row = initiative(**({column: values[base]} if base else {}))
    path = out()
    if here != base:
        put("backlog", row, **{column: values[here]})
    if file != base:
        written = values[file]
        edited(path, "Backlog", **{column: written})
    report = back(path)
    found = registry.tab("backlog").column(column)
    row.refresh_from_db()
    assert found.show(found.read(row)) == found.show(found.parse(values[then]))
    pulled = then != here
    assert counts(report) == (0, int(pulled), int(not pulled), 0, int(clash)), report.rejected
    assert Conflict.objects.count() == int(clash)


def test_the_cells_of_a_row_are_merged_one_by_one(out):
    row = initiative("Title", country="Chile", market="DACH", department="Care")
    path = out()
    put("backlog", row, country="Spain", market="Iberia")
    edited(path, "Backlog", country="Peru", department="Sales", category="New")
    assert counts(back(path)) == (0, 1, 0, 0, 1)
    row.refresh_from_db()
    assert (row.country, row.market, row.department, row.category) == ("Spain", "Iberia", "Sales", "New")


def test_what_nobody_touched_writes_nothing(out):
    row = initiative(country="Chile")
    path = out()
    put("backlog", row, country="Spain")
    before = CellChange.objects.count()
    back(path)
    assert CellChange.objects.count() == before


# Conflicts --------------------------------------------------------------------------------------------


@pytest.fixture
def disputed(out):
    """A file in which ana says Peru, where bob said Spain in Lodestar meanwhile."""
    row = initiative("Refunds", country="Chile")
    path = out()
    put("backlog", row, actor(PM, name="bob"), country="Spain")
    return row, edited(path, "Backlog", country="Peru")


def test_a_conflict_is_kept_with_all_that_a_person_needs_to_choose(disputed):
    row, path = disputed
    [told] = back(path).conflicts
    kept = Conflict.objects.get()
    assert (kept.kind, kept.tab_name, kept.row, kept.column) == ("cell", "backlog", row.pk, "country")
    assert (kept.base, kept.mine, kept.theirs) == ("Chile", "Spain", "Peru")
    assert (kept.who, kept.who_there, kept.key) == ("bob", "ana", "INIT-000001")
    assert kept.when is not None and kept.export.who == "ana" and kept.linked_tab is None
    assert kept.place.startswith("Backlog!") and kept.place.endswith("2")
    assert (told.cell, told.column, told.base, told.mine, told.theirs, told.who) == (
        kept.place, "Country", "Chile", "Spain", "Peru", "bob")  # fmt: skip


def test_a_preview_keeps_no_conflict(disputed):
    _, path = disputed
    assert len(back(path, preview=True).conflicts) == 1
    assert not Conflict.objects.exists()


def test_a_file_that_comes_twice_says_nothing_new(disputed):
    _, path = disputed
    edited(path, "Backlog", department="Care")
    assert counts(back(path)) == (0, 1, 0, 0, 1)
    before = CellChange.objects.count()
    for _ in range(2):
        assert counts(back(path)) == (0, 0, 1, 0, 1)
    assert (CellChange.objects.count(), Conflict.objects.count()) == (before, 1)


def test_an_edit_after_the_import_of_a_file_outlives_the_file(out):
    row = initiative(country="Chile")
    path = edited(out(), "Backlog", country="Peru")
    back(path)
    put("backlog", row, country="Spain")
    assert counts(back(path)) == (0, 0, 1, 0, 0)
    row.refresh_from_db()
    assert row.country == "Spain"


@pytest.mark.parametrize("choice", [CHOICE.MINE, CHOICE.THEIRS])
def test_what_a_person_chose_is_not_asked_again(disputed, choice):
    row, path = disputed
    back(path)
    resolve(Conflict.objects.get(), choice, actor(PM))
    row.refresh_from_db()
    assert row.country == ("Peru" if choice == CHOICE.THEIRS else "Spain")
    assert counts(back(path)) == (0, 0, 1, 0, 0)
    put("backlog", row, country="Malta")
    assert counts(back(path)) == (0, 0, 1, 0, 0)
    edited(path, "Backlog", country="Cuba")
    assert counts(back(path)) == (0, 0, 1, 0, 1)


def test_a_conflict_whose_sides_agree_by_now_is_closed(disputed):
    row, path = disputed
    back(path)
    put("backlog", row, country="Peru")
    assert counts(back(path)) == (0, 0, 1, 0, 0)
    kept = Conflict.objects.get()
    assert (kept.choice, kept.closed_by) == (CHOICE.AGREED, "ana") and kept.closed


def test_a_corrected_file_corrects_its_conflict(disputed):
    _, path = disputed
    back(path)
    back(edited(path, "Backlog", country="Cuba"))
    assert Conflict.objects.get().theirs == "Cuba"
    back(edited(path, "Backlog", country="Spain"))
    assert Conflict.objects.get().choice == CHOICE.AGREED


def test_a_value_that_went_back_lets_the_file_have_its_way(disputed):
    row, path = disputed
    back(path)
    put("backlog", row, country="Chile")
    assert counts(back(path)) == (0, 1, 0, 0, 0)
    row.refresh_from_db()
    assert row.country == "Peru" and Conflict.objects.get().choice == CHOICE.AGREED


def test_two_copies_of_one_export_are_two_peoples(disputed):
    _, path = disputed
    back(path)
    back(edited(path, "Backlog", country="Cuba"), by=actor(name="cleo"))
    assert {(kept.who_there, kept.theirs) for kept in Conflict.objects.open()} == {
        ("ana", "Peru"), ("cleo", "Cuba")}  # fmt: skip
    back(edited(path, "Backlog", country="Chile"), by=actor(name="dan"))
    assert Conflict.objects.open().count() == 2


def test_a_family_edited_member_by_member_is_one_cell(out):
    north_star(), strategic("signups")
    row = initiative()
    put("kpi_contributions", row, **{"contribution_override:revenue": 5})
    path = out("product_ops")
    put("kpi_contributions", row, actor(PM, name="bob"), **{"contribution_override:signups": 7})
    edited(path, "KPI Contributions", contribution_override='{"revenue": 6}')
    report = take(path, "product_ops")["kpi_contributions"]
    [told] = report.conflicts
    assert (told.base, told.mine, told.theirs, told.who) == (
        {"revenue": 5}, {"revenue": 5, "signups": 7}, {"revenue": 6}, "bob")  # fmt: skip


# Cells that can't be taken ----------------------------------------------------------------------------


def test_a_bad_edit_refuses_its_row_whatever_lodestar_says_now(out):
    row = initiative("Old", deadline_date="2026-05-15")
    path = edited(out(), "Backlog", deadline_date="03/04/2026", country="Peru")
    put("backlog", row, deadline_date="2026-07-01")
    report = back(path)
    assert counts(report) == (0, 0, 0, 1, 0) and "two ways" in report.rejected[0].message
    row.refresh_from_db()
    assert row.country == "" or row.country is None


def test_what_must_not_be_blank_can_not_be_cleared(out):
    row = initiative("Old")
    report = back(edited(out(), "Backlog", title=None))
    assert counts(report) == (0, 0, 0, 1, 0) and report.rejected[0].message == "Title can't be blank."
    row.refresh_from_db()
    assert row.title == "Old"


def test_a_blank_that_stands_for_something_says_that(out):
    organise()
    path = edited(out("optimization_center"), "Constraints", is_active=None)
    assert counts(take(path, "optimization_center")["constraints"]) == (0, 0, 1, 0, 0)


def test_an_edit_that_is_not_theirs_to_make_is_refused_and_what_they_left_is_not(out):
    north_star(), organise_params()
    path = edited(out("product_ops"), "Params", description="Another")
    report = take(path, "product_ops", by=actor("Finance"))["params"]
    assert counts(report) == (0, 0, 0, 1, 0)
    path = edited(out("product_ops"), "Params", value=4)
    assert counts(take(path, "product_ops", by=actor("Finance"))["params"]) == (0, 1, 0, 0, 0)


def organise_params():
    row = initiative()
    return create("params", initiative_key=row.initiative_key, param_name="rate", value=2, approved=True)


def test_an_approval_that_stands_beside_a_new_value_stands(out):
    organise_params()
    path = edited(out("product_ops"), "Params", value=3)
    take(path, "product_ops")
    param = Param.objects.get()
    assert (param.value, param.approved) == (3, True)


def test_a_retired_kpi_that_nobody_touched_refuses_nothing(out):
    north_star(), strategic("signups")
    row = initiative()
    put("kpi_contributions", row, contribution_override={"signups": 7})
    path = out("product_ops")
    put("metrics_config", Metric.objects.get(kpi_key="signups"), is_active=False)
    edited(path, "KPI Contributions", override_reason="Agreed")
    report = take(path, "product_ops")["kpi_contributions"]
    assert counts(report) == (0, 1, 0, 0, 0), report.rejected


def test_a_grey_cell_that_was_typed_over_is_said(out):
    initiative()
    report = back(edited(out(), "Backlog", overall_score=99))
    assert counts(report) == (0, 0, 1, 0, 0)
    [said] = report.warnings
    assert said.message.startswith(
        "Lodestar fills Overall Score, so what was typed there isn't taken: Backlog!"
    )


# Rows -------------------------------------------------------------------------------------------------


def rows_of(path, sheet, order):
    """Put the rows of a sheet in another order: ``order(rows)``."""
    book = load_workbook(path)
    cells = [[cell.value for cell in row] for row in book[sheet].iter_rows(min_row=2)]
    book[sheet].delete_rows(2, len(cells))
    for row in order(cells):
        book[sheet].append(row)
    book.save(path)
    return path


def test_rows_are_known_wherever_they_stand(out):
    for title in ("One", "Two", "Three"):
        initiative(title, country=f"{title}land")
    path = rows_of(out(), "Backlog", lambda rows: rows[::-1])
    assert counts(back(path)) == (0, 0, 3, 0, 0)


def test_rows_missing_in_the_file_are_said_and_not_deleted(out):
    for title in ("One", "Two", "Three", "Four"):
        initiative(title)
    report = back(rows_of(out(), "Backlog", lambda rows: rows[2:3]))
    assert counts(report) == (0, 0, 1, 0, 0)
    assert [said.message for said in report.warnings] == [
        "3 rows of the export aren't in the file; nothing was deleted: INIT-000001, INIT-000002, INIT-000004."
    ]
    assert Initiative.objects.count() == 4


def test_rows_that_came_since_the_export_are_not_missed(out):
    initiative("One")
    path = out()
    initiative("Two")
    report = back(path)
    assert counts(report) == (0, 0, 1, 0, 0) and report.warnings == []


def deleted(tab, row):
    assert apply_changes(registry.tab(tab), actor(), Surface.GRID, [DeleteRow(row.pk)]).ok


def test_a_row_deleted_in_lodestar_stays_deleted(out):
    gone = strategic("signups", description="New people")
    path = out("product_ops")
    deleted("metrics_config", gone)
    report = take(path, "product_ops")["metrics_config"]
    assert counts(report) == (0, 0, 1, 0, 0)
    [said] = report.warnings
    assert said.message == "It isn't on Metrics Config any more; someone deleted it since the export."
    edited(path, "Metrics Config", description="Other people")
    report = take(path, "product_ops")["metrics_config"]
    assert counts(report) == (0, 0, 0, 1, 0)
    assert "someone deleted it since the export" in report.rejected[0].message
    assert not Metric.objects.exists()


def test_a_row_renamed_in_lodestar_is_found_by_its_old_key(out):
    row = strategic("signups")
    path = out("product_ops")
    put("metrics_config", row, kpi_key="new_people")
    edited(path, "Metrics Config", description="Those who sign up")
    assert counts(take(path, "product_ops")["metrics_config"]) == (0, 1, 0, 0, 0)
    row.refresh_from_db()
    assert (row.kpi_key, row.description) == ("new_people", "Those who sign up")


def test_a_row_renamed_in_the_file_is_still_that_row(out):
    row = strategic("signups", description="Those who sign up")
    strategic("visits", description="Those who come")
    path = edited(out("product_ops"), "Metrics Config", kpi_key="new_people")
    assert counts(take(path, "product_ops")["metrics_config"]) == (0, 1, 1, 0, 0)
    row.refresh_from_db()
    assert row.kpi_key == "new_people"


def test_rows_with_a_number_of_their_own_are_known_by_it(out):
    row = organise()["constraints"]
    path = edited(out("optimization_center"), "Constraints", constraint_set_name="Other", notes="Why")
    put("constraints", row, notes="Because")
    assert counts(take(path, "optimization_center")["constraints"]) == (0, 1, 0, 0, 1)
    row.refresh_from_db()
    assert (row.constraint_set_name, row.notes) == ("Other", "Because")


def test_new_rows_of_the_file_are_made_once_and_then_merged(out):
    organise_params()
    path = edited(out("product_ops"), "Params", row=3, initiative_key="INIT-000001", param_name="traffic",
                  value=7, framework="MATH_MODEL")  # fmt: skip
    assert counts(take(path, "product_ops")["params"]) == (1, 0, 1, 0, 0)
    assert counts(take(path, "product_ops")["params"]) == (0, 0, 2, 0, 0)
    put("params", Param.objects.get(param_name="traffic"), value=8)
    assert counts(take(path, "product_ops")["params"]) == (0, 0, 2, 0, 0)


def test_a_row_that_both_sides_added_is_a_conflict_where_they_differ(out):
    row = organise_params().initiative
    path = out("product_ops")
    create("params", initiative_key=row.initiative_key, param_name="traffic", value=5, notes="Mine")
    edited(path, "Params", row=3, initiative_key="INIT-000001", param_name="traffic", value=7,
           framework="MATH_MODEL", unit="visits")  # fmt: skip
    report = take(path, "product_ops")["params"]
    assert counts(report) == (0, 1, 1, 0, 1)
    param = Param.objects.get(param_name="traffic")
    assert (param.value, param.unit, param.notes) == (5, "visits", "Mine")


def test_submissions_that_got_their_key_since_are_still_known(out):
    asked = create("intake", title="Faster refunds", requester_email="ada@example.com", country="Chile")
    path = out("intake")
    put("intake", asked, requesting_team="Care", requester_name="Ada", problem_statement="Slow.")
    edited(path, "Intake", hypothesis="Quick is good")
    assert counts(take(path, "intake")["intake"]) == (0, 1, 0, 0, 0)
    asked.refresh_from_db()
    assert (asked.hypothesis, asked.requesting_team) == ("Quick is good", "Care")


# Programs that save the file again --------------------------------------------------------------------


def test_fifteen_digits_are_what_a_program_keeps(out):
    row = initiative(engineering_tokens=134364244112.40121, mvp_value_share=0.01120316758325725)
    path = edited(out(), "Backlog", engineering_tokens=134364244112.401, mvp_value_share=0.0112031675832573)
    assert counts(back(path)) == (0, 0, 1, 0, 0)
    row.refresh_from_db()
    assert row.mvp_value_share == 0.01120316758325725


def test_the_whole_organisation_comes_back_without_a_word(out):
    organise()
    for workbook in ("intake", "central_backlog", "product_ops", "optimization_center"):
        path = out(workbook)
        load_workbook(path).save(path)
        for report in imported(path, workbook).tabs:
            assert counts(report) == (0, 0, report.read, 0, 0), report.tab
            assert not [said for said in report.warnings if "typed" in said.message], report.warnings
    assert not Conflict.objects.exists()
