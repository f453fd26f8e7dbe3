"""findReplace: the text people see is searched, and what replaces it counts as typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.google.a1 import Area, area_of
from tests.google.cells import Formula, Json
from tests.google.errors import invalid
from tests.google.formats import display
from tests.google.sheet import Sheet
from tests.google.spreadsheet import Spreadsheet
from tests.google.values import write_row


@dataclass
class Tally:
    """What was changed; the reply leaves out what is zero, as JSON from Google does."""

    values: int = 0
    formulas: int = 0
    occurrences: int = 0
    rows: set[tuple[int, int]] = field(default_factory=set)
    sheets: set[int] = field(default_factory=set)

    def reply(self) -> Json:
        counts = {
            "valuesChanged": self.values,
            "formulasChanged": self.formulas,
            "rowsChanged": len(self.rows),
            "sheetsChanged": len(self.sheets),
            "occurrencesChanged": self.occurrences,
        }
        return {name: count for name, count in counts.items() if count}


def find_replace(draft: Spreadsheet, body: Json) -> Json:
    pattern = _pattern(body)
    replacement = body.get("replacement") or ""
    if body.get("searchByRegex"):
        replacement = re.sub(r"\\(.)|\$(\d)", _template, replacement)
    else:
        replacement = replacement.replace("\\", r"\\")
    tally = Tally()
    for sheet, area in _scope(draft, body):
        for at in range(area.top, area.bottom or 0):
            for column in range(area.left, _right(sheet, at, area, pattern)):
                _replace(
                    draft, sheet, at, column, pattern, replacement, bool(body.get("includeFormulas")), tally
                )
    return tally.reply()


def _template(mark: re.Match[str]) -> str:
    r"""Java's ``$1`` and ``\$`` as Python's ``re`` has them."""
    return rf"\g<{mark[2]}>" if mark[2] else mark[1].replace("\\", r"\\")


def _pattern(body: Json) -> re.Pattern[str]:
    if not body.get("find"):
        raise invalid("find must not be empty.")
    text = body["find"] if body.get("searchByRegex") else re.escape(body["find"])
    if body.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, 0 if body.get("matchCase") else re.IGNORECASE)
    except re.error:
        raise invalid(f"Invalid regular expression: {body['find']}") from None


def _scope(draft: Spreadsheet, body: Json) -> list[tuple[Sheet, Area]]:
    scopes = {
        "range": body.get("range"),
        "sheetId": body.get("sheetId"),
        "allSheets": body.get("allSheets") or None,
    }
    named = [name for name, scope in scopes.items() if scope is not None]
    if len(named) != 1:
        raise invalid("Exactly one of range, sheetId and allSheets must be set.")
    if named == ["allSheets"]:
        return [(sheet, sheet.whole()) for sheet in draft.sheets]
    area = area_of(body["range"]) if named == ["range"] else Area(body["sheetId"])
    sheet = draft.sheet(area.sheet_id)
    sheet.starts_inside(area)
    return [(sheet, sheet.clipped(area))]


def _right(sheet: Sheet, at: int, area: Area, pattern: re.Pattern[str]) -> int:
    """Blank cells are looked at only where the pattern matches nothing at all."""
    right = area.right or 0
    return right if pattern.search("") else min(right, len(sheet.row(at).contents))


def _replace(
    draft: Spreadsheet,
    sheet: Sheet,
    at: int,
    column: int,
    pattern: re.Pattern[str],
    replacement: str,
    formulas: bool,
    tally: Tally,
) -> None:
    content, dress = sheet.row(at).content(column), sheet.row(at).dress.get(column)
    is_formula = isinstance(content, Formula)
    if is_formula and not formulas:
        return
    text = content.text if isinstance(content, Formula) else display(content, dress)
    new, count = pattern.subn(replacement, text)
    if not count:
        return
    sheet.guard(Area(sheet.id, at, at + 1, column, column + 1), draft.editor)
    write_row(sheet, at, column, [new], entering=True)
    tally.occurrences += count
    tally.formulas += is_formula
    tally.values += not is_formula
    tally.rows.add((sheet.id, at))
    tally.sheets.add(sheet.id)
