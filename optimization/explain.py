"""Why there is no portfolio: one smallest set of constraints that cannot hold together, and what to change.

A set is smallest here when dropping any one of its constraints lets the others hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .cpsat import Budget, Expression, Session
from .feasibility import Conflict, impossible
from .model import Model
from .problem import Problem, exact, plain, spoken, to_json
from .reading import ProblemInvalid, read_problem
from .rules import Rule, Sum, links, rules
from .verify import PortfolioBroken, verify

Group = tuple[Rule, ...]  # the rules of one constraint of the problem
Repair = dict[str, Any]
CHECK_SECONDS = 2.0  # deterministic, for one question "can these hold together?"


def conflict(model: Model, budget: Budget) -> list[Conflict]:
    """Every individually impossible constraint; when there is none, one smallest conflicting set."""
    return impossible(model) or [
        {"constraint": source, "text": group[0].sentence}
        for group in smallest_core(model, budget)
        for source in group[0].sources
    ]


def smallest_core(model: Model, budget: Budget) -> list[Group]:
    """A conflicting set of which no member can be spared; [] when none could be proven in the budget.

    Limits are suspected first: "this floor and the capacity" says more than a chain of exclusions.
    """
    limits = [group for group in grouped(rules(model)) if isinstance(group[0], Sum)]
    suspects = limits if clash(model, limits, budget) else suspected(model, budget)
    if not clash(model, suspects, budget):
        return []
    return quick_xplain(model, [], suspects, False, budget)


def grouped(every_rule: list[Rule]) -> list[Group]:
    """Rules of the same constraint together; what merely links variables is left out."""
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in every_rule:
        if rule.sources:
            groups.setdefault(rule.sources, []).append(rule)
    return [tuple(group) for group in groups.values()]


def suspected(model: Model, budget: Budget) -> list[Group]:
    """A conflicting set as CP-SAT reports it from assumptions, or every constraint if that is no conflict.

    One worker, no objective, presolve off: with presolve the reported set can be wrong (an open bug).
    """
    groups = grouped(rules(model))
    session = Session(model, links(model), budget)
    switches = [session.cp.new_bool_var("") for _ in groups]
    for group, switch in zip(groups, switches, strict=True):
        for rule in group:
            session.add_if(rule, switch)
    session.cp.add_assumptions(switches)
    core = session.sufficient_assumptions(CHECK_SECONDS)
    named = [group for group, switch in zip(groups, switches, strict=True) if switch.index in core]
    return named if named and clash(model, named, budget) else groups


def clash(model: Model, groups: list[Group], budget: Budget) -> bool:
    """Whether these constraints are proven unable to hold together."""
    if budget.is_stopped:
        return False
    budget.renew(CHECK_SECONDS)
    return Session(model, [*links(model), *flat(groups)], budget).minimise(None).infeasible


def flat(groups: list[Group]) -> Iterator[Rule]:
    return (rule for group in groups for rule in group)


def quick_xplain(
    model: Model, kept: list[Group], suspects: list[Group], grew: bool, budget: Budget
) -> list[Group]:
    """Junker's QuickXplain: the members of `suspects` that are needed for a conflict with `kept`."""
    if grew and clash(model, kept, budget):
        return []
    if len(suspects) <= 1:
        return suspects
    first, second = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    needed_second = quick_xplain(model, kept + first, second, bool(first), budget)
    needed_first = quick_xplain(model, kept + needed_second, first, bool(needed_second), budget)
    return needed_first + needed_second


def repairs(model: Model, budget: Budget, conflicting: list[Conflict]) -> list[Repair]:
    """The smallest changes of single numbers that let a portfolio exist, each verified by solving again.

    When changing one limit of the conflict is enough, each such change is listed (one of them will do);
    otherwise one cheapest set of changes, relative to each limit, that have to be made together.
    """
    sources = {entry["constraint"] for entry in conflicting}
    numeric = [rule for rule in rules(model) if isinstance(rule, Sum) and rule.sources]
    alone = [rule for rule in numeric if sources & set(rule.sources)]
    found = [change for rule in alone for change in relaxation(model, [rule], budget)]
    return found or relaxation(model, numeric, budget)


def relaxation(model: Model, relaxable: list[Sum], budget: Budget) -> list[Repair]:
    """The cheapest change of these limits that lets a portfolio exist; [] when there is none."""
    if budget.is_stopped or not relaxable:
        return []
    budget.renew(CHECK_SECONDS)
    fixed = [rule for rule in rules(model) if all(rule is not other for other in relaxable)]
    names = {rule.sources for rule in relaxable}
    session = Session(model, [rule for rule in fixed if rule.sources not in names], budget)
    outcome = session.minimise(how_far(session, relaxable))
    if outcome.chosen is None:
        return []
    together = [entry for rule in relaxable for entry in changes(model, rule, set(outcome.chosen))]
    return together if together and holds(model, together, outcome.chosen) else []


def how_far(session: Session, relaxable: list[Sum]) -> Expression:
    """How far the limits are broken: exactly for one limit, in millionths of each for several."""
    if len(relaxable) > 1:
        return session.relaxed(relaxable)
    sign = 1 if relaxable[0].low is None else -1
    return session.expression({variable: sign * c for variable, c in relaxable[0].terms.items()})


def changes(model: Model, rule: Sum, chosen: set[int]) -> Iterator[Repair]:
    """What has to change about one limit so that a choice keeps it; a limit with two sources names both."""
    value = model.value(rule.terms, chosen)
    if rule.low is not None and value < rule.low:
        verb = "lower"
    elif rule.high is not None and value > rule.high:
        verb = "raise"
    else:
        return
    for source in rule.sources:
        before, after = number_at(model.problem, source, value)
        if verb == "lower" or before < after:
            step = spoken(abs(after - before))
            text = f"{verb} {rule.subject} from {spoken(before)} to {spoken(after)} (by {step})"
            yield {"constraint": source, "from": plain(before), "to": plain(after), "text": text}


def number_at(problem: Problem, source: str, value: Fraction) -> tuple[Fraction, Fraction]:
    """The number a person entered there, and the one that would fit `value`."""
    if source.startswith("/targets/"):
        target = problem.targets[int(source.split("/")[2])]
        return exact(target.target), value + exact(target.baseline or 0)
    return exact(look_up(to_json(problem), steps(source))), value


def look_up(data: Any, way: list[str]) -> Any:
    for part in way:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def steps(source: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in source.split("/")[1:]]


def holds(model: Model, together: list[Repair], chosen: frozenset[int]) -> bool:
    """Whether the found portfolio keeps every constraint of the changed problem, read from the file up."""
    data = to_json(model.problem)
    for change in together:
        *way, last = steps(change["constraint"])
        if way == ["targets"]:
            data["targets"][int(last)]["target"] = change["to"]
        else:
            look_up(data, way)[last] = change["to"]
    scopes = {v.candidate.key: str(v.scope) for v in model.variants if v.variable in chosen}
    try:
        verify(read_problem(data), scopes)
    except (ProblemInvalid, PortfolioBroken):
        return False
    return True
