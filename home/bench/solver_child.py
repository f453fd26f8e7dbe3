"""One cell of the solver bench in a process of its own: an instance, solved by Lodestar or by a peer."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from home.bench import peak_mb
from home.bench.solver_bench import OURS, Cell
from home.bench.solver_peers import CLASSES, Solved
from optimization import generate
from optimization.mathopt import breaks
from optimization.model import Model
from optimization.objective import Shortfalls, first_stages, maximised
from optimization.problem import Problem
from optimization.reading import read_problem
from optimization.rules import rules
from optimization.solver import solve

TIMES, SHORT_SECONDS = 3, 1.0
TIE_BREAK = "one answer among equals"  # what the solver says when the objective is proven


class Clock:
    """Processor time of this process, its threads and its children, and wall clock."""

    def __init__(self) -> None:
        self.cpu, self.wall = cpu_seconds(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        return cpu_seconds() - self.cpu, time.perf_counter() - self.wall


def cpu_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def ours(problem: Problem) -> Cell:
    clock = Clock()
    proven_at: list[tuple[float, float]] = []

    def progress(fraction: float, text: str) -> None:
        if text in (TIE_BREAK, "what each target could reach"):
            proven_at.append(clock.read())

    answer = solve(problem, progress=progress)
    cell = Cell(*proven_at[0], *clock.read())
    cell.objective, cell.gap, cell.unique = answer["objective_value"], answer["gap"], answer["unique"]
    cell.proven = answer["status"] == "optimal"
    cell.stages = [stage["shortfall"] for stage in answer["stages"]]
    return cell


def peer(problem: Problem, name: str, gap: float, seconds: float) -> Cell:
    clock = Clock()
    solved = CLASSES[name](problem, gap, seconds).run()
    return judged(problem, solved, Cell(*clock.read()))


def judged(problem: Problem, solved: Solved, cell: Cell) -> Cell:
    """What the portfolio is worth in the native numbers, and whether it really keeps the rules."""
    model = Model(problem)
    cell.proven = solved.proven
    if solved.chosen is not None:
        chosen = set(solved.chosen)
        cell.objective = float(model.value(maximised(model), chosen))
        cell.stages = [float(short(model, stage, chosen)) for stage in first_stages(problem)]
        cell.broken = breaks(rules(model), solved.chosen)
        cell.gap = max(0.0, solved.bound - cell.objective) / max(1.0, abs(cell.objective))
    return cell


def short(model: Model, stage: Shortfalls, chosen: set[int]) -> Fraction:
    """A stage's shortfall under a choice, exactly."""
    achieved = (model.value(model.kpi(target.kpi, target.place), chosen) for target in stage.targets)
    missing = (target.need - total for target, total in zip(stage.targets, achieved, strict=True))
    return sum((max(Fraction(), each) for each in missing), Fraction())


def main() -> None:
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a solver prints is no answer
    cell = typical(json.loads(sys.argv[1]))
    with os.fdopen(answers, "w") as out:
        json.dump(asdict(cell), out)


def typical(told: dict[str, Any]) -> Cell:
    """The cell of median processor time; what takes long is measured once."""
    problem = read_problem(generate.problem(told["n"], told["mode"], told["seed"], told["synergies"]))
    who = told["who"]
    cells: list[Cell] = []
    while len(cells) < TIMES and sum(cell.wall for cell in cells) < SHORT_SECONDS:
        cells.append(ours(problem) if who == OURS else peer(problem, who, told["gap"], told["limit"]))
    cell = sorted(cells, key=lambda each: each.cpu)[(len(cells) - 1) // 2]
    cell.peak_mb = peak_mb()
    return cell


if __name__ == "__main__":
    main()
