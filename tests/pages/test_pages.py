"""The pages of tabs as the server sends them, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from portfolio.tabs import registry, toolbar, wording
from portfolio.tabs.columns import Choice, Column, Fraction, Keys, Number, Text
from portfolio.tabs.models import Batch
from portfolio.tabs.toolbar import Button
from tests import factories

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ana(client: Client, person: Any) -> Client:
    client.force_login(person("PM", username="ana"))
    return client


@pytest.fixture
def viewer(client: Client, person: Any) -> Client:
    client.force_login(person("Viewer", username="vera"))
    return client


@pytest.fixture
def row() -> Any:
    return factories.initiative("Faster checkout")


def path_of(row: Any) -> str:
    return f"/tabs/backlog/rows/{row.pk}/"


@pytest.mark.parametrize("path", ["/tabs/backlog/", "/tabs/backlog/rows/new/", "/tabs/backlog/columns/"])
def test_nothing_is_shown_to_strangers(client: Client, path: str) -> None:
    assert client.get(path).url.startswith("/login/?next=")  # type: ignore[attr-defined]


def test_every_page_leads_to_every_tab(ana: Client) -> None:
    page = ana.get("/tabs/backlog/").text
    for tab in registry.tabs():
        assert f'href="/tabs/{tab.name}/"' in page
    assert 'href="/tabs/backlog/" aria-current="page"' in page


def test_the_guide_names_every_column(ana: Client) -> None:
    for tab in registry.tabs():
        guide = ana.get(f"/tabs/{tab.name}/columns/").text
        for column in tab.columns_for("grid"):
            assert f"<dt>{column.label}" in guide


@pytest.mark.parametrize(
    "path", ["/tabs/nowhere/", "/tabs/backlog/rows/999999/", "/tabs/backlog/rows/999999/history/"]
)
def test_what_is_not_there_is_a_404_in_words(ana: Client, path: str) -> None:
    answer = ana.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_no_page_holds_an_inline_style_or_script(ana: Client, row: Any) -> None:
    for path in ("/tabs/backlog/", path_of(row), f"{path_of(row)}history/", "/tabs/backlog/columns/"):
        page = ana.get(path).text
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_the_broken_page_needs_neither_context_nor_database() -> None:
    assert "Something broke on our side" in render_to_string("500.html")


# The form ---------------------------------------------------------------------------------------------


def test_the_form_asks_for_what_this_person_enters_and_shows_the_rest(ana: Client, row: Any) -> None:
    page = ana.get(path_of(row), **HTMX).text
    for column in registry.tab("backlog").columns_for("form"):
        entered = column.entered_here and not column.on_create
        assert (f'name="{column.name}"' in page) == entered, column.name
        assert column.label in page


def test_a_viewer_gets_the_same_form_with_nothing_to_fill_in(viewer: Client, row: Any) -> None:
    page = viewer.get(path_of(row)).text
    assert 'name="title"' not in page
    assert "Faster checkout" in page


def test_a_viewer_makes_no_rows(viewer: Client) -> None:
    answer = viewer.get("/tabs/backlog/rows/new/")
    assert answer.status_code == 403
    assert "Your role may not create rows on Backlog." in answer.text


def test_a_fragment_for_htmx_and_a_whole_page_for_everyone_else(ana: Client, row: Any) -> None:
    assert "<html" in ana.get(path_of(row)).text
    assert "<html" not in ana.get(path_of(row), **HTMX).text


def posted(client: Client, row: Any, **typed: str) -> Any:
    """Fill in the form as it came, change some fields, and save."""
    context = client.get(path_of(row), **HTMX).context
    form = context["row_form"]
    filled = {entry.column.name: entry.field.value() or "" for entry in form.entries()}
    return client.post(path_of(row), {"_seen": form.seen_json} | filled | typed, **HTMX)


def test_saving_an_untouched_form_changes_nothing(ana: Client, row: Any) -> None:
    row = factories.initiative("Two\nlines".replace("\n", " "), problem_statement="One\n\nTwo")
    before = Batch.objects.count()
    assert posted(ana, row, problem_statement="One\r\n\r\nTwo").status_code == 204
    assert Batch.objects.count() == before


def test_a_saved_form_closes_the_drawer_and_names_its_row_and_batch(ana: Client, row: Any) -> None:
    told = json.loads(posted(ana, row, title="Fastest checkout").headers["HX-Trigger"])
    assert told["rowSaved"] == {"row": row.pk, "batch_id": str(Batch.objects.latest("when").pk)}
    row.refresh_from_db()
    assert row.title == "Fastest checkout"


def test_one_refused_field_holds_back_the_row_and_only_it_is_marked(ana: Client, row: Any) -> None:
    answer = posted(ana, row, title="Fastest checkout", engineering_tokens="many")
    assert answer.status_code == 422
    assert list(answer.context["row_form"].refusals) == ["engineering_tokens"]
    assert 'value="many"' in answer.text
    row.refresh_from_db()
    assert row.title == "Faster checkout"


# Buttons ----------------------------------------------------------------------------------------------


@pytest.fixture
def registered() -> Iterator[None]:
    before = list(toolbar._sources)
    toolbar.register("backlog", lambda request, tab: [Button("Polish all", action="pm.polish")])
    toolbar.register(
        None, lambda request, tab: [Button("Polish", action="pm.polish", keys_from="initiative_key")]
    )
    yield
    toolbar._sources[:] = before


def test_registered_buttons_appear_on_their_tabs(ana: Client, registered: None) -> None:
    backlog, params = ana.get("/tabs/backlog/"), ana.get("/tabs/params/")
    assert "Polish all" in backlog.text
    assert "Polish all" not in params.text
    assert json.loads(params.context["bulk_actions"])[-1]["label"] == "Polish"


# Words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "shown", "written", "readable"),
    [
        (Text("a"), None, "", ""),
        (Text("a"), "x", "x", "x"),
        (Number("a"), 1234567.5, "1234567.5", "1,234,567.5"),
        (Number("a"), 1200, "1200", "1,200"),
        (Number("a"), 0.00001, "1e-05", "1e-05"),
        (Fraction("a"), 0.125, "0.125", "12.5%"),
        (Keys("a"), ["b", "c"], "b, c", "b, c"),
        (Text("a"), {"gmv": 1500}, '{\n "gmv": 1500\n}', "gmv: 1,500"),
        (Text("a"), True, "true", "Yes"),
    ],
)
def test_values_in_words(column: Column, shown: Any, written: str, readable: str) -> None:
    assert wording.written(column, shown) == written
    assert wording.readable(column, shown) == readable


def test_a_choice_is_read_by_its_label() -> None:
    status = registry.tab("backlog").column("lifecycle_status")
    assert isinstance(status, Choice)
    assert wording.readable(status, "needs_info") == "Needs info"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, ""),
        ({"min": 0}, "at least 0"),
        ({"max": 5}, "at most 5"),
        ({"min": 0, "max": 1}, "0 to 1"),
        ({"above": 0}, "more than 0"),
        ({"above": 0, "max": 9}, "more than 0, at most 9"),
    ],
)
def test_limits_in_words(limits: dict[str, float], words: str) -> None:
    assert wording.limits(Number("a", **limits)) == words


def test_the_form_of_a_new_model_suggests_initiatives_by_key_and_title(ana: Client, row: Any) -> None:
    page = ana.get("/tabs/math_models/rows/new/").text
    assert 'list="suggested-initiative_key"' in page
    assert f'<option value="{row.initiative_key}">Faster checkout</option>' in page


def test_an_empty_tab_without_rows_of_its_own_says_where_they_come_from(ana: Client) -> None:
    assert '<a class="btn btn--primary" href="/tabs/backlog/">' in ana.get("/tabs/candidates/").text
    assert '<a class="btn btn--primary" href="/runs/">' in ana.get("/tabs/results/").text


def test_nobody_is_led_where_their_role_is_refused(ana: Client, person: Any) -> None:
    vera = Client()
    vera.force_login(person("Viewer"))
    for here, may in ((ana, True), (vera, False)):
        assert ('href="/import/"' in here.get("/actions/").text) is may
        columns = here.get("/api/v1/tabs/params/").json()["columns"]
        assert any(column["editable"] for column in columns) is may
