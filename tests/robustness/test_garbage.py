"""Requests no client of ours would send are answered, never with a stack trace."""

import json

import pytest
from django.test import Client

from tests.factories import initiative, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(person())
    return client


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_strangers_do_not_read_the_api_description(path):
    assert Client().get(path).status_code in (302, 401, 403)


@pytest.mark.parametrize("since", ["²", "9" * 40, "abc", "-1"])
def test_a_since_that_is_no_revision_answers_the_whole_tab(admin, since):
    assert admin.get("/api/v1/tabs/backlog/", {"since": since}).status_code == 200


def test_a_filter_with_nul_is_refused_in_words(admin):
    answer = admin.get("/api/v1/tabs/backlog/", {"title": "\x00"})
    assert (answer.status_code, "NUL" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("seen", ["{", "[]", "1", "null", "[" * 100_000])
def test_a_form_that_does_not_say_what_was_seen_is_answered(admin, seen):
    row = initiative()
    assert admin.post(f"/tabs/backlog/rows/{row.pk}/", {"_seen": seen}).status_code < 500


def test_a_number_past_every_float_is_no_date(admin):
    change = {"row": initiative().pk, "column": "deadline_date", "value": 10**400}
    answer = admin.post(
        "/api/v1/tabs/backlog/changes/", json.dumps({"changes": [change]}), "application/json"
    )
    assert answer.json()["results"][0]["status"] == "invalid"
