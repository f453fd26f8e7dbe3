"""Copying a model: what comes along, what stays behind, and taking it back."""

import pytest

from portfolio.tabs.actor import PM
from portfolio.tabs.undo import CannotUndoError
from scoring.bringing import NotBroughtError
from scoring.copying import copy
from scoring.models import MathModel, Param
from scoring.taking_back import batches_of, may_take_back, take_back
from tests.factories import actor, create, initiative, north_star, put, strategic
from tests.scoring.conftest import give, model

pytestmark = pytest.mark.django_db
ANA = actor(PM, name="ana")
FORMULA = "extra = traffic * rate\nvalue = extra * margin"


@pytest.fixture
def source(revenue):
    row = initiative("Faster checkout")
    made = model(
        row,
        FORMULA,
        target_kpi="revenue",
        immediate_kpi="orders",
        metric_chain_text="orders -> revenue",
        assumptions_text="It lasts.",
        model_description="More orders.",
        scenario_label="Optimistic",
    )
    give(row, traffic=1000, rate=0.1, margin=5)
    rate = Param.objects.get(initiative=row, param_name="rate")
    put("params", rate, param_display="Uplift", unit="fraction", description="Of a test.", source="Analytics")
    put("params", rate, min=0.05, max=0.2, distribution="triangular", notes="From the test in May.")
    create("params", initiative_key=row.initiative_key, param_name="unread", value=3)
    return made


@pytest.fixture
def target():
    return initiative("Faster search")


def params_of(row):
    return {param.param_name: param for param in Param.objects.filter(initiative=row)}


def copied(source, *into):
    brought = copy(source, into, ANA)
    return brought, [MathModel.objects.get(pk=pk) for pk in brought.models]


def test_what_the_model_says_comes_along_unapproved(source, target):
    _, [made] = copied(source, target)
    assert (made.initiative, made.model_name, made.formula_text) == (target, "main", FORMULA)
    assert (made.target_kpi.kpi_key, made.immediate_kpi, made.scenario_label) == (
        "revenue",
        "orders",
        "Optimistic",
    )
    assert made.metric_chain["chain"] == ["orders", "revenue"]
    assert (made.assumptions_text, made.model_description) == ("It lasts.", "More orders.")
    assert made.formula_approved is False


def test_params_come_along_without_any_number_or_approval(source, target):
    brought, _ = copied(source, target)
    params = params_of(target)
    assert list(params) == ["traffic", "rate", "margin"] == brought.made[target.initiative_key]
    rate = params["rate"]
    assert (rate.param_display, rate.unit, rate.description) == ("Uplift", "fraction", "Of a test.")
    assert (rate.source, rate.distribution) == ("Analytics", "triangular")
    assert (rate.value, rate.min, rate.max, rate.approved, rate.notes) == (None, None, None, False, "")


def test_a_param_that_is_there_already_is_left_alone_and_said_so(source, target):
    create(
        "params", initiative_key=target.initiative_key, param_name="rate", value=0.4, unit="%", approved=True
    )
    brought, _ = copied(source, target)
    rate = params_of(target)["rate"]
    assert (rate.value, rate.unit, rate.approved) == (0.4, "%", True)
    assert brought.kept == {target.initiative_key: ["rate"]}
    assert brought.made == {target.initiative_key: ["traffic", "margin"]}


def test_the_source_stays_as_it_is(source, target):
    copied(source, target)
    before = MathModel.objects.get(pk=source.pk)
    assert before.formula_approved and before.is_primary
    assert params_of(source.initiative)["rate"].value == 0.1


def test_a_name_that_is_taken_gets_a_number(source, target):
    create("math_models", initiative_key=target.initiative_key, model_name="MAIN")
    _, [second] = copied(source, target)
    _, [third] = copied(source, target)
    assert (second.model_name, third.model_name) == ("main (2)", "main (3)")


def test_the_longest_name_still_gets_its_number(source, target):
    long = model(source.initiative, "value = 1", model_name="x" * 200)
    copied(long, target)
    _, [second] = copied(long, target)
    assert second.model_name == "x" * 196 + " (2)"


def test_the_first_model_of_the_target_is_its_primary_and_a_later_one_is_not(source, target):
    _, [first] = copied(source, target)
    _, [second] = copied(source, target)
    assert (first.is_primary, second.is_primary) == (True, False)


def test_it_goes_to_several_initiatives_in_one_batch_per_tab(source, target):
    other = initiative("Other")
    brought, made = copied(source, target, other)
    assert [each.initiative for each in made] == [target, other]
    assert len(brought.batches) == 2
    assert len(params_of(other)) == 3


def test_a_kpi_that_is_no_target_any_more_stays_behind(target):
    north_star("revenue")
    strategic("nps")
    made = model(initiative(), "value = 1", target_kpi="nps")
    put("metrics_config", made.target_kpi, is_active=False)
    _, [arrived] = copied(MathModel.objects.get(pk=made.pk), target)
    assert arrived.target_kpi is None


def test_a_formula_that_cant_be_read_comes_as_it_is(target):
    made = model(initiative(), "value = (", approved=False)
    brought, [arrived] = copied(made, target)
    assert (arrived.formula_text, brought.made, len(brought.batches)) == ("value = (", {}, 1)


def test_who_may_not_add_models_copies_nothing(source, target):
    with pytest.raises(NotBroughtError, match="Your role may not add rows"):
        copy(source, [target], actor("Finance"))
    assert not MathModel.objects.filter(initiative=target).exists()


def test_where_params_are_refused_no_model_is_left(source, target, monkeypatch):
    monkeypatch.setattr("scoring.tabs.params.ParamsTab.can_create", False)
    with pytest.raises(NotBroughtError, match="Nothing was saved"):
        copy(source, [target], ANA)
    assert not MathModel.objects.filter(initiative=target).exists()


# Taking it back ----------------------------------------------------------------------------------


def test_taking_it_back_takes_the_model_and_its_params(source, target):
    brought, _ = copied(source, target)
    batches = batches_of(brought.batches)
    assert may_take_back(batches, ANA)
    take_back(batches, ANA)
    assert not MathModel.objects.filter(initiative=target).exists()
    assert not params_of(target)
    assert not may_take_back(batches, ANA)


def test_only_who_did_it_or_an_admin_takes_it_back(source, target):
    brought, _ = copied(source, target)
    batches = batches_of(brought.batches)
    assert not may_take_back(batches, actor(PM, name="ben"))
    assert may_take_back(batches, actor(name="root"))
    with pytest.raises(CannotUndoError, match="Only ana or an admin"):
        take_back(batches, actor(PM, name="ben"))
    assert len(params_of(target)) == 3


def test_what_somebody_worked_on_since_is_not_taken_away(source, target):
    brought, _ = copied(source, target)
    put("params", params_of(target)["rate"], value=0.2)
    with pytest.raises(CannotUndoError, match="rate changed since"):
        take_back(batches_of(brought.batches), ANA)
    assert len(params_of(target)) == 3
    assert MathModel.objects.filter(initiative=target).exists()
