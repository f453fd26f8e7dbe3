"""Any text is read or refused with a known kind; readable scripts compute what Python's floats compute."""

import math
import string

from hypothesis import given
from hypothesis import strategies as st

from scoring.formula import KINDS, FormulaError, check, evaluate, parse

FRAGMENTS = [
    *"abx+-*/(),.=_ \t\n#\r0159eEjé;%[",
    "value",
    "= ",
    "max(",
    "sqrt",
    "1e400",
    "if",
    "lambda",
    "**",
    "__",
]
PARAMS = {"a": 3.0, "b": -0.5, "c": 0.0, "big_name_1": 1e9}

numbers = st.floats(0, 1e6).map(lambda number: f"{number:.6f}")
expressions = st.recursive(
    numbers | st.sampled_from(sorted(PARAMS)),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        st.tuples(st.sampled_from("+-"), inner).map("".join),
        st.tuples(st.sampled_from(["abs", "sqrt"]), inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), st.lists(inner, min_size=2, max_size=4)).map(
            lambda parts: f"{parts[0]}({', '.join(parts[1])})"
        ),
    ),
    max_leaves=20,
)


@given(st.text() | st.text(string.printable) | st.lists(st.sampled_from(FRAGMENTS)).map("".join))
def test_any_text_is_read_or_refused(text):
    for script in (text, f"value = {text}"):
        errors = check(script)
        assert all(error.kind in KINDS and error.line >= 1 and error.message for error in errors)
        if not errors:
            assert "value" in parse(script).assigned


def in_python(expression):
    functions = {"min": min, "max": max, "abs": abs, "sqrt": math.sqrt}
    try:
        value = eval(expression, {"__builtins__": {}}, PARAMS | functions)
    except ZeroDivisionError:
        return "division_by_zero"
    except ValueError:
        return "domain"
    return value if math.isfinite(value) else "non_finite"


@given(expressions)
def test_expressions_compute_what_python_computes(expression):
    try:
        computed = evaluate(f"value = {expression}", PARAMS)["value"]
    except FormulaError as error:
        computed = error.kind
    assert computed == in_python(expression)
