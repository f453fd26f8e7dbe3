"""The library of templates: each holds what it promises, and starts a model without a number."""

import re

import pytest

from portfolio.tabs.actor import PM
from scoring import formula, library
from scoring.approval import status_of
from scoring.bringing import NotBroughtError
from scoring.from_library import use
from scoring.library import UnknownTemplateError, search, template, templates
from scoring.models import Distribution, MathModel, Param, Source
from scoring.remarks import model_warnings
from scoring.taking_back import batches_of, take_back
from scoring.units import Given, unit_warnings
from tests.factories import actor, create, initiative, north_star, put, strategic

ANA = actor(PM, name="ana")
each = pytest.mark.parametrize("one", templates(), ids=lambda one: one.slug)


# The files ---------------------------------------------------------------------------------------


def test_there_are_at_least_twelve_under_names_of_their_own():
    assert len({one.name for one in templates()}) == len(templates()) >= 12


@each
def test_its_formula_can_be_read_and_gives_a_value(one):
    script = formula.parse(one.formula)
    values = formula.evaluate(script, dict.fromkeys(script.identifiers, 0.5))
    assert status_of(one.formula) == "Valid"
    assert "value" in values


@each
def test_its_params_are_what_the_formula_reads_in_that_order(one):
    assert tuple(one.params) == formula.parse(one.formula).identifiers


@each
def test_its_params_say_all_that_params_can_say_but_no_number(one):
    for param in one.params.values():
        assert param.label and param.unit and len(param.description) > 15
        assert param.source in set(Source.values) - {Source.LLM}
        assert param.distribution in Distribution.values


@each
def test_its_units_fit_together_and_come_out_in_money(one):
    given = {name: Given(one.unit_of(name, "GBP")) for name in one.params}
    assert unit_warnings(one.formula, given, "GBP") == []


@each
def test_it_says_when_to_use_it_how_it_works_and_what_must_hold(one):
    assert one.kind and len(one.when) > 30 and len(one.how) > 30 and one.assumptions
    assert len(one.chain) > 1 and one.chain[-1] == library.TARGET
    assert re.fullmatch(r"[a-z_]+", one.slug)


def test_a_template_that_is_not_there_is_named():
    with pytest.raises(UnknownTemplateError, match="no template “time_travel”"):
        template("time_travel")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("churn", "retention_uplift"),
        ("FRAUD", "fraud_reduction"),
        ("expected loss", "risk_reduction"),
        ("bots", "support_deflection"),
    ],
)
def test_searching_finds_by_any_word_of_it(text, slug):
    found = search(text)
    assert slug in [one.slug for one in found]
    assert len(found) < len(templates())


def test_searching_for_nothing_finds_all_and_for_nonsense_none():
    assert search(" ") == list(templates())
    assert search("xyzzy") == []


# Using one ---------------------------------------------------------------------------------------


@pytest.fixture
def row(db):
    north_star("revenue", unit="EUR")
    return initiative()


def used(slug, row, **options):
    brought = use(template(slug), row, ANA, **options)
    return brought, MathModel.objects.get(pk=brought.models[0])


def params_of(row):
    return {param.param_name: param for param in Param.objects.filter(initiative=row)}


@each
def test_every_template_makes_an_unapproved_model_and_params_without_values(row, one):
    _, model = used(one.slug, row)
    assert (model.model_name, model.formula_text, model.formula_approved) == (one.name, one.formula, False)
    assert model.formula_status == "Valid"
    assert tuple(params_of(row)) == tuple(one.params)
    for param in params_of(row).values():
        assert (param.value, param.min, param.max, param.approved) == (None, None, None, False)


def test_money_is_in_the_currency_of_the_target(row):
    metric = strategic("gmv", unit="GBP/month")
    _, model = used("risk_reduction", row, target=metric)
    assert params_of(row)["loss_per_incident"].unit == "GBP/incident"
    assert model.target_kpi == metric
    assert model.metric_chain["chain"] == ["incidents", "expected loss", "gmv"]
    assert model.immediate_kpi == "incidents"


def test_without_a_target_money_is_in_the_north_stars_currency_and_the_chain_stays_open(row):
    _, model = used("risk_reduction", row)
    assert params_of(row)["loss_per_incident"].unit == "EUR/incident"
    assert (model.target_kpi, model.metric_chain["chain"]) == (None, ["incidents", "expected loss"])


def test_where_nothing_says_a_currency_the_unit_says_currency(db):
    row = initiative()
    used("risk_reduction", row)
    assert params_of(row)["loss_per_incident"].unit == "currency/incident"


def test_it_fills_a_model_without_a_formula_and_leaves_what_people_wrote(row):
    made = create(
        "math_models", initiative_key=row.initiative_key, model_name="mine", assumptions_text="Ours."
    )
    brought, model = used("retention_uplift", row, fill=made)
    assert (model.pk, model.model_name, model.assumptions_text) == (made.pk, "mine", "Ours.")
    assert model.formula_text == template("retention_uplift").formula
    assert model.immediate_kpi == "churn rate"
    assert len(brought.batches) == 2


def test_a_formula_somebody_wrote_meanwhile_stays(row):
    made = create("math_models", initiative_key=row.initiative_key, model_name="mine")
    put("math_models", made, formula_text="value = 1")
    with pytest.raises(NotBroughtError, match="changed this in the meantime"):
        use(template("retention_uplift"), row, ANA, fill=made)
    assert MathModel.objects.get(pk=made.pk).formula_text == "value = 1"
    assert not params_of(row)


def test_params_that_are_there_are_left_alone(row):
    create("params", initiative_key=row.initiative_key, param_name="monthly_orders", value=7, unit="orders")
    brought, _ = used("returns_reduction", row)
    assert brought.kept == {row.initiative_key: ["monthly_orders"]}
    assert (params_of(row)["monthly_orders"].value, params_of(row)["monthly_orders"].unit) == (7, "orders")


def test_using_one_twice_makes_a_second_model_with_the_same_params(row):
    used("returns_reduction", row)
    brought, model = used("returns_reduction", row)
    assert model.model_name == "Fewer returns (2)"
    assert not brought.made


def test_it_can_be_taken_back(row):
    brought, model = used("pricing_change", row)
    take_back(batches_of(brought.batches), ANA)
    assert not params_of(row)
    assert not MathModel.objects.filter(pk=model.pk).exists()


def test_approving_it_seeds_nothing_more(row):
    _, model = used("conversion_uplift", row)
    put("math_models", model, formula_approved=True)
    assert set(params_of(row)) == set(template("conversion_uplift").params)
    assert "No param yet" not in model_warnings([model.pk]).get(model.pk, "")


@pytest.mark.parametrize("role", ["Viewer", "Finance", "Analytics", "Engineering"])
def test_others_start_nothing(row, role):
    with pytest.raises(NotBroughtError):
        use(template("pricing_change"), row, actor(role))
    assert not MathModel.objects.exists() and not params_of(row)
