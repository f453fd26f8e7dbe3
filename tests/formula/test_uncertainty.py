"""Draws, what is said about them, and the tornado."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formula import FormulaError, evaluate, parse
from scoring.formula.arrays import evaluate_columns
from scoring.uncertainty import (
    DISTRIBUTIONS,
    Range,
    draw,
    rank_correlations,
    sample,
    summarise,
    tornado,
)

N = 10_000
NUMBERS = st.floats(-1e6, 1e6)


@st.composite
def ranges(draw_from, distributions=("pert", "triangular", "uniform")):
    low, value, high = sorted(draw_from(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    return Range(value, low, high, draw_from(st.sampled_from(distributions)))


def close_to(mean, param):
    return pytest.approx(mean, rel=1e-12, abs=1e-5 * (param.max - param.min))


@given(ranges())
def test_draws_stay_within_the_range(param):
    drawn = draw("a", param, 500)
    assert np.all((drawn >= param.min) & (drawn <= param.max))


@given(ranges(distributions=["pert"]))
def test_pert_has_its_textbook_mean(param):
    mean = (param.min + 4 * param.value + param.max) / 6
    assert draw("a", param, N).mean() == close_to(mean, param)


def test_pert_has_its_textbook_variance():
    alpha, beta = 1 + 4 * 0.25, 5 - 4 * 0.25
    variance = alpha * beta / (36 * 7)
    assert draw("a", Range(25, 0, 100), N).var() == pytest.approx(variance * 100**2, rel=1e-3)


@given(ranges(distributions=["triangular"]))
def test_triangular_has_its_textbook_mean(param):
    mean = np.mean([param.min, param.value, param.max])
    assert draw("a", param, N).mean() == close_to(mean, param)


@given(st.floats(0.01, 1e6), st.floats(1.01, 1e3))
def test_lognormal_90_has_its_p5_and_p95_at_min_and_max(low, factor):
    drawn = draw("a", Range(low, low, low * factor, "lognormal_90"), N)
    assert np.percentile(drawn, [5, 95]) == pytest.approx([low, low * factor], rel=1e-3 * factor**0.5)


@pytest.mark.parametrize("distribution", ["pert", "triangular", "uniform", "lognormal_90"])
def test_every_stratum_is_drawn_once(distribution):
    drawn = np.sort(draw("a", Range(2, 1, 4, distribution), 1_000))
    assert np.all(np.diff(drawn) > 0)
    coarse, fine = drawn.reshape(10, 100), draw("other", Range(2, 1, 4, distribution), 1_000)
    for decile in coarse:
        assert np.count_nonzero((fine >= decile[0]) & (fine <= decile[-1])) == 100


def test_uniform_draws_fill_every_stratum():
    drawn = draw("a", Range(0.5, 0, 1, "uniform"), 1_000)
    assert sorted(np.floor(drawn * 1_000)) == list(range(1_000))


def test_a_param_is_drawn_by_its_name_and_the_seed_alone():
    shared = Range(5, 0, 10, "uniform")
    first = sample(parse("value = shared * 1"), {"shared": shared}, N, seed=1)
    second = sample(
        parse("value = other * 0 + shared"), {"shared": shared, "other": Range(1, 0, 2)}, N, seed=1
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, sample(parse("value = shared"), {"shared": shared}, N, seed=2))
    assert abs(np.corrcoef(first, draw("other", shared, N, seed=1))[0, 1]) < 0.05


def test_draws_are_the_same_on_every_machine():
    assert draw("monthly_sessions", Range(5, 0, 10, "uniform"), 5, seed=7).tolist() == [3, 7, 1, 5, 9]


@pytest.mark.parametrize("param", [Range(3), Range(3, 1, 9, "fixed"), Range(3, 3, 3)])
def test_a_certain_param_is_a_constant(param):
    values = sample(parse("value = a + 1"), {"a": param}, 100)
    assert values.shape == (100,)
    assert set(values) == {4.0}
    assert summarise(values).p10 == summarise(values).p90 == 4.0


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ((1, 0, None), "needs both min and max"),
        ((1, 2, 0), "min 2 is above max 0"),
        ((5, 0, 2), "the value 5 must lie from min 0 to max 2"),
        ((1, 0, math.inf), "finite"),
        ((1, 0, 2, "lognormal_90"), "min above 0"),
        ((1, 0, 2, "normal"), "one of pert"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(param, message):
    with pytest.raises(ValueError, match=message):
        Range(*param)


def test_a_range_reads_numbers_and_mappings_with_blanks():
    assert Range.read(3) == Range(3.0)
    assert Range.read({"value": 3, "min": None, "distribution": ""}) == Range(3.0)
    assert Range.read({"value": 3, "min": 1, "max": 4, "distribution": "uniform"}) == Range(
        3, 1, 4, "uniform"
    )
    with pytest.raises(ValueError, match="max must be a number"):
        Range.read({"value": 3, "min": 1, "max": "4"})


def test_a_missing_param_is_a_formula_error():
    with pytest.raises(FormulaError, match="“b” has no value"):
        sample(parse("value = a + b"), {"a": Range(1)})


SCRIPT = parse("t = max(a, b, 2) - min(a, 1.5, -b)\nu = abs(-t) / (+a)\nvalue = sqrt(t * t + u) * 2")


@given(st.floats(0.1, 1e3), st.floats(-1e3, 1e3))
def test_columns_compute_what_the_evaluator_computes(a, b):
    columns = {"a": np.array([a, 1.0]), "b": np.array([b, 1.0])}
    rows = {name: column[0] for name, column in evaluate_columns(SCRIPT, columns).items()}
    assert rows == pytest.approx(evaluate(SCRIPT, {"a": a, "b": b}), rel=1e-15)


@pytest.mark.parametrize("script", ["1/a", "min(1/a, 5)", "1/(1/a)", "sqrt(a - 1)", "max(sqrt(a - 1), 2)"])
def test_a_row_that_can_not_be_computed_is_not_finite_and_harms_no_other(script):
    column = evaluate_columns(parse(script), {"a": np.array([0.0, 4.0])})["value"]
    assert np.isfinite(column).tolist() == [False, True]


def test_summary_of_known_draws():
    summary = summarise(np.array([*range(-20, 81), math.nan, math.inf, -math.inf], dtype=float))
    assert (summary.p10, summary.p50, summary.p90) == pytest.approx((-10, 30, 70))
    assert summary.mean == pytest.approx(30)
    assert summary.p_positive == 80 / 101
    assert summary.finite_fraction == 101 / 104


def test_summary_of_nothing_finite():
    summary = summarise(np.full(5, math.nan))
    assert summary.finite_fraction == 0.0
    assert math.isnan(summary.p50)
    assert math.isnan(summary.p_positive)


def test_sampling_error_is_that_of_independent_draws():
    generator = np.random.default_rng(1)
    summaries = [summarise(generator.normal(size=2_000)) for _ in range(400)]
    for name in ("p10", "p50", "p90"):
        spread = np.std([getattr(summary, name) for summary in summaries])
        assert np.mean([summary.sampling_error[name] for summary in summaries]) == pytest.approx(
            spread, rel=0.15
        )


def test_tornado_moves_one_param_at_a_time_and_sorts_by_swing():
    script = parse("value = a * b + c")
    params = {"a": Range(2, 1, 3), "b": Range(10, 0, 20), "c": Range(7)}
    assert [(bar.param, bar.at_min, bar.at_max, bar.swing) for bar in tornado(script, params)] == [
        ("b", 7, 47, 40),
        ("a", 17, 37, 20),
    ]


def test_tornado_shows_a_param_that_breaks_the_value_first():
    bars = tornado(parse("value = a + 1 / b"), {"a": Range(1, -99, 99), "b": Range(1, 0, 2)})
    assert [bar.param for bar in bars] == ["b", "a"]
    assert math.isnan(bars[0].at_min)


def test_tornado_without_uncertain_params_is_empty():
    assert tornado(parse("value = 1 + a"), {"a": Range(1)}) == []


def test_rank_correlation_has_the_sign_and_size_of_the_influence():
    script = parse("value = big * big * big - small + capped * 0")
    wide, narrow = Range(5, 0, 10, "uniform"), Range(5, 4, 6, "uniform")
    params = {"big": wide, "small": narrow, "capped": narrow}
    correlations = rank_correlations(script, params, sample(script, params, N, 3), 3)
    assert correlations["big"] > 0.999
    assert -0.1 < correlations["small"] < 0.02
    assert abs(correlations["capped"]) < 0.05


def test_equal_values_share_the_middle_of_their_ranks():
    script, params = parse("value = max(a, 5)"), {"a": Range(5, 0, 10, "uniform")}
    correlations = rank_correlations(script, params, sample(script, params, N))
    assert correlations["a"] == pytest.approx(math.sqrt(7 / 8), abs=1e-4)


def test_rank_correlation_of_a_value_that_never_moves_is_0():
    for text in ("value = max(a, 9)", "value = sqrt(a - 9)"):
        script, params = parse(text), {"a": Range(5, 4, 6)}
        assert rank_correlations(script, params, sample(script, params, 100)) == {"a": 0.0}


def test_every_distribution_has_draws():
    for distribution in DISTRIBUTIONS:
        assert np.all(np.isfinite(draw("a", Range(2, 1, 3, distribution), 10)))
