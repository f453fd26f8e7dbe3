"""`import_workbook` and `export_workbook` as people script against them."""

import json

import pytest
from django.core.management import CommandError, call_command

from initiatives.models import Initiative
from portfolio.actions.models import ActionRun
from portfolio.sheets import uploads
from portfolio.sheets.models import Conflict
from tests.factories import initiative, put
from tests.sheets.files import edited, xlsx

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [
    ["Initiative Key", "Title", "Deadline Date"],
    ["INIT-A", "One", None],
    ["INIT-B", "Two", "03/04/2026"],
]


@pytest.fixture
def run(capsys):
    """``run(command, *arguments)``: its exit code and what it printed."""

    def run(*arguments):
        code = 0
        try:
            call_command(*map(str, arguments))
        except CommandError as error:
            code = error.returncode
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def backlog(tmp_path):
    return xlsx(tmp_path / "backlog.xlsx", Backlog=ROWS)


def test_an_import_reports_per_tab_and_row(run, backlog):
    asked = ("import_workbook", backlog, "--workbook", "central_backlog", "--keep-keys", "--json")
    code, out = run(*asked, "--preview")
    assert (code, json.loads(out)["preview"], Initiative.objects.count()) == (1, True, 0)
    code, out = run(*asked)
    tab = json.loads(out)["tabs"]["backlog"]
    assert (code, tab["read"], tab["created"], tab["changed"], tab["unchanged"]) == (1, 2, 1, 0, 0)
    [rejected] = tab["rejected"]
    assert (rejected["row"], rejected["column"], rejected["cell"]) == (3, "deadline_date", "Backlog!C3")
    assert Initiative.objects.get().initiative_key == "INIT-A"
    assert list(uploads._folder().iterdir()) == []


def test_it_tells_people_what_happened(run, backlog):
    code, out = run("import_workbook", backlog, "--workbook", "central_backlog", "--keep-keys")
    assert code == 1
    assert "Backlog: 2 rows read, 1 created, 0 changed, 0 unchanged, 1 failed." in out
    assert "Backlog!C3 (“03/04/2026”): “03/04/2026” can be read in two ways." in out


def test_a_run_of_the_ledger_says_it_too(run, backlog):
    run("import_workbook", backlog, "--workbook", "central_backlog", "--keep-keys")
    done = ActionRun.objects.get()
    assert (done.action, done.actor_name, done.inline) == ("sheets.import_workbook", "command line", True)
    counts = {name: done.result[name] for name in ("rows", "changed", "skipped", "failed")}
    assert counts == {"rows": 2, "changed": 1, "skipped": 0, "failed": 1}
    assert [row.key for row in done.rows.all()] == ["Backlog!C3"]


@pytest.mark.parametrize("content", [b"not a workbook", b""])
def test_a_refused_file_ends_with_2_and_says_why(run, tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    code, out = run("import_workbook", path, "--workbook", "intake", "--json")
    assert code == 2 and "not an .xlsx workbook" in json.loads(out)["error"]
    assert list(uploads._folder().iterdir()) == []


def test_a_missing_file_ends_with_2(run, tmp_path):
    assert run("import_workbook", tmp_path / "none.xlsx", "--workbook", "intake")[0] == 2


def test_an_export_can_be_imported(run, tmp_path):
    initiative()
    path = tmp_path / "out.xlsx"
    code, out = run("export_workbook", path, "--workbook", "central_backlog")
    assert code == 0 and "1 backlog" in out
    code, out = run("import_workbook", path, "--workbook", "central_backlog", "--json")
    assert (code, json.loads(out)["tabs"]["backlog"]["unchanged"]) == (0, 1)
    assert run("export_workbook", path, "--workbook", "optimization_center", "--run", "none")[0] == 2


def test_a_returned_export_tells_what_was_merged(run, tmp_path):
    row = initiative("Refunds", country="Chile")
    path = tmp_path / "out.xlsx"
    run("export_workbook", path, "--workbook", "central_backlog")
    put("backlog", row, country="Spain")
    edited(path, "Backlog", country="Peru", title="Returns")
    asked = ("import_workbook", path, "--workbook", "central_backlog")
    code, out = run(*asked, "--preview", "--json")
    report = json.loads(out)
    [told] = report["tabs"]["backlog"]["conflicts"]
    assert (code, told["base"], told["mine"], told["theirs"]) == (0, "Chile", "Spain", "Peru")
    assert report["remarks"][0].startswith("Compared with the export of")
    assert not Conflict.objects.exists()
    code, out = run(*asked)
    assert code == 0 and "1 changed, 0 unchanged, 0 failed, 1 in conflict." in out
    assert (
        "Country of INIT-000001 was “Chile”, is “Spain” in Lodestar, by ana, and “Peru” in the file. "
        "Neither was written; a person chooses."
    ) in out
    assert ActionRun.objects.last().result["conflicts"] == Conflict.objects.open().count() == 1
