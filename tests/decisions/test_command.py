"""The decision tools from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from .cases import FOUR, quarter


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(quarter(*FOUR, capacity_total=8)))
    return str(file)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    code = 0
    try:
        call_command("solve", *args)
    except SystemExit as exit:
        code = int(exit.code or 0)
    return code, json.loads(capsys.readouterr().out)


def test_forcing_prints_the_ledger(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, path, "--force-in", "B", "--force-out", "C", "--force-out", "A")
    assert (code, found["force_in"], found["force_out"]) == (0, ["B"], ["C", "A"])
    assert found["difference"]["delta_objective"] == -9


def test_the_frontier_has_so_many_points(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(run(capsys, path, "--frontier", "4")[1]["points"]) == 4
    assert len(run(capsys, path, "--frontier")[1]["points"]) == 12


def test_capacity_moves_both_ways(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    (curve,) = run(capsys, path, "--capacity-steps", "2")[1]["limits"]
    assert [point["change"] for point in curve["points"]] == [-2, -1, 0, 1, 2]


def test_near_misses_are_those_outside_nearest_first(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, path, "--near", "2")
    assert (code, found["forced"], found["complete"]) == (0, 2, True)
    costs = [miss["cost"] for miss in found["candidates"] if miss["how"] == "forced"]
    assert costs == sorted(costs) and found["text"].startswith(found["candidates"][0]["text"])
    assert run(capsys, path, "--near", "0")[0] == 2


def test_variants_come_with_their_comparison(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "variants.json"
    file.write_text(
        json.dumps([{"name": "as is"}, {"name": "more", "capacity": 12}, {"name": "bad", "mode": "x"}])
    )
    code, found = run(capsys, path, "--variants", str(file))
    assert code == 0 and [entry["errors"] == [] for entry in found["variants"]] == [True, True, False]
    assert [column["objective"] for column in found["comparison"]["portfolios"]] == [16, 23]


@pytest.mark.parametrize(
    "args",
    [
        ["--force-in", "Q"],
        ["--frontier", "1"],
        ["--capacity-steps", "0"],
        ["--variants", "nowhere.json"],
        ["--frontier", "--force-in", "A"],
    ],
)
def test_a_senseless_question_is_exit_2(
    path: str, args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = run(capsys, path, *args)
    assert (code, found["status"]) == (2, "invalid") and found["errors"][0]["text"]


def test_without_decision_tools_it_prints_the_answer(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, path)[1]["selected"] == ["A", "C"]
