import pytest
from django.test import Client

from metrics.models import Metric
from portfolio.tabs.models import Batch
from tests.factories import north_star, person, strategic

pytestmark = pytest.mark.django_db

URL = "/admin/metrics/metric/"
KPI = {"kpi_key": "signups", "kpi_level": "strategic", "unit": "count"}


@pytest.fixture
def admin():
    client = Client()
    client.force_login(person("Admin"))
    return client


def test_the_admin_is_for_admins():
    client = Client()
    client.force_login(person("PM"))
    assert client.get("/admin/").status_code == 302
    client.force_login(person("Admin"))
    assert client.get("/admin/").status_code == 200


def test_a_kpi_is_saved_through_the_gate(admin):
    admin.post(f"{URL}add/", KPI)
    batch = Batch.objects.get()
    assert (batch.surface, batch.who, batch.tab) == ("admin", "admin", "metrics_config")
    assert Metric.objects.get().unit == "count"


def test_a_change_keeps_what_the_form_does_not_show(admin):
    metric = strategic("signups", unit="EUR", notes="kept")
    admin.post(f"{URL}{metric.pk}/change/", KPI | {"notes": "kept"})
    metric.refresh_from_db()
    assert (metric.unit, metric.notes) == ("count", "kept")


def test_what_the_gate_refuses_stands_beside_its_field_with_the_text_kept(admin):
    north_star()
    page = admin.post(f"{URL}add/", KPI | {"kpi_level": "north_star"})
    html = page.content.decode()
    assert "There is exactly one" in html and 'value="signups"' in html
    assert Metric.objects.count() == 1


def test_a_deleted_kpi_can_be_brought_back(admin):
    metric = strategic("signups")
    admin.post(f"{URL}{metric.pk}/delete/", {"post": "yes"})
    assert not Metric.objects.exists() and Metric.all_objects.exists()


@pytest.mark.parametrize(
    "path", ["metrics/metric/", "optimization/scenario/", "auth/user/", "tabs/cellchange/"]
)
def test_its_lists_open(admin, path):
    strategic("signups")
    assert admin.get(f"/admin/{path}").status_code == 200
    assert admin.get(f"/admin/{path}?q=a").status_code == 200
