"""The one exception of the formula language, and every kind of failure it can report."""

from typing import Any, Literal, get_args

Kind = Literal[
    "too_long",
    "too_many_lines",
    "line_too_long",
    "bad_character",
    "bad_literal",
    "literal_range",
    "syntax",
    "empty",
    "not_assignment",
    "node",
    "operator",
    "call",
    "unknown_function",
    "function_as_value",
    "arity",
    "bad_name",
    "reserved_name",
    "too_deep",
    "too_complex",
    "use_before_assignment",
    "missing_value",
    "missing_param",
    "assigns_param",
    "bad_param",
    "division_by_zero",
    "domain",
    "non_finite",
]
KINDS: tuple[str, ...] = get_args(Kind)


class FormulaError(ValueError):
    """Why a script cannot be read or computed.

    `kind` is one of KINDS, `line` the physical line (from 1), `message` a sentence for a PM without the
    line number; `str(error)` has both.
    """

    def __init__(self, kind: Kind, line: int, message: str) -> None:
        super().__init__(kind, line, message)
        self.kind: Kind = kind
        self.line = line
        self.message = message

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "kind": self.kind, "message": self.message}
