"""Why there is no portfolio: smallest conflicts and cheapest repairs, against trying every portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from optimization import core, nearest, repairs
from optimization.cpsat import Budget
from optimization.explain import explained
from optimization.model import Model
from optimization.reading import read_problem

from .brute import Brute, frac, need, place, table
from .every import Every
from .test_every_portfolio import at, candidates, nested, synergies

CASES = settings(max_examples=550, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
ALL = ("all", "all")
KPIS = [{"key": "reach", "level": "strategic"}, {"key": "star", "level": "north_star"}]


@st.composite
def tight_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with so many constraints of every type that most have no portfolio."""
    rows = draw(candidates(draw(st.integers(2, 6))))
    for row in [row for row in rows if row["scope_mode"] == "auto"][2:]:
        row["scope_mode"] = "full"
    key = st.sampled_from([row["key"] for row in rows])
    some = st.lists(key, min_size=1, max_size=3)
    pair = st.lists(key, min_size=2, max_size=2, unique=True)
    places = st.sampled_from([("market", "UK"), ("market", "FR"), ("all", "all")])
    mode = draw(st.sampled_from(["north_star", "north_star", "lexicographic"]))
    return {
        "candidates": rows,
        "kpis": KPIS,
        "objective": {"mode": mode, "scope": "all", "weights": {}, "lexicographic_order": []},
        "capacity_total": draw(st.sampled_from([None, 0, 5, 10, 12.5])),
        "constraints": {
            "caps": draw(st.dictionaries(places, st.sampled_from([3, 8, 12]), max_size=3).map(nested)),
            "floors": draw(st.dictionaries(places, st.sampled_from([1, 2.5, 4, 9]), max_size=3).map(nested)),
            "mandatory": draw(st.lists(key, max_size=3, unique=True)),
            "excluded": draw(st.lists(key, max_size=2, unique=True)),
            "exclusion_pairs": draw(st.lists(pair, max_size=4)),
            "bundles": draw(st.lists(st.fixed_dictionaries({"members": some}), max_size=2)),
            "prerequisites": draw(st.dictionaries(key, some, max_size=4)),
            "synergies": draw(st.lists(synergies(some), max_size=2)),
        },
        "targets": draw(st.lists(floors(), max_size=3, unique_by=lambda t: (t["dimension_key"], t["kpi"]))),
    }


def floors() -> st.SearchStrategy[dict[str, Any]]:
    places = st.sampled_from([("all", "all"), ("market", "UK")])
    rest = st.fixed_dictionaries(
        {
            "kpi": st.sampled_from(["star", "reach"]),
            "target": st.sampled_from([1, 20, 30.5, 60, 110]),
            "baseline": st.sampled_from([None, None, 0, 10.5]),
            "type": st.just("floor"),
        }
    )
    return st.tuples(places, rest).map(lambda t: {"dimension": t[0][0], "dimension_key": t[0][1], **t[1]})


def is_feasible(problem: dict[str, Any]) -> bool:
    return bool(Every(problem).all_allowed().any())


def only(problem: dict[str, Any], pointers: set[str]) -> dict[str, Any]:
    """The problem with these constraints and no others."""
    rules = problem["constraints"]
    kept = deepcopy(problem)
    kept["capacity_total"] = problem["capacity_total"] if "/capacity_total" in pointers else None
    for name in ("caps", "floors"):
        kept["constraints"][name] = {
            d: {k: v for k, v in values.items() if f"/constraints/{name}/{d}/{k}" in pointers}
            for d, values in rules[name].items()
        }
    for name in ("mandatory", "excluded", "exclusion_pairs", "bundles"):
        kept["constraints"][name] = [
            rule for n, rule in enumerate(rules[name]) if f"/constraints/{name}/{n}" in pointers
        ]
    kept["constraints"]["prerequisites"] = {
        k: [m for n, m in enumerate(needed) if f"/constraints/prerequisites/{k}/{n}" in pointers]
        for k, needed in rules["prerequisites"].items()
    }
    kept["targets"] = [t for n, t in enumerate(problem["targets"]) if f"/targets/{n}" in pointers]
    return kept


def every_pointer(problem: dict[str, Any]) -> set[str]:
    rules = problem["constraints"]
    found = {"/capacity_total"} | {f"/targets/{n}" for n in range(len(problem["targets"]))}
    for name in ("caps", "floors"):
        found |= {f"/constraints/{name}/{d}/{k}" for d, values in rules[name].items() for k in values}
    for name in ("mandatory", "excluded", "exclusion_pairs", "bundles"):
        found |= {f"/constraints/{name}/{n}" for n in range(len(rules[name]))}
    for k, needed in rules["prerequisites"].items():
        found |= {f"/constraints/prerequisites/{k}/{n}" for n in range(len(needed))}
    return found


TOTALS = {"/capacity_total", "/constraints/caps/all/all"}  # one constraint with two sources


def members(pointers: set[str]) -> list[set[str]]:
    """The pointers as constraints: both sources of the capacity are one."""
    single = [{pointer} for pointer in pointers - TOTALS]
    return single + ([pointers & TOTALS] if pointers & TOTALS else [])


def explanation(problem: dict[str, Any]) -> dict[str, Any]:
    read = read_problem(problem)
    return dict(explained(Model(read), Budget.of(read.options)))


@contextmanager
def the_long_way() -> Iterator[None]:
    """Conflicts without the LP, and repairs by way of it: what small problems have no need of."""
    with ExitStack() as stack:
        for module, name, instead in (
            (core, "clashing", lambda *_: None),
            (core, "roomy", lambda *_: None),
            (nearest, "SMALL", 0),
            (repairs, "is_small", lambda _: False),
        ):
            stack.enter_context(patch.object(module, name, instead))
        yield


@pytest.mark.parametrize("half", [1, 2])
def test_why_there_is_no_portfolio_is_the_smallest_clash_and_the_cheapest_repairs(half: int) -> None:
    @seed(half)
    @CASES
    @given(problem=tight_problems())
    def holds(problem: dict[str, Any]) -> None:
        assume(not is_feasible(problem))
        found = explanation(problem)
        assert_explained(problem, found)
        if len(members(where(found["repairs"]))) > 1 and all(row["together"] for row in found["repairs"]):
            assert_together_they_are_the_cheapest(problem, found["repairs"])
        with the_long_way():
            assert_explained(problem, explanation(problem))

    holds()


def assert_explained(problem: dict[str, Any], found: dict[str, Any]) -> None:
    assert_conflict_is_all_that_is_impossible_alone_or_one_smallest_clash(problem, found)
    assert_repairs_are_enough_and_needed_and_all_are_listed(problem, found["repairs"])


def assert_conflict_is_all_that_is_impossible_alone_or_one_smallest_clash(
    problem: dict[str, Any], found: dict[str, Any]
) -> None:
    told = {entry["constraint"] for entry in found["conflict"]}
    alone = {p for p in every_pointer(problem) if not is_feasible(only(problem, {p}))}
    assert found["warnings"] == []
    if alone:
        assert told == alone
        return
    assert not is_feasible(only(problem, told))
    for member in members(told):
        assert is_feasible(only(problem, told - member)), f"{member} can be spared"


def changed(problem: dict[str, Any], repairs: list[dict[str, Any]]) -> dict[str, Any]:
    problem = deepcopy(problem)
    for repair in repairs:
        *way, last = repair["constraint"].split("/")[1:]
        holder = at(problem, "".join(f"/{step}" for step in way))
        if way == ["targets"]:
            holder, last = holder[int(last)], "target"
        assert holder[last] == repair["from"] != repair["to"]
        holder[last] = repair["to"]
    return problem


def options(found: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Each alternative: one number, or those marked to be changed together."""
    together = [repair for repair in found if repair["together"]]
    alone = [[repair] for repair in found if not repair["together"]]
    return alone + ([together] if together else [])


def nearly(repair: dict[str, Any]) -> dict[str, Any]:
    """One hundredth of the change short of it."""
    return repair | {"to": repair["to"] - (repair["to"] - repair["from"]) / 100}


NUMBERS = ("/capacity_total", "/constraints/caps", "/constraints/floors", "/targets")


def without_numbers(problem: dict[str, Any]) -> set[str]:
    return {p for p in every_pointer(problem) if not p.startswith(NUMBERS)}


def assert_repairs_are_enough_and_needed_and_all_are_listed(
    problem: dict[str, Any], found: list[dict[str, Any]]
) -> None:
    every = every_pointer(problem)
    for option in options(found):
        assert is_feasible(changed(problem, option))
        for number in range(len(option)):
            others = option[:number] + option[number + 1 :]
            assert not is_feasible(changed(problem, others))
            assert not is_feasible(changed(problem, [*others, nearly(option[number])]))
    if not is_feasible(only(problem, without_numbers(problem))):
        assert found == []
        return
    assert found
    enough = [m for m in members(every - without_numbers(problem)) if is_feasible(only(problem, every - m))]
    offered = [{repair["constraint"] for repair in option} for option in options(found)]
    if enough:
        assert len(offered) == len(enough)
        assert all(any(places <= member for member in enough) for places in offered)
    else:
        assert len(offered) == 1 and len(members(offered[0])) > 1


def cost(problem: dict[str, Any], brute: Brute, portfolio: dict[str, str]) -> Fraction:
    """What it costs to change every limit that a portfolio breaks: relative changes, and 1 % for each."""
    rules, total = problem["constraints"], problem["capacity_total"]
    caps = dict(table(rules["caps"]))
    if total is not None:
        caps[ALL] = min(caps.get(ALL, frac(total)), frac(total))
    broken = [(brute.tokens(portfolio, where) - most, most) for where, most in caps.items()]
    broken += [(least - brute.tokens(portfolio, where), least) for where, least in table(rules["floors"])]
    if problem["objective"]["mode"] != "lexicographic":
        broken += [
            (need(t) - brute.kpi(portfolio, t["kpi"], place(t)), need(t))
            for t in problem["targets"]
            if not brute.met(t, portfolio)
        ]
    return sum((by / (abs(limit) or 1) + Fraction(1, 100) for by, limit in broken if by > 0), Fraction())


def assert_together_they_are_the_cheapest(problem: dict[str, Any], found: list[dict[str, Any]]) -> None:
    rest = Brute(only(problem, without_numbers(problem)))
    least = min(cost(problem, Brute(problem), p) for p in rest.portfolios() if rest.allowed(p))
    after = changed(problem, found)
    paid = min(cost(problem, Brute(problem), p) for p in Brute(after).portfolios() if Brute(after).allowed(p))
    assert least == pytest.approx(paid, abs=1e-4)


def where(found: list[dict[str, Any]]) -> set[str]:
    return {repair["constraint"] for repair in found}


def item(key: str, tokens: float, gmv: float = 0, **more: Any) -> dict[str, Any]:
    return {"key": key, "tokens": tokens, "contributions": {"star": gmv}, **more}


def quarter(**changes: Any) -> dict[str, Any]:
    """Two candidates of 10 tokens, one in the UK, and room for both."""
    rows = [item("A", 10, 15, dimensions={"market": "UK"}), item("B", 10, 5)]
    return {"candidates": rows, "kpis": KPIS, "capacity_total": 20, **changes}


def told(**changes: Any) -> dict[str, Any]:
    read = read_problem(quarter(**changes))
    return dict(explained(Model(read), Budget.of(read.options)))


WORDS = [
    (
        {"targets": [{"kpi": "star", "target": 1250, "baseline": 1200}]},
        "the floor of star in all: all candidates together bring 20 of the 50 star required above the "
        "baseline of 1,200, short by 30",
        "lower the floor of star in all from 1,250 to 1,220 "
        "(20 instead of 50 required above the baseline of 1,200)",
    ),
    (
        {"targets": [{"kpi": "star", "target": 12}], "constraints": {"excluded": ["A"]}},
        "the floor of star in all: all candidates that are not excluded together bring 5 of the 12 star "
        "required, short by 7",
        "lower the floor of star in all from 12 to 5 (by 7)",
    ),
    (
        {"capacity_total": 15, "targets": [{"kpi": "star", "target": 20}]},
        "at most 15 tokens in all",
        "raise the capacity from 15 to 20 (by 5)",
    ),
    (
        {"capacity_total": 15, "constraints": {"mandatory": ["A", "B"]}},
        "mandatory initiatives need 20 tokens, the capacity allows 15: A (10), B (10)",
        "raise the capacity from 15 to 20 (by 5)",
    ),
]


@pytest.mark.parametrize(("changes", "conflict", "repair"), WORDS, ids=[case[2] for case in WORDS])
def test_conflicts_and_repairs_are_told_in_words(changes: dict[str, Any], conflict: str, repair: str) -> None:
    found = told(**changes)
    assert conflict in [entry["text"] for entry in found["conflict"]]
    assert repair in [entry["text"] for entry in found["repairs"]]


def test_what_is_impossible_alone_has_no_clash_beside_it() -> None:
    found = told(
        constraints={"floors": {"market": {"UK": 11}}, "mandatory": ["A"], "excluded": ["A"]},
        targets=[{"kpi": "star", "target": 21}],
    )
    assert where(found["conflict"]) == {"/constraints/floors/market/UK", "/targets/0"}
    assert found["repairs"] == []


def test_what_the_time_did_not_settle_is_said() -> None:
    odd = {"constraints": {"floors": {"all": {"all": 11}}, "caps": {"all": {"all": 19}}}}
    read = read_problem(quarter(**odd))
    stopped = Budget.of(read.options)
    stopped.stopped_by = "cancelled"
    found = explained(Model(read), stopped)
    assert (found["conflict"], found["repairs"]) == ([], [])
    assert [warning["code"] for warning in found["warnings"]] == ["conflict_unknown", "repairs_unknown"]
