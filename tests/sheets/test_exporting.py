"""What an export looks like, that it is safe to open, and that it comes back without changes."""

import csv
from datetime import date, datetime

import openpyxl
import pytest

from portfolio.sheets.csv_export import csv_lines
from portfolio.sheets.exporting import UnknownRunError, export_workbook
from portfolio.sheets.filecells import LONGEST, MARK, for_file
from portfolio.sheets.headers import place_tabs
from portfolio.sheets.models import Export
from portfolio.sheets.opening import read_workbook
from portfolio.tabs import registry
from portfolio.tabs.models import CellChange, gate_open
from scoring.models import MathModel
from tests.factories import initiative, north_star, put
from tests.organisation import organise
from tests.sheets.files import edited, take

pytestmark = pytest.mark.django_db

WORKBOOKS = [name for name in registry.WORKBOOKS if registry.tabs(name)]
TABS = [tab.name for tab in registry.tabs()]
NASTY = ["=1+1", "+1", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0", "#REF", "'quoted", "TRUE", "1e5", "00123",
         "12345678901234567890", "2026-04-30", "ñ 🚀 \u200b", "<b>&amp;</b>", "two\nlines"]  # fmt: skip


@pytest.fixture
def exported(tmp_path):
    """``exported(workbook)``: its path, and the workbook as a spreadsheet program sees it."""

    def export(workbook, **options):
        path = tmp_path / f"{workbook}.xlsx"
        export_workbook(workbook, path, "ana", **options)
        return path, openpyxl.load_workbook(path)

    return export


def column_of(sheet, header):
    return next(cell.column_letter for cell in sheet[1] if cell.value == header)


@pytest.mark.parametrize("workbook", WORKBOOKS)
def test_an_export_comes_back_without_changes(workbook, exported):
    organise()
    path, _ = exported(workbook)
    before = CellChange.objects.count()
    reports = take(path, workbook)
    assert set(reports) == {tab.name for tab in registry.tabs(workbook)}
    for report in reports.values():
        assert (report.unchanged, report.rejected, report.refused) == (report.read, [], ""), report.tab
        assert report.read > 0, report.tab
    assert CellChange.objects.count() == before


def test_texts_of_every_kind_come_back(exported):
    for text in NASTY:
        initiative(f"{text} .", problem_statement=text)
    path, book = exported("central_backlog")
    report = take(path, "central_backlog")["backlog"]
    assert (report.unchanged, report.rejected) == (len(NASTY), [])
    column = column_of(book["Backlog"], "Problem Statement")
    cells = book["Backlog"][column][1:]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith(("=", "+", "-", "@")))


def test_every_header_is_recognised_as_its_own_column(exported):
    organise()
    for workbook in WORKBOOKS:
        path, _ = exported(workbook)
        placed, ignored = place_tabs(registry.tabs(workbook), read_workbook(path))
        assert ignored == {}
        for each in placed:
            [matching] = each.matchings
            assert list(matching.places) == [column.name for column in each.tab.columns]
            assert matching.own == ()


@pytest.mark.parametrize("name", TABS)
def test_a_sheet_shows_what_is_entered_where(name, exported):
    organise()
    tab = registry.tab(name)
    _, book = exported(tab.workbook)
    sheet = book[tab.title]
    assert sheet.protection.sheet and sheet.freeze_panes.endswith("2") and sheet.auto_filter.ref
    assert sheet.cell(1, sheet.max_column).value == "Run Status"
    for at, column in enumerate(tab.columns, start=1):
        head, cell = sheet.cell(1, at), sheet.cell(2, at)
        assert column.help in head.comment.text
        assert cell.protection.locked == (not column.entered_here or column.on_create), column
        assert sheet.column_dimensions[head.column_letter].hidden == (column.name in tab.file_key)


def test_values_are_typed_and_choices_offered(exported):
    initiative(deadline_date="2026-05-15", engineering_tokens=1200, mvp_value_share="80%")
    _, book = exported("central_backlog")
    sheet = book["Backlog"]
    found = {header: sheet[f"{column_of(sheet, header)}2"] for header in (
        "Deadline Date", "Engineering Tokens", "MVP Value Share", "Is Optimization Candidate", "Updated At")
        if header in [cell.value for cell in sheet[1]]}  # fmt: skip
    assert found["Deadline Date"].value.date() == date(2026, 5, 15)
    assert found["Deadline Date"].number_format == "yyyy-mm-dd"
    assert found["Engineering Tokens"].value == 1200
    assert found["Engineering Tokens"].number_format == '#,##0 "tokens"'
    assert found["Is Optimization Candidate"].value is False
    assert isinstance(found["Updated At"].value, datetime)
    offered = {
        str(rule.sqref).split("2:")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation
    }
    first, last = offered[column_of(sheet, "Lifecycle Status")].replace("Lists!", "").split(":")
    listed = [cell.value for [cell] in book["Lists"][f"{first}:{last}"]]
    assert listed[0] == "new" and "archived" in listed
    assert book["Lists"].sheet_state == "hidden"


def test_every_cell_has_the_format_of_its_own_value(exported):
    for values in (
        {"engineering_tokens": 1200, "mvp_value_share": 0.8, "country": "Chile"},
        {"engineering_tokens": 0.5, "deadline_date": "2026-05-15"},
        {},
    ):
        initiative(f"{values}", **values)
    _, book = exported("central_backlog")
    sheet = book["Backlog"]

    def formats(header):
        return [cell.number_format for cell in sheet[column_of(sheet, header)][1:]]

    assert formats("Engineering Tokens") == ['#,##0 "tokens"', '#,##0.00#### "tokens"', "General"]
    assert formats("MVP Value Share") == ["0.0##%"] * 3
    assert formats("Deadline Date") == ["yyyy-mm-dd"] * 3
    assert formats("Country") == ["@"] * 3  # or else a program would make a date of 1-2
    assert formats("Updated At") == ["yyyy-mm-dd hh:mm"] * 3


def test_long_numbers_stay_whole(exported):
    star = north_star("long", description="12345678901234567890", unit="0012345678901234567")
    path, book = exported("product_ops")
    sheet = book["Metrics Config"]
    for header, text in {"Description": star.description, "Unit": star.unit}.items():
        cell = sheet[f"{column_of(sheet, header)}2"]
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    assert for_file("integer", 10**16 + 1) == "10000000000000001"
    assert take(path, "product_ops")["metrics_config"].unchanged == 1


def test_the_first_sheet_says_what_it_is(exported):
    _, book = exported("intake")
    text = " ".join(str(cell.value) for row in book["README"].rows for cell in row if cell.value)
    assert book.sheetnames[0] == "README"
    assert "by ana" in text and "White cells" in text and "0 rows. What departments ask for." in text
    fills = {row[0].value: row[0].fill.fgColor.rgb for row in book["README"].rows}
    assert (fills["White cells"], fills["Grey cells"]) == ("00FFFFFF", "00EEEEEE")


def test_a_text_too_long_for_a_cell_is_cut_and_never_comes_back(exported, tmp_path):
    rows = organise()
    with gate_open():
        MathModel.objects.update(assumptions_text="y" * 40_000)
    path, book = exported("product_ops")
    sheet = book["Math Models"]
    cell = sheet[f"{column_of(sheet, 'Assumptions')}2"]
    assert len(cell.value) == LONGEST and cell.value.endswith(MARK)
    assert take(path, "product_ops")["math_models"].unchanged == 1
    put("math_models", rows["math_models"], assumptions_text="shorter")
    assert take(path, "product_ops")["math_models"].unchanged == 1
    edited(path, "Math Models", assumptions=f"x{cell.value[1:]}")
    report = take(path, "product_ops")["math_models"]
    assert report.failed == 1 and "cut this text" in report.rejected[0].message
    Export.objects.all().delete()
    edited(path, "Math Models", assumptions=cell.value)
    report = take(path, "product_ops")["math_models"]
    assert report.failed == 1 and "cut this text" in report.rejected[0].message


def test_one_run_only(exported):
    organise()
    _, book = exported("optimization_center", run_id="RUN-000001")
    assert {name: book[name].max_row for name in ("Runs", "Results", "Gaps & Alerts")} == {
        "Runs": 2, "Results": 2, "Gaps & Alerts": 2}  # fmt: skip
    with pytest.raises(UnknownRunError, match="no run RUN-9"):
        exported("optimization_center", run_id="RUN-9")
    with pytest.raises(UnknownRunError):
        exported("intake", run_id="RUN-000001")


def test_the_hidden_row_id_wins_over_the_key(exported):
    row = organise()["constraints"]
    other = initiative("Other").initiative_key
    path, book = exported("optimization_center")
    sheet = book["Constraints"]
    sheet[f"{column_of(sheet, 'Dimension Key')}2"] = other
    book.save(path)
    report = take(path, "optimization_center")["constraints"]
    assert (report.changed, report.created, report.rejected) == (1, 0, [])
    row.refresh_from_db()
    assert row.dimension_key == other


def test_csv_begins_no_text_like_a_formula():
    for text in NASTY:
        initiative(text, engineering_tokens=5)
    head, *rows = csv.reader("".join(csv_lines(registry.tab("backlog"))).splitlines(keepends=True))
    assert head[:2] == ["\ufeffInitiative Key", "Title"]
    titles = [row[1] for row in rows]
    assert not any(title.startswith(("=", "+", "-", "@")) for title in titles)
    assert "'=1+1" in titles and {row[head.index("Engineering Tokens")] for row in rows} == {"5"}
