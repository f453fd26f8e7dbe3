"""A formula script that passed the gates, and its reading: text → Script, or every error that shows."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from scoring.formula import syntax, text
from scoring.formula.errors import FormulaError

VALUE = "value"
# One scoring run reads up to ten thousand models twice (draft and approved); a script takes about 6 kB.
_REMEMBERED = 16_384

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """One `target = expression`: its physical line number, source and checked tree."""

    number: int
    source: str
    target: str
    expression: syntax.Expression

    @property
    def tree(self) -> ast.expr:
        return self.expression.tree


@dataclass(frozen=True, slots=True)
class Script:
    """A readable script: its lines, and in order the line where each name is first read or assigned."""

    lines: tuple[Line, ...]
    read_at: dict[str, int]
    assigned_at: dict[str, int]

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The params to seed: names in order of first reading, minus names assigned before."""
        return tuple(self.read_at)

    @property
    def assigned(self) -> tuple[str, ...]:
        """Result names in order of first assignment; `value` is always among them."""
        return tuple(self.assigned_at)


def parse(source: str) -> Script:
    """Read a script. Raises its first FormulaError. Scripts and failures are remembered by their text."""
    outcome = _outcome(source)
    if isinstance(outcome, Script):
        return outcome
    first = outcome[0]
    raise FormulaError(first.kind, first.line, first.message)  # a fresh one: tracebacks must not pile up


def check(source: str) -> list[FormulaError]:
    """Every error that can be told from the text alone; the first one is what `parse` raises."""
    outcome = _outcome(source)
    return [] if isinstance(outcome, Script) else list(outcome)


def _outcome(source: str) -> Script | tuple[FormulaError, ...]:
    try:
        text.check_size(source)  # before the cache, which must not hold on to megabytes
    except FormulaError as error:
        return (error,)
    return _read(source)


@lru_cache(maxsize=_REMEMBERED)
def _read(source: str) -> Script | tuple[FormulaError, ...]:
    try:
        physical = text.split_lines(source)
    except FormulaError as error:
        return (error,)
    codes, errors = _each(enumerate(physical, 1), lambda number, line: (number, text.read_code(line, number)))
    codes = [(number, code) for number, code in codes if code]
    if not codes and not errors:
        return (FormulaError("empty", 1, "The script is empty; write value = expression."),)
    alone = len(codes) == 1 and not errors
    lines, more = _each(codes, lambda number, code: _read_line(number, code, alone))
    return tuple(errors + more) or _whole(lines)


def _each(
    pairs: Iterable[tuple[int, str]], read: Callable[[int, str], T]
) -> tuple[list[T], list[FormulaError]]:
    """Read every line, whatever the ones before it had wrong."""
    results, errors = [], []
    for number, line in pairs:
        try:
            results.append(read(number, line))
        except FormulaError as error:
            errors.append(error)
    return results, errors


def _read_line(number: int, code: str, alone: bool) -> Line:
    target, tree = syntax.read_statement(code, number)
    if target is None and not alone:
        raise syntax.not_assignment(number)
    return Line(number, code.strip(), target or VALUE, syntax.check_expression(tree, code, number))


def _whole(lines: list[Line]) -> Script | tuple[FormulaError, ...]:
    """What only the lines together can tell: size, order of names, and whether there is a value."""
    read_at: dict[str, int] = {}
    assigned_at: dict[str, int] = {}
    nodes = 0
    for line in lines:
        nodes += line.expression.nodes
        if nodes > syntax.MAX_NODES:
            return (_too_complex(line),)
        for name in line.expression.reads:
            if name not in assigned_at:
                read_at.setdefault(name, line.number)
        assigned_at.setdefault(line.target, line.number)
    errors = [_used_before(name, read_at[name], assigned_at[name]) for name in read_at if name in assigned_at]
    if VALUE not in assigned_at:
        errors.append(_missing_value(lines[-1]))
    return tuple(errors) or Script(tuple(lines), read_at, assigned_at)


def _too_complex(line: Line) -> FormulaError:
    return FormulaError(
        "too_complex",
        line.number,
        f"The script has more than {syntax.MAX_NODES} names, numbers and operations; simplify it.",
    )


def _used_before(name: str, read: int, assigned: int) -> FormulaError:
    where = "on this very line" if read == assigned else f"only on line {assigned}"
    return FormulaError(
        "use_before_assignment",
        read,
        f"“{name}” is read before it has a value, which it gets {where}; reorder the lines or rename one.",
    )


def _missing_value(last: Line) -> FormulaError:
    return FormulaError("missing_value", last.number, "No line computes the result; add value = expression.")
