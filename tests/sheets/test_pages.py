"""Uploading, previewing and importing in the browser; downloads; and who may."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from initiatives.models import Initiative
from portfolio.actions import broker
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_queued
from portfolio.sheets import opening, uploads
from portfolio.sheets.models import Conflict
from tests.factories import actor, initiative, put
from tests.sheets.files import edited, exported, xlsx

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [["Initiative Key", "Title"], [None, "One"], [None, "Two"]]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr(broker, "publish", lambda run: None)


@pytest.fixture
def as_role(client, person):
    def enter(role):
        client.force_login(person(role))
        return client

    return enter


@pytest.fixture
def upload(tmp_path):
    """``upload(client, rows, **fields)``: post a workbook with this Backlog."""

    def post(client, rows=ROWS, **fields):
        content = xlsx(tmp_path / "b.xlsx", Backlog=rows).read_bytes()
        return client.post("/import/", {"file": SimpleUploadedFile("b.xlsx", content), **fields})

    return post


def worked(response):
    """What a worker makes of the run that a page asked for."""
    action_id = response.url.rstrip("/").split("/")[-1]
    run_queued(action_id)
    return ActionRun.objects.get(action_id=action_id)


def test_upload_preview_import(as_role, upload):
    client = as_role("PM")
    asked = upload(client)
    assert "Waiting for a worker" in client.get(asked.url).content.decode()
    preview = worked(asked)
    page = client.get(asked.url).content.decode()
    assert "Nothing is saved yet. 2 new rows" in page and "Backlog!2" in page
    assert not Initiative.objects.exists()
    confirmed = client.post(asked.url)
    assert worked(confirmed).options == {**preview.options, "preview": False}
    assert "Saved: 2 new rows" in client.get(confirmed.url).content.decode()
    assert Initiative.objects.count() == 2
    assert list(uploads._folder().iterdir()) == []
    assert "b.xlsx" in client.get("/import/").content.decode()


def test_a_second_click_imports_nothing_twice(as_role, upload):
    client = as_role("PM")
    asked = upload(client)
    worked(asked)
    first, second = client.post(asked.url), client.post(asked.url)
    assert first.url == second.url
    worked(first)
    assert client.post(asked.url).url == reverse("import-page")


def test_rejected_cells_are_shown_with_their_address(as_role, upload):
    client = as_role("PM")
    asked = upload(client, [[*ROWS[0], "Deadline Date"], [None, "One", "03/04/2026"]])
    worked(asked)
    page = client.get(asked.url).content.decode()
    assert "Backlog!C2" in page and "can be read in two ways" in page and "Import" in page


def test_a_conflict_is_shown_and_left_to_a_person(as_role, tmp_path):
    row = initiative("Refunds", country="Chile")
    path = exported(tmp_path / "b.xlsx", "central_backlog")
    put("backlog", row, actor(name="bob"), country="Spain")
    content = edited(path, "Backlog", country="Peru").read_bytes()
    client = as_role("PM")
    asked = client.post("/import/", {"file": SimpleUploadedFile("b.xlsx", content)})
    worked(asked)
    page = client.get(asked.url).content.decode()
    assert "1 cell changed on both sides would wait" in page and "Spain" in page and "(bob)" in page
    assert "Compared with the export of" in page and not Conflict.objects.exists()
    confirmed = client.post(asked.url)
    worked(confirmed)
    page = client.get(confirmed.url).content.decode()
    assert "1 cell changed on both sides: choose under" in page and reverse("sheet-conflicts") in page
    assert Conflict.objects.open().count() == 1


def test_a_refused_file_says_why(as_role):
    client = as_role("PM")
    asked = client.post("/import/", {"file": SimpleUploadedFile("b.xlsx", b"<html></html>")})
    run = worked(asked)
    assert run.status == "failed"
    assert "web page" in client.get(asked.url).content.decode()


def test_too_big_a_file_is_refused_before_it_is_kept(as_role, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    response = as_role("PM").post("/import/", {"file": SimpleUploadedFile("b.xlsx", b"PK" * 10)})
    assert response.status_code == 422 and b"that are taken" in response.content
    assert not ActionRun.objects.exists() and list(uploads._folder().iterdir()) == []
    assert opening.MOST_BYTES > 10


def test_only_an_admin_keeps_keys(as_role, upload):
    rows = [ROWS[0], ["INIT-A", "One"]]
    run = worked(upload(as_role("PM"), rows, keep_keys="on"))
    assert run.options["keep_keys"] is False and run.result["failed"] == 1
    client = as_role("Admin")
    asked = upload(client, rows, keep_keys="on")
    worked(asked)
    worked(client.post(asked.url))
    assert Initiative.objects.get().initiative_key == "INIT-A"


def test_an_api_client_cannot_keep_keys_or_read_other_files(as_role, tmp_path):
    client = as_role("PM")
    (tmp_path / "data").mkdir()
    xlsx(tmp_path / "data" / "other.xlsx", Backlog=ROWS)
    for options in (
        {"upload": "../other.xlsx"},
        {"upload": "a" * 32},
        {"keep_keys": True},
        {"odd": 1},
        {"workbook": ["x"]},
    ):
        asked = {"action": "sheets.import_workbook", "options": options}
        answer = client.post("/api/v1/actions/", asked, content_type="application/json").json()
        run_queued(answer["action_id"])
        run = ActionRun.objects.get(action_id=answer["action_id"])
        assert run.status == "failed" and "inside Lodestar" not in run.error, options


PAGES = ["/import/", "/export/intake.xlsx", "/export/tab/backlog.csv"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "status"), [("Viewer", 403), ("PM", 200), ("Finance", 200), ("Engineering", 200)]
)
def test_viewers_neither_import_nor_export(page, role, status, as_role):
    assert as_role(role).get(page).status_code == status


@pytest.mark.parametrize(
    "page", ["/export/nothing.xlsx", "/export/tab/nothing.csv", "/export/intake.xlsx?run=9"]
)
def test_what_is_not_there_is_not_found(page, as_role):
    assert as_role("PM").get(page).status_code == 404


def test_downloads_have_names_and_rows(as_role):
    initiative("=1+1")
    client = as_role("PM")
    response = client.get("/export/central_backlog.xlsx")
    assert "lodestar_central_backlog_" in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book["Backlog"]["B2"].value == "=1+1" and book["Backlog"]["B2"].data_type == "s"
    response = client.get("/export/tab/backlog.csv")
    assert "'=1+1" in b"".join(response.streaming_content).decode()


def test_tab_pages_offer_both(as_role):
    page = as_role("PM").get("/tabs/backlog/").content.decode()
    assert "/export/central_backlog.xlsx" in page and "/import/" in page
    assert "/export/" not in as_role("Viewer").get("/tabs/backlog/").content.decode()


def test_forgotten_uploads_go_after_a_day(monkeypatch):
    uploads.keep([b"x"])
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    uploads.forget_old()
    assert list(uploads._folder().iterdir()) == []
