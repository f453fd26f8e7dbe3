"""The versions of a formula: what it was, who approved it, and going back."""

import pytest

from portfolio.tabs import registry
from portfolio.tabs.actor import PM, Actor
from portfolio.tabs.changes import CONFLICT, DENIED, SetCell, Surface
from portfolio.tabs.gate import apply_changes, gate_open
from portfolio.tabs.undo import undo
from scoring.models import MathModel
from scoring.versions import UnknownVersionError, restore, versions
from tests.factories import actor, create, initiative, put
from tests.scoring.conftest import model

pytestmark = pytest.mark.django_db

ANA, BEN = actor(PM, name="ana"), actor(PM, name="ben")
FIRST, SECOND, THIRD = "value = a", "value = a * b", "value = a * b * c"


@pytest.fixture
def row():
    return model(initiative(), FIRST, approved=False)


def texts(row):
    return [(version.number, version.text) for version in told(row)]


def told(row):
    return versions(fresh(row))


def fresh(row):
    return MathModel.objects.get(pk=row.pk)


def test_every_text_is_a_version_the_newest_first(row):
    put("math_models", row, ANA, formula_text=SECOND)
    put("math_models", row, BEN, formula_text=THIRD)
    assert texts(row) == [(3, THIRD), (2, SECOND), (1, FIRST)]
    assert [version.written.who for version in told(row)] == ["ben", "ana", "ana"]
    assert fresh(row).version == 3


def test_other_changes_make_no_version(row):
    put("math_models", row, ANA, assumptions_text="It holds.", immediate_kpi="visits")
    assert texts(row) == [(1, FIRST)]


def test_a_model_without_a_formula_has_no_versions_until_it_gets_one():
    empty = create("math_models", initiative_key=initiative().initiative_key, model_name="main")
    assert versions(empty) == []
    put("math_models", empty, formula_text=FIRST)
    assert texts(empty) == [(2, FIRST)]


def test_a_cleared_formula_is_a_version_too(row):
    put("math_models", row, formula_text=None)
    assert texts(row) == [(2, ""), (1, FIRST)]


def test_an_approval_says_who_and_when(row):
    put("math_models", row, BEN, formula_approved=True)
    [version] = told(row)
    [approval] = version.approvals
    assert version.is_approved
    assert (approval.given.who, approval.taken) == ("ben", None)
    assert approval.given.when > version.written.when


def test_changing_the_formula_takes_the_approval_of_the_version_before(row):
    put("math_models", row, ANA, formula_approved=True)
    put("math_models", row, BEN, formula_text=SECOND)
    now, before = told(row)
    assert not now.approvals
    [approval] = before.approvals
    assert (approval.taken.who, approval.by_change) == ("ben", True)


def test_unticking_takes_an_approval_without_a_new_version(row):
    put("math_models", row, ANA, formula_approved=True)
    put("math_models", row, BEN, formula_approved=False)
    put("math_models", row, ANA, formula_approved=True)
    [version] = told(row)
    first, second = version.approvals
    assert (first.taken.who, first.by_change) == ("ben", False)
    assert version.is_approved and second.given.who == "ana"


def test_a_change_that_says_it_is_approved_again_approves_the_new_version(row):
    put("math_models", row, ANA, formula_approved=True)
    put("math_models", row, BEN, formula_text=SECOND, formula_approved=True)
    now, before = told(row)
    assert now.is_approved and now.approvals[0].given.who == "ben"
    assert before.approvals[0].by_change


def test_a_model_that_was_made_approved_is_told_so():
    [version] = versions(model(initiative(), FIRST, approved=True))
    assert version.is_approved


def test_a_text_that_the_llm_had_drafted_is_marked(row):
    drafts = [SetCell(row.pk, "llm_suggested_formula", SECOND)]
    assert apply_changes(registry.tab("math_models"), Actor.llm(), Surface.LLM, drafts).ok
    put("math_models", row, formula_text=SECOND)
    put("math_models", row, formula_text=THIRD)
    assert [version.drafted for version in told(row)] == [False, True, False]


def test_a_text_that_came_before_the_draft_is_the_persons(row):
    drafts = [SetCell(row.pk, "llm_suggested_formula", FIRST)]
    apply_changes(registry.tab("math_models"), Actor.llm(), Surface.LLM, drafts)
    assert [version.drafted for version in told(row)] == [False]


def test_a_history_that_begins_late_still_shows_what_stands(row):
    with gate_open():
        MathModel.objects.filter(pk=row.pk).update(formula_text=THIRD, version=7, formula_approved=True)
    now, before = versions(fresh(row))
    assert (now.number, now.text, now.written.who, now.is_approved) == (7, THIRD, "", True)
    assert before.text == FIRST


# Restoring ---------------------------------------------------------------------------------------


def test_a_restored_version_is_the_formula_again_and_not_approved(row):
    put("math_models", row, formula_approved=True)
    put("math_models", row, formula_text=SECOND, formula_approved=True)
    assert restore(fresh(row), 1, ANA, seen=2).ok
    row = fresh(row)
    assert (row.formula_text, row.formula_approved, row.version) == (FIRST, False, 3)
    assert told(row)[0].same_as == 1


def test_restoring_is_one_batch_that_can_be_undone(row):
    put("math_models", row, formula_text=SECOND, formula_approved=True)
    outcome = restore(fresh(row), 1, ANA)
    assert undo(registry.tab("math_models"), ANA, Surface.FORM, outcome.batch_id).ok
    row = fresh(row)
    assert (row.formula_text, row.formula_approved) == (SECOND, True)
    assert told(row)[0].written.undoing


def test_somebody_elses_newer_version_is_a_conflict_and_stays(row):
    put("math_models", row, ANA, formula_text=SECOND)
    put("math_models", row, BEN, formula_text=THIRD)
    [result] = restore(fresh(row), 1, ANA, seen=2).results
    assert (result.status, result.who, fresh(row).formula_text) == (CONFLICT, "ben", THIRD)


def test_who_may_not_write_formulas_may_not_restore_one(row):
    put("math_models", row, formula_text=SECOND)
    [result] = restore(fresh(row), 1, actor("Finance")).results
    assert (result.status, fresh(row).formula_text) == (DENIED, SECOND)


@pytest.mark.parametrize(("number", "seen"), [(9, None), (1, 9)])
def test_a_version_that_never_was_is_named(row, number, seen):
    with pytest.raises(UnknownVersionError, match="no version 9"):
        restore(row, number, ANA, seen=seen)
