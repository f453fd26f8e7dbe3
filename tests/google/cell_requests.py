"""Requests that write cells: updateCells, repeatCell, appendCells, setDataValidation, sortRange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.google import masks, references, schema
from tests.google.a1 import Area, area_of
from tests.google.cells import Content, ErrorValue, Formula, Json, Row, content_of
from tests.google.errors import invalid
from tests.google.formulas import Evaluator
from tests.google.masks import Mask
from tests.google.sheet import Sheet
from tests.google.spreadsheet import Spreadsheet

NO_FIELDS = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"


def cell_mask(fields: str | None) -> Mask:
    if not fields:
        raise invalid(NO_FIELDS)
    mask = masks.parse(fields)
    schema.check_mask(mask, "CellData")
    return mask


def put_cell(sheet: Sheet, at: int, column: int, cell: Json, mask: Mask) -> None:
    """Writes what ``mask`` names of a CellData; what the cell lacks is cleared."""
    sheet.set_row(at, _with_cell(sheet.row(at), column, cell, mask))
    sheet.calculates = sheet.calculates or _calculates(cell)


def _with_cell(row: Row, column: int, cell: Json, mask: Mask) -> Row:
    if not mask or "userEnteredValue" in mask:
        row = row.with_content(column, content_of(cell.get("userEnteredValue")))
    dress_mask = {name: rest for name, rest in mask.items() if name != "userEnteredValue"}
    if mask and not dress_mask:
        return row
    source = {name: each for name, each in cell.items() if name != "userEnteredValue"}
    return row.with_dress(column, masks.written(row.dress.get(column) or {}, source, dress_mask))


def _calculates(cell: Json) -> bool:
    return "formulaValue" in (cell.get("userEnteredValue") or {})


def update_cells(draft: Spreadsheet, body: Json) -> None:
    """From ``start`` on only the cells given; in a ``range`` the cells not given are cleared as well."""
    mask, rows = cell_mask(body.get("fields")), body.get("rows") or []
    sheet, area, fill = _target(draft, body, rows)
    sheet.guard(area, draft.editor)
    for at in range(area.top, area.bottom or 0):
        cells = _cells(rows, at - area.top)
        end = area.right or 0 if fill else area.left + len(cells)
        _put_row(sheet, at, area.left, cells + [{}] * (end - area.left - len(cells)), mask)


def _put_row(sheet: Sheet, at: int, left: int, cells: list[Json], mask: Mask) -> None:
    if list(mask) == ["userEnteredValue"]:
        sheet.put(at, left, [content_of(cell.get("userEnteredValue")) for cell in cells])
        return
    for column, cell in enumerate(cells, left):
        put_cell(sheet, at, column, cell, mask)


def _target(draft: Spreadsheet, body: Json, rows: list[Json]) -> tuple[Sheet, Area, bool]:
    start, grid_range = body.get("start"), body.get("range")
    if (start is None) == (grid_range is None):
        raise invalid("Exactly one of start and range must be set.")
    width = max((len(_cells(rows, at)) for at in range(len(rows))), default=0)
    if start is not None:
        sheet = draft.sheet(start.get("sheetId") or 0)
        top, left = start.get("rowIndex") or 0, start.get("columnIndex") or 0
        area = Area(sheet.id, top, top + len(rows), left, left + width)
        sheet.holds(area)
        return sheet, area, False
    area = area_of(grid_range)
    sheet = draft.sheet(area.sheet_id)
    sheet.holds(area)
    area = sheet.clipped(area)
    if len(rows) > (area.bottom or 0) - area.top or width > (area.right or 0) - area.left:
        raise invalid("The rows given do not fit into the range.")
    return sheet, area, True


def _cells(rows: list[Json], at: int) -> list[Json]:
    return [cell or {} for cell in ((rows[at] or {}).get("values") or [])] if at < len(rows) else []


def repeat_cell(draft: Spreadsheet, body: Json) -> None:
    sheet, area = _inside(draft, body.get("range"))
    _fill(sheet, area, body.get("cell") or {}, cell_mask(body.get("fields")))


def set_data_validation(draft: Spreadsheet, body: Json) -> None:
    sheet, area = _inside(draft, body.get("range"))
    _fill(sheet, area, {"dataValidation": body.get("rule")}, {"dataValidation": {}})


def _fill(sheet: Sheet, area: Area, cell: Json, mask: Mask) -> None:
    """Rows that were one object, as blank rows are, stay one: a column of dropdowns costs a single row."""
    filled: dict[int, tuple[Row, Row]] = {}
    for at in range(area.top, area.bottom or 0):
        old = row = sheet.row(at)
        if id(old) not in filled:
            for column in _columns(area):
                row = _with_cell(row, column, cell, mask)
            filled[id(old)] = old, row
        sheet.set_row(at, filled[id(old)][1])
    sheet.calculates = sheet.calculates or _calculates(cell)


def _inside(draft: Spreadsheet, grid_range: Json | None) -> tuple[Sheet, Area]:
    """The part of a range that is in the grid; one that only begins outside is refused."""
    area = area_of(grid_range or {})
    sheet = draft.sheet(area.sheet_id)
    sheet.starts_inside(area)
    area = sheet.clipped(area)
    sheet.guard(area, draft.editor)
    return sheet, area


def append_cells(draft: Spreadsheet, body: Json) -> None:
    """Below the last row that holds a value, from the first column on; the grid grows where it must."""
    mask, rows = cell_mask(body.get("fields")), body.get("rows") or []
    sheet = draft.sheet(body.get("sheetId") or 0)
    top = sheet.used_rows()
    sheet.row_count = max(sheet.row_count, top + len(rows))
    width = max((len(_cells(rows, at)) for at in range(len(rows))), default=0)
    area = Area(sheet.id, top, top + len(rows), 0, width)
    sheet.holds(area)
    sheet.guard(area, draft.editor)
    for at in range(len(rows)):
        _put_row(sheet, top + at, 0, _cells(rows, at), mask)


def sort_range(draft: Spreadsheet, body: Json) -> None:
    """Numbers, then text, then truth values, then errors; blanks stay last in both orders."""
    sheet, area = _inside(draft, body.get("range"))
    evaluator = Evaluator(draft)
    order = list(range(area.top, area.bottom or 0))
    for spec in reversed(body.get("sortSpecs") or []):
        column, down = spec.get("dimensionIndex") or 0, spec.get("sortOrder") == "DESCENDING"
        keys = {at: _sort_key(evaluator.value(sheet, at, column)) for at in order}
        filled = sorted((at for at in order if keys[at] is not None), key=keys.__getitem__, reverse=down)
        order = filled + [at for at in order if keys[at] is None]
    old = {at: sheet.row(at) for at in order}
    for at, source in zip(range(area.top, area.bottom or 0), order, strict=True):
        contents = [_moved(old[source].content(column), at - source) for column in _columns(area)]
        sheet.put(at, area.left, contents)
        for column in _columns(area) if old[source].dress or old[at].dress else ():
            sheet.put_dress(at, column, old[source].dress.get(column) or {})


def _columns(area: Area) -> range:
    return range(area.left, area.right or 0)


def _moved(content: Content, rows: int) -> Content:
    if isinstance(content, Formula) and rows:
        return Formula(references.copied(content.text, rows), content.shows)
    return content


def _sort_key(value: Any) -> tuple[int, Any] | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, ErrorValue):
        return 3, 0
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


KINDS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "setDataValidation": set_data_validation,
    "sortRange": sort_range,
}
