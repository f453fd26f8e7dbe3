"""One script and its params in, one JSON-ready answer out: what `manage.py formula` prints."""

import json
from collections.abc import Mapping
from typing import Any

from scoring.formula.errors import FormulaError
from scoring.formula.evaluate import evaluate, param_errors
from scoring.formula.script import Script, check, parse


def answer(
    script: str, params: Mapping[str, object], samples: int | None = None, seed: int = 0
) -> dict[str, Any]:
    """Identifiers, assigned names, values and errors of a script; with `samples` also its uncertainty.

    A param is a number, or a mapping of value, min, max and distribution. Identifiers and assigned names are
    None when the script cannot be read. Never raises for what the script or the params hold.
    """
    if errors := check(script):
        return _refused(errors)
    parsed = parse(script)
    values = {name: _value(param) for name, param in params.items()}
    if errors := param_errors(parsed, values):
        return _refused(errors, parsed)
    try:
        result = evaluate(parsed, values)
        uncertainty = {} if samples is None else _uncertainty(parsed, params, samples, seed)
    except FormulaError as error:
        return _refused([error], parsed)
    return _answer(parsed, result, []) | uncertainty


def answer_line(line: str | bytes, samples: int | None = None, seed: int = 0) -> dict[str, Any]:
    """The answer to one JSON line {script, params}; other keys are ignored, and any line gets an answer."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _refused([FormulaError("syntax", 1, f"This line is not JSON: {error}.")])
    if not isinstance(request, dict):
        return _refused([FormulaError("syntax", 1, "This line is not a JSON object with script and params.")])
    params = request.get("params")
    if not isinstance(params, dict | None):
        return _refused([FormulaError("bad_param", 1, "params must be a JSON object of name → number.")])
    return answer(request.get("script"), params or {}, samples, seed)  # type: ignore[arg-type]  # checked as text


def _value(param: object) -> object:
    return param.get("value") if isinstance(param, Mapping) else param


def _refused(errors: list[FormulaError], script: Script | None = None) -> dict[str, Any]:
    return _answer(script, {}, errors)


def _answer(script: Script | None, values: dict[str, float], errors: list[FormulaError]) -> dict[str, Any]:
    return {
        "identifiers": list(script.identifiers) if script else None,
        "assigned": list(script.assigned) if script else None,
        "values": values,
        "value": values.get("value"),
        "errors": [error.as_json() for error in errors],
    }


def _uncertainty(script: Script, params: Mapping[str, object], samples: int, seed: int) -> dict[str, Any]:
    from scoring import uncertainty  # not above: it imports this package itself

    ranges = {}
    for name, line in script.read_at.items():
        try:
            ranges[name] = uncertainty.Range.read(params[name])
        except ValueError as error:
            raise FormulaError("bad_param", line, f"The param “{name}”: {error}.") from None
    return uncertainty.describe(script, ranges, samples, seed)
