"""Files that must not be taken are refused in words; the others give their cells."""

import struct
import zipfile

import openpyxl
import pytest

from portfolio.sheets import opening
from portfolio.sheets.opening import FileRefused, Unreadable, read_workbook
from tests.sheets.files import rewritten, xlsx

SHEET = "xl/worksheets/sheet1.xml"
NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture
def plain(tmp_path):
    return xlsx(tmp_path / "plain.xlsx", Backlog=[["Title"], ["One"]])


def sheet_xml(rows: bytes) -> bytes:
    return b'<?xml version="1.0"?><worksheet ' + NS + b"><sheetData>" + rows + b"</sheetData></worksheet>"


def lying(path, to):
    """The archive's list says that every part has 10 bytes."""
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", data, at + 24, 10)
        at = data.find(b"PK\x01\x02", at + 4)
    to.write_bytes(bytes(data))


def bomb(plain, to):
    rewritten(plain, to, SHEET, lambda _: sheet_xml(b"<row/>" + b" " * 40 * 2**20))


def endless(plain, to):
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        info = zipfile.ZipInfo("xl/media/image.bin")
        new.writestr(info, b"x")
    data = bytearray(to.read_bytes())
    at = data.find(b"PK\x01\x02", data.find(b"xl/media/image.bin", data.find(b"PK\x01\x02")) - 60)
    struct.pack_into("<I", data, at + 24, 200 * 2**20)
    to.write_bytes(bytes(data))


def part(name, content=b"x"):
    return lambda plain, to: rewritten(plain, to, name, lambda _: content)


def sheet(rows):
    return part(SHEET, sheet_xml(rows))


def entities(plain, to):
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    xml = sheet_xml(b'<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>')
    rewritten(plain, to, SHEET, lambda _: xml.replace(b"<worksheet", declared + b"<worksheet"))


def written(content):
    return lambda plain, to: to.write_bytes(content)


HOSTILE = {
    "nothing": (written(b""), "not an .xlsx"),
    "text": (written(b"Title,Department\n"), "not an .xlsx"),
    "web page": (written(b"  <html><table></table></html>"), "web page"),
    "old .xls or password": (written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600), "password"),
    "too many bytes": (written(b"PK\x03\x04" + b"\x00" * (opening.MOST_BYTES + 1)), "at most 20 MB"),
    "cut off": (lambda plain, to: to.write_bytes(plain.read_bytes()[:-200]), "damaged"),
    "lying about its sizes": (lying, "damaged"),
    "200 MB unpacked": (endless, "at most 150 MB"),
    "zip bomb": (bomb, "as no real workbook"),
    "another zip": (lambda plain, to: zipfile.ZipFile(to, "w").writestr("a.txt", "a"), "damaged|zip file"),
    "macros": (part("xl/vbaProject.bin"), "has macros"),
    "links to other files": (part("xl/externalLinks/externalLink1.xml"), "other files"),
    "broken xml": (part(SHEET, b"<worksheet><sheetData><row>"), "can't be read"),
    "entities": (entities, "can't be read"),
    "a row past the last": (sheet(b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'), "claims"),
    "too many columns": (
        sheet(b'<row r="1">' + b"".join(b"<c><v>1</v></c>" for _ in range(500)) + b"</row>"),
        "columns",
    ),
    "empty": (sheet(b""), "every sheet is empty"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words(kind, plain, tmp_path):
    make, words = HOSTILE[kind]
    make(plain, tmp_path / "hostile.xlsx")
    with pytest.raises(FileRefused, match=words):
        read_workbook(tmp_path / "hostile.xlsx")


def test_too_many_rows_are_refused(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROWS", 1)
    with pytest.raises(FileRefused, match="more than 1 rows"):
        read_workbook(plain)


def test_too_many_sheets_are_refused(tmp_path):
    many = xlsx(tmp_path / "many.xlsx", **{f"S{n}": [["x"]] for n in range(opening.MOST_SHEETS + 1)})
    with pytest.raises(FileRefused, match="61 sheets"):
        read_workbook(many)


def test_entities_are_forbidden_by_defusedxml():
    assert openpyxl.DEFUSEDXML


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(plain, tmp_path):
    lie = b'<dimension ref="A1:XFD1048576"/><sheetData>'
    path = rewritten(plain, tmp_path / "lie.xlsx", SHEET, lambda xml: xml.replace(b"<sheetData>", lie))
    [backlog] = read_workbook(path)
    assert backlog.rows == {1: ("Title",), 2: ("One",)}


def test_blank_rows_keep_the_numbers_of_the_others(tmp_path):
    path = xlsx(tmp_path / "gaps.xlsx", Backlog=[["Title"], [], [None, ""], ["One", None, None]])
    [backlog] = read_workbook(path)
    assert backlog.rows == {1: ("Title",), 4: ("One",)}
    assert backlog.address(4, 0) == "Backlog!A4"


def test_sheets_of_several_words_are_quoted_in_addresses(tmp_path):
    path = xlsx(tmp_path / "named.xlsx", **{"My Team": [["Title"]]})
    assert read_workbook(path)[0].address(1, 27) == "'My Team'!AB1"


def test_formulas_give_what_they_showed_and_errors_are_no_values(tmp_path, plain):
    cells = (
        b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A1*2</f></c>'
        b'<c r="C1" t="e"><f>A1/0</f><v>#DIV/0!</v></c><c r="D1" t="str"><v>=not one</v></c></row>'
    )
    [backlog] = read_workbook(rewritten(plain, tmp_path / "f.xlsx", SHEET, lambda _: sheet_xml(cells)))
    two, never, error, text = backlog.rows[1]
    assert (two, text) == (2, "=not one")
    assert isinstance(never, Unreadable) and "never calculated" in never.reason
    assert isinstance(error, Unreadable) and "#DIV/0!" in error.reason


def test_line_breaks_from_windows_are_read_as_line_breaks(tmp_path):
    path = xlsx(tmp_path / "w.xlsx", Backlog=[["one_x000D_\ntwo"]])
    assert read_workbook(path)[0].rows == {1: ("one\ntwo",)}
