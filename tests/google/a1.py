"""A1 notation: ``'It''s'!B2``, ``Backlog!A2:C``, ``A:C``, ``3:5``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.google.errors import invalid

PART = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?")
CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*")
PLAIN_TITLE = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of one sheet, from zero and end-exclusive; None where an end is open."""

    sheet_id: int
    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    def clipped(self, rows: int, columns: int) -> Area:
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.sheet_id, self.top, bottom, self.left, right)

    def meets(self, other: Area) -> bool:
        return (
            self.sheet_id == other.sheet_id
            and _overlap(self.top, self.bottom, other.top, other.bottom)
            and _overlap(self.left, self.right, other.left, other.right)
        )

    def grid_range(self) -> dict[str, int]:
        ends = {
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }
        return {"sheetId": self.sheet_id} | {name: end for name, end in ends.items() if end is not None}

    def a1(self, title: str) -> str:
        """With the sheet's title; a single cell without its colon."""
        start = f"{letters(self.left)}{self.top + 1}"
        if self.bottom == self.top + 1 and self.right == self.left + 1:
            return f"{quoted(title)}!{start}"
        end = f"{letters(self.right - 1) if self.right else ''}{self.bottom or ''}"
        return f"{quoted(title)}!{start}:{end}"


def _overlap(start: int, end: int | None, other_start: int, other_end: int | None) -> bool:
    return (end is None or other_start < end) and (other_end is None or start < other_end)


def area_of(grid_range: dict[str, Any]) -> Area:
    """An API ``GridRange`` as an area."""
    area = Area(
        int(grid_range.get("sheetId") or 0),
        int(grid_range.get("startRowIndex") or 0),
        grid_range.get("endRowIndex"),
        int(grid_range.get("startColumnIndex") or 0),
        grid_range.get("endColumnIndex"),
    )
    for name, start, end in (("Row", area.top, area.bottom), ("Column", area.left, area.right)):
        if start < 0 or (end is not None and end < start):
            raise invalid(f"GridRange: start{name}Index {start} and end{name}Index {end} are not a range.")
    return area


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column(name: str) -> int:
    """A → 0, AA → 26."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    if PLAIN_TITLE.fullmatch(title) and not CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def split(text: str) -> tuple[str | None, str]:
    """The title (None when there is none) and the rest of a range."""
    if text.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.*))?", text)
        if match is None:
            raise _unreadable(text)
        return match[1].replace("''", "'"), match[2] or ""
    if "!" in text:
        title, _, rest = text.rpartition("!")
        return title, rest
    if _corners(text) is None:
        return text, ""
    return None, text


def parse(text: str) -> tuple[str | None, Area]:
    """The title a range names (None: the first sheet) and its rectangle, whose ``sheet_id`` is still 0.

    Raises: GoogleError 400 "Unable to parse range".
    """
    title, rest = split(text)
    if not rest:
        return title, Area(0)
    corners = _corners(rest)
    if corners is None:
        raise _unreadable(text)
    (left, top), (right, bottom) = corners
    lefts = sorted(end for end in (left, right) if end is not None)
    tops = sorted(end for end in (top, bottom) if end is not None)
    return title, Area(
        0,
        tops[0] if tops else 0,
        tops[-1] + 1 if bottom is not None and tops else None,
        lefts[0] if lefts else 0,
        lefts[-1] + 1 if right is not None and lefts else None,
    )


def _corners(text: str) -> tuple[tuple[int | None, int | None], tuple[int | None, int | None]] | None:
    parts = [PART.fullmatch(part) for part in text.split(":")]
    if len(parts) > 2 or not text or any(part is None or not part[0] for part in parts):
        return None
    ends = [(column(part[1]) if part[1] else None, int(part[2]) - 1 if part[2] else None) for part in parts]
    if len(ends) == 1:
        return None if None in ends[0] else (ends[0], ends[0])
    return ends[0], ends[1]


def _unreadable(text: str) -> Exception:
    return invalid(f"Unable to parse range: {text}")
