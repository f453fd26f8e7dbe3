import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.frameworks import math_model, rice, wsjf
from scoring.frameworks.math_model import Known
from scoring.frameworks.scored import significant


def known(**values):
    return {name: Known(value, True) for name, value in values.items()}


@pytest.mark.parametrize(
    "inputs, value, overall",
    [
        ((2_000, 3, 1, 4), 6_000, 1_500),
        ((500, 0.25, 0.5, 0.5), 62.5, 125),
        ((0, 2, 0.8, 1), 0, 0),
        ((100, 1, 0, 2), 0, 0),
    ],
)
def test_rice_is_reach_times_impact_times_confidence_over_effort(inputs, value, overall):
    scored = rice.score(*inputs)
    assert (scored.value, scored.effort, scored.overall) == (value, inputs[-1], overall)
    assert not scored.warnings


@pytest.mark.parametrize(
    "inputs, value, overall",
    [((8, 5, 3, 2), 16, 8), ((20, 20, 20, 20), 60, 3), ((1, 1, 1, 20), 3, 0.15)],
)
def test_wsjf_is_cost_of_delay_over_job_size(inputs, value, overall):
    scored = wsjf.score(*inputs)
    assert (scored.value, scored.effort, scored.overall) == (value, inputs[-1], overall)


@pytest.mark.parametrize(
    "framework, inputs, warning",
    [
        (rice, (None, 1, 0.8, 2), "missing: reach"),
        (rice, (100, None, 0.8, None), "missing: impact, effort"),
        (rice, (100, 1, 0.8, 0), "effort must be more than 0"),
        (wsjf, (1, None, None, 2), "missing: time criticality, risk reduction"),
        (wsjf, (1, 1, 1, 0), "job size must be more than 0"),
    ],
)
def test_missing_inputs_score_nothing_and_are_named(framework, inputs, warning):
    scored = framework.score(*inputs)
    assert (scored.value, scored.effort, scored.overall) == (None, None, None)
    assert scored.warnings == (warning,)


@pytest.mark.parametrize(
    "text, params, days, value, effort, overall",
    [
        ("traffic_uplift * rate", {"traffic_uplift": 120_000, "rate": 0.6}, None, 72_000, None, None),
        (
            "value = volume * (after - before)",
            {"volume": 72_179_100, "after": 0.02, "before": 0.0185},
            10,
            108_268.65,
            10,
            10_826.865,
        ),
        ("value = a\neffort = 5\neffort_days = 2", {"a": 10}, 1, 10, 5, 2),
        ("value = a\neffort_days = 2", {"a": 10}, 1, 10, 2, 5),
        ("value = a", {"a": 10, "effort_days": 4}, 1, 10, 4, 2.5),
        ("value = a", {"a": 10}, 1, 10, 1, 10),
        ("value = a\noverall = a * 3", {"a": 10}, None, 10, None, 30),
        ("value = a\neffort = 2\noverall = 7", {"a": 10}, None, 10, 2, 7),
    ],
)
def test_a_math_model_takes_its_effort_and_overall_from_the_nearest_source(
    text, params, days, value, effort, overall
):
    scored = math_model.score(text, known(**params), days)
    told = tuple(significant(number) for number in (scored.value, scored.effort, scored.overall))
    assert told == (value, effort, overall)


@pytest.mark.parametrize(
    "text, params, days, warning",
    [
        ("value = a", {"a": Known(10, True)}, None, math_model.NO_EFFORT),
        ("value = a", {"a": Known(10, True)}, 0, "effort is 0; it must be more than 0"),
        (
            "value = a",
            {"a": Known(10, True), "effort_days": Known(3, False)},
            5,
            "not approved: effort_days",
        ),
    ],
)
def test_without_a_usable_effort_the_value_stands_and_a_warning_says_why(text, params, days, warning):
    scored = math_model.score(text, params, days)
    assert scored.value == 10 and warning in scored.warnings


@pytest.mark.parametrize(
    "text, params, warnings",
    [
        (
            "value = margin * units",
            {"margin": Known(0.2, False), "units": Known(5, True)},
            ("not approved: margin",),
        ),
        (
            "value = a + b + c",
            {"a": Known(None, True), "b": Known(1, False)},
            ("no value: a, c", "not approved: b"),
        ),
        (
            "value = a / b",
            {"a": Known(1, True), "b": Known(0, True)},
            ("Line 1: Division by zero: “b” is 0.",),
        ),
    ],
)
def test_a_math_model_that_cant_be_computed_scores_nothing_and_says_why(text, params, warnings):
    scored = math_model.score(text, params, 3)
    assert (scored.value, scored.effort, scored.overall) == (None, None, None)
    assert scored.warnings == warnings


def test_a_formula_may_not_assign_an_approved_param_but_one_that_does_not_count_is_in_nobodys_way():
    text = "rate = 2\nvalue = rate * 3"
    assert "is a param" in math_model.score(text, {"rate": Known(1, True)}, 1).error
    for unapproved in (Known(1, False), Known(None, True)):
        assert math_model.score(text, {"rate": unapproved}, 1).value == 6


def test_the_snapshot_holds_what_was_read():
    scored = math_model.score("value = a * 2", known(a=4, other=1), 8)
    assert scored.inputs == {"formula": "value = a * 2", "params": {"a": 4}, "effort": 8}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_keeps_twelve_significant_digits(number):
    assert significant(number) == pytest.approx(number, rel=1e-11, abs=0)
    assert significant(significant(number)) == significant(number)
