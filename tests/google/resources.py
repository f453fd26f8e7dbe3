"""A spreadsheet as the API shows it, with no more than the mask and the ranges ask for."""

from __future__ import annotations

from tests.google import masks
from tests.google.a1 import Area
from tests.google.cells import Content, Json, entered, extended
from tests.google.formats import display
from tests.google.formulas import Evaluator
from tests.google.masks import Mask
from tests.google.sheet import Sheet, may_edit
from tests.google.spreadsheet import Spreadsheet

Areas = list[tuple[Sheet, Area]]
DRESS = ("userEnteredFormat", "hyperlink", "note", "textFormatRuns", "dataValidation")


def spreadsheet_resource(
    spreadsheet: Spreadsheet, editor: str, mask: Mask | None, areas: Areas | None = None, grid: bool = False
) -> Json:
    """``mask`` None: everything, with grid data only where ``grid``; ``areas`` None: all sheets.

    With areas only their sheets are shown, and each sheet's data has one entry per area.
    """
    with_data = masks.wants(mask, "sheets", "data") if mask is not None else grid
    shown = (
        spreadsheet.sheets
        if areas is None
        else [sheet for sheet in spreadsheet.sheets if any(sheet is each for each, _ in areas)]
    )
    resource: Json = {"spreadsheetId": spreadsheet.id, "properties": spreadsheet.properties}
    if masks.wants(mask, "sheets"):
        evaluator = Evaluator(spreadsheet)
        resource["sheets"] = [
            _sheet(
                spreadsheet, sheet, editor, mask, _areas_of(sheet, areas) if with_data else None, evaluator
            )
            for sheet in shown
        ]
    resource["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit"
    return {
        name: each if name == "sheets" else masks.picked(each, masks.below(mask, name))
        for name, each in resource.items()
        if masks.wants(mask, name)
    }


def _areas_of(sheet: Sheet, areas: Areas | None) -> list[Area]:
    if areas is None:
        return [sheet.whole()]
    return [area for each, area in areas if each is sheet]


def _sheet(
    spreadsheet: Spreadsheet,
    sheet: Sheet,
    editor: str,
    mask: Mask | None,
    areas: list[Area] | None,
    evaluator: Evaluator,
) -> Json:
    mine = masks.below(mask, "sheets")
    editing = None if editor == spreadsheet.owner else editor
    resource: Json = {
        "properties": sheet_properties(spreadsheet, sheet),
        "protectedRanges": [protected_range(id_, each, editing) for id_, each in sheet.protections.items()],
        "basicFilter": sheet.basic_filter,
    }
    resource = masks.picked({name: each for name, each in resource.items() if each}, mine)
    if areas is not None:
        wanted = masks.below(mine, "data")
        resource["data"] = [grid_data(sheet, area, wanted, evaluator) for area in areas]
    return resource


def sheet_properties(spreadsheet: Spreadsheet, sheet: Sheet) -> Json:
    return {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": next(at for at, each in enumerate(spreadsheet.sheets) if each is sheet),
        "sheetType": "GRID",
        "gridProperties": {
            "rowCount": sheet.row_count,
            "columnCount": sheet.column_count,
            **sheet.grid_properties,
        },
        **sheet.properties,
    }


def protected_range(id_: int, protection: Json, editor: str | None) -> Json:
    can_edit = may_edit(protection, editor)
    shown = {name: each for name, each in protection.items() if can_edit or name != "editors"}
    return {"protectedRangeId": id_, **shown, **({"requestingUserCanEdit": True} if can_edit else {})}


def grid_data(sheet: Sheet, area: Area, mask: Mask, evaluator: Evaluator) -> Json:
    """The area's cells; trailing blank rows and cells are left out, blanks in between are ``{}``."""
    sheet.starts_inside(area)
    area = sheet.clipped(area)
    data: Json = {"startRow": area.top, "startColumn": area.left}
    if masks.wants(mask, "rowData"):
        data["rowData"] = _row_data(sheet, area, masks.below(mask, "rowData", "values"), evaluator)
    if masks.wants(mask, "rowMetadata"):
        data["rowMetadata"] = _sizes(sheet, "ROWS", area.top, area.bottom or 0, 21)
    if masks.wants(mask, "columnMetadata"):
        data["columnMetadata"] = _sizes(sheet, "COLUMNS", area.left, area.right or 0, 100)
    return {name: each for name, each in data.items() if each and masks.wants(mask, name)}


def _row_data(sheet: Sheet, area: Area, mask: Mask, evaluator: Evaluator) -> list[Json]:
    show = CellView(mask, sheet, evaluator).show
    shown: list[Json] = []
    for at in range(area.top, min(area.bottom or 0, len(sheet.rows))):
        row = sheet.rows[at]
        end = min(area.right or 0, max([len(row.contents), *(column + 1 for column in row.dress)]))
        cells = [
            show(row.content(column), row.dress.get(column), at, column) for column in range(area.left, end)
        ]
        shown.append({"values": cells} if cells else {})
    while shown and not shown[-1]:
        shown.pop()
    return shown


class CellView:
    """Cells as CellData, with what a mask wants of them; it is read once for all cells."""

    def __init__(self, mask: Mask, sheet: Sheet, evaluator: Evaluator) -> None:
        self.sheet, self.evaluator = sheet, evaluator
        self.entered = masks.wants(mask, "userEnteredValue")
        self.effective = masks.wants(mask, "effectiveValue")
        self.formatted = masks.wants(mask, "formattedValue")
        self.effective_format = masks.wants(mask, "effectiveFormat")
        self.dress = [name for name in DRESS if masks.wants(mask, name)]
        self.deeper = {name: below for name, below in mask.items() if below}

    def show(self, content: Content, dress: Json | None, row: int, column: int) -> Json:
        cell: Json = {}
        if content is not None:
            value = self.evaluator.of(content, self.sheet, row, column)
            if self.entered:
                cell["userEnteredValue"] = entered(content)
            if self.effective:
                cell["effectiveValue"] = extended(value)
            if self.formatted:
                cell["formattedValue"] = display(value, dress)
        if dress:
            cell |= {name: dress[name] for name in self.dress if name in dress}
            if self.effective_format and "userEnteredFormat" in dress:
                cell["effectiveFormat"] = dress["userEnteredFormat"]
        for name, below in self.deeper.items():
            if name in cell:
                cell[name] = masks.picked(cell[name], below)
        return cell


def _sizes(sheet: Sheet, axis: str, start: int, end: int, pixels: int) -> list[Json]:
    sizes = sheet.sizes[axis]
    return [{"pixelSize": pixels, **sizes.get(at, {})} for at in range(start, end)]
