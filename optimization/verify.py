"""Measuring a portfolio straight from the problem file, independently of the model the solver saw.

Decimal arithmetic on the numbers as entered; nothing that breaks a constraint gets past `verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from .problem import ALL, Candidate, Problem, Synergy, Target, fold, limits, spoken

Place = tuple[str, str]
DIGITS = 60
ZERO = Decimal(0)


class PortfolioBroken(AssertionError):  # noqa: N818 - says what happened
    """The solver's portfolio breaks constraints; a bug that must never reach a person as an answer."""


@dataclass
class Measured:
    """What a portfolio costs and brings. Places are (dimension, key), folded; KPIs are folded."""

    objective: Decimal = ZERO
    tokens: dict[Place, Decimal] = field(default_factory=dict)
    kpis: dict[tuple[Place, str], Decimal] = field(default_factory=dict)

    def achieved(self, target: Target) -> Decimal:
        """What the portfolio brings where the target looks."""
        return self.kpis.get((target.place, fold(target.kpi)), ZERO)


@dataclass(frozen=True)
class Points:
    """What one KPI (as the problem spells it) adds to a weighted objective: weight × total ÷ need."""

    kpi: str
    weight: Decimal
    total: Decimal
    need: Decimal
    points: Decimal


def verify(problem: Problem, scopes: dict[str, str]) -> Measured:
    """Measures the portfolio {candidate key: scope}. Raises PortfolioBroken naming what it breaks."""
    with localcontext() as context:
        context.prec = DIGITS
        measured = measure(problem, scopes)
        broken = list(breaches(problem, {fold(key) for key in scopes}, measured))
    if broken:
        raise PortfolioBroken("; ".join(broken))
    return measured


def measure(problem: Problem, scopes: dict[str, str]) -> Measured:
    """Costs and KPIs of a portfolio, everywhere, whether or not it is allowed."""
    measured = Measured()
    for candidate in problem.candidates:
        if scope := scopes.get(candidate.key):
            add_candidate(measured, candidate, scope)
    where = {fold(c.key): places(c) for c in problem.candidates if c.key in scopes}
    every = {fold(c.key): c for c in problem.candidates} if problem.constraints.synergies else {}
    for synergy in problem.constraints.synergies:
        if is_earned(synergy, where):
            shared = set.intersection(*(places(every[fold(key)]) for key in synergy.members))
            add_contribution(measured, shared, synergy.kpi, decimal(synergy.bonus))
    measured.objective = objective(problem, measured)
    return measured


def add_candidate(measured: Measured, candidate: Candidate, scope: str) -> None:
    if scope not in candidate.scopes:
        raise PortfolioBroken(f"{candidate.key} cannot be built as {scope}")
    mvp = scope == "mvp"
    share = decimal(candidate.mvp_value_share or 0) if mvp else Decimal(1)
    cost = decimal((candidate.tokens_mvp if mvp else candidate.tokens) or 0)
    where = places(candidate)
    for place in where:
        measured.tokens[place] = measured.tokens.get(place, ZERO) + cost
    for kpi, value in candidate.contributions.items():
        add_contribution(measured, where, kpi, share * decimal(value))


def add_contribution(measured: Measured, where: set[Place], kpi: str, value: Decimal) -> None:
    for place in where:
        slot = (place, fold(kpi))
        measured.kpis[slot] = measured.kpis.get(slot, ZERO) + value


def is_earned(synergy: Synergy, selected: dict[str, set[Place]]) -> bool:
    members = {fold(key) for key in synergy.members}
    return len(members & selected.keys()) >= (synergy.min_members or len(members))


def objective(problem: Problem, measured: Measured) -> Decimal:
    """The north star, or Σ weight share × total ÷ scale, inside the objective's scope."""
    place = problem.objective.place
    if problem.objective.mode != "weighted_kpis":
        star = [fold(kpi.key) for kpi in problem.kpis if kpi.level == "north_star"]
        return sum((measured.kpis.get((place, kpi), ZERO) for kpi in star), ZERO)
    return sum((each.points for each in weighed(problem, measured)), ZERO)


def weighed(problem: Problem, measured: Measured) -> Iterator[Points]:
    """The KPIs of a weighted objective; nothing in the other modes."""
    if problem.objective.mode != "weighted_kpis":
        return
    weights = {fold(kpi): decimal(weight) for kpi, weight in problem.objective.weights.items() if weight > 0}
    names = {fold(kpi.key): kpi.key for kpi in problem.kpis}
    for target in problem.targets:
        kpi, need = fold(target.kpi), needed(target)
        if target.place == problem.objective.place and need > 0 and kpi in weights:
            weight, total = weights[kpi] / sum(weights.values()), measured.achieved(target)
            yield Points(names.get(kpi, target.kpi), weight, total, need, weight * total / need)


def breaches(problem: Problem, selected: set[str], measured: Measured) -> Iterator[str]:
    """Every constraint the portfolio breaks, in words."""
    rules = problem.constraints
    yield from token_breaches(problem, measured)
    yield from (f"{key} is mandatory" for key in rules.mandatory if fold(key) not in selected)
    yield from (f"{key} is excluded" for key in rules.excluded if fold(key) in selected)
    for pair in rules.exclusion_pairs:
        if {fold(key) for key in pair} <= selected:
            yield f"{' and '.join(pair)} exclude each other"
    for bundle in rules.bundles:
        members = {fold(key) for key in bundle.members}
        if members & selected and not members <= selected:
            yield f"the bundle of {', '.join(bundle.members)} is all or nothing"
    for dependent, required in rules.prerequisites.items():
        missing = [key for key in required if fold(key) not in selected]
        if fold(dependent) in selected and missing:
            yield f"{dependent} requires {', '.join(missing)}"
    if problem.objective.mode != "lexicographic":
        short = (t for t in problem.targets if t.type == "floor" and not is_met(t, measured.achieved(t)))
        yield from (
            f"the floor {spoken(t.target)} of {t.kpi} ({t.dimension} {t.dimension_key})" for t in short
        )


def token_breaches(problem: Problem, measured: Measured) -> Iterator[str]:
    total = measured.tokens.get((ALL, ALL), ZERO)
    if problem.capacity_total is not None and total > decimal(problem.capacity_total):
        yield f"{spoken(total)} tokens exceed the capacity of {spoken(problem.capacity_total)}"
    for dimension, key, most in limits(problem.constraints.caps):
        if (used := measured.tokens.get((fold(dimension), fold(key)), ZERO)) > decimal(most):
            yield f"{spoken(used)} tokens exceed the cap of {spoken(most)} for {dimension} {key}"
    for dimension, key, least in limits(problem.constraints.floors):
        if (used := measured.tokens.get((fold(dimension), fold(key)), ZERO)) < decimal(least):
            yield f"{spoken(used)} tokens are below the floor of {spoken(least)} for {dimension} {key}"


def is_met(target: Target, achieved: Decimal) -> bool:
    """Within 1e-9 · max(1, |need|)."""
    need = needed(target)
    return achieved >= need - Decimal("1e-9") * max(Decimal(1), abs(need))


def needed(target: Target) -> Decimal:
    return decimal(target.target) - decimal(target.baseline or 0)


def places(candidate: Candidate) -> set[Place]:
    """Every dimension value the candidate lies inside, `all` included."""
    return {(ALL, ALL)} | {(fold(name), fold(v)) for name, v in candidate.dimensions.items() if v}


def decimal(number: float) -> Decimal:
    """The number as it was typed."""
    return Decimal(repr(number))
