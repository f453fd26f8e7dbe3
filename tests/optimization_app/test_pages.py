"""The pages and the API of runs as the server sends them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from optimization.models import Run
from portfolio.actions.models import ActionRun
from tests.factories import initiative, put
from tests.optimization_app.world import ask, candidate, constraint, kpis, optimize, scenario, target

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def world() -> None:
    kpis()


@pytest.fixture
def pm(client: Client, person: Any) -> Client:
    client.force_login(person("PM"))
    return client


@pytest.fixture
def viewer(person: Any) -> Client:
    client = Client()
    client.force_login(person("Viewer"))
    return client


@pytest.fixture
def base() -> Any:
    candidate("Checkout", 20, {"revenue": 200}, market="UK")
    candidate("Refunds", 15, {"revenue": 120}, market="UK")
    candidate("Late", 1, earliest_start_date="2027-01-01")
    made = scenario(30)
    target("revenue", 210, "goal")
    return made


def read(client: Client, path: str) -> str:
    """The page's text, tags and doubled spaces taken out."""
    answer = client.get(path)
    assert answer.status_code == 200, answer
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_list_leads_to_what_is_missing_first(pm: Client) -> None:
    assert "No scenario to run yet" in read(pm, "/runs/")
    scenario()
    assert "No runs yet" in read(pm, "/runs/")


def test_the_list_names_every_run_with_its_answer(pm: Client, base: Any) -> None:
    run = optimize()
    page = read(pm, "/runs/")
    assert run.run_id in page and "Optimal" in page and "1 of 2" in page and "20 of 30" in page


def test_a_run_tells_the_answer_first_and_every_reason(pm: Client, base: Any) -> None:
    page = read(pm, optimize().get_absolute_url())
    assert page.index("Proven best: 1 of 2 candidates for 20 of 30 tokens") < page.index("Needed Achieved")
    assert "200 of 210 (95%)" in page
    assert "Selected 1" in page and "Not selected 1" in page and "Set aside 1" in page
    assert "earliest start 2027-01-01 is after 2026-Q2 ends" in page


def test_an_infeasible_run_says_what_is_short_and_links_the_row(pm: Client, base: Any) -> None:
    row = target("signups", 50)
    run = optimize()
    page = read(pm, run.get_absolute_url())
    assert "signups reaches 0 of 50" in page and "What cannot be met" in page
    assert f'href="/tabs/targets/rows/{row.pk}/"' in pm.get(run.get_absolute_url()).text


def test_repairs_say_whether_one_is_enough_or_all_are_needed(pm: Client, base: Any) -> None:
    target("signups", 50, baseline_value=40)
    page = read(pm, optimize().get_absolute_url())
    assert "signups reaches 0 of 10 required above the baseline of 40" in page
    assert "to 40 (0 instead of 10 required above the baseline of 40)" in page
    assert "All of these together" not in page and "Apply in a what-if" in page
    target("revenue", 900, dimension="market", dimension_key="UK")
    page = read(pm, optimize().get_absolute_url())
    assert "All of these together" in page and "Apply all 2 in a what-if" in page


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "feasible",
            "The best portfolio found: 1 of 2 candidates for 20 of 30 tokens. It is at most 2.34% from",
        ),
        ("unknown", "No portfolio was found in the time allowed. It used up the solver's budget."),
    ],
)
def test_an_answer_without_proof_says_how_far_it_goes(pm: Client, base: Any, status: str, said: str) -> None:
    run = optimize()
    run.status, run.gap = status, 0.0234
    run.answer["solver"]["stopped_by"] = "deterministic_limit"  # type: ignore[index]
    run.save()
    assert said.replace("'", "&#x27;") in read(pm, run.get_absolute_url())


def test_a_run_in_which_nobody_competes_says_so(pm: Client, base: Any) -> None:
    page = read(pm, optimize("selected").get_absolute_url())
    assert "No candidate of 2026-Q2 is selected" in page and "Proven best" not in page


def test_an_invalid_run_names_the_rows_to_correct(pm: Client, base: Any) -> None:
    row = constraint("mandatory", initiative("Platform").initiative_key)
    ask()
    run = Run.objects.get()
    assert "1 row needs a correction" in read(pm, run.get_absolute_url())
    assert f'href="/tabs/constraints/rows/{row.pk}/"' in pm.get(run.get_absolute_url()).text


def test_long_tables_turn_their_pages_one_by_one(pm: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimization.roster.ROWS_PER_PAGE", 2)
    for number in range(5):
        candidate(f"Step {number}", 1, {"revenue": 10 - number})
    scenario(5)
    url = optimize().get_absolute_url()
    assert "Step 0" in read(pm, url) and "Step 4" not in read(pm, url)
    assert 'href="?selected=3#selected"' in pm.get(f"{url}?selected=2").text
    assert "Step 4" in read(pm, f"{url}?selected=3")


def test_nothing_is_styled_or_scripted_inline(pm: Client, base: Any) -> None:
    target("revenue", 100, dimension="market", dimension_key="UK")
    for path in ("/runs/", "/runs/new/", optimize().get_absolute_url()):
        page = pm.get(path).text
        assert " style=" not in page and " onclick=" not in page and "<script>" not in page


def test_words_of_people_are_escaped_in_charts(pm: Client, base: Any) -> None:
    target("revenue", 1, "goal", dimension="market", dimension_key="<b>UK</b>")
    assert "<b>UK</b>" not in pm.get(optimize().get_absolute_url()).text


def test_a_pm_starts_a_run_from_the_form_and_ends_on_its_page(
    pm: Client, base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.actions.broker.publish", lambda run: None)
    asked = {"question": f"{base.pk}:default", "candidates": "all", "idempotency_key": "once"}
    for _ in range(2):
        assert "Waiting for a worker" in pm.post("/runs/new/", asked, **HTMX).text  # type: ignore[arg-type]
    action = ActionRun.objects.get()
    assert action.options == {"scenario": "Base", "constraint_set": "default"}
    assert pm.get(f"/runs/of/{action.action_id}/")["Location"] == f"/actions/{action.action_id}/"


def test_the_way_from_an_action_to_its_run(pm: Client, base: Any) -> None:
    run = optimize()
    answer = pm.get(f"/runs/of/{run.action.action_id}/", **HTMX)  # type: ignore[arg-type, union-attr]
    assert answer["HX-Redirect"] == run.get_absolute_url()
    failed = ask(scenario="Bass")
    assert "no scenario “Bass”" in pm.get(f"/runs/of/{failed.action_id}/", **HTMX).text  # type: ignore[arg-type]


def test_the_form_refuses_what_it_did_not_offer(pm: Client, base: Any) -> None:
    answer = pm.post("/runs/new/", {"question": "999:default", "candidates": "all"})
    assert answer.status_code == 422 and not ActionRun.objects.exists()


def test_a_viewer_reads_runs_and_starts_none(viewer: Client, base: Any) -> None:
    run = optimize()
    asked = {"question": f"{base.pk}:default", "candidates": "all"}
    assert "Proven best" in read(viewer, run.get_absolute_url())
    assert "Run again" not in read(viewer, run.get_absolute_url())
    assert "for PMs and Admins" in read(viewer, "/runs/new/")
    assert viewer.post("/runs/new/", asked).status_code == 403
    body = {"action": "pm.optimize_run_all_candidates", "options": {"scenario": "Base"}}
    assert viewer.post("/api/v1/actions/", body, "application/json").status_code == 403
    assert ActionRun.objects.count() == 1


def test_strangers_see_no_run(client: Client, base: Any) -> None:
    run = optimize()
    assert client.get(run.get_absolute_url()).status_code == 302
    assert client.get(f"/api/v1/runs/{run.run_id}/").status_code in (401, 403)


def test_the_api_gives_the_problem_and_the_answer(pm: Client, base: Any) -> None:
    run = optimize()
    answer = pm.get(f"/api/v1/runs/{run.run_id}/").json()
    assert (answer["run_id"], answer["scenario"], answer["constraint_set"]) == (run.run_id, "Base", "default")
    assert answer["status"] == "optimal" and answer["selected"] == run.answer["selected"]  # type: ignore[index]
    assert answer["problem"] == run.problem and answer["inputs_hash"] == run.inputs_hash
    assert pm.get("/api/v1/runs/RUN-999999/").status_code == 404


def test_the_api_is_described(pm: Client) -> None:
    assert "/api/v1/runs/{run_id}/" in pm.get("/api/schema/?format=json").json()["paths"]


def test_tabs_offer_the_run_to_those_who_may(pm: Client, viewer: Client) -> None:
    assert 'href="/runs/new/"' in pm.get("/tabs/targets/").text
    assert 'href="/runs/new/"' not in viewer.get("/tabs/targets/").text


def test_the_portfolio_of_an_old_run_stays_as_it_was(pm: Client, base: Any) -> None:
    run = optimize()
    put("backlog", run.results.get(selected=True).initiative, engineering_tokens=29)
    assert "20 of 30 tokens" in read(pm, run.get_absolute_url())
