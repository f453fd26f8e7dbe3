"""The values endpoints: plain lists of values in and out."""

from __future__ import annotations

from typing import Any

from tests.google import a1
from tests.google.a1 import Area
from tests.google.cells import Content, Formula, Json, raw
from tests.google.errors import invalid
from tests.google.formats import display, is_moment, number_format
from tests.google.formulas import Evaluator
from tests.google.sheet import Sheet
from tests.google.spreadsheet import Spreadsheet
from tests.google.typed import typed

PLAIN = (str, int, float, bool)


# Reading ----------------------------------------------------------------------------------------------


def value_range(sheet: Sheet, area: Area, evaluator: Evaluator, options: Json) -> Json:
    """A ValueRange. ``options``: valueRenderOption, dateTimeRenderOption, majorDimension."""
    sheet.starts_inside(area)
    area = sheet.clipped(area)
    major = options.get("majorDimension") or "ROWS"
    values = _rendered(sheet, area, evaluator, options)
    if major == "COLUMNS":
        values = _turned(values)
    answer: Json = {"range": area.a1(sheet.title), "majorDimension": major}
    return {**answer, "values": values} if values else answer


def _rendered(sheet: Sheet, area: Area, evaluator: Evaluator, options: Json) -> list[list[Any]]:
    render = options.get("valueRenderOption") or "FORMATTED_VALUE"
    plain = render != "FORMATTED_VALUE" and options.get("dateTimeRenderOption") != "FORMATTED_STRING"
    rows = []
    for at in range(area.top, min(area.bottom or 0, len(sheet.rows))):
        contents = sheet.rows[at].contents[area.left : area.right]
        if plain and not (sheet.calculates and any(type(each) is Formula for each in contents)):
            row = ["" if each is None else each for each in contents]
        else:
            row = [
                _shown(each, sheet, at, area.left + column, evaluator, render, plain)
                for column, each in enumerate(contents)
            ]
        rows.append(_without_tail(row, ""))
    return _without_tail(rows, [])


def _shown(
    content: Content, sheet: Sheet, row: int, column: int, evaluator: Evaluator, render: str, plain: bool
) -> Any:
    if content is None:
        return ""
    if render == "FORMULA" and isinstance(content, Formula):
        return content.text
    value = evaluator.of(content, sheet, row, column)
    if value is None:
        return ""
    dress = sheet.rows[row].dress.get(column)
    if render == "FORMATTED_VALUE" or not isinstance(value, PLAIN) or (not plain and is_moment(dress)):
        return display(value, dress)
    return value


def _without_tail(items: list[Any], blank: Any) -> list[Any]:
    while items and items[-1] == blank:
        items.pop()
    return items


def _turned(rows: list[list[Any]]) -> list[list[Any]]:
    width = max((len(row) for row in rows), default=0)
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
    return _without_tail([_without_tail(column, "") for column in columns], [])


# Writing ----------------------------------------------------------------------------------------------


def write(draft: Spreadsheet, value_range: Json, option: str | None) -> Json:
    """Writes one ValueRange (null skips, "" clears); an UpdateValuesResponse without its data."""
    if not value_range.get("range"):
        raise invalid("A range is needed to write values.")
    sheet, area = draft.area(value_range["range"])
    rows = _rows(value_range)
    sheet.holds(area)
    _fits(sheet, area, rows)
    touched = _write_rows(draft, sheet, area, rows, _entering(option))
    width = max((len(row) for row in rows), default=0)
    written = Area(sheet.id, area.top, area.top + max(len(rows), 1), area.left, area.left + max(width, 1))
    return {
        "spreadsheetId": draft.id,
        "updatedRange": written.a1(sheet.title),
        "updatedRows": len({row for row, _ in touched}),
        "updatedColumns": len({column for _, column in touched}),
        "updatedCells": len(touched),
    }


def _entering(option: str | None) -> bool:
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    return option == "USER_ENTERED"


def _rows(value_range: Json) -> list[list[Any]]:
    rows = value_range.get("values") or []
    if not all(isinstance(row, list) for row in rows):
        raise invalid("Invalid values: each row must be a list of values.")
    if value_range.get("majorDimension") != "COLUMNS":
        return rows
    height = max((len(column) for column in rows), default=0)
    return [[column[at] if at < len(column) else None for column in rows] for at in range(height)]


def _fits(sheet: Sheet, area: Area, rows: list[list[Any]]) -> None:
    """A range bounds what is written; a single cell is only where writing starts."""
    limits = sheet.clipped(area)
    if area.bottom == area.top + 1 and area.right == area.left + 1:
        limits = sheet.whole()
    where = f"Requested writing within range [{area.a1(sheet.title)}], but tried writing to"
    if area.top + len(rows) > (limits.bottom or 0):
        raise invalid(f"{where} row [{(limits.bottom or 0) + 1}]")
    if any(area.left + len(row) > (limits.right or 0) for row in rows):
        raise invalid(f"{where} column [{a1.letters(limits.right or 0)}]")


def _write_rows(
    draft: Spreadsheet, sheet: Sheet, area: Area, rows: list[list[Any]], entering: bool
) -> list[tuple[int, int]]:
    touched = []
    for down, row in enumerate(rows):
        at = area.top + down
        columns = [area.left + across for across, value in enumerate(row) if value is not None]
        if sheet.protections:
            for column in columns:
                sheet.guard(Area(sheet.id, at, at + 1, column, column + 1), draft.editor)
        touched += [(at, column) for column in columns]
        if columns:
            write_row(sheet, at, area.left, row, entering)
    return touched


def write_row(sheet: Sheet, at: int, left: int, values: list[Any], entering: bool) -> None:
    """One row of JSON values from ``left`` on; None leaves its cell as it is."""
    before = sheet.row(at)
    contents: list[Content] = []
    for column, value in enumerate(values, left):
        if value is None:
            contents.append(before.content(column))
        elif not entering:
            contents.append(raw(value))
        else:
            contents.append(_typed(sheet, at, column, value))
    sheet.put(at, left, contents)


def _typed(sheet: Sheet, at: int, column: int, value: Any) -> Content:
    """As a person types it: the format it suggests is put on a cell that has none."""
    dress = sheet.row(at).dress.get(column) or {}
    worn = number_format(dress)
    content, suggested = typed(value, plain_text=(worn or {}).get("type") == "TEXT")
    if suggested and not worn:
        format_ = {**(dress.get("userEnteredFormat") or {}), "numberFormat": suggested}
        sheet.put_dress(at, column, {**dress, "userEnteredFormat": format_})
    return content


def append(draft: Spreadsheet, range_: str, value_range: Json, option: str | None, insert: bool) -> Json:
    """Writes below the last table in the range, growing the grid where needed."""
    sheet, area = draft.area(range_)
    rows = _rows(value_range)
    table = _table(sheet, area)
    top, left = ((table.bottom or 0), table.left) if table else (area.top, area.left)
    if insert and top < sheet.row_count:
        order: list[int | None] = [*range(top), *[None] * len(rows), *range(top, sheet.row_count)]
        draft.rearrange(sheet, "ROWS", order)
    sheet.row_count = max(sheet.row_count, top + len(rows))
    width = max((len(row) for row in rows), default=0)
    sheet.column_count = max(sheet.column_count, left + width)
    start = Area(sheet.id, top, top + 1, left, left + 1).a1(sheet.title)
    updates = write(draft, {**value_range, "range": start}, option)
    found = {"tableRange": table.a1(sheet.title)} if table else {}
    return {"spreadsheetId": draft.id, **found, "updates": updates}


def _table(sheet: Sheet, area: Area) -> Area | None:
    """The block of filled cells around the last filled row of the area."""
    area = sheet.clipped(area)
    bottom = min(area.bottom or 0, len(sheet.rows))
    while bottom > area.top and not any(_filled(sheet, bottom - 1, area.left, area.right or 0)):
        bottom -= 1
    if bottom <= area.top:
        return None
    columns = [
        area.left + at
        for at, filled in enumerate(_filled(sheet, bottom - 1, area.left, area.right or 0))
        if filled
    ]
    return _grown(sheet, Area(sheet.id, bottom - 1, bottom, columns[0], columns[-1] + 1))


def _grown(sheet: Sheet, table: Area) -> Area:
    """The block grown over filled neighbours until a blank frame surrounds it."""
    while True:
        top, bottom, left, right = table.top, table.bottom or 0, table.left, table.right or 0
        around = (max(left - 1, 0), right + 1)
        if top and any(_filled(sheet, top - 1, *around)):
            top -= 1
        if any(_filled(sheet, bottom, *around)):
            bottom += 1
        if left and any(sheet.row(at).content(left - 1) is not None for at in range(top, bottom)):
            left -= 1
        if any(sheet.row(at).content(right) is not None for at in range(top, bottom)):
            right += 1
        grown = Area(sheet.id, top, bottom, left, right)
        if grown == table:
            return table
        table = grown


def _filled(sheet: Sheet, at: int, left: int, right: int) -> list[bool]:
    return [content is not None for content in sheet.row(at).contents[left:right]]


def clear(draft: Spreadsheet, range_: str) -> str:
    """Clears values, not formats; the range that was cleared."""
    sheet, area = draft.area(range_)
    sheet.starts_inside(area)
    area = sheet.clipped(area)
    sheet.guard(area, draft.editor)
    for at in range(area.top, min(area.bottom or 0, len(sheet.rows))):
        width = min(area.right or 0, len(sheet.rows[at].contents)) - area.left
        sheet.put(at, area.left, [None] * max(width, 0))
    return area.a1(sheet.title)
