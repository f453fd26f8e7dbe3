"""`manage.py formula`: one JSON document per script, and exit codes a shell can rely on."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on a script; returns its exit code and the JSON documents on stdout."""

    def run(script, params=None, **options):
        file = tmp_path / "script.txt"
        file.write_bytes(script if isinstance(script, bytes) else script.encode())
        if params is not None:
            options["params"] = str(tmp_path / "params.json")
            (tmp_path / "params.json").write_text(params if isinstance(params, str) else json.dumps(params))
        try:
            call_command("formula", str(file), **options)
            code = 0
        except SystemExit as exit:
            code = exit.code
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_script_that_computes_exits_with_0(run):
    code, [result] = run(
        "gross = a * b\r\nvalue = gross - 1\r\n", {"a": 2, "b": {"value": 3, "min": 1, "max": 4}}
    )
    assert code == 0
    assert result == {
        "identifiers": ["a", "b"],
        "assigned": ["gross", "value"],
        "values": {"gross": 6.0, "value": 5.0},
        "value": 5.0,
        "errors": [],
    }


def test_a_script_with_errors_is_answered_and_exits_with_1(run):
    code, [result] = run("value = a / b", {"b": True})
    assert code == 1
    assert [error["kind"] for error in result["errors"]] == ["missing_param", "bad_param"]


def test_samples_add_the_uncertainty(run):
    params = {"a": {"value": 2, "min": 1, "max": 3, "distribution": "uniform"}, "b": 10}
    code, [result] = run("a * b", params, samples=1_000, seed=4)
    assert code == 0
    assert (result["p10"], result["p50"], result["p90"]) == pytest.approx((12, 20, 28), abs=0.05)
    assert result["finite_fraction"] == result["p_positive"] == 1.0
    assert [(bar["param"], bar["at_min"], bar["at_max"]) for bar in result["tornado"]] == [("a", 10, 30)]


def test_draws_that_are_not_finite_become_null(run):
    param = {"value": 1, "min": -3, "max": -1, "distribution": "uniform"}
    code, [result] = run("sqrt(a)", {"a": param}, samples=10)
    assert (code, result["p50"], result["finite_fraction"]) == (0, None, 0.0)


def test_a_range_that_makes_no_sense_is_an_error_of_its_param(run):
    code, [result] = run("value = a", {"a": {"value": 2, "min": 3, "max": 1}}, samples=10)
    assert (code, result["errors"]) == (
        1,
        [{"line": 1, "kind": "bad_param", "message": "The param “a”: min 3 is above max 1."}],
    )


def test_jsonl_answers_every_line_and_exits_with_0(run):
    lines = [b'{"script": "a", "params": {"a": 1}, "name": "ignored"}', b"not JSON", b"", b'{"script": 5}']
    lines += [b"[1]", b'{"script": "a", "params": [1]}', b'{"script": "value = 1"}', b"\xff", b"[" * 100_000]
    code, results = run(b"\n".join(lines), jsonl=True)
    assert code == 0
    assert [result["value"] for result in results] == [1.0, None, None, None, None, None, 1.0, None, None]
    assert all(result["errors"] for result in results if result["value"] is None)


def test_a_dash_reads_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"value = 6 * 7")))
    call_command("formula", "-")
    assert json.loads(capsys.readouterr().out)["value"] == 42.0


@pytest.mark.parametrize(
    ("script", "params", "options", "message"),
    [
        (b"\xff", None, {}, "is not UTF-8 text"),
        ("1", "{", {}, "is not JSON"),
        ("1", [1], {}, "must hold a JSON object"),
        ("1", {}, {"jsonl": True}, "every line brings its own params"),
        ("1", None, {"samples": 0}, "give 1 to"),
    ],
)
def test_bad_input_is_refused_with_2(run, script, params, options, message):
    with pytest.raises(CommandError, match=message) as caught:
        run(script, params, **options)
    assert caught.value.returncode == 2


def test_a_missing_file_is_refused_with_2(tmp_path):
    with pytest.raises(CommandError, match=r"cannot read .*nowhere\.txt: No such file") as caught:
        call_command("formula", str(tmp_path / "nowhere.txt"))
    assert caught.value.returncode == 2
