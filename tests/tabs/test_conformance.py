"""Every tab × column × role × surface behaves as the contract says."""

import pytest
from django.db import transaction
from django.test import Client

from portfolio.tabs import payload, registry
from portfolio.tabs.actor import ROLES, Actor
from portfolio.tabs.changes import DENIED, SetCell, Surface
from portfolio.tabs.columns import By, Shown
from portfolio.tabs.gate import apply_changes
from tests.factories import person
from tests.organisation import organise

pytestmark = pytest.mark.django_db

TABS = [
    "intake",
    "backlog",
    "scoring_inputs",
    "math_models",
    "params",
    "metrics_config",
    "kpi_contributions",
    "candidates",
    "scenario_config",
    "constraints",
    "targets",
    "runs",
    "results",
    "gaps_and_alerts",
]
PEOPLE = {"PM", "Admin"}
EFFORT = {
    "effort_tshirt_size",
    "effort_engineering_days",
    "effort_other_teams_days",
    "engineering_tokens",
    "engineering_tokens_mvp",
}
FILLERS = {"value", "unit", "min", "max", "distribution", "notes"}


def may_enter(tab, column):
    """Who the contract says may enter a column, restated here on purpose."""
    if tab == "params" and column.split(":")[0] in FILLERS:
        return PEOPLE | {"Analytics", "Finance", "Engineering"}
    if tab == "backlog" and column in EFFORT:
        return PEOPLE | {"Engineering"}
    if tab == "kpi_contributions":
        return PEOPLE | {"Analytics"}
    return PEOPLE


@pytest.fixture(scope="module")
def organisation(django_db_setup, django_db_blocker):
    """Made once: no test here changes a value."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield organise()
        transaction.set_rollback(True)


COLUMNS = [
    pytest.param(name, column.name, id=f"{name}.{column.name}")
    for name in TABS
    for column in registry.tab(name).columns
]


def test_every_tab_is_declared():
    assert {tab.name for tab in registry.tabs()} >= set(TABS)


@pytest.mark.parametrize(("tab", "name"), COLUMNS)
def test_a_column_is_complete_on_every_surface(organisation, tab, name):
    column = registry.tab(tab).column(name)
    assert column.help or isinstance(column, Shown), "a column says what it means"
    assert column.label and column.type_name
    shown = column.show(column.read(organisation[tab]))
    for part in column.expand():
        part.tab = registry.tab(tab)
        assert part.form_field() is not None
        assert part.api_field().read_only is not part.entered_here
    if column.entered_here and shown is not None:
        assert column.same(column.show(column.parse(shown)), shown), "what is shown can be typed back"


@pytest.mark.parametrize("surface", [Surface.GRID, Surface.FORM, Surface.API, Surface.ADMIN, Surface.IMPORT])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tab", TABS)
def test_roles_and_ownership_are_held_on_every_surface(organisation, tab, role, surface):
    declared, row = registry.tab(tab), organisation[tab]
    actor = Actor("someone", frozenset({role}))
    entered = [column for column in declared.columns_for(surface) if not column.allow]
    changes = [SetCell(row.pk, column.name, "another value") for column in entered]
    with transaction.atomic():
        results = apply_changes(declared, actor, surface, changes).results
        transaction.set_rollback(True)
    for column, result in zip(entered, results, strict=True):
        allowed = column.by.a_person and not column.on_create and role in may_enter(tab, column.name)
        assert (result.status != DENIED) is allowed, column


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tab", TABS)
def test_the_api_tells_and_holds_the_same(organisation, tab, role, django_db_blocker):
    client = Client()
    client.force_login(person(role, name=f"{role}-{tab}"))
    document = client.get(f"/api/v1/tabs/{tab}/").json()
    row = organisation[tab]
    cells = next(cells for cells in document["rows"] if cells[0] == row.pk)[1:]
    changes = [
        {"row": row.pk, "column": column["name"], "value": cell, "expected": cell}
        for column, cell in zip(document["columns"], cells, strict=True)
    ]
    answer = client.post(f"/api/v1/tabs/{tab}/changes/", {"changes": changes}, "application/json").json()
    for column, result in zip(document["columns"], answer["results"], strict=True):
        if registry.tab(tab).column(column["name"]).allow is None:
            assert (result["status"] != "denied") is column["editable"], column["name"]


@pytest.mark.parametrize("tab", TABS)
def test_the_grid_shows_what_the_row_says(organisation, tab):
    declared, row = registry.tab(tab), organisation[tab]
    [cells] = payload.rows(declared, [row.pk])
    row = declared.queryset().get(pk=row.pk)
    shown = [column.show(column.read(row)) for column in declared.columns_for(Surface.GRID)]
    assert cells[1:] == shown


@pytest.mark.parametrize("tab", TABS)
def test_the_form_offers_what_the_person_may_enter(organisation, tab):
    client = Client()
    client.force_login(person("PM", name=f"pm-{tab}"))
    page = client.get(f"/tabs/{tab}/rows/{organisation[tab].pk}/")
    assert page.status_code == 200
    html = page.content.decode()
    for column in registry.tab(tab).columns_for(Surface.FORM):
        entered = column.entered_here and not column.on_create
        assert (f'name="{column.name}"' in html) is entered, column


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_tells_who_changed_a_row_last(tab):
    names = [column.name for column in registry.tab(tab).columns]
    assert names[-3:] == ["updated_at", "updated_by", "updated_source"]


def test_what_the_llm_may_fill_is_never_a_persons_alone():
    seeded = {column.name for column in registry.tab("params").columns if column.by is By.LLM_THEN_PM}
    assert {"param_display", "description", "unit", "min", "max", "distribution", "source"} == seeded
