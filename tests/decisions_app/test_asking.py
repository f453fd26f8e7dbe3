"""Decisions over HTTP and from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from optimization.models import Decision, Scenario
from tests.decisions_app.world import decided, kpis, optimize, scenario, three

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows() -> list[Any]:
    kpis()
    found = three()
    scenario(30)
    return found


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any, str]:
    """(exit code, the JSON on stdout, stderr)"""
    code = 0
    try:
        call_command(*args, "--json")
    except SystemExit as exit:
        code = int(exit.code or 0)
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


# HTTP


def test_a_decision_is_read_by_its_id_and_listed_with_its_run(client: Any, person: Any) -> None:
    client.force_login(person("Viewer"))
    asked = optimize()
    made = decided("pm.frontier", run=asked.run_id, points=3)
    told = client.get(f"/api/v1/decisions/{made}/").json()
    assert (told["kind"], told["run_id"], told["run_ids"]) == ("frontier", asked.run_id, [])
    assert told["answer"] == made.answer and told["options"]["points"] == 3
    assert told["url"] == f"/decisions/{made}/" and told["action_id"] == str(made.action.action_id)
    listed = client.get(f"/api/v1/runs/{asked.run_id}/decisions/").json()
    assert [line["decision_id"] for line in listed] == [str(made)] and "answer" not in listed[0]


def test_what_is_not_there_is_404_and_a_stranger_is_refused(client: Any, person: Any) -> None:
    assert client.get("/api/v1/decisions/DEC-9/").status_code in (401, 403)
    client.force_login(person("Viewer"))
    for path in ("/api/v1/decisions/DEC-9/", "/api/v1/runs/RUN-9/decisions/"):
        assert client.get(path).status_code == 404


def test_runs_are_compared_in_the_order_asked_for(client: Any, person: Any) -> None:
    client.force_login(person("Viewer"))
    variants = [{"name": "One"}, {"name": "Two", "capacity": 45}]
    made = decided("pm.generate_portfolios", scenario="Base", variants=variants)
    one, two = made.runs.order_by("pk")
    told = client.get(f"/api/v1/runs/compare/?runs={two},{one}").json()
    assert [column["name"] for column in told["portfolios"]] == [str(two), str(one)]
    assert told["overlap"][0][1] == pytest.approx(2 / 3) and len(told["in_all"]) == 2


@pytest.mark.parametrize(
    ("query", "said"), [("", "Name 2 to 20 runs"), ("?runs=RUN-8,RUN-9", "There is no run RUN-8, RUN-9")]
)
def test_a_comparison_of_nothing_says_what_would_do(client: Any, person: Any, query: str, said: str) -> None:
    client.force_login(person("Viewer"))
    answer = client.get(f"/api/v1/runs/compare/{query}")
    assert answer.status_code == 400 and said in answer.json()["detail"]


def test_the_endpoints_are_in_the_schema(client: Any, person: Any) -> None:
    client.force_login(person("Viewer"))
    said = client.get("/api/schema/", HTTP_ACCEPT="application/json").content.decode()
    for path in ("/api/v1/decisions/{decision_id}/", "/api/v1/runs/compare/", "{run_id}/decisions/"):
        assert path in said


# Commands


def test_each_tool_is_an_option_of_optimize(
    capsys: pytest.CaptureFixture[str], rows: list[Any], tmp_path: Path
) -> None:
    variants = tmp_path / "variants.json"
    variants.write_text('[{"name": "One"}, {"name": "Two", "capacity": 45}]')
    asked = {
        "horse_trade": ["--force-in", rows[1].initiative_key],
        "frontier": ["--frontier", "3"],
        "capacity": ["--capacity-steps", "1", "--dimension", "all"],
        "portfolios": ["--variants", str(variants)],
    }
    for kind, args in asked.items():
        code, told, _ = run(capsys, "optimize", "base", *args)
        assert (code, told["kind"]) == (0, kind)
        assert Decision.objects.get(decision_id=told["decision_id"]).asked_by == "command line"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--frontier", "--robust"], "one decision tool at a time"),
        (["--force-in", "INIT-9"], "INIT-9 is not the key of a candidate"),
        (["--robust", "5"], "No contribution of this run is uncertain"),
        (["--variants", "nowhere.json"], "Cannot read nowhere.json"),
    ],
)
def test_a_bad_question_is_exit_2(capsys: pytest.CaptureFixture[str], args: list[str], said: str) -> None:
    code, told, err = run(capsys, "optimize", "Base", *args)
    assert (code, told["status"]) == (2, "invalid") and said in err


def test_one_bad_variant_is_exit_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    variants = tmp_path / "variants.json"
    variants.write_text('[{"name": "One"}, {"name": "Two", "weights": {"signups": 1}}]')
    assert run(capsys, "optimize", "Base", "--variants", str(variants))[0] == 1


def test_a_what_if_takes_cells_and_files(
    capsys: pytest.CaptureFixture[str], rows: list[Any], tmp_path: Path
) -> None:
    changes = tmp_path / "changes.json"
    mandatory = {"constraint_type": "mandatory", "dimension_key": rows[1].initiative_key}
    changes.write_text(json.dumps([{"tab": "constraints", "values": mandatory}]))
    capacity = ["--set", "scenario_config.capacity_total_tokens=45"]
    code, told, _ = run(capsys, "what_if", "Base", "Richer", *capacity, "--changes", str(changes))
    assert (code, told["kind"], len(told["run_ids"])) == (0, "what_if", 2)
    assert len(told["answer"]["changes"]) == 2
    assert Scenario.objects.get(scenario_name="Richer").capacity_total_tokens == 45


@pytest.mark.parametrize(
    ("args", "said"),
    [(["--set", "capacity=5"], "is not a change; write it like"), ([], "a list of one change or more")],
)
def test_a_what_if_that_says_nothing_is_exit_2(
    capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    code, told, err = run(capsys, "what_if", "Base", "Richer", *args)
    assert (code, told["status"]) == (2, "invalid") and said in err
