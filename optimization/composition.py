"""What an objective value is made of, in each mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from optimization.charts import percent, stacked
from optimization.models import ObjectiveMode
from optimization.objective import weight_per_unit
from optimization.problem import ALL, Problem, fold
from optimization.reading import read_problem

FEWEST = 3  # values of a dimension from which on a breakdown says something


@dataclass(frozen=True)
class Part:
    """One KPI of a weighted objective: points = weight × total ÷ need; share of all points, 0 to 1."""

    kpi: str
    unit: str
    weight: float
    total: float
    need: float
    points: float
    share: float | None


@dataclass(frozen=True)
class Stage:
    """One stage of a lexicographic objective. ``cost``: north star given up to hold it, where known."""

    kpi: str
    unit: str
    kind: str
    targets: int
    shortfall: float
    cost: float | None


@dataclass(frozen=True)
class Origin:
    """How much of the objective's KPI comes from one dimension value."""

    value: str
    amount: float
    fill: int


class Composition:
    """The parts of one answer's objective."""

    def __init__(self, problem: dict[str, Any], answer: dict[str, Any]) -> None:
        self.problem, self.answer = problem, answer
        self.mode = problem["objective"]["mode"]

    @property
    def is_weighted(self) -> bool:
        return bool(self.mode == ObjectiveMode.WEIGHTED_KPIS)

    @property
    def is_lexicographic(self) -> bool:
        return bool(self.mode == ObjectiveMode.LEXICOGRAPHIC)

    @property
    def parts(self) -> list[Part]:
        """Largest share first."""
        problem = read_problem(self.problem)
        found = [self._part(problem, kpi, float(factor)) for kpi, factor in weight_per_unit(problem).items()]
        return sorted(found, key=lambda part: -part.points)

    def _part(self, problem: Problem, kpi: str, factor: float) -> Part:
        totals = self._totals(problem.objective.scope)
        total = next((value for name, value in totals.items() if fold(name) == fold(kpi)), 0)
        need = next(
            float(target.need)
            for target in problem.targets
            if target.place == problem.objective.place and fold(target.kpi) == fold(kpi)
        )
        points = factor * total
        whole = self.answer["objective_value"]
        share = points / whole if whole else None
        return Part(kpi, self._unit(kpi), factor * need, total, need, points, share)

    def _totals(self, scope: str) -> dict[str, float]:
        if scope == ALL:
            return self.answer["kpi_totals"] or {}
        dimension, value = map(fold, scope.split(":", 1))
        by_dimension = self.answer["kpi_totals_by_dimension"] or {}
        values: dict[str, Any] = next((v for name, v in by_dimension.items() if fold(name) == dimension), {})
        return next((totals for name, totals in values.items() if fold(name) == value), {})

    @property
    def chart(self) -> SafeString:
        parts = [(part.kpi, max(part.share or 0, 0)) for part in self.parts]
        return stacked("Each KPI's share of the objective", "One bar; widths are shares.", parts)

    @property
    def stages(self) -> Iterator[Stage]:
        for stage in self.answer.get("stages", []):
            targets = sum(is_of(target, stage) for target in self.answer["targets"])
            yield Stage(
                stage["kpi"],
                self._unit(stage["kpi"]),
                stage["kind"],
                targets,
                stage["shortfall"],
                stage.get("cost"),
            )

    @property
    def star(self) -> str:
        keys = [kpi["key"] for kpi in self.problem["kpis"] if kpi["level"] == "north_star"]
        return keys[0] if keys else ""

    @property
    def origins(self) -> dict[str, list[Origin]]:
        """Dimension → its values by what they bring of the north star; only what tells something."""
        by_dimension = self.answer.get("kpi_totals_by_dimension") or {}
        found = {name: self._origins(values) for name, values in by_dimension.items()}
        return {name: rows for name, rows in found.items() if len(rows) >= FEWEST}

    def _origins(self, values: dict[str, dict[str, float]]) -> list[Origin]:
        amounts = {value: totals.get(self.star, 0) for value, totals in values.items()}
        most = max(amounts.values(), default=0)
        ranked = sorted(amounts.items(), key=lambda item: -item[1])
        return [Origin(value, number, percent(number, most)) for value, number in ranked if number]

    def _unit(self, kpi: str) -> str:
        return next((k["unit"] or "" for k in self.problem["kpis"] if fold(k["key"]) == fold(kpi)), "")


def is_of(target: dict[str, Any], stage: dict[str, Any]) -> bool:
    return bool(target["type"] == stage["kind"] and fold(target["kpi"]) == fold(stage["kpi"]))


def half_of(shares: list[float]) -> int:
    """How many of the largest shares make up half of it all; 0 where they never do."""
    total, count = 0.0, 0
    for share in sorted(shares, reverse=True):
        total, count = total + share, count + 1
        if total >= 0.5:
            return count
    return 0
