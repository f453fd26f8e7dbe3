"""Which export a returned file was made from: remembered, recognised, forgotten."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.packaging import custom

from portfolio.sheets import exports
from portfolio.sheets.exporting import UnknownRunError, export_workbook
from portfolio.sheets.models import Conflict, Export
from tests.factories import initiative, put
from tests.organisation import organise
from tests.sheets.files import edited, exported, imported, take, xlsx

pytestmark = pytest.mark.django_db

FORGOTTEN = "The export that this file was made from is not known here"


@pytest.fixture
def row():
    return initiative("Refunds", country="Chile", market="DACH")


@pytest.fixture
def path(row, tmp_path):
    """An export in which the country was changed and the market cleared; Lodestar has a new country."""
    path = edited(exported(tmp_path / "b.xlsx", "central_backlog"), "Backlog", title="Returns", market=None)
    put("backlog", row, country="Spain")
    return path


def merged(path, row):
    """Whether the file was merged with its export; else all that it says has counted."""
    report = imported(path, "central_backlog")
    row.refresh_from_db()
    assert row.title == "Returns"
    told = (row.country, row.market or None)
    assert told in {("Spain", None), ("Chile", "DACH")}
    return told == ("Spain", None), " ".join(report.remarks)


def resaved(path, change):
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def without_property(book):
    book.custom_doc_props = custom.CustomPropertyList()


def without_cover(book):
    del book["README"]


def renamed_cover_line(book):
    book["README"]["A3"].value = "Whatever"


def test_an_export_is_remembered(path, row):
    export = Export.objects.get()
    assert (export.workbook, export.who) == ("central_backlog", "ana")
    saved = load_workbook(path)
    [written] = saved.custom_doc_props.props
    assert (written.name, written.value) == ("Lodestar export", str(export.pk))
    cells = {line[0].value: line[1].value for line in saved["README"].iter_rows(max_col=2)}
    assert str(export.pk) in cells["Export"]
    backlog = export.unpack()["backlog"]
    [kept] = backlog["rows"]
    assert kept[0] == row.pk and dict(zip(backlog["columns"], kept[1:], strict=True))["country"] == "Chile"


@pytest.mark.parametrize("change", [without_property, without_cover, renamed_cover_line, lambda book: None])
def test_either_of_two_marks_is_enough(change, path, row):
    is_merged, said = merged(resaved(path, change), row)
    assert is_merged and re.match(r"Compared with the export of \d+ \w{3} \d{4} \d\d:\d\d UTC by ana: ", said)


def test_a_file_without_any_mark_is_read_like_any_file(path, row):
    resaved(path, without_property)
    assert merged(resaved(path, without_cover), row) == (False, "")


def other_workbook():
    return str(Export.objects.create(workbook="intake", who="ana", packed=b"").pk)


MARKS = {
    "of nobody": lambda: str(uuid.uuid4()),
    "of another workbook": other_workbook,
}


@pytest.mark.parametrize("mark", MARKS)
def test_a_foreign_mark_is_said_and_the_file_read_like_any_file(mark, path, row):
    def change(book):
        del book["README"]
        book.custom_doc_props.props[0].value = MARKS[mark]()

    is_merged, said = merged(resaved(path, change), row)
    assert not is_merged and said.startswith(FORGOTTEN)


@pytest.mark.parametrize("value", ["", "draft 7", "' OR 1=1", 17, True])
def test_a_mark_that_is_none_means_nothing(value, path, row):
    def change(book):
        del book["README"]
        kind = {str: "StringProperty", int: "IntProperty", bool: "BoolProperty"}[type(value)]
        book.custom_doc_props = custom.CustomPropertyList()
        book.custom_doc_props.append(getattr(custom, kind)(name=exports.PROPERTY, value=value))

    assert merged(resaved(path, change), row) == (False, "")


def test_a_cover_of_another_file_does_not_hide_the_property(path, row):
    def change(book):
        book["README"]["B3"].value = str(uuid.uuid4())

    assert merged(resaved(path, change), row)[0]


def test_exports_are_forgotten_after_half_a_year(path, row, tmp_path):
    Export.objects.update(when=timezone.now() - exports.KEPT + timedelta(minutes=1))
    exports.forget_old()
    assert Export.objects.count() == 1
    Export.objects.update(when=timezone.now() - exports.KEPT - timedelta(minutes=1))
    exported(tmp_path / "new.xlsx", "intake")
    assert [kept.workbook for kept in Export.objects.all()] == ["intake"]
    is_merged, said = merged(path, row)
    assert not is_merged
    assert said == (
        f"{FORGOTTEN}; exports are remembered for 180 days. "
        "So it is read like any file: all it says counts, blank cells say nothing."
    )


def test_an_export_with_an_open_conflict_is_kept_until_a_person_has_chosen(path, row):
    edited(path, "Backlog", country="Peru")
    take(path, "central_backlog")
    Export.objects.update(when=timezone.now() - 2 * exports.KEPT)
    exports.forget_old()
    assert Conflict.objects.get().export == Export.objects.get()
    Conflict.objects.get().close(Conflict.Choice.MINE, "ana")
    exports.forget_old()
    assert not Export.objects.exists()


def test_no_export_is_remembered_that_was_not_written(tmp_path):
    organise()
    with pytest.raises(UnknownRunError):
        export_workbook("optimization_center", tmp_path / "x.xlsx", "ana", "RUN-9")
    assert not Export.objects.exists()


def test_of_tabs_where_nobody_enters_anything_nothing_is_remembered(tmp_path):
    organise()
    exported(tmp_path / "c.xlsx", "optimization_center")
    tabs = set(Export.objects.get().unpack())
    assert "constraints" in tabs and not {"runs", "gaps_and_alerts"} & tabs


def test_a_file_of_one_run_misses_no_other(tmp_path):
    organise()
    path = exported(tmp_path / "c.xlsx", "optimization_center", run_id="RUN-000001")
    for report in imported(path, "optimization_center").tabs:
        assert not [said for said in report.warnings if "of the export" in said.message]


def test_a_file_from_elsewhere_has_no_origin(tmp_path):
    path = xlsx(
        tmp_path / "x.xlsx", README=[["Export", None]], Backlog=[["Initiative Key", "Title"], [None, "x"]]
    )
    assert imported(path, "central_backlog").remarks == []
