"""Quantiles with known answers, and orders that are told apart by their names."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.hypercube import order, positions
from scoring.uncertainty import PERCENTILES, Range, _around, draw, summarise

N = 10_000
MODES = [0.0, 0.003, 0.2, 0.25, 1 / 3, 0.5, 0.77, 0.999, 1.0]


def quantiles(distribution, value, low, high, shares=(10, 50, 90)):
    return np.percentile(draw("a", Range(value, low, high, distribution), N), shares)


def test_uniform_has_its_textbook_quantiles():
    assert quantiles("uniform", 5, 0, 10) == pytest.approx([1, 5, 9], abs=1e-3)


def test_triangular_has_its_textbook_quantiles():
    # F(x) = x²/(100·0.3) up to 3, 1 − (10 − x)²/(100·0.7) above
    expected = [math.sqrt(0.1 * 30), 10 - math.sqrt(0.5 * 70), 10 - math.sqrt(0.1 * 70)]
    assert quantiles("triangular", 3, 0, 10) == pytest.approx(expected, abs=1e-3)


def test_lognormal_90_has_its_textbook_quantiles():
    # P10 and P90 lie 1.28155 ÷ 1.64485 of the way from the median to P5 and P95, on the scale of logarithms
    reach = 100 ** (1.2815515655 / 1.6448536270 / 2)
    assert quantiles("lognormal_90", 10, 1, 100) == pytest.approx([10 / reach, 10, 10 * reach], rel=1e-3)


def test_pert_has_its_textbook_quantiles():
    # With its mode at min it is Beta(1, 5): F(x) = 1 − (1 − x)⁵
    expected = [1 - (1 - share) ** 0.2 for share in (0.1, 0.5, 0.9)]
    assert quantiles("pert", 0, 0, 1) == pytest.approx(expected, abs=1e-4)
    assert quantiles("pert", 1, 0, 1) == pytest.approx([1 - x for x in reversed(expected)], abs=1e-4)
    assert quantiles("pert", 0.5, 0, 1)[1] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_pert_inverts_its_distribution_function(mode):
    """Against Simpson's rule on the density of Beta(1 + 4·mode, 5 − 4·mode)."""
    a, b = 1 + 4 * mode, 5 - 4 * mode
    x = np.linspace(0, 1, 200_001)
    density = x ** (a - 1) * (1 - x) ** (b - 1) * math.gamma(6) / math.gamma(a) / math.gamma(b)
    pieces = (density[:-2:2] + 4 * density[1:-1:2] + density[2::2]) / 3 * (x[1] - x[0])
    share = np.interp(positions("pert", mode, N), x[::2], np.concatenate(([0], np.cumsum(pieces))))
    assert share == pytest.approx((np.arange(N) + 0.5) / N, abs=2e-5)


@given(st.floats(0, 1), st.sampled_from(["pert", "triangular"]), st.sampled_from([2, 7, 100, 2_000]))
def test_positions_rise_from_min_to_max_at_every_mode(mode, distribution, draws):
    found = positions(distribution, mode, draws)
    assert (np.diff(found) > 0).all() and found[0] >= 0 and found[-1] <= 1


def test_every_name_has_an_order_of_its_own():
    orders = [order(f"param_{number}", 1_000, 0) for number in range(200)]
    assert all((np.sort(one) == np.arange(1_000)).all() for one in orders)
    related = np.corrcoef(orders) - np.eye(200)
    assert np.abs(related).max() < 0.16  # five standard deviations
    assert related.std() == pytest.approx(1 / math.sqrt(1_000), rel=0.1)


def test_three_names_are_independent_together():
    signs = [np.sign(order(f"param_{number}", 1_000, 3) - 499.5) for number in range(60)]
    products = [np.mean(a * b * c) for a, b, c in zip(signs, signs[20:], signs[40:], strict=False)]
    assert np.abs(products).max() < 0.16


def test_another_seed_is_another_order():
    assert (order("rate", 1_000, 0) != order("rate", 1_000, 1)).mean() > 0.99
    assert (order("rate", 1_000, 0) == order("rate", 1_000, 0)).all()


ANY = st.lists(st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1e-320, 1e-9, 1.0, 1e300]), min_size=1)


@given(ANY, st.sampled_from([1, 3, 40]))
def test_percentiles_are_those_of_the_sorted_draws(numbers, times):
    values = np.array(numbers * times)
    with np.errstate(all="ignore"):
        said = summarise(values)
        for name, share in PERCENTILES.items():
            expected = [_of_sorted(values, each) for each in (share, *_around(share, values.size))]
            assert getattr(said, name) == expected[0]
            assert said.sampling_error[name] == (expected[2] - expected[1]) / 2


def _of_sorted(values, share):
    ordered = sorted(values.tolist())
    below, fraction = divmod(share * (values.size - 1), 1)
    low, high = ordered[int(below)], ordered[min(int(below) + 1, values.size - 1)]
    return low + fraction * (high - low)
