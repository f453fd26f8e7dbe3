"""Random titles, ranges and edits against plain lists."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.google import BookSheet, GoogleServer, a1
from tests.google.a1 import Area

SIZE = 6
Model = list[list[Any]]


@st.composite
def areas(draw: st.DrawFn) -> Area:
    top, left = draw(st.integers(0, 2000)), draw(st.integers(0, 800))
    bottom = draw(st.integers(top + 1, 3000))
    right = draw(st.integers(left + 1, 900))
    return Area(0, top, bottom, left, right)


@given(areas(), st.text(min_size=1))
def test_a_named_range_is_read_back(area: Area, title: str) -> None:
    assert a1.parse(area.a1(title)) == (title, area)


EDITS = st.one_of(
    st.tuples(
        st.just("put"), st.integers(1, SIZE), st.integers(0, SIZE - 1), st.integers(0, 99) | st.just("")
    ),
    st.tuples(
        st.sampled_from(["insert_row", "delete_row", "insert_column", "delete_column"]), st.integers(1, SIZE)
    ),
    st.tuples(st.just("move_row"), st.integers(1, SIZE), st.integers(1, SIZE)),
)


def edit(sheet: BookSheet, model: Model, kind: str, *place: Any) -> None:
    """The same edit in the sheet and in the model, whose size stays the same."""
    at = place[0] - 1
    if kind == "put":
        sheet.put(f"{a1.letters(place[1])}{place[0]}", place[2])
        model[at][place[1]] = place[2]
    elif kind == "move_row":
        sheet.move_row(*place)
        model.insert(place[1] - 1, model.pop(at))
    elif kind.endswith("row"):
        getattr(sheet, kind)(place[0])
        if kind == "insert_row":
            model.insert(at, [""] * SIZE)
            model.pop()
        else:
            model.append([""] * SIZE)
            model.pop(at)
    else:
        getattr(sheet, kind)(a1.letters(at))
        for row in model:
            row.insert(at, "") if kind == "insert_column" else row.append("")
            row.pop() if kind == "insert_column" else row.pop(at)


def shown(sheet: BookSheet) -> Model:
    rows = [[*row[:SIZE], *[""] * (SIZE - len(row))] for row in sheet.rows()[:SIZE]]
    return rows + [[""] * SIZE for _ in range(SIZE - len(rows))]


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, max_size=12))
def test_a_sheet_does_what_plain_lists_do(edits: list[Any]) -> None:
    model: Model = [[10 * row + column for column in range(SIZE)] for row in range(SIZE)]
    google = GoogleServer()
    sheet = google.book("Plan", {"Sheet": [list(row) for row in model]}, rows=50, columns=40)["Sheet"]
    for each in edits:
        edit(sheet, model, *each)
        sheet.clear(f"A{SIZE + 1}:{a1.letters(39)}")
        sheet.clear(f"{a1.letters(SIZE)}1:{a1.letters(39)}")
        assert shown(sheet) == model
