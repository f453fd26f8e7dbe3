"""The results of formulas: references, + - * /, &, SUM, COUNTA, CONCATENATE and NA().

Anything else shows #NAME?, as an unknown function would.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.google import a1
from tests.google.cells import Content, ErrorValue, Formula, Value, number
from tests.google.formats import general

if TYPE_CHECKING:
    from tests.google.sheet import Sheet
    from tests.google.spreadsheet import Spreadsheet

TOKEN = re.compile(
    r"""\s*(?:(?P<error>\#REF!|\#N/A)
    |(?P<range>(?:(?:'(?:[^']|'')+'|[^\W\d]\w*)!)?\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?(?![\w(])
        |(?:(?:'(?:[^']|'')+'|[^\W\d]\w*)!)?\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(]))
    |(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<text>"(?:[^"]|"")*")|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>[-+*/&(),]))""",
    re.VERBOSE,
)


class FormulaError(Exception):
    def __init__(self, type_: str, message: str = "") -> None:
        self.error = ErrorValue(type_, message)


class Evaluator:
    """The values of one spreadsheet's cells as they are now; results are remembered."""

    def __init__(self, spreadsheet: Spreadsheet) -> None:
        self.spreadsheet = spreadsheet
        self.known: dict[tuple[int, int, int], Value] = {}

    def value(self, sheet: Sheet, row: int, column: int) -> Value:
        return self.of(sheet.row(row).content(column), sheet, row, column)

    def of(self, content: Content, sheet: Sheet, row: int, column: int) -> Value:
        """The value of ``content``, which stands in that cell."""
        if not isinstance(content, Formula):
            return content
        if content.shows is not None:
            return content.shows
        at = (sheet.id, row, column)
        if at not in self.known:
            self.known[at] = ErrorValue("REF", "Circular dependency detected.")
            self.known[at] = _result(content.text, sheet, self)
        return self.known[at]

    def cells(self, reference: str, home: Sheet) -> list[list[Value]]:
        title, area = a1.parse(reference.replace("$", ""))
        sheet = home if title is None else self.spreadsheet.find_title(title)
        if sheet is None:
            raise FormulaError("REF", f"Unresolved sheet name '{title}'.")
        area = area.clipped(sheet.row_count, sheet.column_count)
        rows = range(area.top, min(area.bottom or 0, max(len(sheet.rows), area.top + 1)))
        return [[self.value(sheet, row, at) for at in range(area.left, area.right or 0)] for row in rows]


def _result(text: str, sheet: Sheet, evaluator: Evaluator) -> Value:
    try:
        return Reader(text[1:], sheet, evaluator).whole()
    except FormulaError as failed:
        return failed.error
    except RecursionError:
        return ErrorValue("REF", "Circular dependency detected.")


class Reader:
    """Reads and computes one formula, left to right."""

    def __init__(self, text: str, sheet: Sheet, evaluator: Evaluator) -> None:
        self.sheet, self.evaluator = sheet, evaluator
        self.tokens = _tokens(text)
        self.at = 0

    def whole(self) -> Value:
        value = self.joined()
        if self.at < len(self.tokens):
            raise FormulaError("NAME")
        return 0 if value is None else value

    def joined(self) -> Value:
        return self.chain(self.sum, "&", {"&": lambda left, right: _text(left) + _text(right)})

    def sum(self) -> Value:
        return self.chain(self.product, "+-", ARITHMETIC)

    def product(self) -> Value:
        return self.chain(self.signed, "*/", ARITHMETIC)

    def chain(self, part: Callable[[], Value], signs: str, compute: dict[str, Callable]) -> Value:
        value = part()
        while sign := self.took(signs):
            value = compute[sign](value, part())
        return value

    def signed(self) -> Value:
        if sign := self.took("+-"):
            size = _size(self.signed())
            return -size if sign == "-" else size
        return self.atom()

    def atom(self) -> Value:
        if self.took("("):
            value = self.joined()
            self.expect(")")
            return value
        kind, text = self.next()
        if kind == "number":
            return number(float(text))
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "error":
            raise FormulaError("REF" if text == "#REF!" else "N_A")
        if kind == "range":
            return _single(self.evaluator.cells(text, self.sheet))
        return self.named(text)

    def named(self, name: str) -> Value:
        if name.upper() in ("TRUE", "FALSE") and not self.took("("):
            return name.upper() == "TRUE"
        if name.upper() not in FUNCTIONS:
            raise FormulaError("NAME", f"Unknown function: '{name.upper()}'.")
        self.expect("(")
        return FUNCTIONS[name.upper()](self.arguments())

    def arguments(self) -> list[Value]:
        """All values in the call, ranges spread out."""
        values: list[Value] = []
        while not self.took(")"):
            if self.at < len(self.tokens) and self.tokens[self.at][0] == "range":
                spread = self.evaluator.cells(self.next()[1], self.sheet)
                values += [_sound(value) for row in spread for value in row]
            else:
                values.append(self.joined())
            self.took(",")
        return values

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise FormulaError("NAME")
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, signs: str) -> str:
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at][0] == "sign"
            and self.tokens[self.at][1] in signs
        ):
            return self.next()[1]
        return ""

    def expect(self, sign: str) -> None:
        if not self.took(sign):
            raise FormulaError("NAME")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FormulaError("NAME")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _sound(value: Value) -> Value:
    if isinstance(value, ErrorValue):
        raise FormulaError(value.type, value.message)
    return value


def _single(cells: list[list[Value]]) -> Value:
    if len(cells) != 1 or len(cells[0]) != 1:
        raise FormulaError("REF" if not cells else "VALUE")
    return _sound(cells[0][0])


def _size(value: Value) -> float:
    if isinstance(value, str):
        raise FormulaError("VALUE", f"'{value}' is a text and cannot be coerced to a number.")
    return float(value or 0)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else value if isinstance(value, str) else general(value)


def _quotient(left: Value, right: Value) -> float:
    if _size(right) == 0:
        raise FormulaError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
    return number(_size(left) / _size(right))


def _not_available(_: list[Value]) -> Value:
    raise FormulaError("N_A", "Did not find value.")


ARITHMETIC: dict[str, Callable] = {
    "+": lambda left, right: number(_size(left) + _size(right)),
    "-": lambda left, right: number(_size(left) - _size(right)),
    "*": lambda left, right: number(_size(left) * _size(right)),
    "/": _quotient,
}
FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "SUM": lambda values: number(
        sum(each for each in values if isinstance(each, (int, float)) and not isinstance(each, bool))
    ),
    "COUNTA": lambda values: sum(each is not None for each in values),
    "CONCATENATE": lambda values: "".join(_text(each) for each in values),
    "NA": _not_available,
}
