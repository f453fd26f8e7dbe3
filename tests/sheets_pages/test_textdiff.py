"""Long texts told by what was changed in them."""

from __future__ import annotations

import pytest

from portfolio.sheets.pages.textdiff import GONE, LONGEST, NEW, SAME, pieces

OLD = (
    "Customers who want to return a parcel must write to support, wait two days for a label, and print it "
    "themselves. Half of them give up, and support spends a third of its time on labels."
)


def test_a_changed_word_stands_between_what_surrounds_it() -> None:
    told = pieces(OLD, OLD.replace("two days", "three days"))
    assert [(each.kind, each.text.strip()) for each in told if each.kind != SAME] == [
        (GONE, "two"),
        (NEW, "three"),
    ]
    assert told[0].text == "… parcel must write to support, wait "
    assert told[-1].text.startswith("days for a label, and print …")


def test_the_new_text_can_be_read_off_when_nothing_is_far_away() -> None:
    old = "A parcel that nobody fetches goes back after a week, at our cost."
    new = "A parcel that nobody fetches goes back after two weeks, at their cost."
    assert "".join(each.text for each in pieces(old, new) if each.kind != GONE) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("UK", "UK & Ireland"),
        ("", OLD),
        (OLD, ""),
        (OLD, "Something that was written anew from the first word to the last one, as it happens."),
        (OLD, OLD + "x" * LONGEST),
    ],
)
def test_what_is_better_read_whole_has_no_pieces(old: str, new: str) -> None:
    assert pieces(old, new) == ()
