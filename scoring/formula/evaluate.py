"""Computing a script: each checked right-hand side runs through a restricted asteval interpreter."""

import math
import threading
from collections.abc import Mapping

from asteval import Interpreter

from scoring.formula.errors import FormulaError
from scoring.formula.script import Line, Script, parse
from scoring.formula.syntax import quote

_HANDLERS = ("name", "constant", "binop", "unaryop", "call")
_FUNCTIONS = {"min": min, "max": max, "abs": abs, "sqrt": math.sqrt}


def evaluate(script: str | Script, params: Mapping[str, object]) -> dict[str, float]:
    """Every assigned name with its final value, all finite floats, `value` among them.

    `params` maps names to ints or floats; names the script does not read are ignored. Raises FormulaError.
    """
    if not isinstance(script, Script):
        script = parse(script)
    symbols: dict[str, object] = {**_FUNCTIONS, **coerce_params(script, params)}
    interpreter = _local.interpreter
    interpreter.symtable = symbols
    values: dict[str, float] = {}
    for line in script.lines:
        symbols[line.target] = values[line.target] = _run(interpreter, line)
    return values


def coerce_params(script: Script, params: Mapping[str, object]) -> dict[str, float]:
    """The finite floats a script reads. Raises the first of `param_errors`."""
    if errors := param_errors(script, params):
        raise errors[0]
    return {name: float(params[name]) for name in script.read_at}  # type: ignore[arg-type]


def param_errors(script: Script, params: Mapping[str, object]) -> list[FormulaError]:
    """All that is wrong with a script's params: missing ones, ones it assigns, ones that are no number."""
    missing = [_missing(name, line) for name, line in script.read_at.items() if name not in params]
    assigned = [_assigns(name, line) for name, line in script.assigned_at.items() if name in params]
    bad = [
        _bad(name, line)
        for name, line in script.read_at.items()
        if name in params and not _is_number(params[name])
    ]
    return missing + assigned + bad


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int too large for a float
        return False


def _missing(name: str, line: int) -> FormulaError:
    return FormulaError("missing_param", line, f"The param “{name}” has no value.")


def _assigns(name: str, line: int) -> FormulaError:
    return FormulaError(
        "assigns_param", line, f"“{name}” is a param, so the script may not assign it; rename one of them."
    )


def _bad(name: str, line: int) -> FormulaError:
    return FormulaError("bad_param", line, f"The param “{name}” must be a finite number.")


class _Local(threading.local):
    """One interpreter per thread: asteval keeps state on the instance, so sharing one mixes up results."""

    def __init__(self) -> None:
        self.interpreter = Interpreter(symtable={}, use_numpy=False, minimal=True)
        handlers = self.interpreter.node_handlers
        self.interpreter.node_handlers = {name: handlers[name] for name in _HANDLERS}


_local = _Local()


def _run(interpreter: Interpreter, line: Line) -> float:
    # asteval swallows errors unless expr is set, and refuses to run while an older error is remembered
    interpreter.expr, interpreter.error, interpreter.error_msg = line.source, [], None
    try:
        value: float = interpreter.run(line.tree)
    except Exception:
        raise _failure(interpreter, line) from None
    if not math.isfinite(value):
        raise FormulaError("non_finite", line.number, f"“{line.target}” becomes too large to be a number.")
    return value


def _failure(interpreter: Interpreter, line: Line) -> Exception:
    """asteval's first error holds the innermost node that failed, and with what."""
    cause = interpreter.error[0]
    if cause.exc is ZeroDivisionError:
        divisor = quote(line.source, cause.node.right)
        return FormulaError("division_by_zero", line.number, f"Division by zero: {divisor} is 0.")
    if cause.exc is ValueError:
        radicand = quote(line.source, cause.node.args[0])
        return FormulaError("domain", line.number, f"{radicand} is negative, so it has no square root.")
    return RuntimeError(f"asteval failed on a checked expression: {cause.get_error()}")
