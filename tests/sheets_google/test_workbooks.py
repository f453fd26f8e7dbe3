"""Whole workbooks: made from the declarations, filled from the database, idle afterwards."""

import pytest

from home.demo.loading import load
from portfolio.actions.models import Status
from portfolio.actions.runner import run_inline
from portfolio.sheets.sync_actions import CREATE_TABS
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from tests.sheets_google.world import linked, sync

pytestmark = pytest.mark.django_db(transaction=True)
WORKBOOKS = ("central_backlog", "product_ops", "optimization_center")


@pytest.fixture
def made(google):
    """Spreadsheets whose tabs Lodestar made, by workbook."""
    load()
    books = {workbook: google.book(workbook) for workbook in WORKBOOKS}
    for workbook, book in books.items():
        run = run_inline(Actor.command_line(), CREATE_TABS, options={"link": linked(book, workbook).pk})
        assert run.status == Status.SUCCEEDED, run.error
    google.reset_calls()
    return books


def test_new_workbooks_get_every_row_by_three_calls_each(google, made):
    totals = sync()["totals"]
    rows = sum(tab.queryset().count() for workbook in WORKBOOKS for tab in registry.tabs(workbook))
    assert {name: count for name, count in totals.items() if count} == {"appended": rows}
    assert len(google.calls) <= 3 * len(WORKBOOKS)


def test_what_was_written_is_read_as_what_it_was(google, made):
    sync()
    google.reset_calls()
    totals = sync()["totals"]
    assert [name for name, count in totals.items() if count] == ["read"]
    assert len(google.calls) == len(WORKBOOKS)
