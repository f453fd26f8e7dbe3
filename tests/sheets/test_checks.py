"""The sheet that adds the others up: Lodestar's totals against formulas over the sheets."""

import re

import pytest
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from portfolio.sheets.headers import place_tabs
from portfolio.sheets.opening import read_workbook
from portfolio.tabs import registry
from tests.factories import initiative
from tests.organisation import organise
from tests.sheets.files import edited, exported

pytestmark = pytest.mark.django_db

FORMULA = re.compile(r"=(COUNTA|SUM)\((?:'([^']+)'|(\w+))!(\$[A-Z]+\$\d+:\$[A-Z]+\$\d+)\)")


def checks_of(path):
    """``{(sheet, what): (Lodestar's total, what the formula makes of the file)}``."""
    book = load_workbook(path)
    found = {}
    for sheet, what, total, formula, *_ in book["Checks"].iter_rows(min_row=3, values_only=True):
        found[sheet, what] = total, computed(book, formula)
    return found


def computed(book, formula):
    function, quoted, plain, cells = FORMULA.fullmatch(formula).groups()
    left, top, right, bottom = range_boundaries(cells)
    rows = book[quoted or plain].iter_rows(top, bottom, left, right, values_only=True)
    values = [value for [value] in rows if value is not None]
    if function == "COUNTA":
        return len(values)
    return sum(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))


@pytest.mark.parametrize("workbook", [name for name in registry.WORKBOOKS if registry.tabs(name)])
def test_everything_agrees_in_a_fresh_export(workbook, tmp_path):
    organise()
    checks = checks_of(exported(tmp_path / "x.xlsx", workbook))
    for told, (total, found) in checks.items():
        assert total == pytest.approx(found), told
    assert {sheet for sheet, what in checks if what == "Rows"} == {
        tab.title for tab in registry.tabs(workbook)
    }


def test_rows_and_numbers_are_added_up(tmp_path):
    initiative("One", engineering_tokens=1.5, mvp_value_share=0.5)
    initiative("Two", engineering_tokens=2)
    initiative("Three")
    path = exported(tmp_path / "x.xlsx", "central_backlog")
    checks = checks_of(path)
    assert checks["Backlog", "Rows"] == (3, 3)
    assert checks["Backlog", "Engineering Tokens"] == (3.5, 3.5)
    edited(path, "Backlog", row=5, title="Four", engineering_tokens=10)
    checks = checks_of(path)
    assert checks["Backlog", "Rows"] == (3, 4)
    assert checks["Backlog", "Engineering Tokens"] == (3.5, 13.5)


def test_an_empty_workbook_has_checks_too(tmp_path):
    checks = checks_of(exported(tmp_path / "x.xlsx", "central_backlog"))
    assert checks == {("Backlog", "Rows"): (0, 0)}


def test_every_line_says_whether_it_agrees(tmp_path):
    initiative("One", engineering_tokens=1200, mvp_value_share=0.5)
    book = load_workbook(exported(tmp_path / "x.xlsx", "central_backlog"))
    sheet = book["Checks"]
    assert [cell.value for cell in sheet[1]] == [
        "Sheet",
        "What",
        "Lodestar",
        "This file",
        "Difference",
        "Check",
    ]
    last = sheet.max_row
    assert sheet["F2"].value == f'=IF(COUNTIF(F3:F{last},"OK")=ROWS(F3:F{last}),"OK","differs")'
    for row in range(3, last + 1):
        assert sheet[f"E{row}"].value == f"=D{row}-C{row}"
        assert sheet[f"F{row}"].value == f'=IF(ABS(E{row})<=1E-9*MAX(1,ABS(C{row})),"OK","differs")'
    formats = {row[1].value: {cell.number_format for cell in row[2:5]} for row in sheet.iter_rows(min_row=3)}
    assert formats["Engineering Tokens"] == {'#,##0 "tokens"'} and formats["MVP Value Share"] == {"0.0##%"}
    assert book.calculation.fullCalcOnLoad and sheet.protection.sheet
    assert {str(rule.sqref) for rule in sheet.conditional_formatting} == {f"F2:F{last}"}


def test_nothing_of_it_is_read_when_the_file_comes_back(tmp_path):
    organise()
    path = exported(tmp_path / "x.xlsx", "product_ops")
    placed, ignored = place_tabs(registry.tabs("product_ops"), read_workbook(path))
    assert len(placed) == len(registry.tabs("product_ops")) and ignored == {}
