from datetime import date

import pytest

from initiatives.periods import PeriodError, canonical, parse

WRITTEN = {
    "2026-Q2": "2026-Q2",
    "Q2_2026": "2026-Q2",
    " q2 2026 ": "2026-Q2",
    "2026q2": "2026-Q2",
    "2026-H1": "2026-H1",
    "h2-2026": "2026-H2",
    "2026-07": "2026-07",
    "2026-M7": "2026-07",
    "2026": "2026",
}


@pytest.mark.parametrize(("written", "key"), WRITTEN.items())
def test_a_period_has_one_stored_form(written, key):
    assert canonical(written) == key
    assert canonical(key) == key


@pytest.mark.parametrize("written", ["", "soon", "2026-Q5", "2026-H3", "2026-13", "Q0 2026", "26-Q2"])
def test_anything_else_says_how_to_write_it(written):
    with pytest.raises(PeriodError, match="not a period"):
        parse(written)


def test_a_quarter_ends_on_its_last_day():
    quarter = parse("2028-Q1")
    assert (quarter.start, quarter.end) == (date(2028, 1, 1), date(2028, 3, 31))
