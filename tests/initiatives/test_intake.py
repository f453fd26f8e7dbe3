import pytest

from initiatives.models import Initiative, Submission
from portfolio.tabs import registry
from portfolio.tabs.changes import Surface
from portfolio.tabs.models import TabRevision
from portfolio.tabs.undo import undo
from tests.factories import actor, create, initiative, person, put

pytestmark = pytest.mark.django_db

COMPLETE = {
    "title": "Faster refunds",
    "requesting_team": "Care",
    "requester_name": "Ada",
    "requester_email": "ada@example.com",
    "country": "Chile",
    "problem_statement": "Refunds take nine days.",
}


def submit(**values):
    return create("intake", **{**COMPLETE, **values})


def test_a_complete_submission_becomes_an_initiative():
    row = submit()
    made = Initiative.objects.get()
    assert row.initiative == made
    assert (made.initiative_key, made.title, made.country) == ("INIT-000001", "Faster refunds", "Chile")
    assert made.lifecycle_status == "new"


def test_an_incomplete_one_waits_and_names_what_is_missing():
    row = submit(country="", problem_statement=" ")
    assert row.initiative is None and not Initiative.objects.exists()
    shown = registry.tab("intake").column
    assert shown("missing_fields").read(row) == "Country, Problem Statement"
    assert shown("lifecycle_status").read(row) == "needs_info"
    put("intake", row, country="Chile", problem_statement="Slow.")
    assert Initiative.objects.get().country == "Chile"
    assert shown("lifecycle_status").read(row) == "new"


def test_later_intake_edits_flow_on_until_a_pm_overrides():
    row = submit()
    put("intake", row, title="Faster refunds now")
    made = Initiative.objects.get()
    assert made.title == "Faster refunds now"
    put("backlog", made, title="Refunds in a day")
    assert not registry.tab("intake").notes([row.pk]), "an override alone is no conflict"
    put("intake", row, title="Refunds in an hour")
    made.refresh_from_db()
    assert made.title == "Refunds in a day"
    [note] = registry.tab("intake").notes([row.pk])[row.pk]
    assert (note.column, note.level) == ("title", "conflict")
    assert registry.tab("backlog").notes([made.pk])[made.pk][0].column == "title"


def test_an_intake_edit_that_is_not_taken_over_still_renews_the_backlog():
    row = submit()
    put("backlog", Initiative.objects.get(), title="Refunds in a day")
    seen = TabRevision.current("backlog")
    put("intake", row, title="Refunds in an hour")
    assert TabRevision.current("backlog") > seen


def test_a_partial_answer_brings_the_notes_of_neighbours(client):
    one, other = initiative("Faster refunds"), initiative("Slower refunds")
    client.force_login(person("PM"))
    seen = TabRevision.current("backlog")
    put("backlog", other, title="Faster refunds")
    answer = client.get("/api/v1/tabs/backlog/", {"since": seen}).json()
    assert [row[0] for row in answer["rows"]] == [other.pk]
    assert set(answer["notes"]) == {str(one.pk), str(other.pk)}


def test_undoing_an_intake_edit_flows_back():
    row = submit()
    batch = put("intake", row, title="Other")
    undo(registry.tab("intake"), actor(), Surface.GRID, batch.batch_id)
    assert Initiative.objects.get().title == "Faster refunds"


def test_a_keyless_row_is_known_by_sheet_title_and_requester():
    row = submit(country="")
    assert registry.tab("intake").index() == {("new", "", "faster refunds", "ada@example.com"): row.pk}


def test_a_title_that_exists_already_is_a_warning():
    initiative("Faster Refunds")
    row = submit()
    [note] = registry.tab("intake").notes(None)[row.pk]
    assert "INIT-000001 has the same title" in note.text


def test_the_backlog_warns_of_two_initiatives_of_one_title():
    twin, other = initiative("Faster Refunds"), initiative("faster refunds")
    initiative("Slower refunds")
    found = registry.tab("backlog").notes(None)
    assert {pk: note.text.split()[0] for pk, [note] in found.items()} == {
        twin.pk: other.initiative_key,
        other.pk: twin.initiative_key,
    }


def test_two_submissions_of_one_title_are_two_records():
    submit()
    submit(requester_email="bob@example.com")
    assert Submission.objects.count() == Initiative.objects.count() == 2
