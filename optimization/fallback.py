"""What is tried when CP-SAT does not close the core: HiGHS, then SCIP, over what is not settled."""

from __future__ import annotations

from collections.abc import Iterable

from .cpsat import Budget
from .mathopt import HIGHS, SCIP, Best, Program
from .model import Model, Terms
from .rules import Rule

SOLVERS = (HIGHS, SCIP)  # in this order; luck differs


def better(
    model: Model,
    rules: list[Rule],
    terms: Terms,
    known: frozenset[int] | None,
    settled: Iterable[int],
    budget: Budget,
) -> Best | None:
    """The best choice and bound there is after both solvers have had their share of the budget's rest.

    `settled`: literals that every choice at least as good as `known` has. None: neither found a choice nor a
    bound. Each solver starts from the best choice so far; `spent` and `stopped_by` of the budget are kept.
    """
    best = Best() if known is None else Best(known, model.value(terms, set(known)))
    program = Program(model, rules, terms, settled)
    for number, solver in enumerate(SOLVERS):
        if budget.is_over or best.proven:
            break
        share = 1 / (len(SOLVERS) - number)
        budget.asked.append(solver)
        best = best.joined(program.best(solver, budget, share, best.chosen))
    if not best.proven and budget.stopped_by is None:
        budget.stopped_by = "deterministic_limit"
    return best if best.bound is not None or best.chosen != known else None
