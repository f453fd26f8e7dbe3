"""The pages of the studio as the server sends them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from portfolio.tabs import registry, toolbar
from portfolio.tabs.models import CellChange
from scoring.models import MathModel, Param
from scoring.studio.listing import State
from tests.factories import create, initiative, put
from tests.scoring.conftest import model
from tests.studio.conftest import FORMULA, path

pytestmark = pytest.mark.django_db


def rows_of(client: Client, row: Any) -> dict[str, Any]:
    return client.get(path(row, "rows/")).json()


# The page of one initiative -----------------------------------------------------------------------------


def test_it_shows_the_formula_its_params_and_its_worth(ana: Client, checkout: Any) -> None:
    page = ana.get(path(checkout)).text
    assert FORMULA in page
    assert "People give up." in page
    for name in ("traffic", "rate", "margin"):
        assert f'data-name="{name}"' in page
    assert '<span class="figure__text">400</span> <small>GBP</small>' in page
    assert "<title>Metric chain</title>" in page
    assert "signup (not in Metrics Config) leads to revenue (North star · GBP)" in page


def test_no_page_holds_an_inline_style_or_script(ana: Client, checkout: Any) -> None:
    for address in ("/studio/", path(checkout), path(initiative("Bare"))):
        page = ana.get(address).text
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


@pytest.mark.parametrize("rest", ["", "?model=999999", "?model=abc", "?model=²", "?model=-1"])
def test_what_is_not_there_is_a_404(ana: Client, checkout: Any, rest: str) -> None:
    assert ana.get(f"/studio/INIT-999999/{rest}").status_code == 404
    if rest:
        assert ana.get(path(checkout, rest)).status_code == 404


def test_an_initiative_without_a_model_offers_a_first_one(ana: Client, signed_in: Any) -> None:
    bare = initiative("Bare")
    assert "Start with a blank model" in ana.get(path(bare)).text
    assert "Start with a blank model" not in signed_in("Viewer").get(path(bare)).text


def test_the_primary_model_is_marked_and_another_can_be_chosen(ana: Client, checkout: Any) -> None:
    other = model(checkout, "value = 7", approved=False, model_name="variant")
    page = ana.get(path(checkout)).text
    assert page.count("<small>primary</small>") == 1
    assert f"?model={other.pk}" in page
    assert ">\nvalue = 7</textarea>" in ana.get(path(checkout, f"?model={other.pk}")).text


def test_another_model_is_made_the_primary_one(ana: Client, checkout: Any) -> None:
    other = model(checkout, "value = 7", approved=False, model_name="variant")
    assert "Make primary" not in ana.get(path(checkout)).text
    assert "Make primary" in ana.get(path(checkout, f"?model={other.pk}")).text
    page = ana.post(path(checkout, "primary/"), {"model": other.pk}, follow=True).text
    assert "It is the primary model now." in page and "is no longer the primary model." in page
    assert MathModel.objects.get(is_primary=True) == other
    assert CellChange.objects.filter(column="is_primary", row=other.pk, batch__who="ana").exists()


def test_who_may_not_choose_the_primary_model_is_refused(signed_in: Any, checkout: Any) -> None:
    other = model(checkout, "value = 7", approved=False, model_name="variant")
    viewer = signed_in("Viewer")
    assert "Make primary" not in viewer.get(path(checkout, f"?model={other.pk}")).text
    assert (
        "may not enter Is Primary"
        in viewer.post(path(checkout, "primary/"), {"model": other.pk}, follow=True).text
    )
    assert not MathModel.objects.get(pk=other.pk).is_primary


@pytest.mark.parametrize("asked", ["", "x", "999999"])
def test_a_model_that_is_not_there_is_not_made_primary(ana: Client, checkout: Any, asked: str) -> None:
    assert ana.post(path(checkout, "primary/"), {"model": asked}).status_code == 404


def test_a_model_of_another_initiative_is_not_shown_here(ana: Client, checkout: Any) -> None:
    foreign = model(initiative("Other"), "value = 7")
    assert ana.get(path(checkout, f"?model={foreign.pk}")).status_code == 404


def test_without_the_script_nothing_can_be_typed_and_rows_lead_to_their_forms(
    ana: Client, checkout: Any
) -> None:
    page = ana.get(path(checkout)).text
    fields = re.findall(r'<(?:input|select|textarea) class="cell"[^>]*>', page)
    assert len(fields) == 9 * 4  # three params, and the template of a row
    assert [field for field in fields if "readonly" not in field and "disabled" not in field] == []
    for param in Param.objects.all():
        assert f'href="/tabs/params/rows/{param.pk}/"' in page
    assert f'href="/tabs/math_models/rows/{MathModel.objects.get().pk}/"' in page


@pytest.mark.parametrize(
    ("role", "open_cells"),
    [
        ("Viewer", set()),
        ("Finance", {"value", "unit", "min", "max", "distribution"}),
        ("PM", {"param_display", "value", "unit", "min", "max", "distribution", "source", "approved"}),
    ],
)
def test_a_role_finds_open_what_it_may_enter(
    signed_in: Any, checkout: Any, role: str, open_cells: set[str]
) -> None:
    put("params", Param.objects.get(param_name="rate"), source="Analytics")
    document = rows_of(signed_in(role), checkout)["params"]
    editable = {column["name"] for column in document["columns"] if column["editable"]}
    rate = str(Param.objects.get(param_name="rate").pk)
    denied = set(document["denied"].get(rate, {}))
    assert open_cells == (editable - denied) & (open_cells | {"approved", "value", "param_display"})


def test_who_may_not_approve_reads_why(signed_in: Any, checkout: Any) -> None:
    put("params", Param.objects.get(param_name="rate"), source="Analytics")
    page = signed_in("Finance").get(path(checkout)).text
    assert "Approved of this row is not yours to enter." in page
    assert 'data-why-not="Your role may not enter Formula Approved. Admin or PM may."' in page


def test_it_says_what_keeps_the_formula_from_scoring(ana: Client, checkout: Any) -> None:
    assert rows_of(ana, checkout)["standing"] == []
    put("params", Param.objects.get(param_name="rate"), approved=False)
    put("math_models", MathModel.objects.get(), formula_approved=False)
    assert rows_of(ana, checkout)["standing"] == ["The formula is not approved yet.", "Not approved: rate."]


def test_rows_are_only_sent_again_when_something_changed(ana: Client, checkout: Any) -> None:
    held = rows_of(ana, checkout)
    seen = {tab: held[tab]["revision"] for tab in ("math_models", "params")}
    assert ana.get(path(checkout, "rows/"), seen).json() == {"unchanged": True}
    put("params", Param.objects.get(param_name="rate"), value=0.07)
    assert len(ana.get(path(checkout, "rows/"), seen).json()["params"]["rows"]) == 3


def test_queries_do_not_grow_with_params_and_models(
    ana: Client, checkout: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    names = [f"p{number}" for number in range(20)]
    model(checkout, "value = " + " + ".join(names), model_name="wide")
    with django_assert_max_num_queries(45):
        ana.get(path(checkout))


# New models ---------------------------------------------------------------------------------------------


def test_a_new_model_gets_a_free_name_and_is_opened(ana: Client, checkout: Any) -> None:
    create(
        "math_models",
        initiative_key=checkout.initiative_key,
        model_name=f"{checkout.initiative_key}_MATH_MODEL_V1",
    )
    answer = ana.post(path(checkout, "models/"))
    made = MathModel.objects.latest("pk")
    assert made.model_name == f"{checkout.initiative_key}_MATH_MODEL_V2"
    assert answer.url == path(checkout, f"?model={made.pk}")  # type: ignore[attr-defined]


def test_a_name_that_is_taken_is_refused_in_words(ana: Client, checkout: Any) -> None:
    page = ana.post(path(checkout, "models/"), {"model_name": "MAIN"}, follow=True)
    assert "already has a row" in page.text
    assert MathModel.objects.count() == 1


def test_a_viewer_makes_no_model(signed_in: Any, checkout: Any) -> None:
    page = signed_in("Viewer").post(path(checkout, "models/"), {"model_name": "mine"}, follow=True)
    assert "Your role may not add rows on Math Models." in page.text
    assert MathModel.objects.count() == 1


# The list -----------------------------------------------------------------------------------------------


@pytest.fixture
def four(checkout: Any) -> dict[str, Any]:
    """An initiative in each state."""
    draft, missing = initiative("Draft one"), initiative("Missing one")
    model(draft, "value = a", approved=False)
    model(missing, "value = b", approved=True)
    return {"none": initiative("Bare one"), "draft": draft, "missing": missing, "approved": checkout}


@pytest.mark.parametrize("state", State.values)
def test_a_state_narrows_the_list_and_agrees_with_its_badges(
    ana: Client, four: dict[str, Any], state: str
) -> None:
    listed = ana.get("/studio/", {"state": state}).context["listed"]
    assert [row.initiative for row in listed] == [four[state]]
    assert [row.state for row in listed] == [state]
    everything = {row.initiative: row.state for row in ana.get("/studio/").context["listed"]}
    assert everything == {row: State(name) for name, row in four.items()}


def test_what_a_formula_waits_for_is_named(ana: Client, four: dict[str, Any]) -> None:
    (row,) = ana.get("/studio/", {"state": "missing"}).context["listed"]
    assert row.waiting == ("b",)


@pytest.mark.parametrize(
    ("search", "titles"),
    [("checkout", ["Faster checkout"]), ("main DRAFT", ["Draft one"]), ("init-", 4), ("zebra", [])],
)
def test_the_search_reads_keys_titles_and_models(
    ana: Client, four: dict[str, Any], search: str, titles: Any
) -> None:
    listed = ana.get("/studio/", {"q": search}).context["listed"]
    found = [row.initiative.title for row in listed]
    assert (found if isinstance(titles, list) else len(found)) == titles


def test_an_empty_list_leads_on(ana: Client) -> None:
    assert "Open the Backlog" in ana.get("/studio/").text
    assert "Show all" in ana.get("/studio/", {"q": "x"}).text


def test_the_list_asks_the_same_number_of_queries_however_long_it_is(
    ana: Client, checkout: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        model(initiative(f"More {number}"), "value = a", approved=bool(number % 2))
    with django_assert_max_num_queries(12):
        ana.get("/studio/")


# The ways in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["backlog", "scoring_inputs", "math_models", "params"])
def test_a_ticked_row_and_a_row_of_its_own_lead_to_the_studio(ana: Client, checkout: Any, tab: str) -> None:
    bulk = json.loads(ana.get(f"/tabs/{tab}/").context["bulk_actions"])
    assert {"href": "/studio/{}/", "keys_from": "initiative_key"}.items() <= next(
        button for button in bulk if button["label"] == "Studio"
    ).items()
    row = registry.tab(tab).queryset().first()
    for page in ("", "history/"):
        assert f'href="{path(checkout)}' in ana.get(f"/tabs/{tab}/rows/{row.pk}/{page}").text


def test_a_row_to_be_made_leads_nowhere() -> None:
    assert toolbar.links_of(registry.tab("math_models"), None) == []


def test_it_stands_in_the_navigation_with_the_tabs_of_scoring(ana: Client) -> None:
    page = ana.get("/studio/")
    group = page.context["current_group"]
    assert group.title == "Product ops"
    assert '<a class="nav__link" href="/studio/" aria-current="page">' in page.text
