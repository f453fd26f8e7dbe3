"""The pages that copy a model and that start one from the library, by role and without scripts."""

import pytest

from portfolio.tabs import registry, toolbar
from scoring.library import templates
from scoring.models import MathModel, Param
from tests.factories import create, initiative, put, strategic
from tests.scoring.conftest import give, model

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ana(client, person):
    client.force_login(person("PM", username="ana"))
    return client


@pytest.fixture
def source(revenue):
    made = model(initiative("Faster checkout"), target_kpi="revenue")
    give(made.initiative, traffic=1000, rate=0.1)
    return made


@pytest.fixture
def target():
    return initiative("Faster search")


def copy_of(made):
    return f"/studio/{made.initiative.initiative_key}/copy/?model={made.pk}"


def library_of(row):
    return f"/studio/{row.initiative_key}/library/"


def undo(client, row, page):
    batches = [str(batch.pk) for batch in page.context["done"].batches]
    return client.post(f"/studio/{row.initiative_key}/undo/", {"batch": batches}, follow=True)


def models_of(row):
    return list(MathModel.objects.filter(initiative=row))


# Copying -----------------------------------------------------------------------------------------


def test_the_copy_page_offers_every_other_initiative_and_says_what_comes_along(ana, source, target):
    page = ana.get(copy_of(source)).text
    assert f'value="{target.initiative_key}"' in page
    assert f'<option value="{source.initiative.initiative_key}"' not in page
    assert "<code>traffic</code>" in page


def test_copying_tells_what_came_and_what_was_left_alone_and_can_be_undone(ana, source, target):
    create("params", initiative_key=target.initiative_key, param_name="rate", value=0.5)
    page = ana.post(copy_of(source), {"into": target.initiative_key}, follow=True)
    assert "1 param came along without value" in page.text
    assert "left alone, as it was there already: rate" in page.text
    assert "Undo takes back both" in page.text
    [made] = models_of(target)
    assert f"/studio/{target.initiative_key}/?model={made.pk}" in page.text
    assert "Undone." in undo(ana, source.initiative, page).text
    assert not models_of(target)
    assert [param.value for param in Param.objects.filter(initiative=target)] == [0.5]


def test_what_was_worked_on_since_is_not_undone(ana, source, target):
    page = ana.post(copy_of(source), {"into": target.initiative_key}, follow=True)
    put("params", Param.objects.get(initiative=target, param_name="rate"), value=0.2)
    assert "Not undone." in undo(ana, source.initiative, page).text
    assert models_of(target)


@pytest.mark.parametrize("into", [[], ["INIT-999999"], ["itself"]])
def test_an_initiative_that_cant_be_meant_copies_nothing(ana, source, target, into):
    keys = [source.initiative.initiative_key if key == "itself" else key for key in into]
    page = ana.post(copy_of(source), {"into": keys}, follow=True)
    assert "Choose at least one" in page.text or "There is no other initiative" in page.text
    assert MathModel.objects.count() == 1


def test_with_one_unknown_initiative_none_gets_a_copy(ana, source, target):
    ana.post(copy_of(source), {"into": [target.initiative_key, "INIT-999999"]})
    assert not models_of(target)


def test_the_search_of_the_copy_page_finds_by_words(ana, source, target):
    assert target.initiative_key in ana.get(copy_of(source) + "&q=search+faster").text
    assert "No other initiative matches" in ana.get(copy_of(source) + "&q=nowhere").text


# The library -------------------------------------------------------------------------------------


def test_the_library_shows_every_template_with_its_units_in_our_currency(ana, target, revenue):
    put("metrics_config", revenue, unit="CHF")
    page = ana.get(library_of(target)).text
    for one in templates():
        assert f"<strong>{one.name}</strong>" in page
    assert "CHF/order" in page and "{currency}" not in page and "{target}" not in page


def test_its_search_works_with_and_without_scripts(ana, target):
    page = ana.get(library_of(target) + "?q=fraud").text
    assert "Fraud reduction" in page and "Time to market" not in page
    assert "<html" not in ana.get(library_of(target) + "?q=fraud", **HTMX).text
    assert "No template matches" in ana.get(library_of(target) + "?q=xyzzy").text


def test_using_one_makes_a_model_that_can_be_undone(ana, target, revenue):
    sent = {"template": "pricing_change", "target": "revenue"}
    page = ana.post(library_of(target), sent, follow=True)
    [made] = models_of(target)
    assert (made.model_name, made.target_kpi.kpi_key) == ("Pricing change", "revenue")
    assert f"{target.initiative_key} · Pricing change" in page.text
    undo(ana, target, page)
    assert not models_of(target)


def test_a_model_that_waits_for_a_formula_can_be_filled(ana, target):
    waiting = create("math_models", initiative_key=target.initiative_key, model_name="mine")
    page = ana.get(f"{library_of(target)}?model={waiting.pk}").text
    assert f'value="{waiting.pk}" selected' in page
    ana.post(library_of(target), {"template": "pricing_change", "model": waiting.pk})
    [made] = models_of(target)
    assert (made.pk, made.model_name, made.formula_text != "") == (waiting.pk, "mine", True)


def test_a_model_that_has_a_formula_is_not_overwritten(ana, source):
    sent = {"template": "pricing_change", "model": source.pk}
    page = ana.post(library_of(source.initiative), sent, follow=True)
    assert "has a formula by now" in page.text
    assert [made.formula_text for made in models_of(source.initiative)] == [source.formula_text]


def test_a_kpi_that_is_no_target_is_refused(ana, target, revenue):
    put("metrics_config", strategic("nps"), is_active=False)
    page = ana.post(library_of(target), {"template": "pricing_change", "target": "nps"}, follow=True)
    assert "nps is no active north star or strategic KPI" in page.text
    assert not models_of(target)


def test_a_template_or_initiative_that_is_not_there_is_a_404(ana, target):
    assert ana.post(library_of(target), {"template": "../secrets"}).status_code == 404
    assert ana.get("/studio/INIT-999999/library/").status_code == 404
    assert ana.get("/studio/INIT-999999/copy/").status_code == 404
    assert ana.get(f"/studio/{target.initiative_key}/copy/").status_code == 404


# Who ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Viewer", "Analytics", "Finance", "Engineering"])
def test_others_may_read_but_start_and_copy_nothing(client, person, source, target, role):
    client.force_login(person(role))
    for path, sent in (
        (copy_of(source), {"into": target.initiative_key}),
        (library_of(target), {"template": "pricing_change"}),
    ):
        page = client.get(path).text
        assert "Your role may not add models" in page and 'method="post" action="/studio/' not in page
        assert client.post(path, sent).status_code == 403
    assert not models_of(target)


@pytest.mark.parametrize("role", ["PM", "Admin"])
def test_pms_and_admins_may(client, person, source, target, role):
    client.force_login(person(role))
    client.post(copy_of(source), {"into": target.initiative_key})
    client.post(library_of(target), {"template": "pricing_change"})
    assert len(models_of(target)) == 2


def test_strangers_see_nothing(client, source):
    for path in (copy_of(source), library_of(source.initiative)):
        assert client.get(path).url.startswith("/login/")


def test_the_pages_hold_no_inline_style_or_script(ana, source, target):
    for path in (copy_of(source), library_of(target), copy_of(source).replace("copy", "history")):
        page = ana.get(path).text
        assert " style=" not in page and " onclick=" not in page and "<script>" not in page


# Ways in -----------------------------------------------------------------------------------------


def offered(rf, user):
    request = rf.get("/tabs/math_models/")
    request.user = user
    buttons = toolbar.buttons_for(request, registry.tab("math_models"))
    return {button.label: button for button in buttons}


def test_the_math_models_tab_leads_to_the_library_for_who_may_use_it(rf, person):
    button = offered(rf, person("PM"))["From the library"]
    assert (button.href, button.keys_from) == ("/studio/{}/library/", "initiative_key")
    assert "From the library" not in offered(rf, person("Finance"))


def test_a_model_leads_to_its_versions(source):
    links = toolbar.links_of(registry.tab("math_models"), source)
    assert copy_of(source).replace("copy", "history") in [link.href for link in links]
