"""MATH_MODEL: value, effort and overall as an approved formula computes them from approved params."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring import formula
from scoring.frameworks.scored import Scored, ratio

EFFORT, EFFORT_DAYS = "effort", "effort_days"
NO_EFFORT = "no effort: assign effort in the formula, or fill Effort Engineering Days on the Backlog"


@dataclass(frozen=True, slots=True)
class Known:
    """A param's value, and whether it counts."""

    value: float | None
    approved: bool

    @property
    def counts(self) -> bool:
        return self.approved and self.value is not None


def score(text: str, params: Mapping[str, Known], engineering_days: float | None = None) -> Scored:
    """Run an approved formula. ``engineering_days`` is the effort of a formula and params that state none.

    A param that isn't approved is a missing one, and is named. Without effort the value stands alone.
    """
    inputs: dict[str, Any] = {"formula": text}
    try:
        script = formula.parse(text)
        inputs["params"] = {name: param.value for name, param in params.items() if name in script.read_at}
        if gaps := tuple(_gaps(script.identifiers, params)):
            return Scored(warnings=gaps, inputs=inputs)
        approved = {name: param.value for name, param in params.items() if param.counts}
        values = formula.evaluate(script, approved)
    except formula.FormulaError as error:
        return Scored(warnings=(str(error),), inputs=inputs, error=str(error))
    return _finished(values, params, engineering_days, inputs)


def _gaps(names: tuple[str, ...], params: Mapping[str, Known]) -> Iterator[str]:
    """What keeps a formula from being computed."""
    without = [name for name in names if name not in params or params[name].value is None]
    if without:
        yield f"no value: {', '.join(without)}"
    unapproved = [name for name in names if name not in without and not params[name].approved]
    if unapproved:
        yield f"not approved: {', '.join(unapproved)}"


def _finished(
    values: Mapping[str, float], params: Mapping[str, Known], days: float | None, inputs: dict[str, Any]
) -> Scored:
    effort = _effort(values, params, days)
    inputs["effort"] = effort
    overall, warnings = values.get("overall"), _ignored(values, params)
    if overall is None:
        overall, more = _overall(values["value"], effort)
        warnings += more
    return Scored(values["value"], effort, overall, tuple(warnings), inputs)


def _effort(values: Mapping[str, float], params: Mapping[str, Known], days: float | None) -> float | None:
    for name in (EFFORT, EFFORT_DAYS):
        if name in values:
            return values[name]
    stated = params.get(EFFORT_DAYS)
    return stated.value if stated and stated.counts else days


def _ignored(values: Mapping[str, float], params: Mapping[str, Known]) -> list[str]:
    """An effort param that would count if it were approved."""
    stated = params.get(EFFORT_DAYS)
    waits = stated and stated.value is not None and not stated.approved
    return [f"not approved: {EFFORT_DAYS}"] if waits and not {EFFORT, EFFORT_DAYS} & values.keys() else []


def _overall(value: float, effort: float | None) -> tuple[float | None, list[str]]:
    if effort is None:
        return None, [NO_EFFORT]
    if effort <= 0:
        return None, [f"effort is {effort:g}; it must be more than 0"]
    overall = ratio(value, effort)
    return overall, [] if overall is not None else ["value ÷ effort is too large to be a number"]
