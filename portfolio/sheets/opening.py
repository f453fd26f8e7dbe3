"""Opening a workbook that a stranger sent: what is dangerous or unreadable is refused before it costs."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.xml.constants import ARC_CUSTOM
from openpyxl.xml.functions import fromstring

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 150 * 2**20
MOST_RATIO = 200  # a sheet of one repeated row packs about 1 : 60
MOST_SHEETS = 60
MOST_ROWS = 100_000
MOST_COLUMNS = 400
LAST_ROW = 1_048_576  # of any sheet
SAVE_AS = "Open it in Excel or Google Sheets and save it as a plain .xlsx workbook."

ERRORS = {
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#ERROR!",
    "Loading...",
}
NOT_CALCULATED = "The formula was never calculated. Open the file in Excel and save it, or type the value."
DAMAGE = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError, zlib.error)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


class FileRefused(Exception):  # noqa: N818 - a refusal is not our error
    """The file as a whole can't be taken; the message says why and what would be right."""


@dataclass(frozen=True)
class Unreadable:
    """A cell that holds no value to read; ``reason`` is a sentence."""

    reason: str
    written: str = ""

    def __str__(self) -> str:
        return self.written


@dataclass
class Sheet:
    """One worksheet: the cells of every row that isn't blank, by its number in the file (from 1)."""

    title: str
    rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def address(self, row: int, column: int | None = None) -> str:
        """``Backlog!C7`` (``column`` counts from 0), or ``Backlog!7`` for a whole row."""
        title = self.title if re.fullmatch(r"\w+", self.title) else quote_sheetname(self.title)
        return f"{title}!{'' if column is None else get_column_letter(column + 1)}{row}"


def read_workbook(path: Path) -> list[Sheet]:
    """Every worksheet of the file at ``path``, values only. Raises FileRefused."""
    _refuse_by_first_bytes(path)
    calculated = _refuse_by_contents(path)
    try:
        sheets = list(_sheets(path, calculated))
    except FileRefused:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file makes it stumble over
        raise FileRefused(f"The workbook can't be read ({_first_line(error)}). {SAVE_AS}") from error
    if not any(sheet.rows for sheet in sheets):
        raise FileRefused("There is nothing in this workbook: every sheet is empty.")
    return sheets


def custom_property(path: Path, name: str) -> str:
    """A custom property of a workbook that ``read_workbook`` took; blank where it has none of that name."""
    with zipfile.ZipFile(path) as archive:
        if ARC_CUSTOM not in archive.namelist():
            return ""
        properties = CustomPropertyList.from_tree(fromstring(archive.read(ARC_CUSTOM))).props
    return next((str(each.value) for each in properties if each.name == name), "")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__


# Before anything is unpacked --------------------------------------------------------------------------


def _refuse_by_first_bytes(path: Path) -> None:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileRefused(
            f"The file has {size / 2**20:.0f} MB; at most {MOST_BYTES // 2**20} MB are taken. "
            "Remove sheets that don't belong to Lodestar, or split it."
        )
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(f"This is an old .xls file or one with a password. Remove the password. {SAVE_AS}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise FileRefused(f"This is a web page or XML with another name, not a workbook. {SAVE_AS}")
    if not head.startswith(b"PK"):
        raise FileRefused(f"This is not an .xlsx workbook. {SAVE_AS}")


def _refuse_by_contents(path: Path) -> set[str]:
    """Refuses what the archive's own list gives away; answers which of its parts are sheets with formulas."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_bomb(members, path.stat().st_size)
            _refuse_kinds([member.filename for member in members])
            # Unpacks every member in small pieces: one that is longer than it says has a wrong checksum.
            if damaged := archive.testzip():
                raise FileRefused(f"The file is damaged ({damaged}). {SAVE_AS}")
            return _with_formulas(archive)
    except DAMAGE as error:
        raise FileRefused(f"The file is damaged ({_first_line(error)}). {SAVE_AS}") from error


def _refuse_bomb(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED:
        raise FileRefused(
            f"Unpacked, the workbook has {unpacked / 2**20:,.0f} MB; at most {MOST_UNPACKED // 2**20} MB "
            "are taken. Delete empty formatted rows and columns, or split it."
        )
    if unpacked > 2**20 and unpacked > packed * MOST_RATIO:
        raise FileRefused(f"The file is packed {unpacked // packed} : 1, as no real workbook is. {SAVE_AS}")


def _refuse_kinds(names: list[str]) -> None:
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lowered):
        raise FileRefused("The workbook has macros. Save it as .xlsx, without macros.")
    if any(name.startswith("xl/externallinks/") for name in lowered):
        raise FileRefused(
            "The workbook takes values from other files, which may be out of date. "
            "Break the links (Data, Edit Links) and save it again."
        )
    if "xl/workbook.xml" not in lowered:
        raise FileRefused(f"This is a zip file, but not an .xlsx workbook. {SAVE_AS}")


def _with_formulas(archive: zipfile.ZipFile) -> set[str]:
    sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
    return {name for name in sheets if _FORMULA.search(archive.read(name))}


# Reading ----------------------------------------------------------------------------------------------


def _sheets(path: Path, calculated: set[str]) -> Iterator[Sheet]:
    with ExitStack() as opened:
        book = _open(opened, path, data_only=True)
        formulas = _open(opened, path, data_only=False) if calculated else book
        if len(book.worksheets) > MOST_SHEETS:
            raise FileRefused(
                f"The workbook has {len(book.worksheets)} sheets; at most {MOST_SHEETS} are read."
            )
        for worksheet, beside in zip(book.worksheets, formulas.worksheets, strict=True):
            # Which part of the archive it is, for which openpyxl has no public name.
            formulated = worksheet._worksheet_path in calculated
            yield Sheet(worksheet.title, dict(_filled_rows(worksheet, beside if formulated else worksheet)))


def _open(opened: ExitStack, path: Path, data_only: bool) -> Workbook:
    # A file, not its path: openpyxl would judge it by its name.
    file = opened.enter_context(path.open("rb"))
    book = load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
    return opened.enter_context(closing(book))


def _filled_rows(values: Any, formulas: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    found = 0
    for number, row in enumerate(_rows(values, formulas), start=1):
        if number > LAST_ROW:
            raise FileRefused(f"Sheet {values.title} claims to have more than {LAST_ROW:,} rows. {SAVE_AS}")
        if row.count(None) == len(row):
            continue
        found += 1
        if found > MOST_ROWS:
            raise FileRefused(
                f"Sheet {values.title} has more than {MOST_ROWS:,} rows; that many aren't read."
            )
        if row[MOST_COLUMNS] is not None:
            raise FileRefused(f"Sheet {values.title} has values in more than {MOST_COLUMNS} columns.")
        yield number, tuple(map(_value, row[: _width(row)]))


def _rows(values: Any, formulas: Any) -> Iterator[tuple[Any, ...]]:
    rows = _raw_rows(values)
    if values is formulas:
        return rows
    return (tuple(map(_calculated, *pair)) for pair in zip(rows, _raw_rows(formulas), strict=True))


def _raw_rows(worksheet: Any) -> Iterator[tuple[Any, ...]]:
    # What a sheet says about its own size is often wrong, and sometimes meant to hurt.
    worksheet.reset_dimensions()
    return worksheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)


def _calculated(value: Any, formula: Any) -> Any:
    is_formula = isinstance(formula, str) and formula.startswith("=")
    return Unreadable(NOT_CALCULATED, formula) if is_formula and value is None else value


def _width(row: tuple[Any, ...]) -> int:
    return next(at for at in range(len(row), 0, -1) if row[at - 1] is not None)


def _value(value: Any) -> Any:
    if isinstance(value, str) and value in ERRORS:
        return Unreadable(f"The cell shows the error {value}. Correct its formula, or type the value.", value)
    # Excel's way to write the first half of a line break from Windows.
    return value.replace("_x000D_", "") if isinstance(value, str) else value
