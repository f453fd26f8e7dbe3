"""Requests about sheets, rows and columns: titles, sizes, order, protection, filters."""

from __future__ import annotations

from collections.abc import Callable

from tests.google import masks, schema
from tests.google.a1 import Area, area_of
from tests.google.cell_requests import NO_FIELDS
from tests.google.cells import Json
from tests.google.errors import PROTECTED, invalid
from tests.google.masks import Mask
from tests.google.resources import protected_range, sheet_properties
from tests.google.sheet import Sheet, may_edit
from tests.google.spreadsheet import Spreadsheet

EXTRA_GRID = ("frozenRowCount", "frozenColumnCount", "hideGridlines", "rowGroupControlAfter")
EXTRA = ("hidden", "tabColor", "tabColorStyle", "rightToLeft")


def mask_of(fields: str | None, type_: str) -> Mask:
    if not fields:
        raise invalid(NO_FIELDS)
    mask = masks.parse(fields)
    schema.check_mask(mask, type_)
    return mask


# Spreadsheet and sheets -------------------------------------------------------------------------------


def update_spreadsheet_properties(draft: Spreadsheet, body: Json) -> None:
    mask = mask_of(body.get("fields"), "SpreadsheetProperties")
    draft.properties = masks.written(draft.properties, body.get("properties") or {}, mask)
    if not draft.properties.get("title"):
        raise invalid("The title of a spreadsheet cannot be empty.")


def add_sheet(draft: Spreadsheet, body: Json) -> Json:
    properties = body.get("properties") or {}
    sheet = draft.add_sheet(properties.get("title"), properties.get("sheetId"), properties.get("index"))
    _set_properties(draft, sheet, {**properties, "index": None, "title": sheet.title}, _given(properties))
    return {"properties": sheet_properties(draft, sheet)}


def _given(properties: Json) -> Mask:
    mask: Mask = {name: {} for name in properties if name not in ("index", "title", "sheetId", "sheetType")}
    if "gridProperties" in properties:
        mask["gridProperties"] = {name: {} for name in properties["gridProperties"]}
    return mask


def delete_sheet(draft: Spreadsheet, body: Json) -> None:
    draft.delete_sheet(draft.sheet(body.get("sheetId") or 0))


def update_sheet_properties(draft: Spreadsheet, body: Json) -> None:
    properties = body.get("properties") or {}
    mask = mask_of(body.get("fields"), "SheetProperties")
    sheet = draft.sheet(properties.get("sheetId") or 0)
    _set_properties(draft, sheet, properties, mask or _given(properties))


def _set_properties(draft: Spreadsheet, sheet: Sheet, properties: Json, mask: Mask) -> None:
    if "title" in mask:
        if not properties.get("title"):
            raise invalid("The title of a sheet cannot be empty.")
        draft.rename_sheet(sheet, properties["title"])
    if "index" in mask:
        _reorder(draft, sheet, properties.get("index") or 0)
    if "gridProperties" in mask:
        names = mask["gridProperties"] or schema.MESSAGES["GridProperties"]
        _set_grid(draft, sheet, properties.get("gridProperties") or {}, list(names))
    extra = {name: rest for name, rest in mask.items() if name in EXTRA}
    if extra:
        sheet.properties = masks.written(sheet.properties, properties, extra)


def _reorder(draft: Spreadsheet, sheet: Sheet, index: int) -> None:
    """The index counts the sheet itself where it still is."""
    before = draft.sheets[:index]
    after = [each for each in draft.sheets if each not in before]
    draft.sheets = [
        *[each for each in before if each is not sheet],
        sheet,
        *[each for each in after if each is not sheet],
    ]


def _set_grid(draft: Spreadsheet, sheet: Sheet, grid: Json, names: list[str]) -> None:
    for name, axis in (("rowCount", "ROWS"), ("columnCount", "COLUMNS")):
        if name in names:
            _resize(draft, sheet, axis, grid.get(name) or 0)
    extra = {name: {} for name in names if name in EXTRA_GRID}
    if extra:
        sheet.grid_properties = masks.written(sheet.grid_properties, grid, extra)
    for name, axis, word in (("frozenRowCount", "ROWS", "rows"), ("frozenColumnCount", "COLUMNS", "columns")):
        if sheet.grid_properties.get(name, 0) >= sheet.count(axis):
            raise invalid(f"You can't freeze all visible {word} on the sheet.")


def _resize(draft: Spreadsheet, sheet: Sheet, axis: str, length: int) -> None:
    if length < 1:
        raise invalid(f"A sheet must have at least one {'row' if axis == 'ROWS' else 'column'}.")
    if length >= sheet.count(axis):
        sheet.grow(axis, length - sheet.count(axis))
    else:
        draft.rearrange(sheet, axis, list(range(length)))


# Rows and columns -------------------------------------------------------------------------------------


def _dimension(draft: Spreadsheet, range_: Json | None) -> tuple[Sheet, str, int, int]:
    range_ = range_ or {}
    sheet, axis = draft.sheet(range_.get("sheetId") or 0), range_.get("dimension")
    if axis is None:
        raise invalid("No dimension specified.")
    end = range_.get("endIndex")
    start, end = range_.get("startIndex") or 0, sheet.count(axis) if end is None else end
    if not 0 <= start < end:
        raise invalid(f"The range from {start} to {end} holds no {axis.lower()}.")
    return sheet, axis, start, end


def _strip(sheet: Sheet, axis: str, start: int, end: int) -> Area:
    return Area(sheet.id, start, end) if axis == "ROWS" else Area(sheet.id, 0, None, start, end)


def append_dimension(draft: Spreadsheet, body: Json) -> None:
    if (body.get("length") or 0) < 1 or body.get("dimension") is None:
        raise invalid("A dimension and a positive length are needed.")
    draft.sheet(body.get("sheetId") or 0).grow(body["dimension"], body["length"])


def insert_dimension(draft: Spreadsheet, body: Json) -> None:
    sheet, axis, start, end = _dimension(draft, body.get("range"))
    count, from_before = sheet.count(axis), bool(body.get("inheritFromBefore"))
    if start > count or (start == count and not from_before):
        raise invalid(f"range.startIndex[{start}] must be less than the grid size[{count}].")
    if from_before and not start:
        raise invalid("inheritFromBefore cannot be set where nothing is before.")
    draft.rearrange(sheet, axis, [*range(start), *[None] * (end - start), *range(start, count)])
    if axis == "ROWS":
        sheet.inherit(start, end - start, start - 1 if from_before else end)


def delete_dimension(draft: Spreadsheet, body: Json) -> None:
    sheet, axis, start, end = _dimension(draft, body.get("range"))
    count, word = sheet.count(axis), "row" if axis == "ROWS" else "column"
    if end > count:
        raise invalid(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {end - 1} "
            f"but there are only {count} {word}s."
        )
    if end - start == count:
        raise invalid(f"You can't delete all the {word}s on the sheet.")
    sheet.guard(_strip(sheet, axis, start, end), draft.editor)
    draft.rearrange(sheet, axis, [*range(start), *range(end, count)])


def move_dimension(draft: Spreadsheet, body: Json) -> None:
    """The destination counts the rows or columns as they are before anything moves."""
    sheet, axis, start, end = _dimension(draft, body.get("source"))
    to, count = body.get("destinationIndex") or 0, sheet.count(axis)
    if end > count or not 0 <= to <= count or start < to < end:
        raise invalid(f"Cannot move {axis.lower()} {start} to {end} to {to}: there are {count}.")
    sheet.guard(_strip(sheet, axis, start, end), draft.editor)
    rest = [at for at in range(count) if not start <= at < end]
    at = to if to <= start else to - (end - start)
    draft.rearrange(sheet, axis, [*rest[:at], *range(start, end), *rest[at:]])


def update_dimension_properties(draft: Spreadsheet, body: Json) -> None:
    sheet, axis, start, end = _dimension(draft, body.get("range"))
    mask = mask_of(body.get("fields"), "DimensionProperties")
    for at in range(start, min(end, sheet.count(axis))):
        old = sheet.sizes[axis].get(at, {})
        sheet.sizes[axis][at] = masks.written(old, body.get("properties") or {}, mask)


def auto_resize_dimensions(draft: Spreadsheet, body: Json) -> None:
    """Eight pixels a character, as far as a test can tell."""
    sheet, axis, start, end = _dimension(draft, body.get("dimensions"))
    for at in range(start, min(end, sheet.count(axis))) if axis == "COLUMNS" else ():
        longest = max((len(str(row.content(at) or "")) for row in sheet.rows), default=0)
        sheet.sizes[axis][at] = {**sheet.sizes[axis].get(at, {}), "pixelSize": max(21, 8 * longest + 10)}


# Protection and filters -------------------------------------------------------------------------------


def add_protected_range(draft: Spreadsheet, body: Json) -> Json:
    given = dict(body.get("protectedRange") or {})
    sheet = draft.sheet(area_of(given.get("range") or {}).sheet_id)
    id_ = given.pop("protectedRangeId", None)
    if id_ is None:
        id_ = 1 + max((each for other in draft.sheets for each in other.protections), default=1000)
    given.setdefault("range", {"sheetId": sheet.id})
    if not given.get("warningOnly"):
        given["editors"] = _with_editor(given.get("editors") or {}, draft)
    sheet.protections[id_] = given
    return {"protectedRange": protected_range(id_, given, draft.editor)}


def _with_editor(editors: Json, draft: Spreadsheet) -> Json:
    """Nobody can lock out the owner or themselves."""
    users = [*(editors.get("users") or []), draft.owner, *([draft.editor] if draft.editor else [])]
    return {**editors, "users": list(dict.fromkeys(users))}


def _protection(draft: Spreadsheet, id_: int | None) -> tuple[Sheet, int]:
    for sheet in draft.sheets:
        if id_ in sheet.protections:
            if not may_edit(sheet.protections[id_], draft.editor):
                raise invalid(PROTECTED)
            return sheet, id_
    raise invalid(f"No protected range with ID: {id_}")


def update_protected_range(draft: Spreadsheet, body: Json) -> None:
    given = body.get("protectedRange") or {}
    mask = mask_of(body.get("fields"), "ProtectedRange")
    sheet, id_ = _protection(draft, given.get("protectedRangeId"))
    new = masks.written(sheet.protections[id_], given, mask)
    sheet.protections[id_] = {name: each for name, each in new.items() if name != "protectedRangeId"}


def delete_protected_range(draft: Spreadsheet, body: Json) -> None:
    sheet, id_ = _protection(draft, body.get("protectedRangeId"))
    del sheet.protections[id_]


def set_basic_filter(draft: Spreadsheet, body: Json) -> None:
    given = body.get("filter") or {}
    area = area_of(given.get("range") or {})
    sheet = draft.sheet(area.sheet_id)
    sheet.starts_inside(area)
    sheet.basic_filter = {**given, "range": sheet.clipped(area).grid_range()}


def clear_basic_filter(draft: Spreadsheet, body: Json) -> None:
    draft.sheet(body.get("sheetId") or 0).basic_filter = None


KINDS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "updateSheetProperties": update_sheet_properties,
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
}
