"""Contributions as columns of draws, and what a fixed portfolio is worth in every one of them. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimization.model import EVERYWHERE, Place
from optimization.objective import north_star, weight_per_unit
from optimization.problem import Candidate, Problem, Target, fold
from optimization.reading import ProblemInvalid, is_inside
from optimization.verify import is_earned, places

Draws = Mapping[str, Mapping[str, ArrayLike]]  # key → KPI → N native values, or one that is certain
Column = NDArray[np.float64]
DIGITS = 12  # that count, as contributions are stored


@dataclass(frozen=True)
class Drawn:
    """Every candidate's contributions: folded key → folded KPI → shape (N,), all of them finite."""

    problem: Problem
    columns: dict[str, dict[str, Column]]
    size: int  # N
    unusable: int  # draws left out because a value was not finite

    def problem_at(self, index: int) -> Problem:
        """The problem with the contributions of one draw."""
        rows = [self._candidate_at(candidate, index) for candidate in self.problem.candidates]
        return self.problem.model_copy(update={"candidates": rows})

    def _candidate_at(self, candidate: Candidate, index: int) -> Candidate:
        drawn = self.columns[fold(candidate.key)]
        values = {kpi: float(f"{column[index]:.{DIGITS}g}") for kpi, column in drawn.items()}
        return candidate.model_copy(update={"contributions": values})

    def total(self, scope: dict[str, str], kpi: str, place: Place = EVERYWHERE) -> Column:
        """What a portfolio {key: scope} brings to a KPI inside a dimension value, in every draw."""
        found = np.zeros(self.size)
        for candidate in self.problem.candidates:
            taken = scope.get(candidate.key)
            column = self.columns[fold(candidate.key)].get(fold(kpi))
            if taken and column is not None and is_inside(candidate.dimensions, *place):
                found += column * (candidate.mvp_value_share or 0.0 if taken == "mvp" else 1.0)
        return found + self._bonuses(scope, kpi, place)

    def _bonuses(self, scope: dict[str, str], kpi: str, place: Place) -> float:
        """Synergies are certain: the same in every draw."""
        every = {fold(candidate.key): places(candidate) for candidate in self.problem.candidates}
        chosen = {fold(key): every[fold(key)] for key in scope}
        return sum(
            synergy.bonus
            for synergy in self.problem.constraints.synergies
            if fold(synergy.kpi) == fold(kpi)
            and is_earned(synergy, chosen)
            and all(place in every[fold(key)] for key in synergy.members)
        )

    def objective(self, scope: dict[str, str]) -> Column:
        """The objective of a portfolio in every draw."""
        place = self.problem.objective.place
        parts = (factor * self.total(scope, kpi, place) for kpi, factor in factors(self.problem).items())
        return sum(parts, np.zeros(self.size))

    def is_met(self, target: Target, scope: dict[str, str]) -> NDArray[np.bool_]:
        """In which draws a portfolio meets a target."""
        return self.total(scope, target.kpi, target.place) >= float(target.need - target.slack)


def factors(problem: Problem) -> dict[str, float]:
    """KPI → what one native unit of it adds to the objective."""
    if problem.objective.mode == "weighted_kpis":
        return {kpi: float(factor) for kpi, factor in weight_per_unit(problem).items()}
    star = north_star(problem)
    return {star: 1.0} if star else {}


def drawn(problem: Problem, draws: Draws) -> Drawn:
    """The draws laid over the problem's own contributions, which stay certain where nothing is drawn.

    Raises ProblemInvalid when arrays differ in length or name what the problem does not know.
    """
    given = {
        fold(key): {fold(kpi): as_column(values) for kpi, values in row.items()} for key, row in draws.items()
    }
    size = common_size(problem, given)
    certain = {
        fold(c.key): {fold(kpi): np.asarray(float(value)) for kpi, value in c.contributions.items()}
        for c in problem.candidates
    }
    columns = {
        key: {kpi: np.broadcast_to(values, (size,)) for kpi, values in (row | given.get(key, {})).items()}
        for key, row in certain.items()
    }
    usable = np.ones(size, dtype=bool)
    for row in columns.values():
        for column in row.values():
            usable &= np.isfinite(column)
    if not usable.all():
        columns = {key: {kpi: values[usable] for kpi, values in row.items()} for key, row in columns.items()}
    return Drawn(problem, columns, int(usable.sum()), int(size - usable.sum()))


def as_column(values: ArrayLike) -> Column:
    """An array of draws; a single value is certain."""
    column = np.asarray(values, dtype=np.float64)
    return column.reshape(()) if column.size == 1 else column


def common_size(problem: Problem, given: dict[str, dict[str, Column]]) -> int:
    """N, the same for all. Raises ProblemInvalid."""
    known = {fold(candidate.key) for candidate in problem.candidates}
    kpis = {fold(kpi.key) for kpi in problem.kpis}
    sizes = {column.size for row in given.values() for column in row.values() if column.ndim}
    faults = [f"{key} is not the key of a candidate" for key in sorted(given.keys() - known)]
    named = {kpi for row in given.values() for kpi in row}
    faults += [f"{kpi} is not one of the problem's KPIs" for kpi in sorted(named - kpis)]
    if len(sizes) > 1:
        counts = ", ".join(map(str, sorted(sizes)))
        faults.append(f"every contribution needs the same number of draws, not {counts}")
    if faults:
        raise ProblemInvalid([{"pointer": "/draws", "text": fault} for fault in faults])
    return sizes.pop() if sizes else 1
