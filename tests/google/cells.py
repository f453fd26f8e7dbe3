"""What a cell holds: a typed value or a formula, and what dresses it (format, note, validation).

A content is None (blank), text, a number, a truth value or a ``Formula``; a blank cell costs nothing. Rows
are never changed in place, so a copy of a sheet is a copy of its list of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.google.errors import TOO_LONG, invalid

ERROR_TEXTS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
LONGEST = 50_000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """What a formula that failed shows."""

    type: str
    message: str = ""

    @property
    def text(self) -> str:
        return ERROR_TEXTS[self.type]


@dataclass(frozen=True, slots=True)
class Formula:
    """``=…`` as typed; ``shows`` is what a test makes it show instead of its result."""

    text: str
    shows: Any = None


Value = None | str | int | float | bool | ErrorValue
Content = None | str | int | float | bool | Formula


@dataclass(slots=True)
class Row:
    """``contents`` by column without trailing blanks; ``dress`` by column as the API words it."""

    contents: list[Content] = field(default_factory=list)
    dress: dict[int, Json] = field(default_factory=dict)

    def content(self, column: int) -> Content:
        return self.contents[column] if column < len(self.contents) else None

    def with_contents(self, left: int, contents: list[Content]) -> Row:
        end = left + len(contents)
        mine = self.contents + [None] * (left - len(self.contents))
        return Row(trimmed(mine[:left] + contents + mine[end:]), self.dress)

    def with_content(self, column: int, content: Content) -> Row:
        return self.with_contents(column, [content])

    def with_dress(self, column: int, dress: Json) -> Row:
        rest = {at: each for at, each in self.dress.items() if at != column}
        return Row(self.contents, {**rest, column: dress} if dress else rest)

    def mapped(self, columns: dict[int, int]) -> Row:
        """With every column moved to where ``columns`` says; those it does not name are gone."""
        contents: list[Content] = [None] * (max(columns.values(), default=-1) + 1)
        for old, content in enumerate(self.contents):
            if old in columns:
                contents[columns[old]] = content
        dress = {columns[old]: each for old, each in self.dress.items() if old in columns}
        return Row(trimmed(contents), dress)

    def __bool__(self) -> bool:
        return bool(self.contents or self.dress)


EMPTY = Row()


def trimmed(contents: list[Any]) -> list[Any]:
    end = len(contents)
    while end and contents[end - 1] is None:
        end -= 1
    return contents[:end]


def number(value: float) -> int | float:
    """Numbers are doubles: whole ones are written without a point, long ones lose their tail."""
    as_double = float(value)
    return int(as_double) if as_double.is_integer() and abs(as_double) < 2**53 else as_double


def raw(value: Any) -> Content:
    """A JSON value as it is stored under RAW: text stays text, "" clears."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return number(value)
    if not isinstance(value, str):
        raise invalid(f"Invalid values: a cell cannot hold {type(value).__name__}")
    return short_enough(value)


def short_enough(text: str) -> str:
    if len(text) > LONGEST:
        raise invalid(TOO_LONG)
    return text


def extended(value: Value) -> Json:
    """A value as an API ``ExtendedValue``."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, ErrorValue):
        message = {"message": value.message} if value.message else {}
        return {"errorValue": {"type": value.type, **message}}
    return {"numberValue": value}


def entered(content: Content) -> Json:
    """A content as the ``userEnteredValue`` of its cell."""
    return {"formulaValue": content.text} if isinstance(content, Formula) else extended(content)


def content_of(value: Json | None) -> Content:
    """An API ``ExtendedValue`` to be written; nothing in it clears the cell."""
    given = {name: each for name, each in (value or {}).items() if each is not None}
    if len(given) > 1:
        raise invalid("Only one value may be set in userEnteredValue.")
    if not given:
        return None
    name, each = given.popitem()
    if name == "formulaValue":
        if not each.startswith("="):
            raise invalid(f"Formula must start with '=': {each}")
        return Formula(short_enough(each))
    if name == "errorValue":
        raise invalid("userEnteredValue.errorValue is read-only.")
    return raw(each)
