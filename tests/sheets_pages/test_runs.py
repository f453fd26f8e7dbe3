"""What a sync would do or did, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.sheets.models import LinkedTab, SheetLink
from tests.sheets_pages import world
from tests.sheets_pages.reading import read

pytestmark = pytest.mark.django_db

COUNTS = ("read", "pulled", "pushed", "created", "appended", "conflicts", "discarded", "held", "quarantined")
CHANGE = {"place": "Scoring Inputs!F7", "key": "INIT-000001", "column": "RICE Confidence", "verdict": "pull"}


@pytest.fixture
def linked() -> LinkedTab:
    return world.linked_tab("scoring_inputs", world.link("product_ops"), title="Scoring Inputs")


def tab_report(linked: LinkedTab, *changes: dict[str, Any], **told: Any) -> dict[str, Any]:
    counts = dict.fromkeys(COUNTS, 0)
    changes = tuple({**CHANGE, "here": 0.8, "sheet": 0.5, "said": "", **change} for change in changes)
    usual = {"status": "", "left_alone": False, "changes": list(changes)}
    return {"tab": linked.tab_name, "sheet": linked.title, **counts, **usual, **told}


def reported(link: SheetLink, *tabs: dict[str, Any], problem: str = "", **values: Any) -> ActionRun:
    named = {f"{tab['tab']} / {tab['sheet']}": tab for tab in tabs}
    told = {"title": "Product ops 2026", "api_calls": 3, "problem": problem, "tabs": named}
    options = {"preview": True, **values.pop("options", {})}
    return world.ended(link, options=options, result={"report": {"links": {str(link.pk): told}}}, **values)


def page_of(run: ActionRun) -> str:
    return f"/sheets/runs/{run.action_id}/"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("pull", "Into Lodestar"),
        ("push", "Into the sheet"),
        ("conflict", "Conflict"),
        ("overwrite", "Lodestar fills this in"),
        ("hold", "Held: a formula"),
        ("keep", "Left: unreadable"),
        ("sideways", "Sideways"),
    ],
)
def test_every_cell_with_both_sides_and_what_will_happen(
    verdict: str, words: str, linked: LinkedTab, pm: Client
) -> None:
    run = reported(linked.link, tab_report(linked, {"verdict": verdict, "said": "so it is"}, pulled=1))
    line = f"Scoring Inputs!F7 INIT-000001 RICE Confidence 80% 50% {words} so it is"
    assert line in read(pm, page_of(run))


def test_new_rows_have_no_cells(linked: LinkedTab, pm: Client) -> None:
    created = {"verdict": "create", "column": "", "place": "Scoring Inputs!9", "key": "", "said": "Title: x"}
    run = reported(linked.link, tab_report(linked, created, created=1))
    assert "Scoring Inputs!9 – – – – New in Lodestar Title: x" in read(pm, page_of(run))


def test_counts_are_told_per_tab_and_in_all(linked: LinkedTab, pm: Client) -> None:
    other = world.linked_tab("params", linked.link, title="Params")
    run = reported(
        linked.link, tab_report(linked, pulled=1200, read=7), tab_report(other, pulled=2, conflicts=1)
    )
    page = read(pm, page_of(run))
    assert "Product ops 2026 1,202 into Lodestar 1 in conflict 3 calls to Google" in page
    assert "1,200 into Lodestar 7 rows read" in page and "Both say the same." in page


def test_a_preview_lets_a_person_start_what_was_not_started(linked: LinkedTab, pm: Client) -> None:
    started = world.linked_tab("params", linked.link, title="Params", confirmed=timezone.now())
    page = pm.get(page_of(reported(linked.link, tab_report(linked), tab_report(started)))).text
    assert f'name="tab" value="{linked.pk}" checked' in page and "Start syncing these tabs" in page
    assert f'name="tab" value="{started.pk}"' not in page


def test_what_was_left_alone_cannot_be_started(linked: LinkedTab, pm: Client) -> None:
    told = tab_report(linked, left_alone=True, status="The headers repeat Title.")
    page = read(pm, page_of(reported(linked.link, told)))
    assert "Left alone" in page and "The headers repeat Title." in page and "Start syncing" not in page


def test_a_sync_is_no_preview(linked: LinkedTab, pm: Client) -> None:
    page = read(pm, page_of(reported(linked.link, tab_report(linked, {}), options={"preview": False})))
    assert "What happened" in page and "Start syncing" not in page


def test_a_long_list_is_folded_and_a_full_one_says_so(linked: LinkedTab, pm: Client) -> None:
    page = pm.get(page_of(reported(linked.link, tab_report(linked, *[{}] * 200)))).text
    assert "The first 200 of them" in page and "<details open>" not in page
    assert "<details open>" in pm.get(page_of(reported(linked.link, tab_report(linked, {})))).text


def test_a_failed_preview_says_why(linked: LinkedTab, pm: Client) -> None:
    failed: dict[str, Any] = {"status": Status.FAILED, "error": "Product ops: The sheet is not shared."}
    run = reported(linked.link, problem="The sheet is not shared.", **failed)
    assert "Product ops 2026: The sheet is not shared." in read(pm, page_of(run))
    ActionRun.objects.update(result={}, error="Another sync is under way.")
    assert "There is no preview. Another sync is under way." in read(pm, page_of(run))


def test_while_it_runs_it_polls(linked: LinkedTab, pm: Client) -> None:
    run = world.ended(linked.link, status=Status.RUNNING, finished=None, progress_text="Reading Backlog")
    page = pm.get(page_of(run)).text
    assert f'hx-get="{page_of(run)}" hx-trigger="every 1s"' in page and "Reading Backlog" in page
    fragment = pm.get(page_of(run), headers={"HX-Request": "true"}).text
    assert fragment.startswith('<div id="sync-run"')


def test_a_link_that_is_gone_leaves_its_report(linked: LinkedTab, pm: Client) -> None:
    run = reported(linked.link, tab_report(linked, {}))
    linked.link.delete()
    page = read(pm, page_of(run))
    assert "Product ops 2026" in page and "Start syncing" not in page


def test_a_tab_of_an_earlier_version_leaves_the_rest_of_its_report(linked: LinkedTab, pm: Client) -> None:
    gone = tab_report(linked, tab="forecasts", sheet="Forecasts")
    page = read(pm, page_of(reported(linked.link, gone, tab_report(linked, {}))))
    assert "Scoring Inputs" in page and "Forecasts" not in page


def test_other_jobs_are_no_syncs(linked: LinkedTab, pm: Client) -> None:
    run = world.ended(linked.link)
    ActionRun.objects.filter(pk=run.pk).update(action="pm.score_selected")
    assert pm.get(page_of(run)).status_code == 404


def test_the_ledger_leads_to_it(linked: LinkedTab, pm: Client) -> None:
    run = reported(linked.link, tab_report(linked))
    assert f'href="{page_of(run)}">Cell by cell' in pm.get(run.get_absolute_url()).text
