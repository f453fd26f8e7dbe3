import pytest

from metrics.models import Contributions
from portfolio.tabs import registry
from portfolio.tabs.changes import DeleteRow, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import TabRevision
from scoring import staleness
from scoring.models import ActiveScenario, MathModel, Param, Score, ScoringInputs
from scoring.score import score
from tests.factories import actor, initiative, north_star, put, strategic
from tests.scoring.conftest import give, model, modelled, scored

pytestmark = pytest.mark.django_db

RICE = {"rice_reach": 1_000, "rice_impact": 2, "rice_confidence": "80%", "rice_effort": 4}
WSJF = {
    "wsjf_business_value": 8,
    "wsjf_time_criticality": 5,
    "wsjf_risk_reduction": 3,
    "wsjf_job_size": 2,
}


def rated(**inputs):
    row = initiative()
    assert put("scoring_inputs", row, **inputs).ok
    return row


def noted(tab, row):
    """The columns of the row that carry a remark."""
    return {note.column for note in registry.notes(registry.tab(tab), [row.pk])[row.pk]}


def contributed(row):
    return Contributions.objects.get(initiative=row).computed


# The frameworks side by side ------------------------------------------------------------------------------


def test_every_framework_scores_side_by_side(revenue):
    row = modelled("value = a\neffort = 5", a=10)
    put("scoring_inputs", row, **RICE, **WSJF)
    inputs = scored(row)
    assert (inputs.rice_value_score, inputs.rice_effort_score, inputs.rice_overall_score) == (1_600, 4, 400)
    assert (inputs.wsjf_value_score, inputs.wsjf_effort_score, inputs.wsjf_overall_score) == (16, 2, 8)
    assert (inputs.math_value_score, inputs.math_effort_score, inputs.math_overall_score) == (10, 5, 2)
    assert inputs.score_warnings == "" and inputs.overall_score is None


@pytest.mark.parametrize("column, bad", [("rice_impact", 4), ("wsjf_job_size", 4), ("rice_effort", 0)])
def test_inputs_off_the_scale_are_refused(column, bad):
    [result] = put("scoring_inputs", initiative(), **{column: bad}).results
    assert result.status == "invalid"


@pytest.mark.parametrize("written, stored", [("80%", 0.8), (80, 0.8), (0.8, 0.8), (100, 1), (1, 1)])
def test_confidence_is_a_percentage_stored_as_a_fraction(written, stored):
    rated(rice_confidence=written)
    assert ScoringInputs.objects.get().rice_confidence == stored


def test_missing_inputs_are_warnings_of_the_frameworks_someone_began():
    inputs = scored(rated(rice_reach=5, rice_effort=1))
    assert inputs.score_warnings == "RICE: missing: impact, confidence"
    assert inputs.rice_overall_score is None


def test_a_chosen_framework_without_inputs_says_what_it_misses():
    inputs = scored(rated(active_scoring_framework="WSJF"))
    assert inputs.score_warnings.startswith("WSJF: missing: business value")


def test_an_unapproved_param_is_named():
    row = modelled("value = margin * units", target=None, units=3)
    give(row, _approved=False, margin=0.2)
    assert scored(row).score_warnings == "MATH_MODEL: not approved: margin"


def test_the_known_answers_of_the_planning_quarter():
    strategic("diners")
    north_star("revenue")
    diners = modelled("traffic_uplift * conversion", "diners", traffic_uplift=120_000, conversion=0.6)
    revenue = modelled(
        "gmv * (rate_after - rate_before)", gmv=72_179_100, rate_after=0.02, rate_before=0.0185
    )
    scored(diners, revenue)
    assert contributed(diners) == {"diners": 72_000}
    assert contributed(revenue) == {"revenue": 108_268.65}
    assert ScoringInputs.objects.get(initiative=revenue).math_value_score == 108_268.65


def test_effort_days_of_the_backlog_are_the_effort_of_last_resort(revenue):
    assert scored(modelled("value = a", days=4, a=10)).math_overall_score == 2.5
    assert "no effort" in scored(modelled("value = a", a=10)).score_warnings


# Which models count ---------------------------------------------------------------------------------------


def test_the_primary_model_gives_the_score_and_every_approved_one_its_own_value(revenue):
    row = modelled("value = a\neffort = 1", a=10)
    other = model(row, "value = a * 2", model_name="other", target_kpi="revenue")
    draft = model(row, "value = a * 3", model_name="draft", approved=False)
    inputs = scored(row)
    assert inputs.math_value_score == 10
    other.refresh_from_db(), draft.refresh_from_db()
    assert (other.computed_value, draft.computed_value) == (20, None)


def test_no_math_model_means_no_math_score_and_no_computed_contribution(revenue):
    row = modelled("value = a\neffort = 1", a=10)
    assert scored(row).math_value_score == 10 and contributed(row) == {"revenue": 10}
    put("scoring_inputs", row, use_math_model=False)
    assert scored(row).math_value_score is None and contributed(row) is None


def test_a_withdrawn_approval_takes_score_value_and_contribution_away(revenue):
    row = modelled("value = a\neffort = 1", a=10)
    scored(row)
    put("math_models", MathModel.objects.get(), formula_approved=False)
    put("scoring_inputs", row, use_math_model=True)
    inputs = scored(row)
    assert inputs.math_value_score is None and contributed(row) is None
    assert inputs.score_warnings == "MATH_MODEL: the formula of main is not approved"
    assert MathModel.objects.get().computed_value is None


def test_an_error_of_the_computation_shows_as_formula_status(revenue):
    row = modelled("value = a / b", a=1, b=0)
    scored(row)
    assert MathModel.objects.get().formula_status == "Line 1: Division by zero: “b” is 0."
    give(row, b=2)
    scored(row)
    assert MathModel.objects.get().formula_status == "Valid"


# Contributions --------------------------------------------------------------------------------------------


def test_models_with_the_same_target_add_up_and_variants_never_do(revenue):
    strategic("retention")
    row = modelled("value = a", a=0.1)
    model(row, "value = a * 2", model_name="second", target_kpi="revenue")
    model(row, "value = a * 9", model_name="bold", target_kpi="revenue", scenario_label="Optimistic")
    model(row, "value = a", model_name="loyal", target_kpi="retention")
    scored(row)
    assert contributed(row) == {"revenue": 0.3, "retention": 0.1}


def test_the_active_label_decides_which_variant_counts(revenue):
    row = modelled("value = a", a=1)
    model(row, "value = a * 9", model_name="bold", target_kpi="revenue", scenario_label="Optimistic")
    ActiveScenario.objects.create(label="optimistic")
    inputs = scored(row)
    assert contributed(row) == {"revenue": 9}
    assert inputs.score_warnings == "MATH_MODEL: main is of the scenario Base; optimistic is active"


def test_a_kpi_that_is_no_longer_active_gets_no_contribution(revenue):
    kpi = strategic("retention")
    row = modelled("value = a", "retention", a=1)
    scored(row)
    put("metrics_config", kpi, is_active=False)
    scored(row)
    assert contributed(row) is None


def test_an_override_stands_beside_the_computed_value(revenue):
    row = modelled("value = a", a=1)
    put("kpi_contributions", row, contribution_override={"revenue": 5}, override_reason="Contract signed")
    scored(row)
    both = Contributions.objects.get(initiative=row)
    assert (both.computed, both.effective) == ({"revenue": 1}, {"revenue": 5})


# Ranges ---------------------------------------------------------------------------------------------------


def test_ranges_give_percentiles_around_the_value_and_certainty_gives_none(revenue):
    row = modelled("value = a * b", a=10, b=2)
    scored(row)
    assert MathModel.objects.get().p10 is None
    put("params", Param.objects.get(param_name="a"), min=5, max=15)
    scored(row)
    made = MathModel.objects.get()
    assert made.p10 < made.p50 < made.p90 and made.p50 == pytest.approx(20, rel=0.01)


def test_a_range_that_excludes_its_value_warns_and_the_value_stands(revenue):
    row = modelled("value = a", days=1, a=10)
    put("params", Param.objects.get(), min=0, max=5)
    inputs = scored(row)
    assert inputs.math_value_score == 10
    assert inputs.score_warnings.startswith("MATH_MODEL: no P10 and P90, because of a: ")


# Ranks and history ----------------------------------------------------------------------------------------


def test_ranks_count_ties_once_each_and_leave_the_unscored_out():
    rows = [rated(**(RICE | {"rice_reach": reach})) for reach in (100, 300, 300, 50)] + [rated(rice_reach=1)]
    scored(*rows)
    ranks = [ScoringInputs.objects.get(initiative=row).rice_rank for row in rows]
    assert ranks == [3, 1, 1, 4, None]


def test_scoring_one_initiative_ranks_all():
    first, second = rated(**RICE), rated(**RICE | {"rice_reach": 1})
    scored(first, second)
    put("scoring_inputs", second, rice_reach=10**6)
    scored(second)
    assert [ScoringInputs.objects.get(initiative=row).rice_rank for row in (first, second)] == [2, 1]


def test_history_grows_only_when_something_changed():
    row = rated(**RICE)
    scored(row)
    scored(row)
    assert Score.objects.count() == 1
    put("scoring_inputs", row, rice_reach=2_000)
    scored(row)
    newest, oldest = Score.objects.all()
    assert (oldest.overall, newest.overall) == (400, 800)
    assert newest.inputs == {"reach": 2_000, "impact": 2, "confidence": 0.8, "effort": 4}


def test_a_framework_that_stops_being_used_gets_one_blank_row():
    row = rated(**RICE)
    scored(row)
    put("scoring_inputs", row, **dict.fromkeys(RICE))
    scored(row)
    scored(row)
    assert [kept.overall for kept in Score.objects.all()] == [None, 400]


def test_a_snapshot_names_model_formula_and_params(revenue):
    scored(modelled("value = a", days=2, a=10))
    assert Score.objects.get().inputs == {
        "model": "main",
        "formula": "value = a",
        "params": {"a": 10},
        "effort": 2,
    }


# Active scores --------------------------------------------------------------------------------------------


def test_the_active_scores_follow_the_choice_at_once_and_every_scoring():
    row = rated(**RICE, **WSJF)
    scored(row)
    put("scoring_inputs", row, active_scoring_framework="WSJF")
    row.scoring.refresh_from_db()
    assert (row.scoring.value_score, row.scoring.overall_score, row.scoring.is_stale) == (16, 8, False)
    put("scoring_inputs", row, wsjf_job_size=1)
    assert scored(row).overall_score == 16
    put("scoring_inputs", row, active_scoring_framework="")
    row.scoring.refresh_from_db()
    assert row.scoring.overall_score is None


# Staleness ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tab, values",
    [
        ("params", {"value": 11}),
        ("params", {"approved": False}),
        ("params", {"max": 99}),
        ("math_models", {"formula_text": "value = a + 1"}),
        ("math_models", {"scenario_label": "Other"}),
        ("math_models", {"target_kpi": None}),
        ("scoring_inputs", {"rice_reach": 5}),
        ("scoring_inputs", {"use_math_model": False}),
        ("backlog", {"effort_engineering_days": 9}),
        ("metrics_config", {"kpi_level": "operational"}),
    ],
)
def test_whatever_scores_follow_from_makes_them_stale_until_they_are_scored(revenue, tab, values):
    north = strategic("growth")
    row = modelled("value = a", "growth", a=10)
    scored(row)
    assert staleness.count() == 0
    changed = {
        "params": Param.objects.get(),
        "math_models": MathModel.objects.get(),
        "metrics_config": north,
    }
    assert put(tab, changed.get(tab, row), **values).ok
    assert staleness.count() == 1
    assert noted("scoring_inputs", row) >= {"overall_score", "math_overall_score"}
    assert noted("backlog", row) >= {"overall_score"}
    assert noted("kpi_contributions", row) >= {
        "contribution_computed:revenue",
        "contribution_effective:revenue",
    }
    assert registry.tab("scoring_inputs").context().startswith("1 initiative changed")
    scored(row)
    assert staleness.count() == 0 and registry.tab("scoring_inputs").context() == ""
    assert not noted("scoring_inputs", row)


@pytest.mark.parametrize(
    "tab, values",
    [
        ("params", {"notes": "x"}),
        ("math_models", {"model_description": "x"}),
        ("backlog", {"title": "x"}),
        ("metrics_config", {"description": "x"}),
    ],
)
def test_words_make_nothing_stale(revenue, tab, values):
    row = modelled("value = a", a=10)
    scored(row)
    changed = {
        "params": Param.objects.get(),
        "math_models": MathModel.objects.get(),
        "metrics_config": revenue,
    }
    assert put(tab, changed.get(tab, row), **values).ok
    assert staleness.count() == 0


def test_a_deleted_model_makes_its_initiative_stale_and_no_longer_counts(revenue):
    row = modelled("value = a", a=10)
    scored(row)
    apply_changes(registry.tab("math_models"), actor(), Surface.GRID, [DeleteRow(MathModel.objects.get().pk)])
    assert staleness.count() == 1
    assert scored(row).math_value_score is None and contributed(row) is None


# At scale -------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_number_of_initiatives(revenue, django_assert_max_num_queries):
    rows = [modelled(f"value = a + {number}", a=10) for number in range(12)]
    with django_assert_max_num_queries(30):
        told = score([row.pk for row in rows])
    assert [one.changed for one in told] == [True] * 12
    assert [one.changed for one in score([row.pk for row in rows])] == [False] * 12


def test_scoring_raises_the_revision_of_every_tab_that_shows_scores(revenue):
    row = modelled("value = a", a=10)
    names = ("scoring_inputs", "math_models", "kpi_contributions", "backlog")
    before = {name: TabRevision.current(name) for name in names}
    scored(row)
    assert all(TabRevision.current(name) > before[name] for name in names)
