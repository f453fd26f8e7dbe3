"""Families that the literature knows: releases are proven, dense knapsacks get a truthful gap."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from optimization import generate
from optimization.problem import inputs_hash
from optimization.reading import read_problem
from optimization.solver import solve

from .every import Every

SECONDS = 15.0  # of processor time


def commanded(problem: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    file = folder / "problem.json"
    file.write_text(json.dumps(problem))
    call_command("solve", str(file))
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("name", generate.CLASSIC)
def test_a_next_release_is_proven(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = generate.nrp(name, 0.3)
    started = time.process_time()
    answer = commanded(problem, tmp_path, capsys)
    assert time.process_time() - started < SECONDS
    assert (answer["status"], answer["gap"], answer["unique"]) == ("optimal", 0, True)
    assert_paid_for(problem, set(answer["selected"]))


def assert_paid_for(problem: dict[str, Any], chosen: set[str]) -> None:
    """Somebody is served, and everything that they asked for is built."""
    assert any(key.startswith("C-") for key in chosen)
    required = problem["constraints"]["prerequisites"]
    assert all(set(required.get(key, [])) <= chosen for key in chosen)
    spent = sum(row["tokens"] for row in problem["candidates"] if row["key"] in chosen)
    assert spent <= problem["capacity_total"]


def test_release_problems_have_the_classic_sizes() -> None:
    sizes = {}
    for name in generate.CLASSIC:
        rows = generate.nrp(name)["candidates"]
        customers = sum(row["key"].startswith("C-") for row in rows)
        sizes[name] = (len(rows) - customers, customers)
    assert sizes == {
        "nrp1": (140, 100),
        "nrp2": (620, 500),
        "nrp3": (1500, 500),
        "nrp4": (3250, 750),
        "nrp5": (1500, 1000),
        "realistic": (4000, 500),
    }


@pytest.mark.parametrize("m", [2, 5, 10])
def test_a_small_knapsack_is_proven(m: int) -> None:
    problem = generate.knapsack(m, 14)
    full = {"objective": {"mode": "north_star"}} | problem
    full["kpis"] = [{"key": "star", "level": "north_star"}, *problem["kpis"][1:]]
    for row in full["candidates"]:
        row["contributions"]["star"] = row["contributions"].pop("profit")
    assert solve(full)["scope"] == Every(full).best()


@pytest.mark.parametrize(("m", "n"), [(10, 100), (5, 250)])
def test_the_bound_of_a_large_knapsack_is_above_what_more_time_finds(m: int, n: int) -> None:
    short, long = (
        solve(generate.knapsack(m, n) | {"options": {"deterministic_seconds": s}}) for s in (0.3, 1)
    )
    assert short["status"] in ("feasible", "optimal") and short["gap"] < 0.05
    assert short["objective_value"] <= long["best_bound"]
    assert long["objective_value"] <= short["best_bound"]


def test_a_seed_is_a_file() -> None:
    for draw in (
        lambda seed: generate.nrp("nrp1", 0.5, seed),
        lambda seed: generate.knapsack(5, 30, 0.5, seed),
    ):
        first, same, other = (inputs_hash(read_problem(draw(seed))) for seed in (1, 1, 2))
        assert first == same != other
