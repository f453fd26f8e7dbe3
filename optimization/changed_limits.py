"""Limits as people entered them: which number has to become which for a portfolio, and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .model import Model
from .problem import Problem, exact, plain, spoken, to_json
from .rules import Sum

DIGITS = 6  # that count in a new number, at least
ZERO = Fraction(1, 10**6)  # a limit below this is as good as 0


@dataclass(frozen=True)
class Change:
    """One number to change: its JSON pointer (for a target, to the target), and what the change costs."""

    constraint: str
    before: Fraction
    after: Fraction
    cost: Fraction
    text: str


def base(rule: Sum) -> Fraction:
    """What a change of this limit is relative to."""
    limit = rule.low if rule.low is not None else rule.high
    assert limit is not None
    return abs(limit) if abs(limit) > ZERO else Fraction(1)


def changes(model: Model, rule: Sum, chosen: Iterable[int]) -> list[Change]:
    """What has to change about one limit so that a choice keeps it; a limit with two sources names both."""
    value = model.value(rule.terms, set(chosen))
    if rule.low is not None and value < rule.low:
        return [change(model.problem, rule, source, value, "lower") for source in rule.sources]
    if rule.high is not None and value > rule.high:
        found = [change(model.problem, rule, source, value, "raise") for source in rule.sources]
        return [each for each in found if each.before < each.after]
    return []


def change(problem: Problem, rule: Sum, source: str, value: Fraction, verb: str) -> Change:
    before, start = number_at(problem, source), baseline_at(problem, source)
    after = tidy(value + start, before, up=verb == "raise")
    aside = above(before, after, start) if start else f"by {spoken(abs(after - before))}"
    text = f"{verb} {rule.subject} from {spoken(before)} to {spoken(after)} ({aside})"
    return Change(source, before, after, abs(after - before) / base(rule), text)


def above(before: Fraction, after: Fraction, baseline: Fraction) -> str:
    """The same in what is required on top of the baseline."""
    required = f"{spoken(after - baseline)} instead of {spoken(before - baseline)} required"
    return f"{required} above the baseline of {spoken(baseline)}"


def tidy(value: Fraction, entered: Fraction, up: bool) -> Fraction:
    """The value to the safe side, with the decimals of the entered number and at least six digits."""
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    places = min(max(decimals(entered), DIGITS - magnitude), max(0, 15 - magnitude))
    whole = math.ceil(value * 10**places) if up else math.floor(value * 10**places)
    return Fraction(whole, 10**places)


def decimals(number: Fraction) -> int:
    _, _, after = f"{float(number):.12f}".rstrip("0").partition(".")
    return len(after)


def number_at(problem: Problem, source: str) -> Fraction:
    """The number a person entered there."""
    if source.startswith("/targets/"):
        return exact(problem.targets[position(source)].target)
    return exact(look_up(to_json(problem), steps(source)))


def baseline_at(problem: Problem, source: str) -> Fraction:
    """What a target starts from; 0 for other limits."""
    if source.startswith("/targets/"):
        return exact(problem.targets[position(source)].baseline or 0)
    return Fraction()


def position(source: str) -> int:
    return int(source.split("/")[2])


def apply(problem: Problem, changed: Iterable[Change]) -> dict[str, Any]:
    """The problem file with these numbers changed."""
    data = to_json(problem)
    for each in changed:
        *way, last = steps(each.constraint)
        if way == ["targets"]:
            data["targets"][int(last)]["target"] = plain(each.after)
        else:
            look_up(data, way)[last] = plain(each.after)
    return data


def look_up(data: Any, way: list[str]) -> Any:
    for part in way:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def steps(source: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in source.split("/")[1:]]
