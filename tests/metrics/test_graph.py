"""The graph of metrics and its picture: pure, without a database."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.chains import ChainError, parse
from metrics.flows import flows
from metrics.graph import Chain, Graph, Node
from metrics.layers import Layers, crossings, layers
from metrics.placing import places

STAR = Node("gmv", "GMV", "north_star", "EUR")
NPS = Node("nps", "NPS", "strategic", "points", place=1)
VISITS = Node("visits", "Visits", "operational", place=2)
DECLARED = [STAR, NPS, VISITS]


def graph(*chains: str, declared: Any = DECLARED) -> Graph:
    return Graph.of([Chain(tuple(parse(text)), model_id=at) for at, text in enumerate(chains)], declared)


# Reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "between",
    [
        "→",
        " → ",
        "->",
        "-->",
        " ——> ",
        "=>",
        "==>",
        ">",
        ",",
        "\n",
        "\r\n",
        "\r",
        "⟶",
        "⇒",
        "⟹",
        "➔",
        "➡️",
        "⇨",
        ",\n",
    ],
)
def test_a_chain_is_read_whatever_arrow_its_author_has(between: str) -> None:
    assert parse(f"sign-ups{between}net  margin{between}gmv") == ["sign-ups", "net margin", "gmv"]


@pytest.mark.parametrize("text", ["visits > Visits", "a → b\na", "Straße > STRASSE", "cafe\u0301 > café"])
def test_a_chain_with_one_metric_twice_is_refused(text: str) -> None:
    with pytest.raises(ChainError, match="never runs in a circle"):
        parse(text)


# The graph ---------------------------------------------------------------------------------------------


def test_chains_of_several_models_join_in_one_graph_however_they_spell_a_metric() -> None:
    found = graph("clicks > Visits", "visits > NPS > gmv")
    assert list(found.edges) == [("clicks", "visits"), ("nps", "gmv"), ("visits", "nps")]
    assert found.path("CLICKS", "gmv") == ("clicks", "visits", "nps", "gmv")
    assert found.above("visits") == {"nps", "gmv"}
    assert found.below("nps") == {"visits", "clicks"}
    assert [node.key for node in found.unknown] == ["clicks"]
    assert found.nodes["nps"] == NPS


@pytest.mark.parametrize(
    ("lower", "upper"), [("gmv", "clicks"), ("nps", "visits"), ("clicks", "nowhere"), ("", "")]
)
def test_there_is_no_way_against_the_arrows_or_to_what_is_not_there(lower: str, upper: str) -> None:
    assert graph("clicks > visits > gmv", "nps > gmv").path(lower, upper) == ()


def test_a_circle_of_two_chains_names_its_metrics_and_both_chains() -> None:
    [circle] = graph("a > b > gmv", "c > b > a", "x > gmv").circles
    assert circle.metrics == ("a", "b", "a")
    assert [chain.model_id for chain in circle.chains] == [0, 1]


def test_circles_that_do_not_touch_are_told_one_by_one() -> None:
    found = graph("a > b", "b > a", "c > d", "d > e", "e > c", "a > c")
    assert [circle.metrics for circle in found.circles] == [("a", "b", "a"), ("c", "d", "e", "c")]
    assert graph("a > b > c", "a > c").circles == []


# The picture -------------------------------------------------------------------------------------------


def rows_of(found: Graph, most: int = 6) -> list[list[str]]:
    picture = layers(found, found.nodes, most)
    return [[stop.node for stop in row if not stop.to] for row in picture.rows]


def test_the_north_star_stands_on_top_then_strategic_then_operational_metrics() -> None:
    assert rows_of(graph("visits > gmv", "clicks > visits")) == [["gmv"], ["nps"], ["visits"], ["clicks"]]


def test_the_longest_way_says_how_low_a_metric_stands() -> None:
    assert rows_of(graph("a > b > c > nps", "a > nps"), 9)[1:] == [["nps"], ["visits", "c"], ["b"], ["a"]]


def test_what_the_north_star_moves_stands_below_it_all_the_same() -> None:
    found = graph("visits > gmv > nps")
    picture = layers(found, found.nodes)
    assert picture.turned == {("gmv", "nps")}
    assert picture.row_of == {"gmv": 0, "nps": 1, "visits": 2}


def test_a_long_link_passes_the_rows_between_in_one_trunk_with_others_to_the_same_metric() -> None:
    found = graph("a > visits > nps > gmv", "a > gmv", "b > visits", "b > gmv")
    picture = layers(found, found.nodes)
    trunks = [stop for row in picture.rows for stop in row if stop.to]
    assert [(stop.row, stop.to) for stop in trunks] == [(1, "gmv"), (2, "gmv")]
    assert picture.steps[(trunks[1], trunks[0])] == (("a", "gmv"), ("b", "gmv"))


def test_a_crowded_row_becomes_several() -> None:
    rows = rows_of(graph(*(f"m{at} > gmv" for at in range(20)), declared=[STAR]), 6)
    assert [len(row) for row in rows] == [1, 5, 5, 5, 5]


def test_ordering_by_barycentre_uncrosses_what_need_not_cross() -> None:
    declared = [STAR, *(Node(key, key, "strategic", place=at) for at, key in enumerate("abcd", 1))]
    found = graph("z > a", "y > b", "x > c", "w > d", declared=declared)
    picture = layers(found, found.nodes)
    up: dict[Any, list[Any]] = {}
    for below, above in picture.steps:
        up.setdefault(below, []).append(above)
    assert crossings(picture.rows, up) == 0


names = st.sampled_from([f"m{at}" for at in range(14)] + ["gmv", "nps", "visits"])
any_chains = st.lists(st.lists(names, min_size=1, max_size=6, unique=True), max_size=25)
ranked = st.lists(st.lists(st.integers(0, 14), min_size=1, max_size=6, unique=True).map(sorted), max_size=25)


def of_links(links: Any) -> Graph:
    return Graph.of([Chain(tuple(chain), model=str(chain)) for chain in links], DECLARED)


@given(any_chains, st.integers(1, 7))
def test_every_link_leads_up_a_row_at_a_time_unless_it_is_turned(links: Any, most: int) -> None:
    found = of_links(links)
    picture = layers(found, found.nodes, most)
    assert sorted(picture.row_of) == sorted(found.nodes)
    for lower, upper in found.edges:
        rises = picture.row_of[lower] > picture.row_of[upper]
        assert rises != ((lower, upper) in picture.turned)
    for below, above in picture.steps:
        assert below.row == above.row + 1
    taken = {link for links in picture.steps.values() for link in links}
    assert taken == set(found.edges)


@given(ranked)
def test_without_a_circle_no_link_is_turned_and_none_is_told(links: Any) -> None:
    found = Graph.of([Chain(tuple(f"m{at}" for at in chain)) for chain in links], [])
    assert layers(found, found.nodes).turned == frozenset()
    assert found.circles == []


@given(any_chains)
def test_a_circle_is_told_exactly_where_a_metric_moves_itself(links: Any) -> None:
    found = of_links(links)
    told = {metric for circle in found.circles for metric in circle.metrics}
    moving = {key for key in found.nodes if key in found.above(key)}
    assert bool(told) == bool(moving) and told <= moving
    for circle in found.circles:
        assert circle.metrics[0] == circle.metrics[-1]
        assert all(pair in found.edges for pair in pairwise(circle.metrics))
        assert circle.chains


@given(any_chains, st.randoms())
def test_the_picture_does_not_depend_on_the_order_of_the_chains(links: Any, chance: random.Random) -> None:
    chains = [Chain(tuple(chain), model_id=at) for at, chain in enumerate(links)]
    shuffled = chance.sample(chains, len(chains))
    one, other = Graph.of(chains, DECLARED), Graph.of(shuffled, DECLARED)
    assert list(one.nodes.values()) == list(other.nodes.values())
    assert placed(one) == placed(other)


def placed(found: Graph) -> tuple[Layers, Any]:
    picture = layers(found, sorted(found.nodes))
    return picture, places(picture, 900, 160, 16, 12)


@given(any_chains)
def test_nothing_in_a_row_stands_on_anything_else(links: Any) -> None:
    found = of_links(links)
    picture = layers(found, found.nodes, 5)
    at = places(picture, 900, 160, 16, 12)
    for row in picture.rows:
        for left, right in pairwise(row):
            sizes = sum(16 if stop.to else 160 for stop in (left, right)) / 2
            assert at[right] - at[left] >= sizes + 12 - 1e-6


def test_a_thousand_links_that_all_run_in_circles_are_drawn_all_the_same() -> None:
    chance = random.Random(5)
    keys = [f"m{at}" for at in range(40)]
    found = Graph.of([Chain(tuple(chance.sample(keys, 3))) for _ in range(500)], DECLARED)
    assert len(found.circles) == 1
    assert len(layers(found, found.nodes).row_of) == 43


def test_a_chain_of_ten_thousand_metrics_needs_no_deep_stack() -> None:
    long = tuple(f"m{at}" for at in range(10_000))
    found = Graph.of([Chain(long), Chain((long[-1], long[0]))], [])
    assert len(found.circles[0].metrics) == 10_001
    assert len(found.above("m0")) == 10_000


# What flows --------------------------------------------------------------------------------------------


def chain(initiative: int, links: str, target: str, value: float | None = None, counts: bool = True) -> Chain:
    return Chain(tuple(parse(links)), initiative, target=target, value=value, counts=counts)


def test_contributions_flow_up_their_chains_and_never_add_up_across_targets() -> None:
    chains = [
        chain(1, "visits > gmv", "gmv", 30),
        chain(2, "clicks > visits > gmv", "gmv", 70),
        chain(2, "visits > nps", "nps", 5),
    ]
    found = flows(Graph.of(chains, DECLARED), {1: {"gmv": 30}, 2: {"GMV": 70, "nps": 5}, 3: {"gmv": 100}})
    assert found.total == {"gmv": 200, "nps": 5}
    assert found.on_link[("visits", "gmv")] == {"gmv": 100}
    assert found.on_metric["visits"] == {"gmv": 100, "nps": 5}
    assert found.share([("visits", "gmv")]) == 0.5
    assert found.share([("clicks", "visits"), ("visits", "nps")]) == 1
    assert found.starts == {"visits": [1, 2], "clicks": [2], "gmv": [3]}
    assert found.passing["gmv"] == {1, 2, 3}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((30, True), (10, True), {"a": 75, "b": 25}),  # an override of 100 keeps the models' proportion
        ((30, True), (10, False), {"a": 100}),  # a draft carries nothing
        ((None, False), (None, False), {"a": 50, "b": 50}),
        ((30, True), (-30, True), {"a": 50, "b": 50}),
    ],
)
def test_several_chains_to_one_target_share_its_contribution(first: Any, second: Any, expected: Any) -> None:
    found = flows(
        Graph.of([chain(1, "a > gmv", "gmv", *first), chain(1, "b > gmv", "gmv", *second)], DECLARED),
        {1: {"gmv": 100}},
    )
    assert {link[0]: by_target["gmv"] for link, by_target in found.on_link.items()} == expected
    assert found.total == {"gmv": 100}


def test_a_chain_that_misses_its_target_carries_nothing_but_its_initiative_hangs_on_it() -> None:
    found = flows(Graph.of([chain(1, "a > b", "gmv", 5)], DECLARED), {1: {"gmv": 5}})
    assert found.on_link == {} and found.starts == {"a": [1]} and found.total == {"gmv": 5}


def test_a_chain_that_leads_on_carries_up_to_its_target_only() -> None:
    found = flows(Graph.of([chain(1, "a > gmv > nps", "gmv", 5)], DECLARED), {1: {"gmv": 5}})
    assert set(found.on_link) == {("a", "gmv")}
