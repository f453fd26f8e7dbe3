"""Adding a column in one place makes it appear in grid, form, API, .xlsx and the column guide."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

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


def test_workbook_both_ways(new_column, tmp_path):
    row = strategic("signups", one_line="typed")
    path = tmp_path / "product_ops.xlsx"
    call_command("export_workbook", str(path), workbook="product_ops", stdout=StringIO())
    sheet = (book := load_workbook(path))["Metrics Config"]
    [header] = [cell for cell in sheet[1] if cell.value == "One Line"]
    assert sheet.cell(2, header.column).value == "typed"
    sheet.cell(2, header.column).value = "from the file"
    book.save(path)
    call_command("import_workbook", str(path), workbook="product_ops", stdout=StringIO())
    row.refresh_from_db()
    assert row.description == "from the file"
