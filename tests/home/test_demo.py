"""The demo organisation: loaded once for all of these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from home import demo
from initiatives.models import Initiative, Submission
from metrics.models import Contributions, Level, Metric
from optimization.models import Constraint, ConstraintType, ObjectiveMode, Run, Scenario, Target
from portfolio.actions.models import ActionRun
from portfolio.tabs import payload, registry
from portfolio.tabs.actor import ROLES, Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.models import Batch, CellChange
from scoring.approval import VALID
from scoring.models import BASE, Distribution, MathModel, Param, Score

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def organisation(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        call_command("load_demo", stdout=StringIO())
        yield
        call_command("flush", interactive=False, verbosity=0)


def distinct(rows: Any, name: str) -> set[Any]:
    return set(rows.order_by().values_list(name, flat=True)) - {"", None}


LARGE = {
    "initiatives": (lambda: Initiative.objects.count(), 84),
    "markets": (lambda: len(distinct(Initiative.objects, "market")), 5),
    "departments": (lambda: len(distinct(Initiative.objects, "department")), 5),
    "strategic KPIs": (lambda: Metric.objects.filter(kpi_level=Level.STRATEGIC, is_active=True).count(), 5),
    "operational KPIs": (lambda: Metric.objects.filter(kpi_level=Level.OPERATIONAL).count(), 3),
    "approved models": (lambda: MathModel.objects.filter(formula_approved=True).count(), 18),
    "computed models": (lambda: MathModel.objects.exclude(computed_value=None).count(), 18),
    "params with a range": (lambda: Param.objects.exclude(min=None).count(), 30),
    "contributing initiatives": (lambda: Contributions.objects.exclude(override=None).count(), 40),
    "scenarios": (lambda: Scenario.objects.count(), 5),
    "MVP scopes": (lambda: Initiative.objects.filter(scope_mode="auto").count(), 10),
}


@pytest.mark.parametrize("what", LARGE)
def test_it_is_large_enough(what: str) -> None:
    count, at_least = LARGE[what]
    assert count() >= at_least


VARIED = {
    "objective modes": (lambda: distinct(Scenario.objects, "objective_mode"), set(ObjectiveMode.values)),
    "constraint types": (lambda: distinct(Constraint.objects, "constraint_type"), set(ConstraintType.values)),
    "kinds of target": (lambda: distinct(Target.objects, "floor_or_goal"), {"floor", "goal"}),
    "periods": (lambda: distinct(Initiative.objects, "candidate_period_key"), {"2027-Q1", "2027-Q2"}),
    "run statuses": (lambda: distinct(Run.objects, "status"), {"optimal", "infeasible"}),
    "surfaces": (lambda: distinct(Batch.objects, "surface"), {Surface.IMPORT, Surface.GRID}),
}


@pytest.mark.parametrize("what", VARIED)
def test_it_shows_every_kind(what: str) -> None:
    found, wanted = VARIED[what]
    assert found() == wanted


WAITING = {
    "submissions without an initiative": lambda: Submission.objects.filter(initiative=None).count() >= 2,
    "a broken formula": lambda: MathModel.objects.exclude(formula_status__in=["", VALID]).exists(),
    "a formula to approve": lambda: MathModel.objects.filter(
        formula_status=VALID, formula_approved=False
    ).exists(),
    "params to approve": lambda: Param.objects.filter(approved=False).exclude(value=None).exists(),
    "a variant of a model": lambda: MathModel.objects.exclude(scenario_label=BASE).exists(),
    "a distribution that is not the default": lambda: Param.objects.filter(
        distribution=Distribution.UNIFORM
    ).exists(),
    "scores with history": lambda: Score.objects.filter(framework="WSJF").exists(),
    "a dimensional target": lambda: Target.objects.exclude(dimension="all").exists(),
    "an objective in one dimension value": lambda: Scenario.objects.exclude(objective_scope="all").exists(),
    "changes by people": lambda: CellChange.objects.filter(batch__user__isnull=False).exists(),
}


@pytest.mark.parametrize("what", WAITING)
def test_it_has_something_to_look_into(what: str) -> None:
    assert WAITING[what]()


def test_the_optimizer_has_much_to_choose_from() -> None:
    run = Run.objects.filter(status="optimal").latest("pk")
    bringing = [c for c in run.problem["candidates"] if c["contributions"]]
    assert len(bringing) > 0.9 * run.candidates
    assert 0 < run.selected < run.candidates
    assert run.gaps.filter(severity="met").exists()
    assert run.gaps.exclude(severity="met").exists()


def test_the_impossible_scenario_says_what_is_impossible() -> None:
    run = Run.objects.get(status="infeasible")
    assert run.answer["conflict"]
    assert run.gaps.filter(severity="impossible").exists()


@pytest.mark.parametrize("tab", [tab.name for tab in registry.tabs()])
def test_every_tab_has_rows(tab: str) -> None:
    assert payload.document(registry.tab(tab), Actor.command_line())["rows"]


def test_loading_it_again_changes_nothing() -> None:
    def counts() -> list[int]:
        return [model.objects.count() for model in (CellChange, ActionRun, Run, User)]

    before, out = counts(), StringIO()
    call_command("load_demo", stdout=out)
    assert "nothing changed" in out.getvalue()
    assert counts() == before


def test_its_logins_open_the_door_for_every_role() -> None:
    assert [role for _, _, role in demo.logins()] == list(
        dict.fromkeys(role for role, *_ in demo.PEOPLE.values())
    )
    assert {role for _, _, role in demo.logins()} == set(ROLES)
    for username, password, role in demo.logins():
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert Actor.of(user).roles == {role}


def test_the_logins_are_one_json_document() -> None:
    out = StringIO()
    call_command("load_demo", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["changed"] is False
    assert len(told["logins"]) == len(ROLES)


CARDS = {
    "submissions need information": {"Admin", "PM"},
    "changed since the last scoring": {"Admin", "PM"},
    "for your approval": {"Admin", "PM", "Analytics", "Finance", "Engineering"},
    "formula has an error": {"Admin", "PM"},
    "formula waits for approval": {"Admin", "PM"},
    "no possible portfolio": {"Admin", "PM"},
    "Q1 Baseline": set(ROLES),
}


@pytest.mark.parametrize(("username", "role"), [(name, role) for name, (role, *_) in demo.PEOPLE.items()])
def test_the_home_page_tells_each_role_what_it_can_do(client: Client, username: str, role: str) -> None:
    client.force_login(User.objects.get(username=username))
    page = client.get("/").text
    assert {said for said in CARDS if said in page} == {said for said in CARDS if role in CARDS[said]}


def test_the_home_page_tells_what_others_changed(client: Client) -> None:
    client.force_login(User.objects.get(username="katrin"))
    page = client.get("/").text
    assert "<strong>claire</strong>" in page
    assert "<strong>katrin</strong>" not in page
