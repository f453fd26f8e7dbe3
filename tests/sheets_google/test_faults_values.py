"""One value in many ways of writing: what is read as what, and what arrives as what it was."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, Surface
from portfolio.tabs.gate import apply_changes
from tests import factories
from tests.google import GoogleServer
from tests.sheets_google.backlog import HEADER, backlog
from tests.sheets_google.desk import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(google: GoogleServer) -> Desk:
    return backlog(google)


# Ways to write the same -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("Market", "UK ", "UK"),
        ("Market", "\u00a0UK", "UK"),
        ("Hypothesis", "It\u00a0helps", "It helps"),
        ("Risk Level", "Low", "low"),
        ("Engineering Tokens", "5.0", 5),
        ("Engineering Tokens", " 5 ", 5),
        ("MVP Value Share", "50%", 0.5),
        ("Is Optimization Candidate", "yes", True),
        ("Deadline Date", "2026-04-01", "2026-04-01"),
        ("Deadline Date", "1 Apr 2026", "2026-04-01"),
    ],
)
def test_another_way_to_write_the_same_is_no_edit(desk: Desk, column: str, text: str, value: Any) -> None:
    desk.put("Alpha", column, text)
    assert desk.sync() == {}
    assert (desk.there("Alpha", column), desk.here("Alpha", column)) == (text, value)
    desk.settle()


def test_letters_with_marks_are_equal_however_they_are_composed(desk: Desk) -> None:
    desk.edit("Alpha", hypothesis="Caf\u00e9")
    desk.sync()
    desk.put("Alpha", "Hypothesis", "Cafe\u0301")
    assert desk.sync() == {}
    desk.settle()


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("Engineering Tokens", "1,200.50", 1200.5),
        ("Engineering Tokens", "12%", 0.12),
        ("MVP Value Share", "12.5%", 0.125),
        ("Deadline Date", "2026-12-24", "2026-12-24"),
        ("Deadline Date", "46380", "2026-12-24"),
        ("Deadline Date", "24 December 2026", "2026-12-24"),
        ("Is Optimization Candidate", "no", False),
        ("Is Optimization Candidate", "FALSE", False),
        ("Risk Level", "MEDIUM", "medium"),
    ],
)
@pytest.mark.parametrize("way", ["typed", "as text"])
def test_numbers_dates_and_truth_values_are_read_as_people_write_them(
    desk: Desk, column: str, text: str, value: Any, way: str
) -> None:
    if way == "typed":
        desk.type("Alpha", column, text)
    else:
        desk.put("Alpha", column, text)
    desk.sync()
    assert desk.here("Alpha", column) == value
    desk.settle()


def test_brackets_are_a_minus(google: GoogleServer) -> None:
    desk = Desk(google, "backlog", [[*HEADER[:4], "Time Sensitivity Score", "Run Status"]])
    desk.write_row(["", "Alpha", "", "", "(5)"])
    desk.sync()
    assert desk.here("Alpha", "Time Sensitivity Score") == -5
    desk.settle()


# What Lodestar writes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["It helps", ""], ids=["over a text", "into a blank cell"])
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+SUM(A1)",
        "-cmd",
        "@import",
        '=HYPERLINK("http://example.org")',
        "'quoted",
        "007",
        "12%",
        "1/2",
        "TRUE",
        "2026-04-01",
        "12345678901234567890",
        "costs $5 or \\5",
        "two\nlines",
        "  ^$ .*",
        "y" * 20_000,
    ],
)
def test_text_arrives_as_text_and_never_as_something_that_calculates(
    desk: Desk, text: str, before: str
) -> None:
    desk.edit("Alpha", hypothesis=before)
    desk.sync()
    desk.edit("Alpha", hypothesis=text)
    desk.sync()
    cell = desk.at("Alpha", "Hypothesis")
    assert desk.sheet.formula(cell) is None
    assert desk.sheet.text(cell) == text.strip()
    desk.settle()


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("engineering_tokens", 1234.5, 1234.5),
        ("engineering_tokens", 0, 0),
        ("engineering_tokens", 0.1 + 0.2, 0.1 + 0.2),
        ("engineering_tokens", 12_345_678_901_234_567, 12_345_678_901_234_567),
        ("engineering_tokens", 1e300, 1e300),
        ("mvp_value_share", 0.07, 0.07),
        ("is_optimization_candidate", False, False),
        ("deadline_date", "2027-01-31", (date(2027, 1, 31) - date(1899, 12, 30)).days),
    ],
)
def test_a_value_arrives_as_what_it_is(desk: Desk, name: str, value: Any, shown: Any) -> None:
    desk.edit("Alpha", **{name: value})
    desk.sync()
    assert desk.there("Alpha", name.replace("_", " ").title().replace("Mvp", "MVP")) == pytest.approx(shown)
    desk.settle()


def test_a_date_that_joins_dates_that_are_text_looks_like_them(desk: Desk) -> None:
    desk.put("Alpha", "Deadline Date", "2026-04-01")
    desk.edit("Beta", deadline_date="2027-01-31")
    desk.sync()
    assert desk.sheet.text(desk.at("Beta", "Deadline Date")) == "2027-01-31"
    desk.settle()


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark_and_comes_back_whole(google: GoogleServer) -> None:
    kpis = [f"strategic_kpi_with_a_long_name_{number}" for number in range(900)]
    rows = [CreateRow(key, {"kpi_key": key, "kpi_level": "strategic"}) for key in kpis]
    assert apply_changes(registry.tab("metrics_config"), factories.actor(), Surface.API, rows).ok
    whole = {key: number + 0.5 for number, key in enumerate(kpis)}
    header = ["Initiative Key", "Title", "Contribution Override", "Override Reason", "Run Status"]
    desk = Desk(google, "kpi_contributions", [header])
    made = factories.initiative("Alpha")
    assert factories.put("kpi_contributions", made, contribution_override=whole).ok
    desk.sync()
    cell = desk.there("Alpha", "Contribution Override")
    assert len(cell) == 32_767
    assert cell.endswith(" … [cut by the export]")
    assert desk.sync() == {}
    desk.type("Alpha", "Contribution Override", cell.replace("0.5", "7.5", 1))
    desk.sync()
    assert desk.here("Alpha", "Contribution Override") == whole
    assert "The text was cut to fit the sheet" in desk.status("Alpha")


def test_a_long_number_typed_in_the_sheet_is_what_the_sheet_kept_of_it(desk: Desk) -> None:
    desk.type("Alpha", "Engineering Tokens", "12345678901234567")
    desk.sync()
    assert desk.here("Alpha", "Engineering Tokens") == int(desk.there("Alpha", "Engineering Tokens"))
    desk.settle()
