"""Formulas follow the cells they name when rows, columns or titles move."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.google import a1

TITLE = r"(?:(?P<title>'(?:[^']|'')+'|[^\W\d]\w*)!)?"
END = r"(\$?)([A-Za-z]{1,3})(\$?)(\d+)"
REFERENCE = re.compile(rf'"(?:[^"]|"")*"|(?<![\w!\'.]){TITLE}{END}(?::{END})?(?![\w(])')

Mapping = Callable[[int], int | None]
Place = tuple[str, int, str, int]
AT = {"ROWS": 3, "COLUMNS": 1}


def _rewritten(formula: str, change: Callable[[re.Match[str]], str]) -> str:
    return REFERENCE.sub(lambda match: match[0] if match[0].startswith('"') else change(match), formula)


def after_move(formula: str, on_sheet: str, moved_sheet: str, axis: str, mapping: Mapping) -> str:
    """``formula`` (standing on ``on_sheet``) after the ROWS or COLUMNS of ``moved_sheet`` moved.

    ``mapping`` tells where an index went; None: it was deleted, and what names only it shows #REF!.
    """

    def change(match: re.Match[str]) -> str:
        if _title(match, on_sheet) != moved_sheet:
            return match[0]
        ends = _ends(match)
        moved = [_moved(end, axis, mapping) for end in ends]
        if len(ends) == 2 and (None in moved or moved != sorted(moved, key=lambda end: end[AT[axis]])):
            moved = _shrunk(ends, axis, mapping)
        return "#REF!" if None in moved else _text(match, [end for end in moved if end])

    return _rewritten(formula, change)


def copied(formula: str, rows: int) -> str:
    """``formula`` as it reads ``rows`` further down: what is not held by $ follows."""

    def change(match: re.Match[str]) -> str:
        ends = [(a, col, held, row if held else row + rows) for a, col, held, row in _ends(match)]
        return "#REF!" if any(row < 0 for *_, row in ends) else _text(match, ends)

    return _rewritten(formula, change)


def retitled(formula: str, old: str, new: str | None) -> str:
    """``formula`` after a sheet was renamed; deleted (None): #REF!."""

    def change(match: re.Match[str]) -> str:
        if match["title"] is None or _title(match, "") != old:
            return match[0]
        return "#REF!" if new is None else f"{a1.quoted(new)}!{match[0].split('!')[-1]}"

    return _rewritten(formula, change)


def _title(match: re.Match[str], own: str) -> str:
    title = match["title"]
    return own if title is None else a1.split(title + "!A1")[0] or own


def _ends(match: re.Match[str]) -> list[Place]:
    parts = match.groups()[1:]
    ends = [parts[:4]] if parts[4 + 1] is None else [parts[:4], parts[4:]]
    return [(held, a1.column(name), held_row, int(row) - 1) for held, name, held_row, row in ends]


def _moved(end: Place, axis: str, mapping: Mapping) -> Place | None:
    held, column, held_row, row = end
    if axis == "ROWS":
        new = mapping(row)
        return None if new is None else (held, column, held_row, new)
    new = mapping(column)
    return None if new is None else (held, new, held_row, row)


def _shrunk(ends: list[Place], axis: str, mapping: Mapping) -> list[Place | None]:
    """A range that lost an end, or whose ends changed places, closes around what is left of it."""
    at = AT[axis]
    left = [new for old in range(ends[0][at], ends[1][at] + 1) if (new := mapping(old)) is not None]
    if not left:
        return [None]
    return [(*end[:at], new, *end[at + 1 :]) for end, new in zip(ends, (min(left), max(left)), strict=True)]


def _text(match: re.Match[str], ends: list[Place]) -> str:
    title = f"{match['title']}!" if match["title"] else ""
    return title + ":".join(
        f"{held}{a1.letters(col)}{held_row}{row + 1}" for held, col, held_row, row in ends
    )
