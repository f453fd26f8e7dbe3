"""A mixed-integer program solved by HiGHS or SCIP in a process of its own: JSON in, JSON out.

A process, because only ending one stops these solvers at once: MathOpt hands no interruption to HiGHS, and
SCIP's arrives between two nodes. HiGHS also prints to stdout, where an answer may be expected.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from datetime import timedelta
from typing import Any

from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2
from ortools.math_opt.solvers.gscip import gscip_pb2

EXACT = 1e-9  # SCIP's tolerances; HiGHS loses its way when asked for less than its own
SOLVERS = {"HiGHS": mathopt.SolverType.HIGHS, "SCIP": mathopt.SolverType.GSCIP}


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)  # what a solver prints is no answer
    answer = solved(json.load(sys.stdin))
    with os.fdopen(answers, "w") as out:
        json.dump(answer, out)


def solved(request: dict[str, Any]) -> dict[str, Any]:
    """``{"optimal", "ones", "bound", "nodes", "out_of_time"}``; null where there is no choice or no bound."""
    model = mathopt.Model.from_model_proto(formulated(request))
    hints = mathopt.ModelSolveParameters()
    if request["start"] is not None:
        start = set(request["start"])
        values = {variable: float(variable.id in start) for variable in model.variables()}
        hints.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    solver = SOLVERS[request["solver"]]
    result = mathopt.solve(model, solver, params=parameters(request), model_params=hints)
    return answered(result)


def answered(result: mathopt.SolveResult) -> dict[str, Any]:
    ones = None
    if result.has_primal_feasible_solution():
        ones = [variable.id for variable, value in result.variable_values().items() if value > 0.5]
    bound = result.termination.objective_bounds.dual_bound
    return {
        "optimal": result.termination.reason == mathopt.TerminationReason.OPTIMAL,
        "ones": ones,
        "bound": bound if math.isfinite(bound) else None,
        "nodes": result.solve_stats.node_count,
        "out_of_time": result.termination.limit == mathopt.Limit.TIME,
    }


def parameters(request: dict[str, Any]) -> mathopt.SolveParameters:
    """One thread and fixed seeds, so that the node limit ends the same search at the same node.

    The deadline is one of `time.monotonic`, which all processes of a machine share.
    """
    highs = highs_pb2.HighsOptionsProto()
    highs.int_options["threads"] = 1  # MathOpt refuses its own `threads` for HiGHS
    scip = gscip_pb2.GScipParameters()
    scip.real_params["numerics/feastol"] = EXACT
    scip.real_params["numerics/dualfeastol"] = EXACT
    return mathopt.SolveParameters(
        relative_gap_tolerance=request["gap"],
        absolute_gap_tolerance=0.0,
        node_limit=request["nodes"],
        time_limit=timedelta(seconds=max(0.0, request["deadline"] - time.monotonic())),
        highs=highs,
        gscip=scip,
    )


def formulated(request: dict[str, Any]) -> model_pb2.ModelProto:
    """The program as a MathOpt model: 0/1 variables, one row per constraint."""
    program = model_pb2.ModelProto()
    size, rows = len(request["costs"]), request["rows"]
    variables, limits, matrix = (
        program.variables,
        program.linear_constraints,
        program.linear_constraint_matrix,
    )
    variables.ids.extend(range(size))
    variables.lower_bounds.extend(request["least"])
    variables.upper_bounds.extend(request["most"])
    variables.integers.extend([True] * size)
    program.objective.maximize = True
    program.objective.linear_coefficients.ids.extend(range(size))
    program.objective.linear_coefficients.values.extend(request["costs"])
    limits.ids.extend(range(len(rows)))
    for number, (columns, coefficients, low, high) in enumerate(rows):
        limits.lower_bounds.append(-math.inf if low is None else low)
        limits.upper_bounds.append(math.inf if high is None else high)
        matrix.row_ids.extend([number] * len(columns))
        matrix.column_ids.extend(columns)
        matrix.coefficients.extend(coefficients)
    return program


if __name__ == "__main__":
    main()
