"""Units that can't be meant together are said; where nothing is sure, nothing is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.formula.syntax import FUNCTIONS
from scoring.models import MathModel, Param
from scoring.remarks import model_warnings
from scoring.units import Given, currency_of, parse, unit_warnings
from scoring.units.reading import PURE
from tests.factories import initiative, north_star, put
from tests.scoring.conftest import model

# Reading units -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("GBP", "GBP"),
        ("gbp", "GBP"),
        ("£", "GBP"),
        ("€ monthly", "EUR/month"),
        ("EUR p.a.", "EUR/year"),
        ("EUR (net)", "EUR"),
        ("US$/order", "USD/order"),
        ("GBP per customer per month", "GBP/customer/month"),
        ("GBP/widget", "GBP/widget"),
        ("sessions/month", "sessions/month"),
        ("active users", "users"),
        ("order", "orders"),
        ("hours / case", "hours/case"),
        ("deliveries per day", "deliveries/day"),
        ("mins", "minutes"),
        ("%", "%"),
        ("per cent", "%"),
        ("% per month", "%/month"),
        ("fraction", "a fraction"),
        ("Ratio", "a fraction"),
        ("GBP/GBP", "a fraction"),
        ("1/month", "1/month"),
    ],
)
def test_units_are_read_as_people_write_them(written, read):
    assert str(parse(written)) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "/",
        "per month",
        "k GBP",
        "widgets",
        "points",
        "GBP per EUR spent",
        "pp",
        "GBP/",
        "x" * 101,
        "try",
    ],
)
def test_what_could_mean_anything_says_nothing(written):
    assert parse(written) is None


@pytest.mark.parametrize(
    ("written", "currency"),
    [
        ("GBP/month", "GBP"),
        ("€", "EUR"),
        ("orders", ""),
        ("currency", ""),
        ("EUR/USD", ""),
        ("1/GBP", ""),
        ("?", ""),
    ],
)
def test_a_currency_is_named_only_where_it_is_what_is_counted(written, currency):
    assert currency_of(written) == currency


# Formulas ----------------------------------------------------------------------------------------


def said(formula, target="", **units):
    return unit_warnings(formula, {name: Given(unit) for name, unit in units.items()}, target)


#: Formula (; for a new line) | units | the target KPI's unit, and below it what is said.
WRONG = """
value = a + b | a: GBP, b: EUR
    Line 1 adds GBP and EUR.
value = a - b | a: GBP/month, b: $/month
    Line 1 subtracts GBP/month and $/month.
value = max(a, b) | a: GBP, b: EUR
    Line 1 compares GBP and EUR.
value = min(0, a, 5, b) | a: GBP, b: EUR
    Line 1 compares GBP and EUR.
x = n * p; value = x - b | n: orders, p: GBP/order, b: EUR
    Line 2 subtracts GBP and EUR.
value = a + b | a: GBP, b: sessions
    Line 1 adds GBP and sessions.
value = a + b | a: GBP, b: hours
    Line 1 adds GBP and hours.
value = a + b | a: GBP, b: fraction
    Line 1 adds GBP and a fraction.
value = a * (a + u) | a: sessions/month, u: ratio
    Line 1 adds sessions/month and a fraction.
value = a - b | a: GBP/month, b: GBP/year
    Line 1 subtracts GBP/month and GBP/year.
value = a + b | a: days, b: weeks
    Line 1 adds days and weeks.
value = a + b | a: %, b: fraction
    Line 1 adds % and a fraction.
value = n * (1 - c) | n: users, c: %
    Line 1 reckons with 1 and a percent; write 100, or divide the percent by 100.
value = n * a * b | n: users, a: %, b: fraction
    a is in percent and b a fraction. Divide the percent by 100.
value = s * u | s: GBP, u: % | GBP
    The value comes out in GBP · %. Divide the percent by 100.
value = a * b | a: sessions/month, b: GBP/session/year
    The value is per month and per year at once. Bring both to the same period.
value = d * m | d: days, m: GBP/month | GBP
    The value multiplies days by something per month. Bring both to the same period.
value = a / b | a: GBP/year, b: sessions/month
    The value multiplies months by something per year. Bring both to the same period.
value = n * p | n: orders, p: EUR/order | GBP
    The value comes out in EUR, but the target KPI is in GBP.
n * c | n: sessions, c: ratio | GBP
    The value comes out in sessions, but the target KPI is in GBP. Is a price missing?
value = n * p | n: orders, p: EUR/order | orders
    The value comes out in EUR, but the target KPI is in orders.
value = a - b | a: fraction, b: fraction | %
    The value comes out in a fraction, but the target KPI is in %. Multiply it by 100.
value = a - b | a: %, b: % | fraction
    The value comes out in %, but the target KPI is in a fraction. Divide it by 100.
value = s | s: GBP/month | GBP/year
    The value comes out in GBP/month, but the target KPI is in GBP/year.
"""


def cases(table):
    rows = table.strip().splitlines()
    for case, expected in zip(rows[::2], rows[1::2], strict=True):
        formula, units, *target = (part.strip() for part in case.split("|"))
        given = dict(unit.strip().split(": ") for unit in units.split(","))
        yield pytest.param(formula.replace("; ", "\n"), given, "".join(target), expected.strip(), id=case)


@pytest.mark.parametrize(("formula", "units", "target", "expected"), list(cases(WRONG)))
def test_what_cant_be_meant_is_said(formula, units, target, expected):
    assert expected in said(formula, target, **units)


@pytest.mark.parametrize(
    ("formula", "target", "units"),
    [
        # One of the units is not known, so nothing is sure.
        ("value = a + b", "GBP", {"a": "GBP", "b": ""}),
        ("value = a + b", "GBP", {"a": "GBP", "b": "points"}),
        ("value = a + b", "GBP", {"a": "GBP"}),
        ("value = a * b", "GBP", {"a": "sessions", "b": ""}),
        ("value = a", "", {"a": "GBP"}),
        ("value = a", "points", {"a": "GBP"}),
        # A number in the formula may carry the unit that seems to be missing.
        ("value = orders * 25", "GBP", {"orders": "orders"}),
        ("value = orders * 25 + cost", "GBP", {"orders": "orders", "cost": "GBP"}),
        ("value = cost * 1.17 + fee", "GBP", {"cost": "EUR", "fee": "GBP"}),
        ("value = monthly * 12 + yearly", "GBP/year", {"monthly": "GBP/month", "yearly": "GBP/year"}),
        ("value = yearly / 12 - monthly", "GBP/month", {"monthly": "GBP/month", "yearly": "GBP/year"}),
        ("value = d / 30 * m", "GBP", {"d": "days", "m": "GBP/month"}),
        ("value = max(0, a - 5)", "GBP", {"a": "GBP"}),
        # Percents that are turned into fractions, and fractions into percents.
        ("value = n * u / 100 * m", "GBP", {"n": "orders", "u": "%", "m": "GBP/order"}),
        ("value = n * 0.01 * u * r", "", {"n": "orders", "u": "%", "r": "fraction"}),
        ("value = n * (1 + u / 100)", "orders", {"n": "orders", "u": "%"}),
        ("value = n * (100 - u) / 100", "orders", {"n": "orders", "u": "%"}),
        ("value = 100 * (a - b)", "%", {"a": "fraction", "b": "fraction"}),
        ("value = a / b", "ratio", {"a": "%", "b": "%"}),
        # Alike, though not written alike.
        ("value = a + b", "USD", {"a": "$", "b": "USD"}),
        ("value = a + b", "GBP", {"a": "£", "b": "gbp"}),
        ("value = a + b", "EUR", {"a": "currency", "b": "EUR"}),
        ("value = calls + emails", "contacts", {"calls": "calls/month", "emails": "emails/month"}),
        ("value = (p + fee) * n", "GBP", {"p": "GBP", "fee": "GBP/order", "n": "orders"}),
        ("value = a * m - once", "GBP", {"a": "GBP/month", "m": "months", "once": "GBP"}),
        ("value = n * h * c", "GBP", {"n": "cases/month", "h": "hours/case", "c": "GBP/hour"}),
        ("value = n * h", "hours", {"n": "cases/month", "h": "hours/case"}),
        ("value = n * (1 + u)", "orders", {"n": "orders", "u": "fraction"}),
        ("value = sqrt(a * b)", "GBP", {"a": "GBP", "b": "EUR"}),
        # What can't be read is told elsewhere.
        ("value = (a + b", "GBP", {"a": "GBP", "b": "EUR"}),
        ("", "GBP", {"a": "GBP"}),
        ("value = 1 / 0 + a", "GBP", {"a": "GBP"}),
    ],
)  # fmt: skip
def test_what_may_be_meant_is_left_alone(formula, target, units):
    assert said(formula, target, **units) == []


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("fraction", 5, "a is 5, more than the whole of a fraction. Is it a percentage?"),
        ("ratio", -1.5, "a is -1.5, more than the whole of a ratio. Is it a percentage?"),
        ("%", 0.05, "a is 0.05 in percent, so 0.0005 as a fraction. Is it a fraction already?"),
        ("percent", 1, "a is 1 in percent, so 0.01 as a fraction. Is it a fraction already?"),
        ("fraction", 1, None),
        ("fraction", None, None),
        ("%", 0, None),
        ("%", 5, None),
        ("elasticity", -1.5, None),
        ("GBP", 5, None),
    ],
)
def test_a_value_that_hardly_fits_its_unit_is_said(unit, value, expected):
    assert unit_warnings("value = a", {"a": Given(unit, value)}) == ([expected] if expected else [])


def test_params_the_formula_does_not_read_say_nothing():
    assert unit_warnings("value = a", {"a": Given("GBP", 1), "b": Given("fraction", 9)}, "GBP") == []


def test_the_same_is_said_once():
    formula = "value = a + b + a + b"
    assert said(formula, a="GBP", b="EUR") == ["Line 1 adds GBP and EUR."]


# It never raises ---------------------------------------------------------------------------------

WORDS = st.sampled_from(["GBP", "per", "/", "%", "month", "orders", "monthly", "(", ")", "1"])
UNITS = st.one_of(
    st.sampled_from(["GBP", "EUR", "$", "%", "fraction", "sessions/month", "days", "GBP/order/year", ""]),
    st.text(max_size=20),
    st.lists(WORDS, max_size=6).map(" ".join),
)


def _called(part):
    function, first, second = part
    return f"{function}({first})" if FUNCTIONS[function][1] == 1 else f"{function}({first}, {second})"


LEAVES = st.one_of(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["0", "1", "100", "0.01", "12", "2.5", "1e15"])
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        inner.map(lambda part: f"-{part}"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner, inner).map(_called),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, UNITS, UNITS, UNITS, UNITS, st.none() | st.floats())
def test_no_formula_and_no_unit_makes_it_fail(first, second, a, b, c, target, value):
    params = {"a": Given(a, value), "b": Given(b, value), "c": Given(c)}
    found = unit_warnings(f"x = {first}\nvalue = x + {second}", params, target)
    assert all(isinstance(line, str) and line and "\n" not in line for line in found)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), UNITS, UNITS)
def test_no_text_makes_it_fail(formula, unit, target):
    assert isinstance(unit_warnings(formula, {"a": Given(unit, 2.0)}, target), list)


@settings(max_examples=300, deadline=None)
@given(UNITS)
def test_what_is_read_reads_back_as_itself(written):
    unit = parse(written)
    if unit is not None and unit != PURE:
        assert parse(str(unit)) == unit or " · " in str(unit)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_where_no_unit_is_known_nothing_is_said(expression):
    assert unit_warnings(f"value = {expression}", {name: Given("", 3.0) for name in "abc"}, "GBP") == []


# On the tab --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_models_warnings_tell_and_the_formula_is_approved_all_the_same():
    north_star("revenue", unit="GBP")
    made = model(initiative(), "value = a + b", approved=True, target_kpi="revenue")
    for name, unit in (("a", "GBP"), ("b", "EUR")):
        assert put("params", Param.objects.get(param_name=name), unit=unit, value=1, approved=True).ok
    assert "Line 1 adds GBP and EUR." in model_warnings([made.pk])[made.pk]
    assert MathModel.objects.get(pk=made.pk).formula_approved
