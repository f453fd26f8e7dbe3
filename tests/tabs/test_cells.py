"""What people and sheets write in cells, and what Lodestar reads."""

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.tabs import cells
from portfolio.tabs.cells import CellError

READERS = (
    cells.text,
    cells.number,
    cells.integer,
    cells.boolean,
    cells.day,
    cells.moment,
    cells.keys,
    cells.mapping,
)
SPRING = date(2026, 4, 30)

ACCEPTED = [
    (cells.text, "  a\u00a0b ", "a b"),
    (cells.text, "e\u0301te\u0301", "été"),
    (cells.text, "a\r\nb\rc", "a\nb\nc"),
    (cells.text, "a\x00b\x1f\ud800c", "abc"),
    (cells.text, " \u00a0 ", None),
    (cells.text, 7.0, "7"),
    (cells.text, True, "TRUE"),
    (cells.text, datetime(2026, 4, 30), "2026-04-30"),
    (cells.number, "1,200.50", 1200.5),
    (cells.number, "12%", 0.12),
    (cells.number, "0.7 %", 0.007),
    (cells.number, "(5)", -5),
    (cells.number, "(1,200.5)", -1200.5),
    (cells.number, "-3e2", -300),
    (cells.number, ".5", 0.5),
    (cells.number, "1234567890123456789", 1234567890123456789),
    (cells.number, 5.0, 5),
    (cells.number, "", None),
    (cells.integer, "5.0", 5),
    (cells.boolean, "Yes", True),
    (cells.boolean, "TRUE", True),
    (cells.boolean, 0, False),
    (cells.boolean, 1.0, True),
    (cells.boolean, " ", None),
    (cells.day, "2026-04-30", SPRING),
    (cells.day, "2026-04-30T09:00:00Z", SPRING),
    (cells.day, "30 Apr 2026", SPRING),
    (cells.day, "April 30, 2026", SPRING),
    (cells.day, 46142, SPRING),
    (cells.day, "46142", SPRING),
    (cells.day, datetime(2026, 4, 30, 12), SPRING),
    (cells.moment, "2026-04-30T09:00:00Z", datetime(2026, 4, 30, 9, tzinfo=UTC)),
    (cells.keys, "a, b\nA ;c", ["a", "b", "c"]),
    (cells.keys, ["x", " ", "y,z"], ["x", "y", "z"]),
    (cells.keys, " , ", None),
    (cells.mapping, '{"gmv": 120000}', {"gmv": 120000}),
    (cells.mapping, "{}", None),
]
REFUSED = [
    (cells.number, "1.200,50"),
    (cells.number, "1,2"),
    (cells.number, "12,00.5"),
    (cells.number, "(-5)"),
    (cells.number, "((5))"),
    (cells.number, "5%%"),
    (cells.number, "5 EUR"),
    (cells.number, "9" * 5000),
    (cells.number, "1e999"),
    (cells.number, 10**400),
    (cells.number, math.nan),
    (cells.number, True),
    (cells.integer, "5.5"),
    (cells.boolean, "maybe"),
    (cells.boolean, 2),
    (cells.day, "03/04/2026"),
    (cells.day, "30.04.2026"),
    (cells.day, "31 Apr 2026"),
    (cells.day, "0206-04-30"),
    (cells.day, 20260430),
    (cells.day, math.inf),
    (cells.day, True),
    (cells.moment, "noon"),
    (cells.mapping, '["gmv"]'),
    (cells.mapping, '{"gmv": NaN}'),
    (cells.mapping, '{"gmv": 1, "gmv": 2}'),
    (cells.mapping, '{"gmv": ' + "9" * 5000 + "}"),
    (cells.mapping, "[" * 20_000),
    (cells.mapping, "{gmv: 1}"),
]


def _name(value):
    return str(getattr(value, "__name__", value))[:30]


@pytest.mark.parametrize(("read", "cell", "value"), ACCEPTED, ids=_name)
def test_a_cell_is_read(read, cell, value):
    assert read(cell) == value
    assert type(read(cell)) is type(value)


@pytest.mark.parametrize(("read", "cell"), REFUSED, ids=_name)
def test_a_cell_is_refused_in_words(read, cell):
    with pytest.raises(CellError, match=r".{10,}\."):
        read(cell)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(cell=ANYTHING)
def test_whatever_a_cell_holds_is_read_or_refused(cell):
    for read in READERS:
        try:
            read(cell)
        except CellError as error:
            assert str(error)


@given(written=st.text())
def test_what_was_read_once_reads_the_same_again(written):
    for read in (cells.text, cells.keys):
        value = read(written)
        assert read(value) == value


@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60))
def test_numbers_come_back_from_their_own_digits(value):
    assert cells.number(repr(value)) == value
    assert cells.number(f"({abs(value)!r})") == -abs(value)


@given(value=st.integers(0, 10**12))
def test_thousands_may_be_grouped(value):
    assert cells.number(f"{value:,}") == value


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_iso_dates_come_back(day):
    assert cells.day(day.isoformat()) == day
