"""Long texts told by what was changed in them."""

from __future__ import annotations

import pytest

from portfolio.textdiff import GONE, LONGEST, NEW, SAME, Piece, lines, pieces

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


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in lines(old, new)]


def test_a_script_is_told_line_by_line() -> None:
    old = "orders = visits * rate\nvalue = orders * basket"
    new = "orders = visits * rate\ncosts = 5\nvalue = orders * basket"
    assert told(old, new) == [
        (SAME, "orders = visits * rate"),
        (NEW, "costs = 5"),
        (SAME, "value = orders * basket"),
    ]


def test_an_edited_line_says_which_word_of_it_changed() -> None:
    gone, new = lines("value = orders * basket", "value = orders * margin")
    assert gone.pieces == (Piece(SAME, "value = orders * "), Piece(GONE, "basket"))
    assert new.pieces == (Piece(SAME, "value = orders * "), Piece(NEW, "margin"))


def test_a_line_written_anew_is_not_taken_to_pieces() -> None:
    gone, new = lines("value = orders * basket", "effort = 12")
    assert [piece.kind for piece in (*gone.pieces, *new.pieces)] == [GONE, NEW]


@pytest.mark.parametrize(
    ("old", "new"),
    [("", "value = 1"), ("value = 1", ""), ("a = 1\nvalue = a", "value = 2\nb = 3\na = 1"), ("", "")],
)
def test_both_scripts_can_be_read_off_the_lines(old: str, new: str) -> None:
    assert "\n".join(text for kind, text in told(old, new) if kind != NEW) == old
    assert "\n".join(text for kind, text in told(old, new) if kind != GONE) == new
