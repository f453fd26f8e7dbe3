"""HiGHS and SCIP beside CP-SAT: the same optimum, nothing believed that fractions do not confirm."""

from __future__ import annotations

import itertools
import signal
import time
from fractions import Fraction
from typing import Any

import pytest

from optimization import fallback, generate, mathopt, search
from optimization.cpsat import Budget, Session
from optimization.mathopt import HIGHS, SCIP, Best, Program, unit
from optimization.mathopt_process import solved
from optimization.model import Model
from optimization.objective import maximised
from optimization.reading import read_problem
from optimization.rules import AnyOf, AtMostOne, Rule, Sum, rules
from optimization.search import Search

SOLVERS = (HIGHS, SCIP)


def budget(seconds: float = 30.0, wall: float = 600.0, **more: Any) -> Budget:
    return Budget(seconds, time.monotonic() + wall, **more)


def quarter(n: int, mode: str = "north_star", seed: int = 0) -> Model:
    return Model(read_problem(generate.problem(n, mode, seed)))


def endless() -> Model:
    """A problem that no solver closes within a day, and for which it finds some choice in no time."""
    return Model(read_problem(generate.knapsack(10, 500)))


def abstract(size: int) -> Model:
    """Variables without a problem behind them."""
    candidates = [{"key": f"C{number}", "tokens": 0} for number in range(size)]
    return Model(read_problem({"candidates": candidates, "kpis": [{"key": "gmv", "level": "north_star"}]}))


def terms(*coefficients: float | Fraction) -> dict[int, Fraction]:
    return {variable: Fraction(c) for variable, c in enumerate(coefficients)}


def optimum(model: Model) -> Fraction:
    session = Session(model, rules(model), budget())
    objective = maximised(model)
    outcome = session.minimise(session.expression({variable: -c for variable, c in objective.items()}))
    assert outcome.proven
    assert outcome.chosen is not None
    return model.value(objective, set(outcome.chosen))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("mode", ["north_star", "weighted_kpis"])
@pytest.mark.parametrize(("n", "seed"), [(20, 3), (40, 1), (80, 2)])
def test_the_optimum_is_the_one_that_cp_sat_proves(solver: str, mode: str, n: int, seed: int) -> None:
    model = quarter(n, mode, seed)
    found = Program(model, rules(model), maximised(model)).best(solver, budget())
    assert found.proven
    assert found.value is not None
    assert found.bound is not None
    assert abs(found.value - optimum(model)) <= Fraction(1, 10**9)
    assert found.value <= found.bound <= found.value * (1 + Fraction(1, 10**9))


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_kind_of_rule_and_literal_is_kept(solver: str) -> None:
    kept: list[Rule] = [
        AnyOf("not all three", (), (~0, ~1, ~2)),
        AtMostOne("two or one out", (), (2, ~3)),
        AtMostOne("not both", (), (0, 3)),
        Sum("between", (), terms(2, 3, 4, 5), Fraction(4), Fraction(9)),
    ]
    found = Program(abstract(4), kept, terms(8, 7, 6, 1)).best(solver, budget())
    assert (found.chosen, found.value, found.proven) == (frozenset({0, 1}), 15, True)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_choice_that_only_tolerances_allow_is_refused(solver: str) -> None:
    """Both together exceed the limit by 10⁻¹²: nothing to a float solver, and still not allowed."""
    tight = Sum("just below", (), terms(1, 1), high=Fraction(2) - Fraction(1, 10**12))
    found = Program(abstract(2), [tight], terms(3, 4)).best(solver, budget())
    assert (found.chosen, found.proven) == (None, False)
    assert found.bound is not None
    assert found.bound >= 4


@pytest.mark.parametrize("solver", SOLVERS)
def test_that_nothing_is_possible_is_not_believed(solver: str) -> None:
    impossible = Sum("three of two", (), terms(1, 1), low=Fraction(3))
    assert Program(abstract(2), [impossible], terms(1, 1)).best(solver, budget()) == Best()


@pytest.mark.parametrize("solver", SOLVERS)
def test_given_literals_hold_and_count(solver: str) -> None:
    cap = Sum("two at most", (), terms(1, 1, 1), high=Fraction(2))
    found = Program(abstract(3), [cap], terms(1, 5, 4), given=[0, ~1]).best(solver, budget())
    assert (found.chosen, found.value, found.bound) == (frozenset({0, 2}), 5, 5)


def test_a_bound_below_a_choice_that_keeps_every_rule_is_dropped() -> None:
    program = Program(abstract(2), [], terms(1, 2))
    told = {"optimal": True, "ones": [0, 1], "bound": 1.0, "nodes": 1, "out_of_time": False}
    assert program._believed(told) == Best(frozenset({0, 1}), Fraction(3))


def test_a_bound_is_loosened_to_the_next_whole_unit_below() -> None:
    program = Program(abstract(2), [], terms("0.25", "0.75"))  # units of a quarter
    told = {"optimal": True, "ones": [1], "bound": 3.9999999, "nodes": 1, "out_of_time": False}
    assert program._believed(told).bound == 1
    assert program._believed(told | {"bound": 3.9}) == Best(
        frozenset({1}), Fraction(3, 4), Fraction(3, 4), True
    )


@pytest.mark.parametrize(
    ("coefficients", "expected"),
    [
        ([], (1, True)),
        ([Fraction(1, 4), Fraction(3, 2)], (4, True)),
        ([Fraction(1, 3), Fraction(1, 7 * 10**14)], (10**7, False)),
        ([Fraction(10**15), Fraction(1, 100)], (Fraction(1, 10**9), False)),
    ],
)
def test_units_are_whole_where_an_lp_can_count_in_them(
    coefficients: list[Fraction], expected: tuple[Fraction, bool]
) -> None:
    assert unit(coefficients) == expected


def test_two_findings_are_joined_to_the_better_choice_and_the_tighter_bound() -> None:
    one = Best(frozenset({1}), Fraction(5), Fraction(9))
    other = Best(frozenset({2}), Fraction(7), Fraction(11))
    assert one.joined(other) == Best(frozenset({2}), Fraction(7), Fraction(9))
    assert Best(None, None, Fraction(6)).joined(other).bound == 11  # 6 was wrong: there is a 7
    assert one.joined(Best()) == one


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_cancel_ends_the_process(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, processes, asked, started = endless(), [], itertools.count(), mathopt.started
    monkeypatch.setattr(mathopt, "started", lambda *told: processes.append(started(*told)) or processes[-1])
    stopped = budget(1e6, wall=3600, should_stop=lambda: next(asked) >= 20)
    assert Program(model, rules(model), maximised(model)).best(solver, stopped) == Best()
    assert stopped.stopped_by == "cancelled"
    assert [process.returncode for process in processes] == [-signal.SIGKILL]


def test_the_wall_clock_ends_the_process() -> None:
    model, short = endless(), budget(1e6, wall=2)
    assert not Program(model, rules(model), maximised(model)).best(SCIP, short).proven
    assert short.stopped_by == "wall_clock"


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_time_that_is_over_leaves_what_was_found(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solved in this process, where the time starts with the solver, however busy the machine is."""
    monkeypatch.setattr(
        mathopt, "ask", lambda request, budget: solved(request | {"deadline": time.monotonic() + 2})
    )
    model, short = endless(), budget(1e6)
    found = Program(model, rules(model), maximised(model)).best(solver, short)
    assert short.stopped_by == "wall_clock"
    assert found.chosen is not None
    assert found.value is not None
    assert found.bound is not None
    assert found.value < found.bound
    assert not found.proven


def test_a_budget_too_small_for_the_root_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mathopt, "ask", None)
    model = quarter(2000)
    assert Program(model, rules(model), maximised(model)).best(HIGHS, budget(1.0)) == Best()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_gap_that_is_enough_ends_the_search_early_and_proves_nothing(solver: str) -> None:
    model = quarter(400, seed=1)
    quick, slow = budget(), budget()
    program = Program(model, rules(model), maximised(model))
    near, best = program.best(solver, quick, gap=0.01), program.best(solver, slow)
    assert best.proven
    assert not near.proven
    assert near.value is not None
    assert best.value is not None
    assert near.bound is not None
    assert near.value <= best.value <= near.bound <= near.value * Fraction(102, 100)
    assert quick.spent < slow.spent


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_same_nodes_find_the_same(solver: str) -> None:
    model = quarter(400)
    spent = [budget(1.5) for _ in range(2)]
    found = [Program(model, rules(model), maximised(model)).best(solver, each) for each in spent]
    assert found[0] == found[1]
    assert spent[0].spent == spent[1].spent > 0


def test_what_is_left_open_is_closed_by_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    model = quarter(400, seed=3)
    objective = maximised(model)
    monkeypatch.setattr(search, "LONGEST", 0)
    near = Search(model, rules(model), objective, budget(0.05)).found()
    assert near is not None
    left, asked, ask = budget(), [], mathopt.ask
    monkeypatch.setattr(mathopt, "ask", lambda *told: asked.append(told[0]["solver"]) or ask(*told))
    best = fallback.better(model, rules(model), objective, near.chosen, near.settled, left)
    assert asked == [HIGHS]
    assert best is not None
    assert best.proven
    assert best.value == best.bound == optimum(model)
    assert left.stopped_by is None
    assert 0 < left.spent <= left.deterministic


def test_a_fallback_that_ends_early_says_so() -> None:
    model = quarter(400, seed=3)
    left = budget(1.0)
    best = fallback.better(model, rules(model), maximised(model), None, [], left)
    assert best is not None
    assert left.stopped_by == ("deterministic_limit" if not best.proven else None)


def test_a_fallback_that_finds_nothing_says_nothing() -> None:
    assert fallback.better(quarter(400), [], {}, frozenset(), [], budget(0.1)) is None
