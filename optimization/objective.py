"""What is maximised, and in which order: the three objective modes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .model import Model, Terms
from .problem import Problem, Target, exact, fold


@dataclass(frozen=True)
class Shortfalls:
    """A stage: make the sum of one KPI's shortfalls of one kind (floor or goal) as small as possible."""

    kpi: str
    kind: str
    targets: tuple[Target, ...]


def north_star(problem: Problem) -> str | None:
    """The north star's key, if the problem has one."""
    return next((kpi.key for kpi in problem.kpis if kpi.level == "north_star"), None)


def importance(problem: Problem) -> list[str]:
    """North star, then the strategic KPIs as listed."""
    return [kpi.key for level in ("north_star", "strategic") for kpi in problem.kpis if kpi.level == level]


def maximised(model: Model) -> Terms:
    """The objective: north star, or Σ weight × contribution ÷ scale, inside the objective's scope."""
    problem = model.problem
    if problem.objective.mode != "weighted_kpis":
        star = north_star(problem)
        return model.kpi(star, problem.objective.place) if star else {}
    total: Terms = defaultdict(Fraction)
    for kpi, factor in weight_per_unit(problem).items():
        for variable, value in model.kpi(kpi, problem.objective.place).items():
            total[variable] += factor * value
    return dict(total)


def weight_per_unit(problem: Problem) -> dict[str, Fraction]:
    """KPI → weight ÷ scale. Weights are shares of all positive weights; the scale is the need of the
    KPI's target for the objective's scope. A KPI without one is left out (nobody contributes to it)."""
    weights = {kpi: exact(weight) for kpi, weight in problem.objective.weights.items() if weight > 0}
    needs = {fold(t.kpi): t.need for t in problem.targets if t.place == problem.objective.place}
    total = sum(weights.values(), Fraction())
    return {
        kpi: weight / total / needs[fold(kpi)]
        for kpi, weight in sorted(weights.items())
        if needs.get(fold(kpi), 0) > 0
    }


def first_stages(problem: Problem) -> list[Shortfalls]:
    """The stages before the objective: in lexicographic mode every KPI's floors, then every KPI's goals."""
    if problem.objective.mode != "lexicographic":
        return []
    order = problem.objective.lexicographic_order or importance(problem)
    return [stage for kind in ("floor", "goal") for stage in stages_of(problem, kind, order)]


def goal_stages(problem: Problem) -> list[Shortfalls]:
    """Tie-break stages over goals (lexicographic mode has had them already)."""
    if problem.objective.mode == "lexicographic":
        return []
    return list(stages_of(problem, "goal", importance(problem)))


def stages_of(problem: Problem, kind: str, order: list[str]) -> Iterator[Shortfalls]:
    for kpi in dict.fromkeys(fold(kpi) for kpi in order):
        targets = tuple(t for t in problem.targets if fold(t.kpi) == kpi and t.type == kind)
        if targets:
            yield Shortfalls(targets[0].kpi, kind, tuple(sorted(targets, key=lambda t: t.place)))
