"""What an objective value is made of, in each mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from optimization.charts import percent, stacked
from optimization.models import ObjectiveMode
from optimization.problem import fold

FEWEST = 3  # values of a dimension from which on a breakdown says something


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
    def parts(self) -> list[dict[str, Any]]:
        """The answer's shares, each with its KPI's unit."""
        return [part | {"unit": self._unit(part["kpi"])} for part in self.answer.get("shares", [])]

    @property
    def chart(self) -> SafeString:
        """One bar of what adds to the objective; it is full where nothing takes away from it."""
        adding = [(part["kpi"], part["share"]) for part in self.parts if (part["share"] or 0) > 0]
        whole = max(1.0, sum(share for _, share in adding))
        parts = [(kpi, share / whole) for kpi, share in adding]
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
