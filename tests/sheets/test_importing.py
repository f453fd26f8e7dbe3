"""What a workbook says reaches the tabs through the gate, row by row, or is refused by cell."""

from datetime import date, datetime

import pytest

from initiatives.models import Initiative, Submission
from metrics.models import Contributions, Metric
from portfolio.sheets.importing import detect_workbook
from portfolio.sheets.opening import FileRefused, read_workbook
from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, FINANCE, PM
from portfolio.tabs.models import Batch, CellChange
from scoring.models import MathModel, Param
from tests.factories import actor, initiative, north_star, put
from tests.sheets.files import take, xlsx

pytestmark = pytest.mark.django_db

HEAD = ["Initiative Key", "Title"]


@pytest.fixture
def backlog(tmp_path):
    """``backlog(rows, **options)``: import these rows of the Backlog, header first; its report."""
    return lambda rows, **options: take(
        xlsx(tmp_path / "b.xlsx", Backlog=rows), "central_backlog", **options
    )["backlog"]


def counts(report):
    return report.created, report.changed, report.unchanged, report.failed


def said(report):
    return {(reason.cell, reason.message) for reason in report.rejected}


READ = [
    ("Engineering Tokens", "1,200.50", 1200.5),
    ("Engineering Tokens", 180, 180),
    ("MVP value share", "12%", 0.12),
    ("Time Sensitivity Score", "(5)", -5),
    ("Deadline Date", "2026-05-15", date(2026, 5, 15)),
    ("Deadline Date", datetime(2026, 5, 15), date(2026, 5, 15)),
    ("Deadline Date", 46157, date(2026, 5, 15)),
    ("is_optimization_candidate", "yes", True),
    ("is optimization  CANDIDATE", True, True),
    ("Candidate_Period_Key", "Q2_2026", "2026-Q2"),
    ("status", "Under review", "under_review"),
    ("program", " Atlas\u00a0", "Atlas"),
]


@pytest.mark.parametrize(("header", "cell", "value"), READ)
def test_typed_cells_are_read_under_any_known_header(header, cell, value, backlog):
    report = backlog([["initiative_key", "title", header], [None, "One", cell]])
    assert counts(report) == (1, 0, 0, 0), report.rejected
    column = {"mvpvalueshare": "mvp_value_share", "status": "lifecycle_status", "program": "program_key"}
    plain = header.lower().replace(" ", "")
    name = column.get(plain) or "_".join(header.lower().replace("_", " ").split())
    assert getattr(Initiative.objects.get(), name) == value


REFUSED = [
    ("Deadline Date", "03/04/2026", "two ways"),
    ("Engineering Tokens", "1.200,50", "not a number"),
    ("Engineering Tokens", -1, "at least 0"),
    ("Lifecycle Status", "someday", "Choose one of"),
    ("Engineering Tokens", "#REF!", "shows the error #REF!"),
]


@pytest.mark.parametrize(("header", "cell", "words"), REFUSED)
def test_a_bad_cell_refuses_its_row_and_no_other(header, cell, words, backlog):
    report = backlog([[*HEAD, header], [None, "Bad", cell], [None, "Good", None]])
    assert counts(report) == (1, 0, 0, 1)
    [reason] = report.rejected
    assert (reason.row, reason.cell, reason.value) == (2, "Backlog!C2", str(cell))
    assert words in reason.message
    assert [row.title for row in Initiative.objects.all()] == ["Good"]


def test_a_refused_row_keeps_nothing_of_its_other_cells(backlog):
    row = initiative("Old", country="Chile")
    report = backlog([[*HEAD, "Country", "Deadline Date"], [row.initiative_key, "New", "Peru", "03/04/2026"]])
    assert counts(report) == (0, 0, 0, 1)
    assert [reason.cell for reason in report.rejected] == ["Backlog!D2"]
    row.refresh_from_db()
    assert (row.title, row.country) == ("Old", "Chile")


def test_an_invariant_refuses_the_whole_row_too(backlog):
    row = initiative("Old", engineering_tokens=10)
    head = [*HEAD, "Engineering Tokens", "Engineering Tokens MVP"]
    report = backlog([head, [row.initiative_key, "New", 20, 30]])
    assert counts(report) == (0, 0, 0, 1)
    row.refresh_from_db()
    assert (row.title, row.engineering_tokens) == ("Old", 10)


def test_importing_twice_changes_nothing_the_second_time(backlog):
    rows = [[*HEAD, "Country"], ["INIT-A", "One", "Chile"], ["INIT-B", "Two", None]]
    assert counts(backlog(rows, keep_keys=True)) == (2, 0, 0, 0)
    before = CellChange.objects.count(), Batch.objects.count()
    assert counts(backlog(rows)) == (0, 0, 2, 0)
    assert (CellChange.objects.count(), Batch.objects.count()) == before


def test_blank_cells_say_nothing(backlog):
    row = initiative(country="Chile")
    assert counts(backlog([[*HEAD, "Country"], [row.initiative_key, row.title, " "]])) == (0, 0, 1, 0)
    row.refresh_from_db()
    assert row.country == "Chile"


def test_keys_match_in_any_case_and_spacing(backlog):
    row = initiative("Old")
    assert counts(backlog([HEAD, [f" {row.initiative_key.lower()} ", "New"]])) == (0, 1, 0, 0)


def test_preview_tells_what_would_change_and_saves_nothing(backlog):
    row = initiative("Old")
    before = CellChange.objects.count()
    rows = [HEAD, [row.initiative_key, "New"], [None, "Another"], ["INIT-X", "Refused"]]
    report = backlog(rows, preview=True)
    assert counts(report) == (1, 1, 0, 1)
    changed, new = report.differences
    assert (changed.cell, changed.column, changed.old, changed.new) == ("Backlog!B2", "Title", "Old", "New")
    assert (new.cell, new.key, new.column) == ("Backlog!3", "Another", "")
    assert new.cells == {"Title": "Another"}
    assert [each.title for each in Initiative.objects.all()] == ["Old"]
    assert CellChange.objects.count() == before


# Keys -------------------------------------------------------------------------------------------------


def test_an_unknown_backlog_key_is_refused_unless_keys_are_kept(backlog):
    rows = [HEAD, ["INIT-000007", "Seven"]]
    report = backlog(rows)
    assert counts(report) == (0, 0, 0, 1)
    assert "There is no Initiative Key “INIT-000007”" in report.rejected[0].message
    assert counts(backlog(rows, keep_keys=True)) == (1, 0, 0, 0)
    assert initiative("Next").initiative_key == "INIT-000008"


def test_a_key_is_not_taken_over_from_a_deleted_row(backlog):
    gone = initiative("Gone")
    Initiative.objects.filter(pk=gone.pk).update(deleted_at=datetime.now().astimezone())
    report = backlog([HEAD, [gone.initiative_key, "Back"]], keep_keys=True)
    assert "was used before" in report.rejected[0].message


def test_a_backlog_row_without_key_is_new_once(backlog):
    rows = [["Title"], ["One"], [" one "]]
    with pytest.raises(FileRefused, match="no column “Initiative Key”"):
        backlog(rows)
    rows = [HEAD, [None, "One"], [None, " one "]]
    report = backlog(rows)
    assert counts(report) == (1, 0, 0, 1)
    assert report.rejected[0].message.startswith("Backlog!2 says the same")
    assert counts(backlog(rows)) == (0, 0, 0, 2)


def test_the_second_row_of_a_key_is_refused(backlog):
    row = initiative()
    report = backlog([HEAD, [row.initiative_key, "A"], [row.initiative_key.lower(), "B"]])
    assert counts(report) == (0, 1, 0, 1)
    assert said(report) == {("Backlog!3", "Backlog!2 is about the same row; only that one was read.")}


# Who --------------------------------------------------------------------------------------------------


def test_the_gate_decides_by_role_and_what_a_row_repeats_needs_no_right(tmp_path):
    north_star()
    row = initiative(title="Mine")
    head = ["Initiative Key", "Param Name", "Value", "Approved", "Notes", "Description"]
    path = tmp_path / "p.xlsx"
    xlsx(path, Params=[head, [row.initiative_key, "margin", 0.3, True, "first", "A share"]])
    assert counts(take(path, "product_ops")["params"]) == (1, 0, 0, 0)
    xlsx(path, Params=[head, [row.initiative_key, "margin", 0.4, None, "second", "A share"]])
    assert counts(take(path, "product_ops", by=actor(FINANCE))["params"]) == (0, 1, 0, 0)
    xlsx(path, Params=[head, [row.initiative_key, "margin", 0.5, None, "third", "Another"]])
    report = take(path, "product_ops", by=actor(FINANCE))["params"]
    assert counts(report) == (0, 0, 0, 1)
    assert report.rejected[0].cell == "Params!F2"
    assert Param.objects.get().value == 0.4


def test_keeping_keys_is_said_to_the_gate_alone(backlog):
    assert counts(backlog([HEAD, ["X-1", "One"]], by=actor(PM), keep_keys=True)) == (1, 0, 0, 0)
    change = CellChange.objects.get(tab="backlog")
    assert (change.batch.surface, change.kind) == ("import", "create")


# Several tabs -----------------------------------------------------------------------------------------

OPS = {
    "Params": [
        ["initiative_key", "framework", "param_name", "value", "approved", "unit"],
        ["INIT-000001", "MATH_MODEL", "traffic", 1000, True, "visits"],
        ["INIT-000001", "MATH_MODEL", "rate", "12%", True, "ratio"],
    ],
    "MathModels": [
        ["initiative_key", "target KPI key", "model name", "is_primary", "formula_text", "approved_by_user"],
        ["INIT-000001", "Revenue", "uplift", True, "traffic * rate", True],
    ],
    "Metrics_Config": [
        ["KPI key", "level", "is active"],
        ["revenue", "North star", True],
    ],
}


@pytest.mark.parametrize("preview", [True, False])
def test_tabs_are_taken_in_the_order_in_which_they_need_each_other(tmp_path, preview):
    initiative()
    reports = take(xlsx(tmp_path / "ops.xlsx", **OPS), "product_ops", preview=preview)
    assert list(reports) == ["metrics_config", "math_models", "params"]
    assert {name: counts(report) for name, report in reports.items()} == {
        "metrics_config": (1, 0, 0, 0),
        "math_models": (1, 0, 0, 0),
        "params": (0, 2, 0, 0),
    }
    assert MathModel.objects.filter(formula_approved=True).count() == (0 if preview else 1)


def test_an_approval_the_file_repeats_stands_beside_a_new_value(tmp_path):
    initiative()
    path = xlsx(tmp_path / "ops.xlsx", **OPS)
    take(path, "product_ops")
    changed = {**OPS, "Params": [OPS["Params"][0], [*OPS["Params"][1][:3], 2000, True, "visits"]]}
    report = take(xlsx(path, **changed), "product_ops")["params"]
    assert counts(report) == (0, 1, 0, 0)
    param = Param.objects.get(param_name="traffic")
    assert (param.value, param.approved) == (2000, True)


def test_repeating_a_computed_contribution_overrides_nothing(tmp_path):
    north_star()
    row = initiative()
    Contributions.objects.create(initiative=row, computed={"revenue": 5})
    head = ["initiative_key", "kpi_contribution_json"]
    path = xlsx(tmp_path / "k.xlsx", KPI_Contributions=[head, [row.initiative_key, '{"revenue": 5}']])
    for _ in range(2):
        assert counts(take(path, "product_ops")["kpi_contributions"]) == (0, 0, 1, 0)
    assert not CellChange.objects.filter(tab="kpi_contributions").exists()


CENTER = {
    "Scenario_Config": [
        ["scenario_name", "period_key", "capacity_total_tokens", "objective_mode", "objective_weights_json"],
        ["Base", "Q2_2026", 100, "weighted_kpis", '{"revenue": 1}'],
    ],
    "Constraints": [
        ["scenario_name", "constraint_set_name", "constraint_type", "dimension", "dimension_key",
         "max_tokens", "bundle_member_keys", "prereq_member_keys"],
        ["Base", None, "capacity_cap", "all", "all", 100, None, None],
        ["Base", None, "bundle", None, "Pair", None, "INIT-000001, INIT-000002", None],
        ["Base", None, "prerequisite", None, "INIT-000001", None, None, "INIT-000002"],
    ],
}  # fmt: skip


def test_two_headers_may_feed_the_members_but_not_in_one_row(tmp_path):
    north_star(), initiative("One"), initiative("Two")
    path = xlsx(tmp_path / "c.xlsx", **CENTER)
    assert counts(take(path, "optimization_center")["constraints"]) == (3, 0, 0, 0)
    assert counts(take(path, "optimization_center")["constraints"]) == (0, 0, 3, 0)
    both = [*CENTER["Constraints"][:2], [*CENTER["Constraints"][2][:6], "INIT-000001", "INIT-000002"]]
    report = take(xlsx(path, Constraints=both), "optimization_center")["constraints"]
    assert counts(report) == (0, 0, 1, 1)
    assert report.rejected[0].message == "Two cells of this row both fill Member Keys. Fill only one of them."


# Intake -----------------------------------------------------------------------------------------------

ASKED = [
    ["Title", "Requesting Team", "Requester Name", "Requester Email", "Country", "Problem Statement"],
    ["Faster refunds", "Care", "Ada", "ada@example.com", "Chile", "Slow."],
]


def test_departments_hand_in_on_sheets_of_any_name_and_only_once(tmp_path):
    path = xlsx(tmp_path / "i.xlsx", Care=ASKED, Sales=[ASKED[0], ["Leads", *ASKED[1][1:]]])
    assert counts(take(path, "intake")["intake"]) == (2, 0, 0, 0)
    assert counts(take(path, "intake")["intake"]) == (0, 0, 2, 0)
    assert [row.sheet for row in Submission.objects.all()] == ["Care", "Sales"]
    assert Initiative.objects.count() == 2


def test_a_title_that_exists_already_is_a_warning(tmp_path):
    initiative("Faster refunds")
    report = take(xlsx(tmp_path / "i.xlsx", Care=ASKED), "intake")["intake"]
    assert counts(report) == (1, 0, 0, 0)
    [warning] = report.warnings
    assert warning.cell == "Care!A2" and "INIT-000001 has the same title" in warning.message


# Headers ----------------------------------------------------------------------------------------------


def test_columns_are_found_in_any_order_below_a_title_row_and_own_columns_are_left_alone(backlog):
    report = backlog([["Our backlog"], [], ["My notes", "TITLE", "Engneering Tokens", "initiative-key"],
                      ["x", "One", 5, None]])  # fmt: skip
    assert counts(report) == (1, 0, 0, 0)
    assert [warning.message for warning in report.warnings] == [
        "Sheet Backlog: Backlog has no column “My notes”, so it was left alone.",
        "Sheet Backlog: Backlog has no column “Engneering Tokens”, so it was left alone. "
        "Did you mean Engineering Tokens?",
    ]


@pytest.mark.parametrize(
    "twice", [("Title", "title"), ("Status", "Lifecycle_status"), ("Market", "market name")]
)
def test_two_columns_of_one_meaning_refuse_the_tab(twice, backlog):
    with pytest.raises(FileRefused, match=rf"Backlog!B1 “{twice[0]}” and Backlog!C1 “{twice[1]}” both mean"):
        backlog([["Initiative Key", *twice], [None, "a", "b"]])


def test_a_refused_tab_leaves_the_others_alone(tmp_path):
    sheets = {
        **OPS,
        "Metrics_Config": [["kpi_key", "KPI Key", "level"], ["revenue", "revenue", "north_star"]],
    }
    initiative()
    reports = take(xlsx(tmp_path / "ops.xlsx", **sheets), "product_ops")
    assert "both mean" in reports["metrics_config"].refused
    assert counts(reports["math_models"]) == (0, 0, 0, 1)
    assert not Metric.objects.exists()


def test_a_sheet_of_another_workbook_is_refused_with_a_hint(tmp_path):
    with pytest.raises(FileRefused, match="looks like the workbook intake"):
        take(xlsx(tmp_path / "i.xlsx", Care=ASKED), "product_ops")
    with pytest.raises(FileRefused, match="headers of Backlog"):
        take(xlsx(tmp_path / "x.xlsx", Backlog=[["a", "b"], [1, 2]]), "central_backlog")


def test_the_workbook_is_recognised(tmp_path):
    for name, sheets in {
        "intake": {"Care": ASKED},
        "product_ops": OPS,
        "optimization_center": CENTER,
    }.items():
        assert detect_workbook(read_workbook(xlsx(tmp_path / "w.xlsx", **sheets))) == name


def test_sheets_of_no_known_name_are_matched_by_unique_headers(tmp_path):
    north_star()
    path = xlsx(tmp_path / "c.xlsx", **{"Our scenarios": CENTER["Scenario_Config"]})
    assert counts(take(path, "optimization_center")["scenario_config"]) == (1, 0, 0, 0)


def test_columns_that_only_show_are_not_read(backlog):
    row = initiative()
    report = backlog([[*HEAD, "Overall Score"], [row.initiative_key, row.title, 99]])
    assert counts(report) == (0, 0, 1, 0)
    assert report.not_entered_here == ["Initiative Key", "Overall Score"]


def test_an_import_is_undone_as_one_batch(backlog):
    from portfolio.tabs.changes import Surface
    from portfolio.tabs.undo import undo

    row = initiative("Old")
    backlog([HEAD, [row.initiative_key, "New"], [None, "Another"]], by=actor(ADMIN))
    undo(registry.tab("backlog"), actor(ADMIN), Surface.GRID, Batch.objects.get(surface="import").id)
    assert [each.title for each in Initiative.objects.all()] == ["Old"]
    put("backlog", row, title="Still editable")
