import uuid

import pytest

from initiatives.models import Initiative
from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, DeleteRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import Batch, BypassesGateError, CellChange, TabRevision
from portfolio.tabs.undo import CannotUndoError, undo
from tests.factories import actor, create, initiative, north_star, put, strategic

pytestmark = pytest.mark.django_db

PM = actor("PM", name="pia")
VIEWER = actor("Viewer", name="vic")


def change(tab, *changes, who=PM, **options):
    return apply_changes(registry.tab(tab), who, Surface.GRID, changes, **options)


def test_a_change_is_stored_and_attributed():
    row = initiative("Old")
    outcome = change("backlog", SetCell(row.pk, "title", " New\u00a0title ", expected="Old"))
    assert outcome.ok
    row.refresh_from_db()
    assert (row.title, row.updated_by, row.updated_source) == ("New title", "pia", "grid")
    kept = CellChange.objects.get(row=row.pk, column="title")
    assert (kept.old, kept.new, kept.batch.who, kept.batch.surface) == ("Old", "New title", "pia", "grid")


def test_an_unreadable_value_is_refused_and_the_rest_of_the_batch_stands():
    row = initiative()
    outcome = change(
        "backlog", SetCell(row.pk, "engineering_tokens", "lots"), SetCell(row.pk, "country", "Chile")
    )
    assert [result.status for result in outcome.results] == ["invalid", "ok"]
    assert "“lots” is not a number" in outcome.results[0].message
    row.refresh_from_db()
    assert (row.engineering_tokens, row.country) == (None, "Chile")


def test_row_atomic_refuses_the_whole_row_but_not_its_neighbours():
    broken, sound = initiative("Broken"), initiative("Sound")
    change(
        "backlog",
        SetCell(broken.pk, "engineering_tokens", "lots"),
        SetCell(broken.pk, "country", "Chile"),
        SetCell(sound.pk, "country", "Peru"),
        row_atomic=True,
    )
    broken.refresh_from_db(), sound.refresh_from_db()
    assert (broken.country, sound.country) == ("", "Peru")


def test_a_stale_writer_meets_a_conflict_with_theirs_and_who():
    row = initiative("First")
    put("backlog", row, actor("PM", name="theo"), title="Second")
    [result] = change("backlog", SetCell(row.pk, "title", "Mine", expected="First")).results
    assert (result.status, result.theirs, result.who) == ("conflict", "Second", "theo")
    row.refresh_from_db()
    assert row.title == "Second"


def test_agreeing_with_the_present_value_is_no_conflict_and_no_change():
    row = initiative("Same")
    before = CellChange.objects.count()
    assert change("backlog", SetCell(row.pk, "title", "Same", expected="Older")).ok
    assert CellChange.objects.count() == before


def test_another_cell_of_the_row_may_change_in_between():
    row = initiative("First")
    put("backlog", row, country="Chile")
    assert change("backlog", SetCell(row.pk, "title", "Mine", expected="First")).ok


def test_a_shown_column_says_where_it_is_entered():
    row = initiative()
    [result] = change("kpi_contributions", SetCell(row.pk, "title", "x")).results
    assert result.status == "denied"
    assert "entered on Backlog" in result.message


def test_a_backend_column_and_a_forbidden_role_are_denied():
    row = initiative()
    assert change("backlog", SetCell(row.pk, "initiative_key", "X")).results[0].status == "denied"
    [result] = change("backlog", SetCell(row.pk, "title", "x"), who=VIEWER).results
    assert result.status == "denied" and "Your role may not" in result.message


def test_engineering_enters_effort_but_not_titles():
    row, eng = initiative(), actor("Engineering")
    results = change(
        "backlog", SetCell(row.pk, "engineering_tokens", 8), SetCell(row.pk, "title", "x"), who=eng
    ).results
    assert [result.status for result in results] == ["ok", "denied"]


def test_an_unknown_column_or_row_is_an_answer_not_an_error():
    row = initiative()
    results = change("backlog", SetCell(row.pk, "nope", 1), SetCell(10**6, "title", "x")).results
    assert {result.status for result in results} == {"invalid"}


def test_a_new_row_with_one_bad_cell_is_not_half_saved():
    outcome = change("backlog", CreateRow("a", {"title": "Fine", "deadline_date": "03/04/2026"}))
    assert not outcome.created and not Initiative.objects.exists()
    assert outcome.results[0].column == "deadline_date"


def test_a_required_column_is_required_on_creation_and_afterwards():
    outcome = change("backlog", CreateRow("a", {"country": "Chile"}))
    assert outcome.results[0].message == "Title can't be blank."
    row = initiative()
    assert change("backlog", SetCell(row.pk, "title", "")).results[0].status == "invalid"


def test_keys_are_generated_and_never_reused():
    first = initiative()
    change("backlog", DeleteRow(first.pk))
    assert initiative().initiative_key == "INIT-000002"


def test_keys_skip_numbers_that_a_migration_brought():
    create("backlog", _key="INIT-000001", title="Brought")
    assert initiative().initiative_key != "INIT-000001"


def test_a_natural_key_stands_once():
    strategic("signups")
    outcome = change("metrics_config", CreateRow("a", {"kpi_key": " SignUps", "kpi_level": "strategic"}))
    assert "already has a row" in outcome.results[0].message
    both = [CreateRow(ref, {"kpi_key": "twice", "kpi_level": "strategic"}) for ref in "ab"]
    assert len(change("metrics_config", *both).created) == 1


def test_invariants_are_checked_at_the_end_so_that_a_swap_in_one_paste_is_possible():
    star, other = north_star("revenue"), strategic("retention")
    alone = change("metrics_config", SetCell(other.pk, "kpi_level", "north_star"))
    assert "exactly one" in alone.results[0].message
    swap = change(
        "metrics_config",
        SetCell(other.pk, "kpi_level", "north_star"),
        SetCell(star.pk, "kpi_level", "strategic"),
    )
    assert swap.ok
    assert Metric.objects.get(kpi_level="north_star").kpi_key == "retention"


def test_the_last_north_star_stays():
    star = north_star()
    [result] = change("metrics_config", SetCell(star.pk, "is_active", "no")).results
    assert result.status == "invalid" and "must stay" in result.message


def test_undo_puts_a_batch_back_and_undoing_that_is_redo():
    row = initiative("First")
    batch = change("backlog", SetCell(row.pk, "title", "Second"), SetCell(row.pk, "country", "Chile"))
    back = undo(registry.tab("backlog"), PM, Surface.GRID, batch.batch_id)
    row.refresh_from_db()
    assert back.ok and (row.title, row.country) == ("First", "")
    undo(registry.tab("backlog"), PM, Surface.GRID, back.batch_id)
    row.refresh_from_db()
    assert (row.title, row.country) == ("Second", "Chile")


def test_undo_of_creation_and_deletion():
    made = change("backlog", CreateRow("a", {"title": "New"}))
    pk = made.created["a"]
    gone = undo(registry.tab("backlog"), PM, Surface.GRID, made.batch_id)
    assert gone.removed == {pk} and not Initiative.objects.filter(pk=pk).exists()
    undo(registry.tab("backlog"), PM, Surface.GRID, gone.batch_id)
    assert Initiative.objects.get(pk=pk).title == "New"


def test_undo_leaves_what_someone_changed_since_as_a_conflict():
    row = initiative("First")
    batch = change("backlog", SetCell(row.pk, "title", "Second"))
    put("backlog", row, actor("PM", name="theo"), title="Third")
    [result] = undo(registry.tab("backlog"), PM, Surface.GRID, batch.batch_id).results
    assert (result.status, result.theirs) == ("conflict", "Third")


def test_a_batch_is_undone_once_and_only_by_its_author_or_an_admin():
    row = initiative("First")
    batch = change("backlog", SetCell(row.pk, "title", "Second"))
    with pytest.raises(CannotUndoError, match="Only pia"):
        undo(registry.tab("backlog"), actor("PM", name="theo"), Surface.GRID, batch.batch_id)
    undo(registry.tab("backlog"), actor(), Surface.GRID, batch.batch_id)
    with pytest.raises(CannotUndoError, match="already"):
        undo(registry.tab("backlog"), PM, Surface.GRID, batch.batch_id)
    with pytest.raises(CannotUndoError, match="no such"):
        undo(registry.tab("backlog"), PM, Surface.GRID, uuid.uuid4())


def test_bulk_writes_of_entered_values_are_refused_and_of_computed_ones_allowed():
    row = initiative()
    with pytest.raises(BypassesGateError, match="title"):
        Initiative.objects.update(title="x")
    with pytest.raises(BypassesGateError):
        Initiative.objects.bulk_create([Initiative(title="x", initiative_key="X-1")])
    with pytest.raises(BypassesGateError):
        Initiative.objects.filter(pk=row.pk).delete()
    assert Initiative.objects.update(llm_summary="computed") == 1


def test_the_revision_rises_on_every_tab_that_shows_the_change():
    row = initiative()
    before = {name: TabRevision.current(name) for name in ("backlog", "kpi_contributions", "metrics_config")}
    put("backlog", row, title="Other")
    after = {name: TabRevision.current(name) for name in before}
    assert after["backlog"] == before["backlog"] + 1
    assert after["kpi_contributions"] == before["kpi_contributions"] + 1
    assert after["metrics_config"] == before["metrics_config"]


def test_a_batch_that_changes_nothing_leaves_no_trace():
    row = initiative("Same")
    batches = Batch.objects.count()
    change("backlog", SetCell(row.pk, "title", "Same"))
    assert Batch.objects.count() == batches


def test_an_llm_fills_blanks_of_shared_columns_only_and_never_a_persons():
    from portfolio.tabs.actor import Actor

    row = initiative()
    results = change(
        "backlog", SetCell(row.pk, "llm_summary", "Draft."), SetCell(row.pk, "title", "x"), who=Actor.llm()
    ).results
    assert [result.status for result in results] == ["ok", "denied"]
