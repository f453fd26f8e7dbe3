"""The home page of organisations that are not the demo."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from home import demo
from portfolio.actions.models import ActionRun, Status
from tests.factories import create, initiative, north_star, person, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def pm(client: Client) -> Client:
    client.force_login(person("PM"))
    return client


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get("/").url == "/login/?next=/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["Admin", "PM", "Viewer"])
def test_a_fresh_organisation_is_shown_where_to_begin(client: Client, role: str) -> None:
    client.force_login(person(role))
    page = client.get("/").text
    assert page.count('class="card home-step"') == 3
    assert "Done" not in page


def test_a_first_step_that_was_done_is_ticked(pm: Client) -> None:
    north_star()
    assert pm.get("/").text.count("Done") == 1


def test_the_steps_give_way_to_what_needs_someone(pm: Client) -> None:
    initiative()
    page = pm.get("/").text
    assert "home-step" not in page
    assert "There is no north star yet" in page
    assert "Nobody has asked for a portfolio yet." in page


def test_without_anything_waiting_it_says_so(pm: Client) -> None:
    north_star()
    initiative()
    assert "Nothing needs you right now" in pm.get("/").text


def unexplained() -> None:
    put("kpi_contributions", initiative(), contribution_override={"revenue": 5})


def without_tokens() -> None:
    initiative(is_optimization_candidate=True, candidate_period_key="2027-Q1")


def differing() -> None:
    asked = {"requesting_team": "Care", "requester_name": "Ada", "requester_email": "ada@example.com"}
    row = create("intake", title="Refunds", country="DE", problem_statement="They are slow.", **asked)
    put("backlog", row.initiative, title="Faster refunds")
    put("intake", row, title="Refunds in an hour")


def failing() -> None:
    ActionRun.objects.create(
        action="pm.score_selected", status=Status.FAILED, scope={"type": "all"}, finished=timezone.now()
    )


def failing_long_ago() -> None:
    failing()
    ActionRun.objects.update(finished=timezone.now() - timedelta(days=30))


@pytest.mark.parametrize(
    ("happened", "role", "said"),
    [
        (unexplained, "Analytics", "1 override has no reason"),
        (unexplained, "Finance", None),
        (without_tokens, "Engineering", "1 candidate has no engineering tokens"),
        (without_tokens, "Analytics", None),
        (differing, "PM", "1 submission differs from the backlog"),
        (differing, "Viewer", None),
        (failing, "Admin", "1 job failed this week"),
        (failing, "PM", None),
        (failing_long_ago, "Admin", None),
    ],
)
def test_a_card_is_for_those_who_can_do_something(
    client: Client, happened: Any, role: str, said: str | None
) -> None:
    north_star()
    happened()
    initiative()
    client.force_login(person(role))
    page = client.get("/").text
    assert (said or "Nothing needs you right now") in page


def test_urgent_cards_come_first(client: Client) -> None:
    north_star()
    create("intake", title="Refunds")
    failing()
    client.force_login(person("Admin"))
    page = client.get("/").text
    assert page.index("1 job failed this week") < page.index("1 submission needs information")


def test_one_changed_cell_is_named(pm: Client) -> None:
    put("backlog", initiative(), title="Slower checkout")
    assert "changed Title of INIT-000001 on Backlog" in pm.get("/").text


def test_the_demo_stays_out_of_a_database_with_data() -> None:
    initiative()
    with pytest.raises(CommandError, match="already holds an organisation's data") as refused:
        call_command("load_demo", stdout=StringIO())
    assert refused.value.returncode == 2
    assert demo.logins() == []


def test_the_first_steps_are_offered_to_those_who_may_take_them(client: Client) -> None:
    client.force_login(person("Viewer"))
    assert "Import a spreadsheet</a>" not in client.get("/").text
    client.force_login(person("PM"))
    assert "Import a spreadsheet</a>" in client.get("/").text
