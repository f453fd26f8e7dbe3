"""The page of a formula's versions, and undoing what was done there."""

import pytest

from scoring.models import MathModel
from tests.factories import actor, initiative, put
from tests.scoring.conftest import model

pytestmark = pytest.mark.django_db
FIRST, SECOND = (
    "orders = visits * rate\nvalue = orders * basket",
    "orders = visits * rate\nvalue = orders * margin",
)
ANA = actor("PM", name="ana")


@pytest.fixture
def row():
    made = model(initiative(), FIRST)
    put("math_models", made, ANA, formula_text=SECOND)
    return made


@pytest.fixture
def ana(client, person):
    client.force_login(person("PM", username="ana"))
    return client


def path_of(row):
    return f"/studio/{row.initiative.initiative_key}/history/?model={row.pk}"


def text_of(row):
    return MathModel.objects.get(pk=row.pk).formula_text


def test_it_tells_versions_their_approval_and_what_changed(ana, row):
    page = ana.get(path_of(row)).text
    assert page.index("Version 2") < page.index("Version 1")
    assert "<ins>margin</ins>" in page and "<del>basket</del>" in page
    assert "until ana changed the formula" in page


def test_inside_the_drawer_it_is_only_its_content(ana, row):
    page = ana.get(path_of(row), HTTP_HX_REQUEST="true").text
    assert "Version 2" in page and "<html" not in page


def test_without_a_model_in_the_address_it_is_the_primary_one(ana, row):
    assert "Version 2" in ana.get(f"/studio/{row.initiative.initiative_key}/history/").text


def test_restoring_tells_so_and_can_be_undone_without_scripts(ana, row):
    page = ana.post(path_of(row), {"version": "1", "seen": "2"}, follow=True)
    assert text_of(row) == FIRST
    assert "Version 1 is the formula again" in page.text
    batches = [str(batch.pk) for batch in page.context["done"].batches]
    key = row.initiative.initiative_key
    page = ana.post(f"/studio/{key}/undo/", {"batch": batches, "next": path_of(row)}, follow=True)
    assert text_of(row) == SECOND
    assert "Undone." in page.text


def test_a_newer_version_than_the_page_showed_is_told_and_stays(ana, row):
    put("math_models", row, actor("PM", name="ben"), formula_text="value = 3")
    page = ana.post(path_of(row), {"version": "1", "seen": "2"}, follow=True)
    assert "ben changed this in the meantime" in page.text
    assert text_of(row) == "value = 3"


@pytest.mark.parametrize("sent", [{}, {"version": "x"}, {"version": "99"}, {"version": "1", "seen": "99"}])
def test_a_version_that_never_was_changes_nothing(ana, row, sent):
    page = ana.post(path_of(row), sent, follow=True)
    assert (page.status_code, text_of(row)) == (200, SECOND)
    assert "has no version" in page.text


@pytest.mark.parametrize("role", ["Viewer", "Analytics", "Finance", "Engineering"])
def test_others_may_read_but_not_restore(client, person, row, role):
    client.force_login(person(role))
    assert "Restore" not in client.get(path_of(row)).text
    assert client.post(path_of(row), {"version": "1", "seen": "2"}).status_code == 403
    assert text_of(row) == SECOND


@pytest.mark.parametrize("role", ["PM", "Admin"])
def test_pms_and_admins_may_restore(client, person, row, role):
    client.force_login(person(role))
    assert "Restore" in client.get(path_of(row)).text


def test_strangers_see_nothing(client, row):
    assert client.get(path_of(row)).url.startswith("/login/")


@pytest.mark.parametrize("model", ["999999", "x", "-1", "9" * 30])
def test_a_model_that_is_not_there_is_a_404(ana, row, model):
    assert ana.get(f"/studio/{row.initiative.initiative_key}/history/?model={model}").status_code == 404
    assert ana.get(f"/studio/INIT-999999/history/?model={model}").status_code == 404


def test_a_model_of_another_initiative_is_a_404(ana, row):
    other = initiative("Other")
    assert ana.get(f"/studio/{other.initiative_key}/history/?model={row.pk}").status_code == 404


@pytest.mark.parametrize("batch", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_there_is_nothing_to_undo_where_nothing_was_done(ana, row, batch):
    page = ana.post(
        f"/studio/{row.initiative.initiative_key}/undo/", {"batch": batch, "next": path_of(row)}, follow=True
    )
    assert "Nothing" in page.text or "nothing to undo" in page.text
    assert ana.get(f"{path_of(row)}&done={batch}").status_code == 200


def test_undoing_never_leads_to_another_host(ana, row):
    answer = ana.post(f"/studio/{row.initiative.initiative_key}/undo/", {"next": "https://evil.example/"})
    assert answer.url.startswith("/studio/")
