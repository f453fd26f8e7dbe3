"""The solver beside other solvers: every cell is measured, compared at equal gap, and judged aloud."""

import json
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from home.bench import solver_bench, solver_command, solver_table
from home.bench.solver_bench import MODES, PEERS, QUICK, Cell, Instance, Measured, Plan
from home.bench.solver_child import judged, peer
from home.bench.solver_peers import CLASSES, Solved, countable, whole_units
from optimization import generate
from optimization.reading import read_problem

INSTANCE = Instance(100, "north_star", True, 0)


def measured(ours: Cell | None = None, **peers: Cell) -> Measured:
    told = ours or Cell(0.5, 0.5, 0.7, 0.7, objective=100.0, gap=0.0, proven=True, unique=True, peak_mb=80)
    done = {name: Cell(2.0, 1.0, objective=100.0, gap=0.0, proven=True) for name in PEERS}
    return Measured(INSTANCE, told, done | {name.replace("_", "-"): cell for name, cell in peers.items()})


def test_every_instance_is_solved_by_everyone() -> None:
    out = StringIO()
    sizes = ("--sizes", "40", "--seeds", "1", "--limit", "120")
    call_command("bench", "solver", *sizes, "--modes", "north_star,lexicographic", stdout=out)
    text = out.getvalue()
    for mode in ("north_star", "lexicographic"):
        for kind in ("synergies", "plain"):
            assert f"40 {mode} {kind} #0" in text
    assert "geometric mean" in text
    assert all(name in text for name in PEERS)
    assert "≥ " not in text.split("unique")[1]


def test_as_json_every_number_is_there() -> None:
    out = StringIO()
    call_command("bench", "solver", "--sizes=40", "--seeds=1", "--modes=weighted_kpis", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["disagreements"] == []
    for instance in told["instances"]:
        for who in ("ours", *PEERS):
            cell = instance[who]
            assert cell["proven"]
            assert cell["objective"] == pytest.approx(instance["ours"]["objective"], rel=1e-9)
            assert cell["cpu"] > 0
            assert cell["peak_mb"] > 20


@pytest.mark.parametrize(
    "options", [["--sizes", "0"], ["--sizes", "x"], ["--modes", "best"], ["--seeds", "-1"], ["--limit", "0"]]
)
def test_what_cannot_be_measured_is_refused(options: list[str]) -> None:
    with pytest.raises(CommandError, match=options[1]):
        call_command("bench", "solver", *options)


def test_quick_is_small_and_can_be_made_smaller() -> None:
    options = {"quick": True, "sizes": (100,), "modes": None, "seeds": None, "limit": None}
    asked = solver_command.plan(options)
    assert list(asked.instances()) == [Instance(100, mode, True, 0) for mode in MODES]
    assert asked.limit == QUICK.limit


def test_the_instances_are_every_kind_of_every_size() -> None:
    assert len(list(Plan(seeds=2).instances())) == 4 * 3 * 2 * 2


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("mode", MODES)
def test_a_peer_finds_the_optimum_in_every_mode(name: str, mode: str) -> None:
    problem = read_problem(generate.problem(40, mode, 0))
    cell, ours = (
        peer(problem, name, 0.0, 120.0),
        solver_bench.cell(Instance(40, mode, True, 0), "ours", 0, 120),
    )
    assert cell.proven
    assert not cell.broken
    assert cell.objective == pytest.approx(ours.objective, rel=1e-9)
    assert cell.stages == pytest.approx(ours.stages, abs=1e-3)


def test_the_peers_are_those_that_are_named() -> None:
    assert tuple(CLASSES) == PEERS


def test_sums_are_large_beside_the_tolerances_of_the_peers() -> None:
    assert countable([Fraction(1, 2), Fraction(-1, 2)]) == 10**8
    assert countable([Fraction(10**8)]) == countable([Fraction(10**12)]) == 1


def test_cp_sat_counts_in_whole_numbers() -> None:
    assert whole_units([Fraction(1, 4), Fraction(3)]) == 100
    assert whole_units([Fraction(1, 3)]) == 10**15
    assert whole_units([]) == 1


def test_a_portfolio_that_breaks_a_rule_is_marked_and_settles_nothing() -> None:
    problem = read_problem(generate.problem(40))
    everything = Solved(frozenset(range(40)), bound=1e9, proven=True)
    cell = judged(problem, everything, Cell(1.0, 1.0))
    assert cell.broken
    assert measured(SCIP=cell).disagreements() == []
    assert "breaks a rule" in solver_table.line(measured(SCIP=cell))


def test_proofs_that_differ_are_said_aloud_and_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = measured(HiGHS=Cell(1.0, 1.0, objective=100.1, gap=0.0, proven=True))
    monkeypatch.setattr(solver_command, "measure", lambda plan: iter([wrong]))
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("bench", "solver", stdout=out)
    assert stopped.value.code == 1
    assert "!!! PROOFS DISAGREE !!! 100 north_star synergies #0: ours 100.0, HiGHS 100.1" in out.getvalue()


def test_stages_count_before_the_objective() -> None:
    ours = Cell(1.0, 1.0, objective=100.0, gap=0.0, proven=True, stages=[0.0, 5.0])
    short = Cell(1.0, 1.0, objective=100.0, proven=True, stages=[0.0, 5.1])
    loose = Cell(1.0, 1.0, objective=100.1, proven=True, stages=[0.0, 5.000001])
    same = Cell(1.0, 1.0, objective=100.0, proven=True, stages=[0.0, 5.0])
    assert len(measured(ours, HiGHS=short, SCIP=loose, CP_SAT=same).disagreements()) == 1


def test_differences_within_a_billionth_are_none() -> None:
    assert measured(HiGHS=Cell(1.0, 1.0, objective=100.00000001, proven=True)).disagreements() == []


def test_the_best_peer_is_the_fastest_that_got_there() -> None:
    stuck = Cell(1.0, 1.0, objective=99.0, gap=0.01)
    slow = Cell(9.0, 9.0, objective=100.0, gap=0.0, proven=True)
    assert measured(SCIP=stuck).best_peer == "CP-SAT"
    assert measured(CP_SAT=stuck, HiGHS=stuck, SCIP=slow).best_peer == "SCIP"
    assert measured(CP_SAT=stuck, HiGHS=stuck, SCIP=stuck).best_peer == "CP-SAT"
    assert measured(SCIP=slow).ratio("SCIP") == 18


def test_a_peer_that_did_not_get_there_is_a_lower_bound() -> None:
    stuck = measured(SCIP=Cell(60.0, 60.0, objective=99.0, gap=0.01))
    assert "≥ 120.0 / 120.0 (1.0e-02)" in solver_table.line(stuck)
    text = "\n".join(solver_table.summary([stuck]))
    assert "SCIP                              ≥ 120.00" in text
    assert "the best peer of each instance    4.00" in text


def test_what_was_to_be_reached_is_said_either_way() -> None:
    slow = Cell(0.2, 0.2, 0.3, 0.3, objective=100.0, gap=0.0, proven=True, peak_mb=80)
    assert "NOT REACHED: n = 100" in "\n".join(solver_table.summary([measured(slow)]))
    fast = Cell(0.1, 0.1, 0.3, 0.3, objective=100.0, gap=0.0, proven=True, peak_mb=80)
    told = "\n".join(solver_table.summary([measured(fast)]))
    assert "\nreached: n = 100" in told
    assert "\nreached: three times as fast" in told


def test_a_quarter_without_a_portfolio_is_not_compared() -> None:
    none = Measured(INSTANCE, Cell(0.1, 0.1))
    assert solver_table.line(none).endswith("no portfolio")
    assert "0 instances" in "\n".join(solver_table.summary([none]))
