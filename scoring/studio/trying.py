"""Trying a formula with the numbers on the page: all that scoring would say of them, and nothing saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from scoring import formula
from scoring.formula import FormulaError, Script
from scoring.frameworks import math_model
from scoring.frameworks.math_model import Known
from scoring.frameworks.scored import Scored, significant
from scoring.ranges import SEED, is_uncertain
from scoring.uncertainty import (
    Draws,
    Range,
    Summary,
    Swing,
    rank_correlations,
    sample,
    summarise,
    tornado,
)
from scoring.units import Given, unit_warnings

#: A param as the page holds it: value, min, max, distribution and unit, read already; blank is None.
Numbers = Mapping[str, Any]


NOTHING = Scored()


@dataclass(frozen=True)
class Spread:
    """The draws of a value, what they say, and which param moves it how far."""

    draws: Draws
    summary: Summary
    swings: list[Swing]
    correlations: dict[str, float]


@dataclass(frozen=True)
class Attempt:
    """What a formula gives with some numbers, were all of it approved.

    ``script`` is None where the formula can't be read, ``missing`` names what has no value, ``unusable`` says
    by param why its range can't be drawn from, ``doubts`` what looks wrong in the units.
    """

    script: Script | None = None
    errors: tuple[FormulaError, ...] = ()
    missing: tuple[str, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    scored: Scored = NOTHING
    unusable: Mapping[str, str] = field(default_factory=dict)
    spread: Spread | None = None
    doubts: tuple[str, ...] = ()

    @property
    def identifiers(self) -> tuple[str, ...]:
        return self.script.identifiers if self.script else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        broken = (f"No P10 and P90, because of {name}: {why}." for name, why in self.unusable.items())
        return (*self.scored.warnings, *broken, *self.doubts)


def attempt(text: str, params: Mapping[str, Numbers], days: float | None = None, target: str = "") -> Attempt:
    """Never raises for what the formula or the params hold.

    ``days``: Effort Engineering Days, if known; ``target``: the unit of the target KPI.
    """
    if not text.strip():
        return Attempt()
    if errors := formula.check(text):
        return Attempt(errors=tuple(errors))
    units = {name: Given(param.get("unit") or "", param["value"]) for name, param in params.items()}
    return replace(_tried(text, params, days), doubts=tuple(unit_warnings(text, units, target)))


def _tried(text: str, params: Mapping[str, Numbers], days: float | None) -> Attempt:
    script = formula.parse(text)
    values = {name: param["value"] for name, param in params.items() if param["value"] is not None}
    errors = formula.param_errors(script, values)
    missing = tuple(name for name in script.identifiers if name not in values)
    wrong = tuple(error for error in errors if error.kind != "missing_param")
    if missing or wrong:
        return Attempt(script, wrong, missing)
    try:
        computed = formula.evaluate(script, values)
    except FormulaError as error:
        return Attempt(script, (error,))
    return _computed(script, computed, text, params, values, days)


def _computed(
    script: Script,
    computed: dict[str, float],
    text: str,
    params: Mapping[str, Numbers],
    values: Mapping[str, float],
    days: float | None,
) -> Attempt:
    scored = math_model.score(text, {name: Known(value, True) for name, value in values.items()}, days)
    given, unusable = _ranges(script, params)
    spread = None if unusable else _spread(script, given)
    return Attempt(script, values=computed, scored=_rounded(scored), unusable=unusable, spread=spread)


def _rounded(scored: Scored) -> Scored:
    """As scoring stores it."""
    value, effort, overall = map(significant, (scored.value, scored.effort, scored.overall))
    return Scored(value, effort, overall, scored.warnings)


def _ranges(script: Script, params: Mapping[str, Numbers]) -> tuple[dict[str, Range], dict[str, str]]:
    """The ranges of what the formula reads, and why some of them can't be drawn from."""
    given, unusable = {}, {}
    for name in script.identifiers:
        param = params[name]
        try:
            given[name] = Range.read(param if is_uncertain(param) else param["value"])
        except ValueError as error:
            unusable[name] = str(error)
    return given, unusable


def _spread(script: Script, given: Mapping[str, Range]) -> Spread | None:
    if all(one.is_fixed for one in given.values()):
        return None
    values = sample(script, given, settings.SCORING_DRAWS, SEED)
    correlations = rank_correlations(script, given, values, SEED)
    return Spread(values, summarise(values), tornado(script, given), correlations)
