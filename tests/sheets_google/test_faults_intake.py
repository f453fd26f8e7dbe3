"""Intake: sheets of departments and forms, whose rows become submissions, and initiatives, once each."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.models import Initiative, Submission
from portfolio.sheets.models import Conflict
from portfolio.sheets.sync.status import MARK
from tests.google import GoogleServer
from tests.sheets_google.desk import Desk
from tests.sheets_google.world import linked, sync

pytestmark = pytest.mark.django_db
FORM = [
    "Timestamp",
    "Title",
    "Requesting Team",
    "Requester Name",
    "Requester Email",
    "Country",
    "Problem Statement",
]
WHOLE = [46_113.51, "Faster checkout", "Shop", "Ana", "ana@example.com", "UK", "Too slow"]
PART = [46_114.02, "Cheaper returns", "Shop", "Bea", "bea@example.com", "", ""]


@pytest.fixture
def form(google: GoogleServer) -> Desk:
    desk = Desk(google, "intake", [FORM, WHOLE, PART], name="Shop")
    desk.sync()
    return desk


def titles() -> list[str]:
    return sorted(Initiative.objects.values_list("title", flat=True))


def test_a_form_answer_becomes_one_initiative_and_gets_its_key(form: Desk) -> None:
    assert titles() == ["Faster checkout"]
    assert form.there("Faster checkout", "Initiative Key") == "INIT-000001"
    assert form.sheet.value("A2") == 46_113.51
    form.settle()
    assert (Submission.objects.count(), Initiative.objects.count()) == (2, 1)


def test_an_incomplete_submission_becomes_one_when_it_is_completed(form: Desk) -> None:
    form.type("Cheaper returns", "Country", "FR")
    form.type("Cheaper returns", "Problem Statement", "Too dear")
    form.settle()
    assert titles() == ["Cheaper returns", "Faster checkout"]
    assert form.there("Cheaper returns", "Initiative Key") == "INIT-000002"
    assert Submission.objects.count() == 2


def test_an_incomplete_submission_completed_in_the_web_gets_its_key_in_the_sheet(form: Desk) -> None:
    form.edit("Cheaper returns", country="FR", problem_statement="Too dear")
    form.settle()
    assert form.there("Cheaper returns", "Initiative Key") == "INIT-000002"
    assert form.there("Cheaper returns", "Country") == "FR"


def test_an_incomplete_submission_renamed_while_it_is_completed_stays_one(form: Desk) -> None:
    form.type("Cheaper returns", "Country", "FR")
    form.type("bea@example.com", "Title", "Cheap returns")
    form.settle()
    assert Submission.objects.count() == 2 or form.conflicts(Conflict.Kind.LOST)
    assert Submission.objects.filter(title="Cheap returns").count() == 1


def test_form_answers_keep_coming_while_keys_are_written(form: Desk) -> None:
    late = [46_115.2, "Gift cards", "Shop", "Cid", "cid@example.com", "UK", "Asked for"]
    form.google.between(1, lambda: form.sheet.put_row(4, late))
    form.type("Cheaper returns", "Country", "FR")
    form.type("Cheaper returns", "Problem Statement", "Too dear")
    form.sync()
    form.settle()
    assert titles() == ["Cheaper returns", "Faster checkout", "Gift cards"]


def test_the_same_answer_twice_is_one_submission(google: GoogleServer) -> None:
    desk = Desk(google, "intake", [FORM, WHOLE, WHOLE], name="Shop")
    desk.sync()
    desk.sync()
    assert (Submission.objects.count(), Initiative.objects.count()) == (1, 1)
    assert desk.sheet.rows()[2][-1].startswith(MARK)


def test_a_submission_may_say_what_one_of_another_department_says(google: GoogleServer) -> None:
    shop = google.book("Shop", {"Intake": [FORM, WHOLE]})
    care = google.book("Care", {"Intake": [FORM, WHOLE]})
    links = [linked(shop, "intake", "Shop"), linked(care, "intake", "Care")]
    for _ in range(3):
        sync()
    assert sorted(Submission.objects.values_list("sheet", flat=True)) == ["Care", "Shop"]
    keys = {book["Intake"].rows()[1][7] for book in (shop, care)}
    assert keys == {"INIT-000001", "INIT-000002"}
    google.reset_calls()
    sync()
    assert len(google.calls) == len(links)


def test_a_submission_deleted_in_one_department_is_asked_about_there_only(google: GoogleServer) -> None:
    shop = Desk(google, "intake", [FORM, WHOLE, PART], name="Shop")
    care = Desk(google, "intake", [FORM, PART], name="Care")
    sync()
    shop.sheet.delete_row(2)
    sync()
    assert [(found.key.split(" · ")[0], found.linked_tab.link) for found in Conflict.objects.waiting()] == [
        ("INIT-000001", shop.link)
    ]
    assert care.there("Cheaper returns", "Country") == ""


def test_rows_of_two_tabs_of_one_department_stay_apart(google: GoogleServer) -> None:
    book = google.book("Shop", {"Web": [FORM, WHOLE], "Stores": [FORM, WHOLE]})
    linked(book, "intake")
    for _ in range(3):
        sync()
    assert sorted(Submission.objects.values_list("sheet", flat=True)) == ["Stores", "Web"]
    assert Submission.objects.count() == 2


def test_a_submission_is_never_sent_to_another_sheet(form: Desk) -> None:
    Desk(form.google, "intake", [FORM], name="Care")
    form.add(title="From the web", requester_email="eve@example.com")
    for _ in range(2):
        assert sync()["totals"]["appended"] == 0
    form.settle()


def test_a_submission_without_a_title_waits(form: Desk) -> None:
    form.sheet.put_row(4, [46_116.0, "", "Shop", "Dan", "dan@example.com"])
    form.settle()
    found = Submission.objects.get(requester_email="dan@example.com")
    form.sheet.type("B4", "Gift cards")
    form.settle()
    found.refresh_from_db()
    assert found.title == "Gift cards"


@pytest.mark.parametrize("stamp", [46_113.51, "01/04/2026 12:14:24", "2026-04-01 12:14", ""])
def test_a_timestamp_of_any_form_is_the_forms_own(google: GoogleServer, stamp: Any) -> None:
    desk = Desk(google, "intake", [FORM, [stamp, *WHOLE[1:]]], name="Shop")
    desk.settle()
    assert desk.sheet.value("A2") == stamp
    assert titles() == ["Faster checkout"]


def test_a_tab_with_another_title_keeps_its_submissions(google: GoogleServer) -> None:
    desk = Desk(google, "intake", [FORM, WHOLE, PART])
    desk.sync()
    desk.sheet.rename("Requests")
    desk.tried()
    linked_tab = desk.link.linked_tabs.get()
    assert linked_tab.left_alone
    linked_tab.take_title()
    desk.type("Cheaper returns", "Country", "FR")
    desk.settle()
    assert Submission.objects.count() == 2
    assert Submission.objects.get(title="Cheaper returns").country == "FR"
