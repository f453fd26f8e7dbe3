import pytest

from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange
from portfolio.tabs.undo import undo
from scoring.models import Param
from scoring.seeding import unseeded
from tests.factories import actor, create, initiative, put
from tests.scoring.conftest import model

pytestmark = pytest.mark.django_db
TAB = "params"


def names(row):
    return list(Param.objects.filter(initiative=row).order_by("pk").values_list("param_name", flat=True))


def cell(param, column):
    return registry.tab(TAB).column(column).read(param)


def param(row, name="a", **values):
    return create(TAB, initiative_key=row.initiative_key, param_name=name, **values)


def change(*changes, who=None, **options):
    return apply_changes(registry.tab(TAB), who or actor("PM"), Surface.GRID, changes, **options)


# Seeding ------------------------------------------------------------------------------------------------


def test_approving_seeds_one_param_per_identifier_in_reading_order():
    row = initiative()
    made = model(row, "lift = traffic * rate\nvalue = lift * price", approved=False)
    assert names(row) == []
    put("math_models", made, formula_approved=True)
    assert names(row) == ["traffic", "rate", "price"]
    seeded = Param.objects.first()
    assert (seeded.is_auto_seeded, seeded.approved, seeded.framework) == (True, False, "MATH_MODEL")
    assert seeded.updated_by == "ana"
    assert CellChange.objects.filter(tab=TAB, kind="create", derived=True).count() == 3


def test_models_of_an_initiative_share_params_and_seeding_leaves_what_is_there():
    row = initiative()
    param(row, "rate", value=0.5, approved=True)
    model(row, "value = traffic * rate")
    model(row, "value = rate * price", model_name="second")
    assert names(row) == ["rate", "traffic", "price"]
    kept = Param.objects.get(param_name="rate")
    assert (kept.value, kept.approved, kept.is_auto_seeded) == (0.5, True, False)
    assert cell(kept, "model_names") == "main, second"


def test_seeding_stays_within_the_initiative():
    one, other = initiative(), initiative()
    model(one, "value = a"), model(other, "value = a + b")
    assert (names(one), names(other)) == (["a"], ["a", "b"])
    assert unseeded() == []


def test_a_param_no_formula_reads_is_unused_but_never_deleted():
    row = initiative()
    made = model(row, "value = a + b")
    put("math_models", made, formula_text="value = a", formula_approved=True)
    unused = {p.param_name: cell(p, "is_unused") for p in Param.objects.all()}
    assert unused == {"a": False, "b": True}


def test_a_param_for_effort_days_is_read_where_the_formula_states_no_effort():
    row = initiative()
    made = model(row, "value = 1")
    effort = param(row, "effort_days")
    assert cell(effort, "is_unused") is False
    put("math_models", made, formula_text="value = 1\neffort = 2", formula_approved=True)
    assert cell(effort, "is_unused") is True


def test_undoing_an_approval_takes_it_back_and_keeps_the_params():
    row, pia = initiative(), actor("PM", name="pia")
    made = model(row, "value = a", approved=False)
    batch = put("math_models", made, pia, formula_approved=True)
    assert undo(registry.tab("math_models"), pia, Surface.GRID, batch.batch_id).ok
    made.refresh_from_db()
    assert not made.formula_approved and names(row) == ["a"]


def test_seeding_many_takes_no_query_per_model(django_assert_max_num_queries):
    rows = [initiative(f"Row {number}") for number in range(40)]
    news = [
        CreateRow(
            str(number),
            {
                "initiative_key": row.initiative_key,
                "model_name": "m",
                "formula_text": f"value = a{number} * b",
                "formula_approved": True,
            },
        )
        for number, row in enumerate(rows)
    ]
    with django_assert_max_num_queries(40):
        assert apply_changes(registry.tab("math_models"), actor(), Surface.IMPORT, news).ok
    assert Param.objects.count() == 80


# Names and ranges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2nd", "a b", "min", "lambda", "a.b", "__x", "value", "1", "a+b"])
def test_a_manual_param_has_a_name_that_formulas_can_read(name):
    outcome = change(CreateRow("x", {"initiative_key": initiative().initiative_key, "param_name": name}))
    assert outcome.results[0].status == "invalid" and "can't be a param name" in outcome.results[0].message


def test_min_stays_below_max():
    row = param(initiative(), min=1, max=2)
    results = change(SetCell(row.pk, "min", 5)).results
    assert "Min 5 is above max 2" in results[0].message
    assert change(SetCell(row.pk, "min", 5), SetCell(row.pk, "max", 9)).ok


def test_a_range_that_cant_be_drawn_from_is_remarked_on():
    row = initiative()
    outside, half = param(row, "a", value=9, min=1, max=2), param(row, "b", value=1, min=0)
    log = param(row, "c", value=1, min=0, max=2, distribution="lognormal_90")
    notes = registry.tab(TAB).notes(None)
    assert {pk: [note.column for note in found] for pk, found in notes.items()} == {
        outside.pk: ["value"],
        half.pk: ["max"],
        log.pk: ["min"],
    }


# Approval -----------------------------------------------------------------------------------------------


def test_a_changed_value_clears_the_approval_unless_the_batch_states_it():
    row = param(initiative(), value=1, approved=True)
    put(TAB, row, value=2)
    row.refresh_from_db()
    assert (row.value, row.approved) == (2, False)
    put(TAB, row, approved=True, value=3)
    row.refresh_from_db()
    assert (row.value, row.approved) == (3, True)


def test_the_same_value_again_keeps_the_approval():
    row = param(initiative(), value=1, approved=True)
    put(TAB, row, value="1.0")
    row.refresh_from_db()
    assert row.approved


@pytest.mark.parametrize(
    "source, role, may",
    [
        ("Finance", "Finance", True),
        ("Finance", "Analytics", False),
        ("Analytics", "Analytics", True),
        ("Eng", "Engineering", True),
        ("PM", "Finance", False),
        ("LLM", "Engineering", False),
        ("", "Finance", False),
        ("Finance", "PM", True),
        ("", "PM", True),
        ("Finance", "Viewer", False),
    ],
)
def test_the_role_named_in_source_or_a_pm_approves(source, role, may):
    row = param(initiative(), value=1, source=source)
    [result] = change(SetCell(row.pk, "approved", True), who=actor(role)).results
    assert (result.status == "ok") is may


def test_whoever_may_not_approve_this_param_reads_who_may():
    row = param(initiative(), value=1, source="Finance")
    [result] = change(SetCell(row.pk, "approved", True), who=actor("Analytics")).results
    assert result.message.startswith("Approved of this row is not yours to enter. Ticked by the role named")


@pytest.mark.parametrize("role", ["Analytics", "Finance", "Engineering"])
def test_those_who_know_the_numbers_fill_them_in_and_nothing_else(role):
    row = param(initiative())
    given = {
        "value": 1,
        "unit": "GBP",
        "min": 0,
        "max": 2,
        "distribution": "uniform",
        "notes": "x",
    }
    assert put(TAB, row, actor(role), **given).ok
    refused = put(TAB, row, actor(role), source="Finance", description="x", llm_refresh=True)
    assert {result.status for result in refused.results} == {"denied"}


def test_a_value_from_finance_clears_an_approval_finance_could_not_give():
    row = param(initiative(), value=1, source="PM", approved=True)
    assert put(TAB, row, actor("Finance"), value=2).ok
    row.refresh_from_db()
    assert not row.approved
