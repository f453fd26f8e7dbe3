"""Which unit each line of a script comes out in, and where two units can't be meant together."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from scoring.formula import Script
from scoring.units.reading import (
    DOLLAR,
    DOLLARS,
    MONEY,
    ONE_PERCENT,
    PERCENT,
    PURE,
    SOME_CURRENCY,
    THING,
    TIME,
    Unit,
)

#: Numbers by which people go from one period to another: they change the time in a unit, and nothing else.
PERIODS = frozenset({2, 3, 4, 6, 7, 12, 24, 26, 30, 36, 52, 60, 90, 250, 360, 365, 1000})
_NEUTRAL = frozenset({1.0, -1.0})


@dataclass(frozen=True)
class Known:
    """The unit of an expression. What is ``free`` may differ from it: a plain number stood in its place."""

    unit: Unit
    free: frozenset[str] = frozenset()


#: What an expression comes out in: a number written in the formula, a known unit, or nothing that is sure.
Sense = float | Known | None


@dataclass
class Reading:
    """A script read line by line; ``said`` is what can't be meant, each with its line."""

    units: Mapping[str, Unit | None]
    senses: dict[str, Sense] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    line: int = 0

    def read(self, script: Script) -> Reading:
        for line in script.lines:
            self.line = line.number
            self.senses[line.target] = self.sense(line.tree)
        return self

    def sense(self, node: ast.expr) -> Sense:
        match node:
            case ast.Constant():
                return float(node.value)  # type: ignore[arg-type]  # the gate lets only numbers through
            case ast.Name():
                return self._name(node.id)
            case ast.UnaryOp():
                inner = self.sense(node.operand)
                return -inner if isinstance(inner, float) and isinstance(node.op, ast.USub) else inner
            case ast.BinOp():
                return self._binary(node)
            case ast.Call(func=ast.Name(id="sqrt")):
                self.sense(node.args[0])
                return None
            case ast.Call():
                return self._alike([self.sense(argument) for argument in node.args], "compares")
        return None

    def _name(self, name: str) -> Sense:
        if name in self.senses:
            return self.senses[name]
        unit = self.units.get(name)
        return None if unit is None else Known(unit)

    def _binary(self, node: ast.BinOp) -> Sense:
        left, right = self.sense(node.left), self.sense(node.right)
        if isinstance(node.op, ast.Mult | ast.Div):
            return _product(left, right, 1 if isinstance(node.op, ast.Mult) else -1)
        if isinstance(left, float) and isinstance(right, float):
            return left + right if isinstance(node.op, ast.Add) else left - right
        self._one_and_percent(left, right)
        return self._alike([left, right], "adds" if isinstance(node.op, ast.Add) else "subtracts")

    def _one_and_percent(self, left: Sense, right: Sense) -> None:
        if any(
            one == 1 and isinstance(other, Known) and other.unit == ONE_PERCENT and not other.free
            for one, other in ((left, right), (right, left))
        ):
            self._say("reckons with 1 and a percent; write 100, or divide the percent by 100")

    def _alike(self, senses: Iterable[Sense], verb: str) -> Sense:
        """What alike things add up to. Numbers written in the formula fit everything."""
        met = [sense for sense in senses if not isinstance(sense, float)]
        if not met:
            return None
        result: Sense = met[0]
        for other in met[1:]:
            result = self._pair(result, other, verb)
        return result

    def _pair(self, one: Sense, other: Sense, verb: str) -> Sense:
        if not isinstance(one, Known) or not isinstance(other, Known):
            return None
        if clash(one, other):
            first, second = (str(known.unit) for known in (one, other))
            self._say(f"{verb} {first} and {second}")
            return None
        return _sum(one, other)

    def _say(self, what: str) -> None:
        self.said.append(f"Line {self.line} {what}.")


# Products ----------------------------------------------------------------------------------------


def _product(left: Sense, right: Sense, sign: int) -> Sense:
    if isinstance(left, float) and isinstance(right, float):
        return _numbers(left, right, sign)
    if isinstance(left, Known) and isinstance(right, Known):
        return Known(left.unit.times(right.unit, sign), left.free | right.free)
    if isinstance(left, Known) and isinstance(right, float):
        return _scaled(left, right, sign)
    if isinstance(left, float) and isinstance(right, Known):
        return _scaled(Known(PURE.times(right.unit, sign), right.free), left, 1)
    return None


def _numbers(left: float, right: float, sign: int) -> Sense:
    try:
        return left * right if sign > 0 else left / right
    except (ZeroDivisionError, OverflowError):
        return None


def _scaled(known: Known, number: float, sign: int) -> Sense:
    """Times (or, with ``sign`` -1, divided by) a number of the formula, which may stand for anything."""
    factor = number if sign > 0 else _numbers(1.0, number, -1)
    if number in _NEUTRAL:
        return known
    if factor == 0.01 and known.unit.only(PERCENT):
        return replace(known, unit=known.unit.times(ONE_PERCENT, -1))
    if factor == 100 and known.unit == PURE and not known.free:
        return Known(ONE_PERCENT)
    if known.unit.only(MONEY):
        return replace(known, free=known.free | {TIME}) if abs(number) in PERIODS else None
    return replace(known, free=known.free | {TIME, MONEY, PERCENT})


# Sums --------------------------------------------------------------------------------------------


def clash(one: Known, other: Known) -> bool:
    """Whether two units can surely not be added or compared."""
    if MONEY in one.free | other.free:
        return False
    return (
        currencies_differ(one.unit, other.unit)
        or _money_and_none(one.unit, other.unit)
        or {one.unit, other.unit} == {PURE, ONE_PERCENT}
        or _share_and_amount(one.unit, other.unit)
        or (TIME not in one.free | other.free and periods_differ(one.unit, other.unit))
    )


def currencies_differ(one: Unit, other: Unit) -> bool:
    """Both count one currency each, and surely not the same."""
    first, second = one.only(MONEY), other.only(MONEY)
    if list(first.values()) != [1] or list(second.values()) != [1]:
        return False
    names = {*first, *second}
    shared = DOLLAR in names and names - {DOLLAR} <= DOLLARS
    return len(names) == 2 and SOME_CURRENCY not in names and not shared


def _money_and_none(one: Unit, other: Unit) -> bool:
    powers = sorted((list(one.only(MONEY).values()), list(other.only(MONEY).values())))
    return powers == [[], [1]]


def _share_and_amount(one: Unit, other: Unit) -> bool:
    """A share added to a number of things or to a time, which may be per period."""
    return any(a in (PURE, ONE_PERCENT) and _is_amount(b) for a, b in ((one, other), (other, one)))


def _is_amount(unit: Unit) -> bool:
    above = [base for base, power in unit.powers if power > 0]
    below = [base for base, power in unit.powers if power < 0]
    return len(above) == 1 and above[0][0] in (THING, TIME) and all(kind == TIME for kind, _ in below)


def periods_differ(one: Unit, other: Unit) -> bool:
    """Both hold one time alike, but not the same: per month and per year, days and weeks."""
    first, second = one.only(TIME), other.only(TIME)
    return len(first) == len(second) == 1 and first != second and [*first.values()] == [*second.values()]


def _sum(one: Known, other: Known) -> Sense:
    if one.unit.only(MONEY) != other.unit.only(MONEY) or one.unit.only(PERCENT) != other.unit.only(PERCENT):
        return None
    free = one.free | other.free
    if one.unit.only(TIME) != other.unit.only(TIME):
        free |= {TIME}
    return Known(one.unit, free)
