"""Adding a column in one place makes it appear on every surface."""

import pytest
from django.test import Client

from portfolio.tabs import guide, registry
from portfolio.tabs.columns import By, Text
from tests.factories import person, strategic

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_column(monkeypatch):
    """``description`` declared a second way: one line, as a developer would add it."""
    tab = registry.tab("metrics_config")
    column = Text("one_line", place="description", by=By.PM, help="Declared in one line.")
    without = [each for each in type(tab).declared if each.name != "description"]
    with monkeypatch.context() as patch:
        patch.setattr(type(tab), "declared", [*without, column])
        registry.register(type(tab))
        yield column
    registry.register(type(tab))


def test_grid_form_api_and_guide(new_column):
    row = strategic("signups", one_line="typed")
    client = Client()
    client.force_login(person("PM"))
    document = client.get("/api/v1/tabs/metrics_config/").json()
    at = [column["name"] for column in document["columns"]].index("one_line") + 1
    assert document["rows"][0][at] == "typed"
    assert "Declared in one line." in client.get(f"/tabs/metrics_config/rows/{row.pk}/").content.decode()
    changes = [{"row": row.pk, "column": "one_line", "value": "again", "expected": "typed"}]
    client.post("/api/v1/tabs/metrics_config/changes/", {"changes": changes}, "application/json")
    row.refresh_from_db()
    assert row.description == "again"
    assert "`one_line`" in guide.markdown()
