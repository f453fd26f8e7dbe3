"""`manage.py optimize`: one JSON document, and exit codes a script can trust."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command

from optimization.models import Run
from tests.factories import initiative
from tests.optimization_app.world import candidate, constraint, kpis, scenario, target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    kpis()
    candidate("Checkout", 20, {"revenue": 200})
    scenario(30)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    code = 0
    try:
        call_command("optimize", *args)
    except SystemExit as exit:
        code = int(exit.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def answer_of(told: tuple[int, str, str]) -> dict[str, Any]:
    return json.loads(told[1])  # type: ignore[no-any-return]


def test_json_is_the_solvers_answer_and_what_it_answers(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "base", "--json")
    answer = answer_of(told)
    stored = Run.objects.get()
    assert told[0] == 0 and answer["status"] == "optimal" and answer["objective_value"] == 200
    assert answer["run_id"] == stored.run_id
    assert (answer["scenario"], answer["constraint_set"]) == ("Base", "default")
    assert set(stored.answer or {}) <= set(answer)


def test_without_json_it_says_the_answer_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "optimal; 1 of 1 candidates take 20 tokens; objective 200" in run(capsys, "Base")[1]


def test_infeasible_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    target("signups", 5)
    told = run(capsys, "Base", "--json")
    assert told[0] == 0 and answer_of(told)["status"] == "infeasible"


def test_selected_candidates_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer_of(run(capsys, "Base", "--candidates", "selected", "--json"))["selected"] == []


def test_rows_that_need_a_correction_are_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    constraint("mandatory", initiative("Platform").initiative_key)
    code, out, err = run(capsys, "Base", "--json")
    answer = json.loads(out)
    assert code == 1 and answer["status"] == "invalid" and answer["errors"][0]["tab"] == "constraints"
    code, out, err = run(capsys, "Base")
    assert code == 1 and "not a candidate" in err


@pytest.mark.parametrize("args", [("Bass",), ("Base", "--constraint-set", "bold")])
def test_what_is_not_there_is_exit_2(capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *args, "--json")
    assert (code, json.loads(out)["status"]) == (2, "invalid")
    assert "There are: Base" in err or "It has: default" in err
    assert not Run.objects.exists()


def test_near_misses_and_robustness_are_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    candidate("Wallet", 20, {"revenue": 150})
    code, told, _ = run(capsys, "Base", "--near", "5")
    assert code == 0 and "Near misses." in told and "50 revenue" in told
    code, told, _ = run(capsys, "Base", "--robust", "3")
    assert code == 2 or "1 of its 1 initiatives" in told


def test_runs_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "Base")
    newcomer = candidate("Wallet", 5, {"revenue": 150})
    run(capsys, "Base")
    before, after = Run.objects.order_by("pk")
    call_command("compare", before.run_id, after.run_id)
    told = capsys.readouterr().out
    assert f"{before} → {after}; in {newcomer.initiative_key}; 150 revenue" in told
    call_command("compare", before.run_id, after.run_id, "--json")
    assert len(json.loads(capsys.readouterr().out)["in_all"]) == 1
    with pytest.raises(SystemExit, match="2"):
        call_command("compare", before.run_id, "RUN-999999")
    assert "There is no run RUN-999999" in capsys.readouterr().err
