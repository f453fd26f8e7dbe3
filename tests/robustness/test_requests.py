import pytest
from django.db import OperationalError
from django.test import Client

from portfolio.requests import storable
from tests.factories import initiative, person, put

pytestmark = pytest.mark.django_db

CHANGES = "/api/v1/tabs/backlog/changes/"


@pytest.fixture
def pm():
    client = Client(raise_request_exception=False)
    client.force_login(person("PM"))
    return client


def test_text_is_made_storable():
    assert storable({"a\0": ["x\ud800y", 1, None]}) == {"a": ["xy", 1, None]}


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"changes": [{"row": 9223372036854775808, "column": "title", "value": "x"}]}',
        '{"changes": [{"delete": -1}]}',
        '{"changes": {"row": 1}}',
        '{"action": "pm.score_selected", "options": {"\\u0000": "\\ud800"}, "scope": 7}',
    ],
)
def test_unreadable_requests_get_a_sentence(pm, body):
    answer = pm.post(CHANGES, body, "application/json")
    assert answer.status_code == 400 and answer.json()


@pytest.mark.parametrize("address", ["/runs/%00/", "/runs/compare/?runs=%00", "/tabs/backlog/?q=%00"])
def test_nul_in_an_address_is_refused(pm, address):
    assert pm.get(address).status_code in (400, 404)


def test_a_request_too_large_is_refused_before_it_is_read(pm, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = pm.post(CHANGES, '{"changes": [' + " " * 200 + "]}", "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/api/v1/tabs/backlog/", "/tabs/backlog/"])
def test_a_busy_database_is_said_in_words(pm, monkeypatch, address):
    def busy(*_, **__):
        raise OperationalError("database is locked")

    monkeypatch.setattr("portfolio.tabs.payload.document", busy)
    monkeypatch.setattr("portfolio.tabs.views.render", busy)
    answer = pm.get(address)
    assert answer.status_code == 503 and "try again" in answer.content.decode().lower()


def test_undo_belongs_to_its_tab(pm):
    row = initiative()
    batch = put("backlog", row, title="Other")
    answer = pm.post(
        "/api/v1/tabs/metrics_config/undo/", {"batch_id": str(batch.batch_id)}, "application/json"
    )
    assert answer.status_code == 409 and "Metrics Config" in answer.json()["detail"]
