"""The rules as a mixed-integer program, asked of HiGHS or SCIP, and believed only as far as it can be.

Both solvers calculate in floats, so nothing they say is taken as said:

- A choice is checked against every rule in fractions. One that breaks a rule, by however little, is refused.
- A bound is loosened. It is the LP bound of the leaves of a search tree, where every reduced cost may be
  wrong by the dual tolerance (1e-7 at most): too low by that much per open 0/1 variable, ten times which is
  allowed, and by the rounding of sums (`ROUNDING` × Σ |coefficient|). Where every coefficient is a whole
  number of units, so is the best sum, and the bound becomes the whole number below it.
- A bound below a choice that keeps every rule convicts the solver: it is dropped.
- That there is no choice at all is never believed.

What remains is trust that no cut and no presolve step was wrong by more than that; so CP-SAT, which counts
in whole numbers, is asked first. Rows are scaled by powers of two, which floats do exactly.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

from . import scaling
from .cpsat import POLL_SECONDS, Budget
from .kernel import rows_of
from .model import Model, Terms
from .parts import Row
from .rules import AnyOf, AtMostOne, Rule, Sum

HIGHS, SCIP = "HiGHS", "SCIP"
TOLERANCE = 1e-6  # per open variable, in the units the solver is given
ROUNDING = 1e-12  # relative error that summing floats may have made
LARGEST_UNIT = 2**40  # whole-number coefficients above this are too much for a float LP
MAGNITUDE = 6  # power of ten that the largest coefficient gets where units are not whole
ROOT_SECONDS = 0.001  # deterministic, for the root node, per open variable
NODE_SECONDS = 0.003  # deterministic, for every further node
GRACE_SECONDS = 1.0  # before the wall clock stops the run, to hear what was found


@dataclass(frozen=True)
class Best:
    """What is known about a sum (native units): a choice that keeps every rule exactly, what it is worth,
    a bound on every choice (None: none that can be believed), and whether no choice is worth more."""

    chosen: frozenset[int] | None = None
    value: Fraction | None = None
    bound: Fraction | None = None
    proven: bool = False

    def joined(self, other: Best) -> Best:
        """The better choice and the tighter bound of two."""
        better = max(self, other, key=lambda best: (best.value is not None, best.value or 0))
        bounds = [best.bound for best in (self, other) if best.bound is not None]
        possible = [bound for bound in bounds if better.value is None or bound >= better.value]
        proven = any(best.proven and best.value == better.value for best in (self, other))
        return Best(better.chosen, better.value, min(possible, default=None), proven)


class Program:
    """Maximising a sum under rules, over the variables that the `given` literals leave open."""

    def __init__(self, model: Model, rules: Iterable[Rule], terms: Terms, given: Iterable[int] = ()) -> None:
        self.model, self.rules, self.terms = model, list(rules), terms
        self.given = set(given)
        self.open = {v: c for v, c in terms.items() if v not in self.given and ~v not in self.given}
        self.base = sum((c for v, c in terms.items() if v in self.given), Fraction())
        self.scale, self.is_whole = unit(list(self.open.values()))
        self.size = model.size - len(self.given)
        self.looseness = TOLERANCE * self.size + ROUNDING * float(
            sum(map(abs, self.open.values())) * self.scale
        )

    def best(
        self,
        solver: str,
        budget: Budget,
        share: float = 1.0,
        start: frozenset[int] | None = None,
        gap: float = 0.0,
    ) -> Best:
        """What `solver` finds within a share of the budget's rest, ending at a relative gap.

        The share is turned into a number of nodes: the same on every machine. A cancel ends the solver at
        once, and then what it had found is lost.
        """
        nodes = nodes_within(budget.left * share, self.size)
        if nodes < 1:
            return Best()
        answer = ask(self._request(solver, nodes, budget.deadline - GRACE_SECONDS, start, gap), budget)
        if answer is None:
            return Best()
        if answer["out_of_time"]:
            budget.stopped_by = "wall_clock"
        budget.spent += seconds_of(answer["nodes"], self.size)
        return self._believed(answer)

    def _request(
        self, solver: str, nodes: int, deadline: float, start: frozenset[int] | None, gap: float
    ) -> dict[str, Any]:
        numbers = range(self.model.size)
        return {
            "solver": solver,
            "nodes": nodes,
            "deadline": deadline,
            "gap": gap,
            "start": None if start is None else sorted(start),
            "costs": [float(self.open[v] * self.scale) if v in self.open else 0.0 for v in numbers],
            "least": [float(v in self.given) for v in numbers],
            "most": [float(~v not in self.given) for v in numbers],
            "rows": [levelled(row) for rule in self.rules for row in rows_of(rule)],
        }

    def _believed(self, answer: dict[str, Any]) -> Best:
        """The part of an answer that can be relied on."""
        chosen = None if answer["ones"] is None else frozenset(answer["ones"])
        if chosen is not None and breaks(self.rules, chosen):
            chosen = None
        value = None if chosen is None else self.model.value(self.terms, set(chosen))
        bound = None if answer["bound"] is None else self._loosened(answer["bound"])
        if value is not None and bound is not None and bound < value:
            return Best(chosen, value)
        proven = bool(answer["optimal"]) and value is not None and bound is not None
        return Best(chosen, value, bound, proven and self._is_closed(value, bound))

    def _loosened(self, bound: float) -> Fraction:
        units = Fraction(bound) + Fraction(self.looseness)
        return self.base + Fraction(math.floor(units) if self.is_whole else units) / self.scale

    def _is_closed(self, value: Fraction | None, bound: Fraction | None) -> bool:
        """Whether only the looseness is between a choice and the bound."""
        assert value is not None
        assert bound is not None
        left = (bound - value) * self.scale
        return left <= (0 if self.is_whole else 2 * Fraction(self.looseness))


def unit(coefficients: list[Fraction]) -> tuple[Fraction, bool]:
    """(factor, whole): what makes the coefficients whole numbers, or else of a size that LPs are good at."""
    largest = max(map(abs, coefficients), default=Fraction())
    if not largest:
        return Fraction(1), True
    factor, is_exact = scaling.factor(coefficients)
    if is_exact and largest * factor <= LARGEST_UNIT:
        return factor, True
    return Fraction(10) ** (MAGNITUDE - math.floor(math.log10(largest))), False


def levelled(row: Row) -> list[Any]:
    """A row as columns, coefficients, low and high, its largest coefficient near 1."""
    coefficients, low, high = row
    columns = sorted(coefficients)
    largest = max(map(abs, coefficients.values()), default=0.0) or 1.0
    factor = 2.0 ** -round(math.log2(largest))
    limits = (limit * factor if math.isfinite(limit) else None for limit in (low, high))
    return [columns, [coefficients[column] * factor for column in columns], *limits]


def breaks(rules: Iterable[Rule], chosen: frozenset[int]) -> bool:
    """Whether a choice breaks any rule, counted exactly."""
    return not all(keeps(rule, chosen) for rule in rules)


def keeps(rule: Rule, chosen: frozenset[int]) -> bool:
    if isinstance(rule, Sum):
        total = sum((c for variable, c in rule.terms.items() if variable in chosen), Fraction())
        return (rule.low is None or total >= rule.low) and (rule.high is None or total <= rule.high)
    assert isinstance(rule, AnyOf | AtMostOne)
    holding = sum(number in chosen if number >= 0 else ~number not in chosen for number in rule.literals)
    return holding >= 1 if isinstance(rule, AnyOf) else holding <= 1


def nodes_within(seconds: float, size: int) -> int:
    """How many nodes of a program with that many open variables fit into deterministic seconds."""
    return math.floor((seconds - ROOT_SECONDS * size) / NODE_SECONDS)


def seconds_of(nodes: int, size: int) -> float:
    return ROOT_SECONDS * size + NODE_SECONDS * nodes


def ask(request: dict[str, Any], budget: Budget) -> dict[str, Any] | None:
    """What the solver's process answers; None when it was stopped, or failed."""
    with tempfile.TemporaryFile("w+") as question:
        json.dump(request, question)
        question.seek(0)
        with started(question) as process:
            try:
                said = heard(process, budget)
            finally:
                process.kill()
    return None if process.returncode or said is None else json.loads(said)


def started(question: IO[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.mathopt_process"],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # its threads would only be started to wait
        stdin=question,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def heard(process: subprocess.Popen[bytes], budget: Budget) -> bytes | None:
    """What the process says, unless the budget is interrupted first."""
    while not (reason := budget.interruption()):
        try:
            return process.communicate(timeout=POLL_SECONDS)[0]
        except subprocess.TimeoutExpired:
            continue
    budget.stopped_by = reason
    return None
