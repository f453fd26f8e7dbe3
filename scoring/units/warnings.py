"""What looks wrong about the units of a formula, in sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scoring import formula
from scoring.formula import Script
from scoring.formula.script import VALUE
from scoring.units.propagation import Known, Reading, currencies_differ, periods_differ
from scoring.units.reading import MONEY, ONE_PERCENT, PERCENT, PURE, SHARES, THING, TIME, Unit, parse

_CALENDAR = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Given:
    """What a param says of its number."""

    unit: str = ""
    value: float | None = None


def unit_warnings(text: str, params: Mapping[str, Given], target: str = "") -> list[str]:
    """What can't be meant, given the units of the params a formula reads and of its target KPI.

    Says something only where it is sure; nothing at all of a formula that can't be read. Never raises.
    """
    read = {name: given for name, given in params.items() if given.unit}
    if not read or formula.check(text):
        return []
    script = formula.parse(text)
    named = tuple((name, read[name].unit) for name in script.identifiers if name in read)
    values = (said for name, _ in named if (said := _value(name, read[name])))
    return [*_of_units(text, named, target), *values]


@lru_cache(maxsize=16_384)
def _of_units(text: str, named: tuple[tuple[str, str], ...], target: str) -> tuple[str, ...]:
    """All that needs no values: a page of models asks the same again and again."""
    units = {name: unit for name, written in named if (unit := parse(written)) is not None}
    if not units:
        return ()
    script = formula.parse(text)
    reading = Reading(units).read(script)
    result = reading.senses.get(VALUE)
    about = _result(result, parse(target)) if isinstance(result, Known) else ()
    return tuple(dict.fromkeys([*reading.said, *_mixed(script, units), *about]))


def _value(name: str, given: Given) -> str:
    written, value = given.unit.strip().casefold(), given.value
    if value is None:
        return ""
    if written in SHARES and abs(value) > 1:
        return f"{name} is {value:g}, more than the whole of a {written}. Is it a percentage?"
    if parse(given.unit) == ONE_PERCENT and 0 < abs(value) <= 1:
        return f"{name} is {value:g} in percent, so {value / 100:g} as a fraction. Is it a fraction already?"
    return ""


def _mixed(script: Script, units: Mapping[str, Unit]) -> Iterator[str]:
    """A percent beside a fraction, in a formula that turns neither into the other."""
    percents = [name for name, unit in units.items() if unit == ONE_PERCENT]
    shares = [name for name, unit in units.items() if unit == PURE]
    if percents and shares and not _converts(script):
        yield f"{percents[0]} is in percent and {shares[0]} a fraction. Divide the percent by 100."


def _converts(script: Script) -> bool:
    nodes = (node for line in script.lines for node in ast.walk(line.tree))
    return any(isinstance(node, ast.Constant) and node.value in (100.0, 0.01) for node in nodes)


# The result --------------------------------------------------------------------------------------


def _result(result: Known, target: Unit | None) -> Iterator[str]:
    unit = result.unit
    if unit.only(PERCENT).get("%", 0) > 0 and unit != ONE_PERCENT and PERCENT not in result.free:
        yield f"The value comes out in {unit.without(THING)}. Divide the percent by 100."
        return
    if TIME not in result.free:
        yield from _periods(unit)
    if target is not None and MONEY not in result.free:
        yield from _against(result, target)


def _periods(unit: Unit) -> Iterator[str]:
    times = unit.only(TIME)
    below = [name for name, power in times.items() if power < 0]
    above = [name for name, power in times.items() if power > 0 and name in _CALENDAR]
    if len(below) > 1:
        yield f"The value is per {' and per '.join(below)} at once. Bring both to the same period."
    elif above and below and below[0] in _CALENDAR and (unit.only(MONEY) or above != ["day"]):
        yield f"The value multiplies {above[0]}s by something per {below[0]}. Bring both to the same period."


def _against(result: Known, target: Unit) -> Iterator[str]:
    unit, money, wanted = result.unit, result.unit.only(MONEY), target.only(MONEY)
    # Things cancel only in people's minds: sessions times a conversion rate are orders.
    shown = unit.without(THING) if money else unit
    if currencies_differ(unit, target):
        yield f"The value comes out in {shown}, but the target KPI is in {target}."
    elif not money and [*wanted.values()] == [1]:
        yield f"The value comes out in {shown}, but the target KPI is in {target}. Is a price missing?"
    elif [*money.values()] == [1] and not wanted:
        yield f"The value comes out in {shown}, but the target KPI is in {target}."
    elif {unit, target} == {PURE, ONE_PERCENT}:
        hint = "Divide it by 100." if target == PURE else "Multiply it by 100."
        yield f"The value comes out in {shown}, but the target KPI is in {target}. {hint}"
    elif TIME not in result.free and periods_differ(unit, target):
        yield f"The value comes out in {shown}, but the target KPI is in {target}."
