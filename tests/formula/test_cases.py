"""The worked cases of the formula language hold, from Python and from the command line."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from scoring.formula import KINDS, FormulaError, answer, evaluate

CASES = json.loads(Path(__file__).with_name("formula_cases.json").read_text())


def expected(case):
    expect = case["expect"]
    return expect["identifiers"], expect["assigned"], expect.get("value"), expect.get("error_kind")


def told(result):
    kinds = [error["kind"] for error in result["errors"]]
    return result["identifiers"], result["assigned"], result["value"], kinds[0] if kinds else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case_holds(case):
    assert told(answer(case["script"], case["params"])) == expected(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_evaluate_gives_the_value_or_raises_the_kind(case):
    if kind := case["expect"].get("error_kind"):
        with pytest.raises(FormulaError) as caught:
            evaluate(case["script"], case["params"])
        assert caught.value.kind == kind in KINDS
    else:
        assert evaluate(case["script"], case["params"])["value"] == case["expect"]["value"]


def test_command_answers_every_case_line_by_line(tmp_path, capsys):
    lines = tmp_path / "cases.jsonl"
    lines.write_text("\n".join(json.dumps(case) for case in CASES))
    call_command("formula", str(lines), jsonl=True)
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [told(one) for one in answers] == [expected(case) for case in CASES]
