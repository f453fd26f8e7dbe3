"""The solver against trying every portfolio: small random problems, every constraint type, every mode."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from hashlib import sha256
from itertools import combinations
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from optimization.reading import ProblemInvalid, read_problem
from optimization.solver import solve

from .brute import Brute, Portfolio, place
from .every import Every

KEYS = "ABCDEFGH"
KPIS = ("star", "reach")
MARKETS = ("UK", "FR")
MODES = ("north_star", "weighted_kpis", "lexicographic")
LISTS = ("mandatory", "excluded", "exclusion_pairs", "bundles", "synergies")


#: Few distinct values, so that ties are common; some with decimals, some tiny, one huge.
AMOUNTS = [-20, -3, 1, 4, 7, 7, 12, 20, 20, 35, 60, 0.1, 0.2, 0.3, 12.75, -0.25, 1e-3, 1e8]


def candidates(n: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.tuples(*(candidate(key) for key in KEYS[:n])).map(list)


def candidate(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "key": st.just(key),
            "tokens": st.sampled_from([0, 1, 2, 3, 5, 7.5, 10]),
            "contributions": st.fixed_dictionaries(
                {"star": st.sampled_from(AMOUNTS)}, optional={"reach": st.sampled_from(AMOUNTS)}
            ),
            "dimensions": st.dictionaries(st.just("market"), st.sampled_from(MARKETS)),
            "scope_mode": st.sampled_from(["full", "full", "full", "mvp", "auto"]),
            "tokens_mvp": st.sampled_from([0, 1, 2, 2.5]),
            "mvp_value_share": st.sampled_from([0, 0.3, 0.5, 1]),
        }
    )


@st.composite
def problems(draw: st.DrawFn, mode: str | None = None, most: int = 8) -> dict[str, Any]:
    mode = mode or draw(st.sampled_from(MODES))
    n = draw(st.integers(min(4, most), most))
    rows = draw(candidates(n))
    autos = [row for row in rows if row["scope_mode"] == "auto"]
    for row in autos[3:]:
        row["scope_mode"] = "full"
    keys = [row["key"] for row in rows]
    weights = draw(st.sampled_from([{"star": 1}, {"star": 2, "reach": 1}, {"reach": 0.3, "star": 0}]))
    order = draw(st.sampled_from([[], ["reach", "star"], ["reach"]]))
    scope = draw(st.sampled_from(["all", "all", "market:UK"]))
    wanted = draw(st.lists(targets(), max_size=4, unique_by=lambda t: (t["dimension_key"], t["kpi"])))
    return {
        "candidates": rows,
        "kpis": [{"key": "reach", "level": "strategic"}, {"key": "star", "level": "north_star"}],
        "objective": {
            "mode": mode,
            "scope": scope,
            "weights": weights if mode == "weighted_kpis" else {},
            "lexicographic_order": order,
        },
        "capacity_total": draw(st.sampled_from([12.5, 5, 10, 20, None, 0])),
        "constraints": draw(constraints(keys)),
        "targets": wanted if mode != "weighted_kpis" else with_scales(wanted, scope),
    }


def with_scales(wanted: list[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    """The targets, and one for each KPI that weights could not be measured against without."""
    dimension, _, key = scope.partition(":")
    where = (dimension, key or "all")
    known = {(place(target), target["kpi"]) for target in wanted}
    here = {"dimension": where[0], "dimension_key": where[1], "type": "goal", "baseline": None}
    return wanted + [
        here | {"kpi": kpi, "target": 40.5 if kpi == "star" else 8}
        for kpi in KPIS
        if (where, kpi) not in known
    ]


def constraints(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    key = st.sampled_from(keys)
    some = st.lists(key, min_size=1, max_size=3)
    pair = st.lists(key, min_size=2, max_size=2, unique=True)
    places = st.sampled_from([("market", "UK"), ("market", "FR"), ("all", "all")])
    return st.fixed_dictionaries(
        {
            "caps": st.dictionaries(places, st.sampled_from([3, 8, 12]), max_size=2).map(nested),
            "floors": rarely(
                st.dictionaries(places, st.sampled_from([1, 2.5, 4]), max_size=1).map(nested), {}
            ),
            "mandatory": rarely(st.lists(key, max_size=1), []),
            "excluded": st.lists(key, max_size=1),
            "exclusion_pairs": st.lists(pair, max_size=2) if len(keys) > 1 else st.just([]),
            "bundles": st.lists(st.fixed_dictionaries({"key": st.just("b"), "members": some}), max_size=1),
            "prerequisites": st.dictionaries(key, some, max_size=3),
            "synergies": st.lists(synergies(some), max_size=2),
        }
    )


def rarely(strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    """What leaves no portfolio when it comes too often."""
    return st.integers(0, 3).flatmap(lambda drawn: st.just(otherwise) if drawn else strategy)


def nested(limits: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (dimension, value), tokens in limits.items():
        found.setdefault(dimension, {})[value] = tokens
    return found


def synergies(members: st.SearchStrategy[list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "members": members,
            "min_members": st.sampled_from([None, 1, 2]),
            "kpi": st.sampled_from(KPIS),
            "bonus": st.sampled_from([-15, 5, 40.5]),
        }
    ).map(reachable_synergy)


def reachable_synergy(synergy: dict[str, Any]) -> dict[str, Any]:
    least = synergy["min_members"] and min(synergy["min_members"], len(set(synergy["members"])))
    return synergy | {"min_members": least}


def targets() -> st.SearchStrategy[dict[str, Any]]:
    places = st.sampled_from([("all", "all"), ("all", "all"), ("market", "UK")])
    rest = st.fixed_dictionaries(
        {
            "kpi": st.sampled_from(KPIS),
            "target": st.sampled_from([-5, 1, 20, 30.5, 60, 110]),
            "baseline": st.sampled_from([None, None, 0, 10.5]),
            "type": st.sampled_from(["goal", "goal", "goal", "floor"]),
        }
    )
    return st.tuples(places, rest).map(lambda t: {"dimension": t[0][0], "dimension_key": t[0][1], **t[1]})


@st.composite
def close_calls(draw: st.DrawFn) -> dict[str, Any]:
    """Rows worth about what they cost: many portfolios are nearly as good as the best, few are equals."""
    numbers = draw(st.lists(st.tuples(st.integers(5, 20), st.integers(80, 120)), min_size=9, max_size=12))
    rows = [
        {
            "key": f"K{index}",
            "tokens": tokens,
            "contributions": {"star": tokens * worth / 10, "reach": (tokens + worth) % 7},
            "dimensions": {"market": MARKETS[index % 2]},
        }
        for index, (tokens, worth) in enumerate(numbers)
    ]
    total, keys = sum(row["tokens"] for row in rows), [row["key"] for row in rows]
    mode = draw(st.sampled_from(MODES))
    return {
        "candidates": rows,
        "kpis": [{"key": "reach", "level": "strategic"}, {"key": "star", "level": "north_star"}],
        "objective": {"mode": mode, "weights": {"star": 2, "reach": 1} if mode == "weighted_kpis" else {}},
        "capacity_total": draw(st.integers(total // 3, total * 2 // 3)),
        "constraints": {
            "caps": {"market": {"UK": draw(st.integers(total // 6, total // 3))}},
            "exclusion_pairs": [draw(st.permutations(keys))[:2]],
            "prerequisites": {keys[0]: [keys[1]]},
            "synergies": [{"members": keys[2:4], "kpi": "star", "bonus": draw(st.integers(-20, 30))}],
        },
        "targets": [
            {"dimension": "all", "dimension_key": "all", "kpi": kpi, "target": need, "type": kind}
            for kpi, need, kind in (("star", total * 5, "goal"), ("reach", len(rows), "floor"))
        ],
    }


#: Other ways than CP-SAT alone, and what makes the search go so on a problem that one could solve by hand.
WAYS: dict[str, dict[str, dict[str, int]]] = {
    "lists": {"kernel": {"SMALL": 0}, "search": {"FIRST": 2, "LONGEST": 10**6, "CROWDED": 0}},
    "lists of single choices": {
        "kernel": {"SMALL": 0},
        "search": {"FIRST": 2, "LONGEST": 10**6, "CROWDED": 0},
        "parts": {"LARGEST": 1},
    },
    "a growing kernel": {"kernel": {"SMALL": 0}, "search": {"KERNEL": 2, "CORE": 4, "LONGEST": 0}},
    "a core at once": {"kernel": {"SMALL": 0}, "search": {"KERNEL": 4, "CORE": 600, "LONGEST": 0}},
}


@contextmanager
def going(way: str) -> Iterator[None]:
    with ExitStack() as stack:
        for module, limits in WAYS[way].items():
            stack.enter_context(patch.multiple(f"optimization.{module}", **limits))
        yield


def check(problem: dict[str, Any], ways: tuple[str, ...]) -> None:
    """The answer as small problems get it, and, of the rows in other orders, by other ways."""
    try:
        answer = solve(problem)
    except ProblemInvalid as invalid:
        assert all("/objective/weights" in error["pointer"] for error in invalid.errors)
        return
    best = Every(problem).best()
    assert_answered(problem, best, answer)
    for order, way in enumerate(ways):
        with going(way):
            again = solve(turned := shuffled(problem, order))
        assert_answered(turned, best, again)
        for name in ("portfolio_hash", "inputs_hash"):
            assert again[name] == answer[name]


def assert_answered(problem: dict[str, Any], best: Portfolio | None, answer: dict[str, Any]) -> None:
    """The whole contract of an answer."""
    if best is None:
        assert (answer["status"], answer["unique"]) == ("infeasible", False)
        assert (answer["selected"], answer["scope"], answer["objective_value"]) == ([], {}, None)
        assert_conflict_is_real(problem, answer)
    else:
        assert (answer["status"], answer["unique"], answer["scope"]) == ("optimal", True, best)
        assert_measured(Brute(problem), best, answer)
        assert_stages(Brute(problem), best, answer["stages"])
        assert answer["portfolio_hash"] == hash_of(best)


def answerable(problem: dict[str, Any]) -> bool:
    try:
        return bool(read_problem(problem))
    except ProblemInvalid:
        return False


def assert_measured(brute: Brute, best: Portfolio, answer: dict[str, Any]) -> None:
    assert answer["selected"] == sorted(best)
    assert answer["objective_value"] == float(brute.objective(best))
    assert answer["best_bound"] >= answer["objective_value"] and answer["gap"] <= 1e-9
    assert answer["capacity_used"]["total"] == float(brute.tokens(best))
    assert answer["kpi_totals"] == {kpi: float(brute.kpi(best, kpi, ("all", "all"))) for kpi in KPIS}
    assert_shares(brute, best, answer)
    for target, row in zip(brute.problem["targets"], answer["targets"], strict=True):
        assert row["achieved"] == float(brute.kpi(best, target["kpi"], place(target)))
        assert row["met"] == brute.met({**target, "type": "floor"}, best)


def assert_shares(brute: Brute, best: Portfolio, answer: dict[str, Any]) -> None:
    """What each KPI adds to a weighted objective, and that they are all of it."""
    told, whole = answer["shares"], answer["objective_value"]
    scope = brute.problem["objective"].get("scope", "all")
    points = brute.points(best, tuple(scope.split(":")) if scope != "all" else ("all", "all"))
    is_weighted = brute.mode == "weighted_kpis"
    assert {each["kpi"]: each["points"] for each in told} == {
        kpi: float(value) for kpi, value in points.items() if is_weighted
    }
    assert [each["points"] for each in told] == sorted((each["points"] for each in told), reverse=True)
    for each in told:
        assert each["points"] == pytest.approx(each["weight"] * each["total"] / each["need"])
        assert each["share"] == (pytest.approx(each["points"] / whole) if whole else None)


def assert_stages(brute: Brute, best: Portfolio, stages: list[dict[str, Any]]) -> None:
    """Each stage says what the portfolio falls short by, to the last digit, in the order asked for."""
    order = brute.problem["objective"].get("lexicographic_order") or brute.importance()
    targeted = {(t["kpi"], t["type"]) for t in brute.problem["targets"]}
    asked = [(kpi, kind) for kind in ("floor", "goal") for kpi in order if (kpi, kind) in targeted]
    assert [(s["kpi"], s["kind"]) for s in stages] == (asked if brute.mode == "lexicographic" else [])
    assert all(s["shortfall"] == float(brute.short(best, s["kpi"], s["kind"])) for s in stages)


def hash_of(portfolio: Portfolio) -> str:
    lines = sorted(f"{key}:{scope}" for key, scope in portfolio.items())
    return sha256("\n".join(lines).encode()).hexdigest()


def shuffled(problem: dict[str, Any], order: int) -> dict[str, Any]:
    """The same problem, everything whose order means nothing in another one."""
    turned, shuffle = deepcopy(problem), random.Random(order).shuffle
    rules = turned["constraints"]
    for rows in (turned["candidates"], turned["targets"], *map(rules.get, LISTS)):
        shuffle(rows or [])
    for rows in [*rules.get("exclusion_pairs", []), *rules.get("prerequisites", {}).values()]:
        shuffle(rows)
    return turned


CASES = settings(max_examples=350, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
TWO_WAYS = st.sampled_from([*combinations(WAYS, 2)])


@pytest.mark.parametrize("mode", MODES)
def test_the_answer_is_the_one_that_trying_every_portfolio_gives(mode: str) -> None:
    @seed(MODES.index(mode))  # or every mode would be tried on the same candidates and constraints
    @CASES
    @given(problem=problems(mode), ways=TWO_WAYS)
    def holds(problem: dict[str, Any], ways: tuple[str, ...]) -> None:
        check(problem, ways)

    holds()


@settings(CASES, max_examples=220)
@given(problem=close_calls(), ways=TWO_WAYS)
def test_nor_does_a_close_call_mislead_it(problem: dict[str, Any], ways: tuple[str, ...]) -> None:
    check(problem, ways)


@settings(CASES, max_examples=60)
@given(problem=st.sampled_from(MODES).flatmap(lambda mode: problems(mode, most=5)))
def test_the_fast_way_to_try_every_portfolio_is_the_plain_one(problem: dict[str, Any]) -> None:
    if not answerable(problem):
        return
    assert Every(problem).best() == Brute(problem).best()


@settings(CASES, max_examples=100)
@given(problem=problems("north_star") | problems("lexicographic"))
def test_what_a_target_could_reach_is_reached_by_some_portfolio(problem: dict[str, Any]) -> None:
    answer = solve(problem)
    if answer["status"] == "optimal":
        assert_reachable_is_honest(problem, answer)


def assert_conflict_is_real(problem: dict[str, Any], answer: dict[str, Any]) -> None:
    """Each pointer names something, and after every repair there is a portfolio."""
    assert answer["conflict"]
    for entry in answer["conflict"]:
        at(problem, entry["constraint"])
    if answer["repairs"]:
        assert Brute(repaired(problem, answer["repairs"])).best() is not None


def repaired(problem: dict[str, Any], repairs: list[dict[str, Any]]) -> dict[str, Any]:
    problem = deepcopy(problem)
    for repair in repairs:
        *way, last = repair["constraint"].split("/")[1:]
        holder = at(problem, "".join(f"/{step}" for step in way))
        if way == ["targets"]:
            holder, last = holder[int(last)], "target"
        assert holder[last] == repair["from"]
        holder[last] = repair["to"]
    return problem


def at(data: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def assert_reachable_is_honest(problem: dict[str, Any], answer: dict[str, Any]) -> None:
    """Reachable is attained by a portfolio within capacity and governance, and the best one when missed."""
    free = Brute({**problem, "targets": []})
    allowed = [p for p in free.portfolios() if free.allowed(p)]
    for target, row in zip(problem["targets"], answer["targets"], strict=True):
        where = (target["dimension"], target["dimension_key"])
        totals = [float(free.kpi(portfolio, target["kpi"], where)) for portfolio in allowed]
        assert row["reachable"] in totals
        assert row["reachable"] >= row["achieved"]
        if not row["met"]:
            assert row["reachable"] == max(totals)
