"""A sheet and the database kept in step, through the real client and a server on loopback."""

import pytest

from initiatives.models import Submission
from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, Surface
from portfolio.tabs.gate import apply_changes
from tests import factories
from tests.sheets_google.world import KPIS, RETENTION, REVENUE, counts, linked, status, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kpis(google):
    book = google.book("Product ops", {"Metrics Config": [KPIS, REVENUE, RETENTION]})
    linked(book)
    return book["Metrics Config"]


def test_the_first_sync_takes_what_only_the_sheet_has(kpis):
    assert counts(sync(), "metrics_config") == {"created": 2}
    units = dict(Metric.objects.values_list("kpi_key", "unit"))
    assert units == {"revenue": "GBP", "retention": "percent"}
    assert "added to Lodestar" in status(kpis, "revenue")


def test_a_second_sync_does_nothing(kpis, google):
    sync()
    before = kpis.rows()
    google.reset_calls()
    assert counts(sync(), "metrics_config") == {}
    assert kpis.rows() == before
    assert len(google.calls) == 1


def test_an_edit_of_the_sheet_is_pulled_and_one_of_the_web_is_pushed(kpis):
    sync()
    kpis.type("D2", "EUR")
    factories.put("metrics_config", Metric.objects.get(kpi_key="retention"), kpi_name="Kept customers")
    told = counts(sync(), "metrics_config")
    assert (told["pulled"], told["pushed"]) == (1, 1)
    assert Metric.objects.get(kpi_key="revenue").unit == "EUR"
    assert kpis.text("B3") == "Kept customers"
    assert "taken: Unit" in status(kpis, "revenue")


def test_a_department_that_was_imported_as_a_file_before_is_not_doubled(google):
    values = {"title": "Split the bill", "requester_email": "ana@example.com"}
    given = {"sheet": "Requests"}
    apply_changes(
        registry.tab("intake"), factories.actor(), Surface.IMPORT, [CreateRow("1", values, given=given)]
    )
    book = google.book(
        "Intake", {"Requests": [["Title", "Requester Email"], ["Split the bill", "ana@example.com"]]}
    )
    linked(book, "intake", name="Payments")
    sync()
    assert Submission.objects.count() == 1
