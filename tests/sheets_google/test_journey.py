"""A quarter planned in the spreadsheets alone: typed there, computed here, answered there."""

from __future__ import annotations

import pytest

from initiatives.models import Initiative, Submission
from optimization.models import Run
from portfolio.actions.models import Status
from portfolio.actions.runner import run_inline
from portfolio.sheets.models import SheetLink
from portfolio.sheets.sync_actions import CREATE_TABS
from portfolio.tabs.actor import Actor
from tests.google import Book, BookSheet
from tests.sheets_google.world import linked, sync

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "https://lodestar.example.com/"
ASKED = [
    "Title",
    "Requesting Team",
    "Requester Name",
    "Requester Email",
    "Country",
    "Problem Statement",
    "Timestamp",
]
REQUESTS = [
    ["Split the bill", "Apps", "Ana", "ana@example.com", "UK", "Groups pay slowly.", "2026-04-02 09:15:00"],
    ["Tips in the app", "Apps", "Ben", "ben@example.com", "UK", "Tips get lost.", "2026-04-03 10:00:00"],
]


@pytest.fixture
def books(google) -> dict[str, Book]:
    """An intake sheet as a form fills it, and three workbooks made by Lodestar, all of them empty of rows."""
    books = {"intake": google.book("Requests", {"Form Responses 1": [ASKED, *REQUESTS]})}
    linked(books["intake"], "intake", "Apps")
    for workbook in ("central_backlog", "product_ops", "optimization_center"):
        books[workbook] = google.book(workbook)
        do(CREATE_TABS, link=linked(books[workbook], workbook).pk)
    SheetLink.objects.update(site=SITE)
    return books


def do(action: str, **options: object) -> dict[str, object]:
    run = run_inline(Actor.command_line(), action, options=options)
    assert run.status == Status.SUCCEEDED, run.error
    return run.result


def add(sheet: BookSheet, **cells: str) -> None:
    """Type a new row, by header."""
    number = len(sheet.rows()) + 1
    for header, text in cells.items():
        sheet.type(f"{sheet.column(header.replace('_', ' '))}{number}", text)


def put(sheet: BookSheet, row: str, **cells: str) -> None:
    """Type into the row that shows ``row``."""
    for header, text in cells.items():
        sheet.type(f"{sheet.column(header.replace('_', ' '))}{sheet.row_of(row)}", text)


def column(sheet: BookSheet, header: str) -> list[object]:
    at = [str(cell) for cell in sheet.rows()[0]].index(header)
    return [row[at] for row in sheet.rows()[1:]]


def plan(books: dict[str, Book]) -> None:
    """From two requests to a scenario that can run; only the sheets are typed in."""
    ops, center = books["product_ops"], books["optimization_center"]
    add(ops["Metrics Config"], KPI_Key="revenue", KPI_Name="Revenue", KPI_Level="north_star", Unit="GBP")
    sync()
    first, second = column(books["intake"]["Form Responses 1"], "Initiative Key")
    for key in (first, second):
        put(
            books["central_backlog"]["Backlog"],
            key,
            Is_Optimization_Candidate="TRUE",
            Candidate_Period_Key="2026-Q2",
            Engineering_Tokens="10",
        )
        put(ops["Scoring Inputs"], key, Active_Scoring_Framework="MATH_MODEL")
        add(
            ops["Math Models"],
            Initiative_Key=key,
            Model_Name="Uplift",
            Target_KPI="revenue",
            Formula="value = guests * uplift\neffort = 5",
            Formula_Approved="TRUE",
        )
    sync()
    params = ops["Params"]
    for number, name in enumerate(column(params, "Param Name"), start=2):
        params.type(f"{params.column('Value')}{number}", "1,200" if name == "guests" else f"{number / 10}")
        params.type(f"{params.column('Approved')}{number}", "TRUE")
    add(
        center["Scenario Config"],
        Scenario_Name="Baseline",
        Period_Key="Q2_2026",
        Capacity_Total_Tokens="15",
        Objective_Mode="north_star",
    )
    sync()
    add(
        center["Constraints"],
        Scenario_Name="Baseline",
        Constraint_Type="excluded",
        Dimension="initiative",
        Dimension_Key=second,
    )
    add(
        center["Targets"],
        Scenario_Name="Baseline",
        KPI_Key="revenue",
        Target_Value="100",
        Floor_Or_Goal="goal",
    )
    sync()
    do("pm.score_selected")


def test_a_quarter_is_planned_in_the_sheets_alone(books, google):
    plan(books)
    do("pm.optimize_run_all_candidates", scenario="Baseline")
    sync()
    assert Submission.objects.count() == Initiative.objects.count() == 2
    center = books["optimization_center"]
    run = Run.objects.get()
    assert column(center["Runs"], "Run ID") == [run.run_id]
    assert column(center["Runs"], "Portfolio Hash") == [run.portfolio_hash]
    assert sorted(column(center["Results"], "Selected")) == [False, True]
    assert column(center["Gaps & Alerts"], "Severity") == ["met"]
    link = center["Runs"].cell(f"{center['Runs'].column('Run ID')}2")["userEnteredFormat"]["textFormat"]
    assert link["link"]["uri"] == f"{SITE}runs/{run.run_id}/"
    scores = column(books["central_backlog"]["Backlog"], "Overall Score")
    assert all(isinstance(score, float | int) for score in scores)


def test_a_rerun_gives_the_same_portfolio_and_then_all_is_quiet(books, google):
    plan(books)
    do("pm.optimize_run_all_candidates", scenario="Baseline")
    do("pm.optimize_run_all_candidates", scenario="Baseline")
    assert len(set(Run.objects.values_list("portfolio_hash", flat=True))) == 1
    do("pm.optimize_write_results")
    assert len(column(books["optimization_center"]["Runs"], "Run ID")) == 2
    sync()
    before = [[sheet.rows() for sheet in book] for book in books.values()]
    google.reset_calls()
    sync()
    assert [[sheet.rows() for sheet in book] for book in books.values()] == before
    assert len(google.sheets_calls) == len(books)


def test_what_a_menu_asks_for_is_answered_in_the_run_status(books):
    plan(books)
    constraints = books["optimization_center"]["Constraints"]
    put(constraints, "excluded", Notes="Agreed in May")
    do("pm.optimize_save_constraints")
    assert "saved" in constraints.text(f"{constraints.column('Run Status')}2")
    assert column(constraints, "Notes") == ["Agreed in May"]
