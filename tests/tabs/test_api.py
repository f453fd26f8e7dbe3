import uuid

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.factories import initiative, person, put, strategic

pytestmark = pytest.mark.django_db

URL = "/api/v1/tabs/metrics_config/"


@pytest.fixture
def pm():
    client = Client()
    client.force_login(person("PM"))
    return client


def post(client, path, **body):
    return client.post(f"{URL}{path}", body, "application/json")


def test_nothing_without_a_login():
    assert Client().get(URL).status_code in (401, 403)
    assert Client().get("/tabs/metrics_config/").status_code == 302


def test_a_token_opens_the_door():
    token = Token.objects.create(user=person("Viewer"))
    assert Client().get(URL, headers={"Authorization": f"Token {token}"}).status_code == 200


def test_the_document_has_schema_revision_and_rows_as_arrays(pm):
    row = strategic("signups", unit="count")
    document = pm.get(URL).json()
    names = [column["name"] for column in document["columns"]]
    [cells] = document["rows"]
    assert cells[0] == row.pk and len(cells) == len(names) + 1
    assert dict(zip(names, cells[1:], strict=True))["unit"] == "count"


def test_since_answers_only_what_changed(pm):
    strategic("first")
    second = strategic("second")
    revision = pm.get(URL).json()["revision"]
    assert pm.get(URL, {"since": revision}).json()["unchanged"]
    put("metrics_config", second, unit="EUR")
    partial = pm.get(URL, {"since": revision}).json()
    assert partial["partial"] and [row[0] for row in partial["rows"]] == [second.pk]


def test_filters_and_search(pm):
    strategic("first", unit="EUR"), strategic("second", unit="count")
    assert len(pm.get(URL, {"unit": "eur"}).json()["rows"]) == 1
    assert len(pm.get(URL, {"q": "SECOND"}).json()["rows"]) == 1
    assert pm.get(URL, {"nope": "x"}).status_code == 400


def test_a_batch_answers_per_cell(pm):
    row = strategic("signups", unit="EUR")
    answer = post(
        pm,
        "changes/",
        changes=[
            {"row": row.pk, "column": "unit", "value": "count", "expected": "EUR"},
            {"row": row.pk, "column": "kpi_level", "value": "huge"},
            {"row": row.pk, "column": "notes", "value": "x", "expected": "y"},
            {"create": "n", "values": {"kpi_key": "new", "kpi_level": "operational"}},
        ],
    ).json()
    assert [result["status"] for result in answer["results"]] == ["ok", "invalid", "conflict", "ok"]
    assert set(answer["created"]) == {"n"} and len(answer["rows"]) == 2


def test_the_same_batch_twice_counts_once(pm):
    batch = str(uuid.uuid4())
    body = {
        "batch_id": batch,
        "changes": [{"create": "n", "values": {"kpi_key": "a", "kpi_level": "strategic"}}],
    }
    assert post(pm, "changes/", **body).json() == post(pm, "changes/", **body).json()
    assert len(pm.get(URL).json()["rows"]) == 1


def test_an_old_schema_is_refused(pm):
    answer = post(pm, "changes/", schema_hash="old", changes=[])
    assert (answer.status_code, answer.json()["code"]) == (409, "schema_changed")


def test_a_malformed_change_says_what_is_right(pm):
    answer = post(pm, "changes/", changes=[{"row": 1}])
    assert answer.status_code == 400 and "row, column and value" in answer.content.decode()


def test_rows_come_go_and_come_back(pm):
    made = post(pm, "rows/", values={"kpi_key": "a", "kpi_level": "strategic"})
    assert made.status_code == 201
    [pk] = made.json()["created"].values()
    gone = pm.delete(f"{URL}rows/{pk}/").json()
    assert gone["removed"] == [pk]
    post(pm, "undo/", batch_id=gone["batch_id"])
    assert pm.get(f"{URL}rows/{pk}/").json()["values"]["kpi_key"] == "a"
    assert post(pm, "undo/", batch_id=gone["batch_id"]).status_code == 409


def test_a_new_row_that_is_refused_is_a_400(pm):
    refused = post(pm, "rows/", values={"kpi_key": "a"})
    assert refused.status_code == 400
    assert refused.json()["results"][0]["message"] == "KPI Level can't be blank."


def test_history_tells_who_when_and_from_where(pm):
    row = strategic("signups", unit="EUR")
    post(pm, "changes/", changes=[{"row": row.pk, "column": "unit", "value": "count"}])
    newest = pm.get(f"{URL}rows/{row.pk}/history/").json()["changes"][0]
    assert (newest["who"], newest["surface"], newest["old"], newest["new"]) == ("pm", "api", "EUR", "count")


def test_unknown_tabs_are_404_and_a_viewer_writes_nothing(pm):
    assert pm.get("/api/v1/tabs/nope/").status_code == 404
    row = initiative()
    viewer = Client()
    viewer.force_login(person("Viewer"))
    answer = viewer.post(
        "/api/v1/tabs/backlog/changes/",
        {"changes": [{"row": row.pk, "column": "title", "value": "x"}]},
        "application/json",
    )
    assert answer.json()["results"][0]["status"] == "denied"


def test_the_api_describes_itself(pm):
    schema = pm.get("/api/schema/").content.decode()
    assert "/api/v1/tabs/{name}/changes/" in schema
    assert pm.get("/api/docs/").status_code == 200
