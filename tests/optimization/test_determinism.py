"""The same question, the same answer: whatever the machine, and in whatever order it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from optimization import generate
from optimization.solver import solve

from .test_every_portfolio import shuffled

CASES = [(300, mode) for mode in ("north_star", "weighted_kpis", "lexicographic")] + [(1000, "north_star")]
CHILD = """
import json, os, sys
os.sched_setaffinity(0, json.loads(sys.argv[1]))
from optimization.solver import solve
answer = solve(json.load(sys.stdin))
seen = {name: answer[name] for name in ("status", "unique", "portfolio_hash", "inputs_hash")}
print(json.dumps([len(os.sched_getaffinity(0)), seen, answer["solver"]["deterministic_seconds"]]))
"""


def answered_on(cores: list[int], problem: dict[str, Any]) -> list[Any]:
    """[cores that it had, what it answered, deterministic seconds] of a process of its own."""
    command = [sys.executable, "-c", CHILD, json.dumps(cores)]
    done = subprocess.run(command, input=json.dumps(problem), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot hold a process to cores")
@pytest.mark.parametrize(("n", "mode"), CASES)
def test_one_two_and_four_cores_give_the_same_answer(n: int, mode: str) -> None:
    there = sorted(os.sched_getaffinity(0))
    counts = [count for count in (1, 2, 4) if count <= len(there)]
    if len(counts) < 2:
        pytest.skip("this machine has one core")
    problem = generate.problem(n, mode, seed=1)
    found = [answered_on(there[:count], problem) for count in counts]
    assert [had for had, _, _ in found] == counts
    assert found[0][1]["status"] == "optimal"
    assert all(seen == found[0][1] and spent == found[0][2] for _, seen, spent in found)


@pytest.mark.parametrize(("n", "mode"), CASES[:3])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_order_of_the_file_changes_the_answer(n: int, mode: str, seed: int) -> None:
    problem = generate.problem(n, mode, seed=2)
    answer, other = solve(problem), solve(shuffled(problem, seed))
    for name in ("status", "unique", "objective_value", "portfolio_hash", "inputs_hash"):
        assert other[name] == answer[name]
    assert other["solver"]["deterministic_seconds"] == answer["solver"]["deterministic_seconds"]


@pytest.mark.parametrize(("n", "mode"), [(300, "north_star"), (1000, "lexicographic")])
def test_a_stop_by_the_clock_is_said(n: int, mode: str) -> None:
    answer = solve(generate.problem(n, mode) | {"options": {"wall_seconds": 1e-6}})
    assert answer["solver"]["stopped_by"] == "wall_clock"
    assert answer["status"] in ("feasible", "unknown") and not answer["unique"]
