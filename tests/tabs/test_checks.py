import pytest

from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.checks import tabs_hold
from portfolio.tabs.columns import By, Computed, Shown, Text
from portfolio.tabs.tab import Tab


def broken(*columns, key=("kpi_key",)):
    """A tab of KPIs with these columns."""
    return type(
        "Broken",
        (Tab,),
        {
            "name": "broken",
            "title": "Broken",
            "workbook": "product_ops",
            "model": Metric,
            "key": key,
            "declared": columns,
        },
    )


BROKEN = {
    "tabs.E001": [Shown("kpi_key"), Text("kpi_name", by=By.PM)],
    "tabs.E002": [Shown("kpi_key"), Shown("name", place="kpi_name", aliases=("KPI key",))],
    "tabs.E003": [Shown("kpi_key"), Text("nowhere")],
    "tabs.E004": [Shown("kpi_key"), Shown("deleted_at")],
    "tabs.E005": [Shown("kpi_name")],
}


@pytest.fixture
def declare():
    yield registry.register
    registry.unregister("broken")


def found():
    return {message.id for message in tabs_hold()}


def test_the_declared_tabs_hold():
    assert found() == set()


@pytest.mark.parametrize(("check", "columns"), BROKEN.items())
def test_a_broken_tab_makes_the_check_fire(declare, check, columns):
    declare(broken(*columns))
    assert found() == {check}


def test_a_path_through_something_that_is_no_relation_is_no_place(declare):
    declare(broken(Shown("kpi_key"), Text("deep", place="kpi_name.length")))
    assert found() == {"tabs.E003"}


def test_a_computed_column_whose_source_is_missing_has_no_place(declare):
    declare(broken(Shown("kpi_key"), Computed("later", "metrics.nowhere.compute")))
    assert found() == {"tabs.E003"}
