"""The second gate: a line of checked text becomes `target = expression`, of whitelisted AST nodes only.

Nodes are checked by exact type from the outside in, so the first error is about the largest thing wrong.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from scoring.formula.errors import FormulaError, Kind

MAX_DEPTH = 100
MAX_NODES = 1_000
MAX_LITERAL = 1e15
MAX_NAME_LENGTH = 64
# Function → how many arguments it takes, at least and at most.
FUNCTIONS = {"min": (2, 16), "max": (2, 16), "abs": (1, 1), "sqrt": (1, 1)}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OPERATORS = frozenset({ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub})
_EQUALS = re.compile(r"(?<!=)=(?!=)")


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its tree (literals are floats), the names it reads in order, its node count."""

    tree: ast.expr
    reads: tuple[str, ...]
    nodes: int


def read_statement(code: str, line: int) -> tuple[str | None, ast.expr]:
    """The target of one line (None for a bare expression) and the unchecked tree of its right-hand side."""
    statement = _parse(code, line)
    if type(statement) is ast.Expr:
        return None, statement.value
    if type(statement) is not ast.Assign:
        raise not_assignment(line)
    target = statement.targets[0]
    if len(statement.targets) > 1 or type(target) is not ast.Name or target.col_offset > 0:
        raise not_assignment(line)
    _check_target(target.id, line)
    return target.id, statement.value


def check_expression(tree: ast.expr, code: str, line: int) -> Expression:
    """Hold a right-hand side against the whitelist and turn its literals into floats, in place."""
    walk = _Walk(code, line)
    walk.check(tree, depth=1)
    return Expression(tree, tuple(walk.reads), walk.nodes)


def quote(code: str, node: ast.expr) -> str:
    """A node as the person wrote it, shortened. (ast.unparse recurses too deep on hostile input.)"""
    written = code[node.col_offset : node.end_col_offset]
    return f"“{written}”" if len(written) <= 60 else f"“{written[:60]}…”"


def not_assignment(line: int) -> FormulaError:
    return FormulaError("not_assignment", line, "Every line gives one name a value: name = expression.")


def _parse(code: str, line: int) -> ast.stmt:
    try:
        return ast.parse(code).body[0]
    except SyntaxError:
        raise not_assignment(line) if _assigns_to_an_expression(code) else _unreadable(line) from None
    except (RecursionError, MemoryError):
        raise _too_deep(line) from None


def _assigns_to_an_expression(code: str) -> bool:
    """Python calls `a + b = 1` a syntax error; for a PM it is a line that does not name what it computes."""
    target = _EQUALS.split(code, maxsplit=1)[0].strip()
    if target == code.strip() or target.isidentifier():
        return False
    try:
        ast.parse(target, mode="eval")
    except (SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _unreadable(line: int) -> FormulaError:
    return FormulaError(
        "syntax", line, "This line cannot be read; write name = expression, like value = a * (b - c)."
    )


def _too_deep(line: int) -> FormulaError:
    return FormulaError(
        "too_deep",
        line,
        f"This expression nests more than {MAX_DEPTH} levels (each + in a sum is one); use several lines.",
    )


def _check_target(name: str, line: int) -> None:
    _check_name(name, line)
    if name in FUNCTIONS:
        raise FormulaError("reserved_name", line, f"“{name}” is a function; give the result another name.")


def _check_name(name: str, line: int) -> None:
    if len(name) > MAX_NAME_LENGTH or "__" in name or not _NAME.fullmatch(name):
        raise FormulaError(
            "bad_name",
            line,
            f"“{name}” is not a name; names start with a letter, have at most {MAX_NAME_LENGTH} "
            "letters, digits and _, and never two _ in a row.",
        )


class _Walk:
    """One outside-in, left-to-right walk over an expression."""

    def __init__(self, code: str, line: int) -> None:
        self.code = code
        self.line = line
        self.reads: list[str] = []
        self.nodes = 0

    def check(self, node: ast.expr, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise _too_deep(self.line)
        rule = _RULES.get(type(node))
        if rule is None:
            raise self.error("node", f"{self.quote(node)} is not part of formulas; {_ALLOWED}.")
        rule(self, node, depth)

    def error(self, kind: Kind, message: str) -> FormulaError:
        return FormulaError(kind, self.line, message)

    def quote(self, node: ast.expr) -> str:
        return quote(self.code, node)

    def constant(self, node: ast.Constant, depth: int) -> None:
        value = node.value
        if type(value) is not int and type(value) is not float:
            raise self.error("bad_literal", f"{self.quote(node)} is not a number.")
        if abs(value) > MAX_LITERAL:
            raise self.error("literal_range", f"{self.quote(node)} is too large; numbers go up to 1e15.")
        node.value = float(value)  # asteval multiplies integers of any size, for hours

    def name(self, node: ast.Name, depth: int) -> None:
        if node.id in FUNCTIONS:
            raise self.error("function_as_value", f"“{node.id}” is a function; call it: {node.id}(…).")
        _check_name(node.id, self.line)
        self.reads.append(node.id)

    def binary(self, node: ast.BinOp, depth: int) -> None:
        self.operator(node.op, node)
        self.check(node.left, depth + 1)
        self.check(node.right, depth + 1)

    def unary(self, node: ast.UnaryOp, depth: int) -> None:
        self.operator(node.op, node)
        self.check(node.operand, depth + 1)

    def operator(self, operator: ast.operator | ast.unaryop, node: ast.expr) -> None:
        if type(operator) not in _OPERATORS:
            raise self.error("operator", f"{self.quote(node)} uses an operator other than + - * /.")

    def call(self, node: ast.Call, depth: int) -> None:
        function = node.func
        if type(function) is not ast.Name:
            raise self.error("call", f"Only functions can be called: {_NAMES}.")
        if function.id not in FUNCTIONS:
            message = f"There is no function “{function.id}”; there are {_NAMES} (multiply with *)."
            raise self.error("unknown_function", message)
        if node.keywords:
            raise self.error("call", f"Arguments of {function.id} have no names; just list the values.")
        self.arity(function.id, len(node.args))
        for argument in node.args:
            self.check(argument, depth + 1)

    def arity(self, function: str, given: int) -> None:
        least, most = FUNCTIONS[function]
        if not least <= given <= most:
            wanted = f"{least} to {most} arguments" if most > least else f"{least} argument"
            raise self.error("arity", f"{function} takes {wanted}, not {given}.")


_NAMES = ", ".join(FUNCTIONS)
_ALLOWED = f"use numbers, names, + - * /, parentheses and the functions {_NAMES}"
_RULES: dict[type[ast.expr], Callable[..., None]] = {
    ast.Constant: _Walk.constant,
    ast.Name: _Walk.name,
    ast.BinOp: _Walk.binary,
    ast.UnaryOp: _Walk.unary,
    ast.Call: _Walk.call,
}
