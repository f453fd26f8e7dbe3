"""The messages of both APIs as far as this server knows them: names of fields and their types.

One table checks request bodies and field masks, so a misspelt field is refused as Google would refuse it.
``any`` stands for what the server only keeps; ``A|B`` is an enumeration.
"""

from __future__ import annotations

import re
from typing import Any

from tests.google.errors import PayloadError
from tests.google.masks import Mask, unreadable

_TEXT = """
Spreadsheet: spreadsheetId:str properties:SpreadsheetProperties sheets:Sheet[] namedRanges:any[]
  spreadsheetUrl:str developerMetadata:any[] dataSources:any[] dataSourceSchedules:any[]
SpreadsheetProperties: title:str locale:str autoRecalc:str timeZone:str defaultFormat:any
  iterativeCalculationSettings:any spreadsheetTheme:any importFunctionsExternalUrlAccessAllowed:bool
Sheet: properties:SheetProperties data:GridData[] merges:GridRange[] conditionalFormats:any[]
  filterViews:any[] protectedRanges:ProtectedRange[] basicFilter:BasicFilter charts:any[] bandedRanges:any[]
  developerMetadata:any[] rowGroups:any[] columnGroups:any[] slicers:any[] tables:any[]
SheetProperties: sheetId:int title:str index:int sheetType:str gridProperties:GridProperties hidden:bool
  tabColor:any tabColorStyle:any rightToLeft:bool dataSourceSheetProperties:any
GridProperties: rowCount:int columnCount:int frozenRowCount:int frozenColumnCount:int hideGridlines:bool
  rowGroupControlAfter:bool columnGroupControlAfter:bool
GridData: startRow:int startColumn:int rowData:RowData[] rowMetadata:DimensionProperties[]
  columnMetadata:DimensionProperties[]
RowData: values:CellData[]
CellData: userEnteredValue:ExtendedValue effectiveValue:ExtendedValue formattedValue:str
  userEnteredFormat:CellFormat effectiveFormat:CellFormat hyperlink:str note:str textFormatRuns:any[]
  dataValidation:DataValidationRule pivotTable:any dataSourceTable:any dataSourceFormula:any chipRuns:any[]
ExtendedValue: numberValue:num stringValue:str boolValue:bool formulaValue:str errorValue:ErrorValue
ErrorValue: type:str message:str
CellFormat: numberFormat:NumberFormat backgroundColor:any backgroundColorStyle:any borders:any padding:any
  horizontalAlignment:str verticalAlignment:str wrapStrategy:str textDirection:str textFormat:any
  hyperlinkDisplayType:str textRotation:any
NumberFormat:
  type:TEXT|NUMBER|PERCENT|CURRENCY|DATE|TIME|DATE_TIME|SCIENTIFIC|NUMBER_FORMAT_TYPE_UNSPECIFIED
  pattern:str
DataValidationRule: condition:BooleanCondition inputMessage:str strict:bool showCustomUi:bool
BooleanCondition: type:str values:ConditionValue[]
ConditionValue: relativeDate:str userEnteredValue:str
DimensionProperties: hiddenByFilter:bool hiddenByUser:bool pixelSize:int developerMetadata:any[]
  dataSourceColumnReference:any
GridRange: sheetId:int startRowIndex:int endRowIndex:int startColumnIndex:int endColumnIndex:int
GridCoordinate: sheetId:int rowIndex:int columnIndex:int
DimensionRange: sheetId:int dimension:ROWS|COLUMNS startIndex:int endIndex:int
ProtectedRange: protectedRangeId:int range:GridRange namedRangeId:str tableId:str description:str
  warningOnly:bool requestingUserCanEdit:bool unprotectedRanges:GridRange[] editors:Editors
Editors: users:str[] groups:str[] domainUsersCanEdit:bool
BasicFilter: range:GridRange tableId:str sortSpecs:SortSpec[] criteria:any filterSpecs:any[]
SortSpec: dimensionIndex:int sortOrder:ASCENDING|DESCENDING foregroundColor:any backgroundColor:any
  foregroundColorStyle:any backgroundColorStyle:any dataSourceColumnReference:any
DataFilter: gridRange:GridRange a1Range:str developerMetadataLookup:any
ValueRange: range:str majorDimension:ROWS|COLUMNS values:any[]
GetSpreadsheetByDataFilterRequest: dataFilters:DataFilter[] includeGridData:bool
  excludeTablesInBandedRanges:bool
BatchGetValuesByDataFilterRequest: dataFilters:DataFilter[] majorDimension:ROWS|COLUMNS
  valueRenderOption:FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA
  dateTimeRenderOption:SERIAL_NUMBER|FORMATTED_STRING
BatchGetValuesByDataFilterResponse: spreadsheetId:str valueRanges:MatchedValueRange[]
MatchedValueRange: valueRange:ValueRange dataFilters:DataFilter[]
BatchGetValuesResponse: spreadsheetId:str valueRanges:ValueRange[]
BatchUpdateValuesRequest: valueInputOption:RAW|USER_ENTERED|INPUT_VALUE_OPTION_UNSPECIFIED data:ValueRange[]
  includeValuesInResponse:bool responseValueRenderOption:FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA
  responseDateTimeRenderOption:SERIAL_NUMBER|FORMATTED_STRING
BatchUpdateValuesResponse: spreadsheetId:str totalUpdatedRows:int totalUpdatedColumns:int
  totalUpdatedCells:int totalUpdatedSheets:int responses:UpdateValuesResponse[]
UpdateValuesResponse: spreadsheetId:str updatedRange:str updatedRows:int updatedColumns:int updatedCells:int
  updatedData:ValueRange
AppendValuesResponse: spreadsheetId:str tableRange:str updates:UpdateValuesResponse
ClearValuesRequest:
ClearValuesResponse: spreadsheetId:str clearedRange:str
BatchClearValuesRequest: ranges:str[]
BatchClearValuesResponse: spreadsheetId:str clearedRanges:str[]
BatchUpdateSpreadsheetRequest: requests:Request[] includeSpreadsheetInResponse:bool responseRanges:str[]
  responseIncludeGridData:bool
BatchUpdateSpreadsheetResponse: spreadsheetId:str replies:any[] updatedSpreadsheet:Spreadsheet
Request: updateSpreadsheetProperties:UpdateSpreadsheetProperties addSheet:AddSheet deleteSheet:DeleteSheet
  updateSheetProperties:UpdateSheetProperties updateCells:UpdateCells repeatCell:RepeatCell
  appendCells:AppendCells appendDimension:AppendDimension insertDimension:InsertDimension
  deleteDimension:DeleteDimension moveDimension:MoveDimension findReplace:FindReplace sortRange:SortRange
  setDataValidation:SetDataValidation addProtectedRange:AddProtectedRange
  updateProtectedRange:UpdateProtectedRange deleteProtectedRange:DeleteProtectedRange
  setBasicFilter:SetBasicFilter clearBasicFilter:ClearBasicFilter
  updateDimensionProperties:UpdateDimensionProperties autoResizeDimensions:AutoResizeDimensions
UpdateSpreadsheetProperties: properties:SpreadsheetProperties fields:str
AddSheet: properties:SheetProperties
DeleteSheet: sheetId:int
UpdateSheetProperties: properties:SheetProperties fields:str
UpdateCells: rows:RowData[] fields:str start:GridCoordinate range:GridRange
RepeatCell: range:GridRange cell:CellData fields:str
AppendCells: sheetId:int rows:RowData[] fields:str tableId:str
AppendDimension: sheetId:int dimension:ROWS|COLUMNS length:int tableId:str
InsertDimension: range:DimensionRange inheritFromBefore:bool
DeleteDimension: range:DimensionRange
MoveDimension: source:DimensionRange destinationIndex:int
FindReplace: find:str replacement:str matchCase:bool matchEntireCell:bool searchByRegex:bool
  includeFormulas:bool range:GridRange sheetId:int allSheets:bool
SortRange: range:GridRange sortSpecs:SortSpec[]
SetDataValidation: range:GridRange rule:DataValidationRule filteredRowsIncluded:bool
AddProtectedRange: protectedRange:ProtectedRange
UpdateProtectedRange: protectedRange:ProtectedRange fields:str
DeleteProtectedRange: protectedRangeId:int
SetBasicFilter: filter:BasicFilter
ClearBasicFilter: sheetId:int
UpdateDimensionProperties: range:DimensionRange dataSourceSheetRange:any properties:DimensionProperties
  fields:str
AutoResizeDimensions: dimensions:DimensionRange dataSourceSheetDimensions:any
File: kind:str id:str name:str mimeType:str description:str version:str createdTime:str modifiedTime:str
  trashed:bool parents:str[] owners:User[] lastModifyingUser:User permissions:Permission[] capabilities:any
  webViewLink:str shared:bool ownedByMe:bool starred:bool viewedByMeTime:str modifiedByMeTime:str size:str
  headRevisionId:str
User: kind:str displayName:str me:bool permissionId:str emailAddress:str photoLink:str
Permission: kind:str id:str type:str emailAddress:str role:str displayName:str domain:str deleted:bool
FileList: kind:str nextPageToken:str incompleteSearch:bool files:File[]
ChangeList: kind:str nextPageToken:str newStartPageToken:str changes:Change[]
Change: kind:str type:str changeType:str time:str removed:bool fileId:str file:File driveId:str drive:any
StartPageToken: kind:str startPageToken:str
PermissionList: kind:str nextPageToken:str permissions:Permission[]
"""

MESSAGES: dict[str, dict[str, str]] = {
    name: dict(field.split(":") for field in fields.split())
    for name, fields in re.findall(r"^(\w+):(.*(?:\n  .*)*)", _TEXT, re.MULTILINE)
}
SCALARS: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "num": (int, float), "int": (int,)}
WIRE = {"str": "TYPE_STRING", "bool": "TYPE_BOOL", "num": "TYPE_DOUBLE", "int": "TYPE_INT32"}


def check(value: Any, type_: str, path: str = "") -> None:
    """Refuses what Google's JSON reader refuses: unknown names and values of the wrong type."""
    if value is None or type_ in ("any", "any[]"):
        return
    if type_.endswith("[]"):
        if not isinstance(value, list):
            raise _wrong_type(path, type_.removesuffix("[]"), value)
        for at, each in enumerate(value):
            check(each, type_.removesuffix("[]"), f"{path}[{at}]")
    elif type_ in MESSAGES:
        _check_message(value, type_, path)
    elif type_ in SCALARS:
        if not isinstance(value, SCALARS[type_]) or (type_ != "bool" and isinstance(value, bool)):
            raise _wrong_type(path, WIRE[type_], value)
    elif value not in type_.split("|"):
        raise _wrong_type(path, "TYPE_ENUM", value)


def _check_message(value: Any, type_: str, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong_type(path, type_, value)
    for name, each in value.items():
        if name not in MESSAGES[type_]:
            at = f" at '{path}'" if path else ""
            raise PayloadError(
                path, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
            )
        check(each, MESSAGES[type_][name], f"{path}.{_snake(name)}" if path else _snake(name))


def _wrong_type(path: str, wire: str, value: Any) -> PayloadError:
    shown = f'"{value}"' if isinstance(value, str) else value
    return PayloadError(path, f"Invalid value at '{path}' ({wire}), {shown}")


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)


def check_mask(mask: Mask, type_: str, path: str = "") -> None:
    """Refuses a mask that names what the message does not have."""
    fields = MESSAGES.get(type_.removesuffix("[]"))
    if fields is None:
        return
    for name, rest in mask.items():
        if name not in fields:
            raise unreadable(f"{path}{name}")
        check_mask(rest, fields[name], f"{path}{name}.")
