"""Places in every draw, and how likely one exceeds another."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scoring.stability import chance_of_more, place_percentiles, rank_in_place
from scoring.uncertainty import Range, draw

SCORE = st.sampled_from([0.0, -1.5, 1.0, 2.0, 3.5, 1e300, math.nan])
SCORES = arrays.arrays(float, st.tuples(st.integers(1, 7), st.integers(1, 9)), elements=SCORE)


def brute(scores, shares):
    """Count, for each draw, who is ahead; then walk up until so many draws are covered."""
    ranked, draws = scores.shape
    found = np.zeros((ranked, len(shares)), dtype=int)
    for me in range(ranked):
        own = scores[me]
        places = sorted(1 + sum(scores[:, at] > own[at]) for at in range(draws) if not math.isnan(own[at]))
        for column, share in enumerate(shares):
            covered = (place for count, place in enumerate(places, 1) if count >= share * len(places) - 1e-9)
            found[me, column] = next(covered, 0)
    return found


@given(SCORES, st.sampled_from([1, 5, 1_000]))
def test_places_are_those_counted_one_by_one(scores, block):
    shares = (0.1, 0.5, 0.9)
    assert (place_percentiles(scores.copy(), shares, block) == brute(scores, shares)).all()


@given(SCORES)
def test_blocks_change_nothing(scores):
    one, blocks = scores.copy(), scores.copy()
    rank_in_place(one)
    rank_in_place(blocks, 1)
    np.testing.assert_array_equal(one, blocks)


def test_equal_scores_share_a_place_and_the_next_one_counts_them_all():
    scores = np.array([[5.0], [7.0], [7.0], [1.0], [math.nan]])
    rank_in_place(scores)
    assert scores[:, 0].tolist()[:4] == [3, 1, 1, 4] and math.isnan(scores[4, 0])


def test_many_draws_are_ranked_in_bounded_memory():
    tracemalloc = pytest.importorskip("tracemalloc")
    scores = np.random.default_rng(1).random((500, 4_000))
    tracemalloc.start()
    place_percentiles(scores, (0.1, 0.9))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < scores.nbytes


def uniform(name, low, high, draws=10_000):
    return draw(name, Range(low, low, high, "uniform"), draws)


def test_the_chance_of_more_is_that_of_two_uniforms():
    # P(A > B) for A on 0…10 and B on 4…12: the triangle where A exceeds B is (10 − 4)² ÷ 2 of 10 · 8
    found = chance_of_more(uniform("a", 0, 10), uniform("b", 4, 12))
    assert found.share == pytest.approx(18 / 80, abs=4 * found.sampling_error)
    assert found.sampling_error == pytest.approx(math.sqrt(0.225 * 0.775 / 10_000), rel=0.05)
    assert found.draws == 10_000


def test_equals_have_even_chances():
    same = uniform("a", 0, 10)
    found = chance_of_more(same, same)
    assert (found.share, found.sampling_error) == (0.5, 0)


def test_a_shared_assumption_decides_nothing():
    traffic = uniform("traffic", 100, 10_000)
    assert chance_of_more(traffic * 1.01, traffic).share == 1
    assert chance_of_more(traffic * 1.01, uniform("other", 100, 10_000)).share < 0.6


@given(arrays.arrays(float, 6, elements=SCORE), arrays.arrays(float, 6, elements=SCORE))
def test_chances_of_both_sides_add_up_to_one(one, other):
    found, turned = chance_of_more(one, other), chance_of_more(other, one)
    assert found.draws == turned.draws
    if found.draws:
        assert found.share + turned.share == pytest.approx(1)
    else:
        assert math.isnan(found.share)
