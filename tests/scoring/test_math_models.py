import pytest

from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, DeleteRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.undo import undo
from scoring.models import MathModel, Param
from tests.factories import actor, create, initiative, put, strategic
from tests.scoring.conftest import model

pytestmark = pytest.mark.django_db
TAB = "math_models"


def change(*changes, who=None):
    return apply_changes(registry.tab(TAB), who or actor("PM", name="pia"), Surface.GRID, changes)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# One primary --------------------------------------------------------------------------------------------


def test_the_first_model_is_primary_and_later_ones_are_not():
    row = initiative()
    first, second = model(row), model(row, model_name="second")
    assert (first.is_primary, second.is_primary) == (True, False)


def test_of_several_new_models_the_first_is_primary_unless_one_says_so():
    one, other = initiative(), initiative()
    rows = [
        CreateRow(f"{key}-{name}", {"initiative_key": key, "model_name": name, "is_primary": ticked})
        for key, ticks in ((one.initiative_key, (None, None)), (other.initiative_key, (None, True)))
        for name, ticked in zip("ab", ticks, strict=True)
    ]
    assert change(*rows).ok
    assert {m.model_name for m in MathModel.objects.filter(initiative=one, is_primary=True)} == {"a"}
    assert {m.model_name for m in MathModel.objects.filter(initiative=other, is_primary=True)} == {"b"}


def test_making_a_model_primary_unticks_the_other_says_so_and_is_undone_as_one():
    row = initiative()
    first, second = model(row), model(row, model_name="second")
    done = change(SetCell(second.pk, "is_primary", True))
    assert done.ok and done.touched == {first.pk, second.pk}
    assert done.announced == [f"{row.initiative_key} · main is no longer the primary model."]
    assert (fresh(first).is_primary, fresh(second).is_primary) == (False, True)
    assert undo(registry.tab(TAB), actor("PM", name="pia"), Surface.GRID, done.batch_id).ok
    assert (fresh(first).is_primary, fresh(second).is_primary) == (True, False)


def test_a_new_primary_model_takes_over_and_its_undo_gives_back():
    row = initiative()
    first = model(row)
    values = {"initiative_key": row.initiative_key, "model_name": "second", "is_primary": True}
    done = change(CreateRow("new", values))
    assert done.ok and not fresh(first).is_primary
    assert undo(registry.tab(TAB), actor("PM", name="pia"), Surface.GRID, done.batch_id).ok
    assert fresh(first).is_primary


def test_a_tick_that_is_refused_leaves_the_other_primary():
    row = initiative()
    first, second = model(row), model(row, "value = 1 +", approved=False, model_name="second")
    changes = [SetCell(second.pk, name, True) for name in ("is_primary", "formula_approved")]
    done = apply_changes(registry.tab(TAB), actor(), Surface.FORM, changes, row_atomic=True)
    assert not done.ok and done.announced == []
    assert (fresh(first).is_primary, fresh(second).is_primary) == (True, False)


def test_two_ticks_in_one_batch_are_refused_and_so_is_one_against_a_tick_that_is_stated():
    row = initiative()
    first, second, third = (model(row, model_name=name) for name in ("main", "second", "third"))
    both = change(*(SetCell(one.pk, "is_primary", True) for one in (second, third)))
    assert [result.status for result in both.results] == ["ok", "invalid"]
    stated = change(*(SetCell(one.pk, "is_primary", True) for one in (second, first)))
    assert "second is the primary model" in stated.refused[0].message
    assert [fresh(one).is_primary for one in (first, second, third)] == [False, True, False]


def test_a_file_that_ticks_a_second_primary_is_refused_and_a_swap_is_not():
    row = initiative()
    first, second = model(row), model(row, model_name="second")
    tick = SetCell(second.pk, "is_primary", True)
    [alone] = apply_changes(registry.tab(TAB), actor(), Surface.IMPORT, [tick]).results
    assert alone.status == "invalid" and "main is the primary model" in alone.message
    assert change(SetCell(second.pk, "is_primary", True), SetCell(first.pk, "is_primary", False)).ok
    assert (fresh(first).is_primary, fresh(second).is_primary) == (False, True)


def test_the_only_primary_can_neither_be_unticked_nor_deleted_while_others_stay():
    row = initiative()
    first, second = model(row), model(row, model_name="second")
    assert change(SetCell(first.pk, "is_primary", False)).results[0].status == "invalid"
    assert change(DeleteRow(first.pk)).results[0].status == "invalid"
    assert change(DeleteRow(second.pk), DeleteRow(first.pk)).ok


def test_yes_to_a_math_model_makes_the_first_one_which_gives_way_to_a_real_one():
    row = initiative()
    assert put("scoring_inputs", row, use_math_model=True).ok
    first = MathModel.objects.get(initiative=row)
    assert (first.model_name, first.is_primary) == (f"{row.initiative_key}_MATH_MODEL_V1", True)
    real = model(row, model_name="real", is_primary=True)
    assert (real.is_primary, fresh(first).is_primary) == (True, False)


def test_undoing_that_yes_takes_an_untouched_first_model_along():
    row = initiative()
    done = put("scoring_inputs", row, actor("PM", name="pia"), use_math_model=True)
    first = MathModel.objects.get(initiative=row)
    back = undo(registry.tab("scoring_inputs"), actor("PM", name="pia"), Surface.GRID, done.batch_id)
    assert back.ok and not MathModel.objects.filter(initiative=row).exists()
    assert undo(registry.tab("scoring_inputs"), actor("PM", name="pia"), Surface.GRID, back.batch_id).ok
    assert MathModel.objects.get(initiative=row).model_name == first.model_name


@pytest.mark.parametrize("column", ["formula_text", "model_description", "target_kpi"])
def test_a_first_model_that_somebody_touched_stays(revenue, column):
    row = initiative()
    put("scoring_inputs", row, use_math_model=True)
    first = MathModel.objects.get(initiative=row)
    assert put(TAB, first, **{column: "revenue"}).ok
    assert put("scoring_inputs", row, use_math_model=False).ok
    assert fresh(first).deleted_at is None


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"formula_text": "value = 1 +", "formula_approved": True}, "formula_approved"),
        ({"formula_approved": True}, "formula_approved"),
        ({"model_name": "main"}, "model_name"),
    ],
)
def test_what_is_wrong_with_a_new_row_is_said_at_its_cell(values, column):
    row = initiative()
    model(row)
    given = {"initiative_key": row.initiative_key, "model_name": "new"} | values
    [refused] = change(CreateRow("new", given)).refused
    assert refused.column == column


def test_yes_makes_no_model_where_there_is_one():
    row = initiative()
    model(row)
    put("scoring_inputs", row, use_math_model=True)
    assert MathModel.objects.filter(initiative=row).count() == 1


def test_a_model_name_stands_once_per_initiative():
    row = initiative()
    model(row)
    outcome = change(CreateRow("x", {"initiative_key": row.initiative_key, "model_name": " Main "}))
    assert "already has a row" in outcome.results[0].message
    model(initiative())


def test_the_models_and_params_of_a_deleted_initiative_go_with_it():
    row = initiative()
    model(row)
    apply_changes(registry.tab("backlog"), actor(), Surface.GRID, [DeleteRow(row.pk)])
    assert not registry.tab(TAB).queryset().exists() and not registry.tab("params").queryset().exists()


# Target and chain ---------------------------------------------------------------------------------------


def test_only_active_north_star_and_strategic_kpis_are_targets(revenue):
    strategic("retention", is_active=False)
    create("metrics_config", kpi_key="clicks", kpi_level="operational")
    row = model(initiative())
    for key, ok in (("retention", False), ("clicks", False), ("nope", False), (" Revenue ", True)):
        assert change(SetCell(row.pk, "target_kpi", key)).ok is ok
    assert fresh(row).target_kpi == revenue


def test_a_targeted_kpi_can_not_be_deleted(revenue):
    model(initiative(), target_kpi="revenue")
    outcome = apply_changes(registry.tab("metrics_config"), actor(), Surface.GRID, [DeleteRow(revenue.pk)])
    assert "the model main of INIT-000001" in outcome.results[0].message
    assert Metric.objects.count() == 1


@pytest.mark.parametrize("written", ["signup -> activation → revenue", "signup > activation\nrevenue"])
def test_a_chain_is_stored_as_links_with_the_raw_text(revenue, written):
    row = model(initiative(), metric_chain_text=written)
    assert row.metric_chain == {
        "chain": ["signup", "activation", "revenue"],
        "source": "pm_input",
        "validated": False,
        "text": written,
    }
    assert registry.tab(TAB).column("metric_chain_text").read(row) == written


def test_a_chain_of_declared_kpis_is_validated_and_json_is_read_too(revenue):
    strategic("signups")
    row = model(initiative(), metric_chain_text='{"chain": ["signups", "revenue"]}')
    assert row.metric_chain["validated"] and row.metric_chain["text"] == "signups → revenue"


def test_a_circular_chain_is_refused():
    row = model(initiative())
    [result] = change(SetCell(row.pk, "metric_chain_text", "a > b > a")).results
    assert result.status == "invalid" and "circle" in result.message


def test_warnings_name_what_looks_wrong_and_block_nothing(revenue):
    row = initiative()
    put("kpi_contributions", row, contribution_override={"revenue": 5})
    made = model(
        row, "value = a", approved=False, immediate_kpi="signups", metric_chain_text="clicks > signups"
    )
    told = registry.tab(TAB).column("model_warnings").read(made)
    assert told.splitlines() == [
        "The chain starts at clicks, not at the immediate KPI signups.",
        "Not in Metrics Config: clicks, signups.",
        "No param yet: a. Approving the formula seeds them.",
        "Overridden, but no model targets it: revenue.",
    ]


def test_the_backlog_shows_the_primary_models_chain():
    row = initiative()
    model(row, immediate_kpi="signup", metric_chain_text="signup > revenue")
    model(row, model_name="second", immediate_kpi="clicks")
    backlog = registry.tab("backlog")
    assert backlog.column("immediate_kpi").read(row) == "signup"
    assert backlog.column("metric_chain").read(row) == "signup → revenue"


# Formula and approval -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula, said",
    [
        ("value = a +", "This formula can't be approved. Line 1:"),
        ("a = 1\nb = 2", "This formula can't be approved. Line 2:"),
        ("", "There is no formula to approve yet."),
    ],
)
def test_only_a_valid_formula_can_be_approved(formula, said):
    row = model(initiative(), formula, approved=False)
    [result] = change(SetCell(row.pk, "formula_approved", True)).results
    assert result.status == "invalid" and said in result.message
    assert not fresh(row).formula_approved


def test_formula_status_is_the_first_error_with_its_line():
    row = model(initiative(), "value = a\nb = c **", approved=False)
    assert row.formula_status.startswith("Line 2: ")
    change(SetCell(row.pk, "formula_text", "value = a"))
    assert fresh(row).formula_status == "Valid"


def test_a_changed_formula_is_a_new_version_that_nobody_has_approved():
    row = model(initiative(), "value = a")
    assert (row.version, row.formula_approved) == (1, True)
    change(SetCell(row.pk, "formula_text", "value = b"))
    row = fresh(row)
    assert (row.version, row.formula_approved) == (2, False)


def test_a_batch_that_states_both_keeps_the_approval():
    row = model(initiative(), "value = a")
    change(SetCell(row.pk, "formula_approved", True), SetCell(row.pk, "formula_text", "value = b"))
    assert fresh(row).formula_approved
    assert set(Param.objects.values_list("param_name", flat=True)) == {"a", "b"}


def test_an_approved_formula_that_turns_invalid_in_one_batch_is_refused_whole():
    row = model(initiative(), "value = a")
    outcome = change(SetCell(row.pk, "formula_text", "value ="), SetCell(row.pk, "formula_approved", True))
    assert outcome.results[0].status == "invalid"
    assert fresh(row).formula_text == "value = a"


def test_undoing_a_formula_brings_its_approval_back():
    row, pia = model(initiative(), "value = a"), actor("PM", name="pia")
    batch = change(SetCell(row.pk, "formula_text", "value = b"), who=pia)
    assert undo(registry.tab("math_models"), pia, Surface.GRID, batch.batch_id).ok
    row = fresh(row)
    assert (row.formula_text, row.formula_approved, row.version) == ("value = a", True, 3)


def test_only_a_pm_approves_formulas():
    row = model(initiative(), "value = a", approved=False)
    [result] = change(SetCell(row.pk, "formula_approved", True), who=actor("Finance")).results
    assert result.status == "denied"
