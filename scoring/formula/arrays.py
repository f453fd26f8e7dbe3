"""Computing a script once on whole columns of numbers, for uncertainty: the same trees, on numpy.

A row that divides by zero or has no square root yields nan, one that overflows inf; the others are unharmed.
"""

import ast
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.formula.script import Script

Column = NDArray[np.float64]


def _divide(left: Any, right: Any) -> Any:
    """nan for a division by zero: an inf could vanish again, in min(…) or as a divisor, and look computed."""
    return np.true_divide(left, right if np.all(right) else np.where(right == 0, np.nan, right))


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: _divide,
    ast.UAdd: np.positive,
    ast.USub: np.negative,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *columns: reduce(np.minimum, columns),
    "max": lambda *columns: reduce(np.maximum, columns),
    "abs": np.abs,
    "sqrt": np.sqrt,
}


@np.errstate(all="ignore")
def evaluate_columns(script: Script, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Every assigned name with its column, given one for every identifier in shapes that broadcast."""
    known = dict(columns)
    for line in script.lines:
        known[line.target] = _compute(line.tree, known)
    return {name: known[name] for name in script.assigned_at}


def _compute(node: ast.expr, known: Mapping[str, Column]) -> Any:
    match node:
        case ast.Name():
            return known[node.id]
        case ast.Constant():
            return node.value
        case ast.BinOp():
            return _OPERATORS[type(node.op)](_compute(node.left, known), _compute(node.right, known))
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](_compute(node.operand, known))
        case ast.Call(func=ast.Name(id=function)):
            return _FUNCTIONS[function](*(_compute(argument, known) for argument in node.args))
    raise TypeError(f"{type(node).__name__} passed the gate")  # pragma: no cover
