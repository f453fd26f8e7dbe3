"""What nobody should ask, through the function and the command: an answer or named mistakes, and soon."""

from __future__ import annotations

import json
import math
import resource
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from optimization.reading import ProblemInvalid, read_problem, read_text
from optimization.solver import solve

SECONDS = 10  # generous: each takes well under one on an idle machine
MEGABYTES = 200  # that one of them may add
STAR = {"key": "gmv", "level": "north_star"}


def row(key: str, tokens: Any = 5, gmv: Any = 10, **more: Any) -> dict[str, Any]:
    return {"key": key, "tokens": tokens, "contributions": {"gmv": gmv}, **more}


def asked(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"candidates": list(rows or (row("A"), row("B"))), "kpis": [STAR], "capacity_total": 8, **changes}


def ruled(**constraints: Any) -> dict[str, Any]:
    return asked(constraints=constraints)


def wanting(**target: Any) -> dict[str, Any]:
    return asked(targets=[{"kpi": "gmv", "target": 5, **target}])


def weighing(need: float) -> dict[str, Any]:
    objective = {"mode": "weighted_kpis", "weights": {"gmv": 1}}
    return wanting(target=need, type="goal") | {"objective": objective}


def with_tokens(text: str) -> str:
    return json.dumps(asked()).replace('"tokens": 5', f'"tokens": {text}', 1)


def with_gmv(text: str) -> str:
    return json.dumps(asked()).replace('"gmv": 10', f'"gmv": {text}', 1)


def deep(opening: str, closing: str, levels: int = 900) -> str:
    return opening * levels + "1" + closing * levels


ANSWERED: dict[str, tuple[Any, str, list[str]]] = {
    "no candidates": ({"candidates": []}, "optimal", []),
    "no candidates, but a floor": (wanting() | {"candidates": []}, "infeasible", []),
    "no candidates, but a weight": (weighing(0) | {"candidates": []}, "optimal", []),
    "all excluded": (ruled(excluded=["A", "B"]), "optimal", []),
    "all excluded, one mandatory": (ruled(excluded=["A", "B"], mandatory=["A"]), "infeasible", []),
    "capacity 0": (asked(capacity_total=0), "optimal", []),
    "capacity 0, one mandatory": (ruled(mandatory=["A"]) | {"capacity_total": 0}, "infeasible", []),
    "only losses": (asked(row("A", gmv=-1), row("B", gmv=-1e15)), "optimal", []),
    "a mandatory loss": (
        asked(row("A", gmv=-1e15), constraints={"mandatory": ["A"]}),
        "optimal",
        ["A"],
    ),
    "1e-3 to 1e8": (asked(*(row(f"K{i:02}", 1 + i, 10.0 ** (i - 3)) for i in range(12))), "optimal", ["K07"]),
    "1e-10 beside 1e15": (
        asked(row("A", 1, 1e-10), row("B", 2, 1e15), row("C", 1, 3e-10), row("D", 5, 1e15 - 1)),
        "optimal",
        ["B", "D"],
    ),
    "the smallest number there is": (with_gmv("5e-324"), "optimal", ["B"]),
    "hardly any tokens": (asked(row("A", 1e-300), row("B", 8)), "optimal", ["A"]),
    "tokens to the limit": (asked(row("A", 1e15), row("B", 1e15), capacity_total=1e15), "optimal", ["A"]),
    "a bundle of one": (ruled(bundles=[{"members": ["A"]}]), "optimal", ["A"]),
    "its own prerequisite": (ruled(prerequisites={"A": ["a "]}), "optimal", ["A"]),
    "a floor above what exists": (wanting(target=1000), "infeasible", []),
    "a floor of 1e15": (wanting(target=1e15, baseline=-1e15), "infeasible", []),
    "a floor below everything": (wanting(target=-1e15), "optimal", ["A"]),
    "a token floor above what exists": (ruled(floors={"all": {"all": 1000}}), "infeasible", []),
    "a token floor for nobody": (ruled(floors={"market": {"UK": 1}}), "infeasible", []),
    "a scope with nobody inside": (asked(objective={"scope": "market:UK"}), "optimal", []),
    "a weight against 1e15": (weighing(1e15), "optimal", ["A"]),
    "a malus of 1e15": (
        ruled(synergies=[{"members": ["A", "B"], "kpi": "gmv", "bonus": -1e15}]),
        "optimal",
        ["A"],
    ),
    "no time at all": (asked(options={"deterministic_seconds": 1e-9}), "unknown", []),
    "all the time there is": (
        asked(options={"deterministic_seconds": 1e15, "wall_seconds": 1e15}),
        "optimal",
        ["A"],
    ),
    "marked as Unicode": ("\ufeff" + json.dumps(asked()), "optimal", ["A"]),
}

REFUSED: dict[str, tuple[Any, str, str]] = {
    "nothing": ("", "", "not JSON"),
    "null": ("null", "", "one JSON object"),
    "candidates that are no list": ({"candidates": {"A": 1}}, "/candidates", "must be a list"),
    "a candidate that is none": ({"candidates": [None]}, "/candidates/0", "must be an object"),
    "NaN tokens": (asked(row("A", math.nan)), "/candidates/0/tokens", "finite"),
    "an infinite contribution": (asked(row("A", gmv=-math.inf)), "/candidates/0/contributions/gmv", "finite"),
    "a NaN target": (wanting(target=math.nan), "/targets/0/target", "finite"),
    "a NaN baseline": (wanting(baseline=math.nan), "/targets/0/baseline", "finite"),
    "infinite capacity": (asked(capacity_total=math.inf), "/capacity_total", "finite"),
    "a NaN cap": (ruled(caps={"all": {"all": math.nan}}), "/constraints/caps/all/all", "finite"),
    "negative capacity": (asked(capacity_total=-1), "/capacity_total", "0 or more, not -1"),
    "a negative cap": (ruled(caps={"market": {"UK": -1}}), "/constraints/caps/market/UK", "0 or more"),
    "1e300": (with_tokens("1e300"), "/candidates/0/tokens", "1,000,000,000,000,000 or less"),
    "400 digits": (with_tokens("9" * 400), "/candidates/0/tokens", "finite"),
    "5 000 digits": (with_gmv("-" + "9" * 5000), "/candidates/0/contributions/gmv", "finite"),
    "true tokens": (with_tokens("true"), "/candidates/0/tokens", "must be a number"),
    "tokens in quotes": (with_tokens('"5"'), "/candidates/0/tokens", "not “5”"),
    "a key that is a list": (asked(row(["A"])), "/candidates/0/key", "must be text"),  # type: ignore[arg-type]
    "a key of two lines": (asked(row("A:full\nB")), "/candidates/0/key", "one line"),
    "half a character": ('{"candidates": [{"key": "\\ud800", "tokens": 1}]}', "/candidates/0/key", "Unicode"),
    "lists in lists": (with_tokens(deep("[", "]")), "", "six levels deep"),
    "objects in objects": (
        '{"candidates": [], "x": ' + deep('{"a":', "}") + "}",
        "",
        "six levels deep",
    ),
    "lists without an end": ("[" * 100_000, "", "six levels deep"),
    "the same key twice": (asked(row("A"), row("A")), "/candidates/1/key", "already listed as number 1"),
    "in another case": (asked(row("A"), row(" a")), "/candidates/1/key", "already listed as number 1"),
    "in other Unicode": (asked(row("café"), row("cafe\u0301")), "/candidates/1/key", "already listed"),
    "an unknown prerequisite": (
        ruled(prerequisites={"A": ["Z"]}),
        "/constraints/prerequisites/A/0",
        "Z is not the key",
    ),
    "excluding itself": (ruled(exclusion_pairs=[["A", "a"]]), "/constraints/exclusion_pairs/0", "itself"),
    "an empty bundle": (ruled(bundles=[{"members": []}]), "/constraints/bundles/0/members", "at least 1"),
    "a weight against next to nothing": (weighing(5e-324), "/objective/weights/gmv", "1e-12 or more"),
    "a seed too large": (asked(options={"seed": 2**31}), "/options/seed", "2147483647 or less"),
}


def text_of(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given)


@pytest.fixture(autouse=True)
def _soon_and_small() -> Any:
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def commanded(given: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any, str]:
    """(exit code, what stdout says, stderr)"""
    file, code = folder / "problem.json", 0
    file.write_text(text_of(given), encoding="utf-8")
    try:
        call_command("solve", str(file), "--explain")
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    told.out.encode()  # what half a character would refuse
    return code, json.loads(told.out, parse_constant=pytest.fail), told.err


@pytest.mark.parametrize(("given", "status", "selected"), ANSWERED.values(), ids=ANSWERED)
def test_what_can_be_meant_is_answered(
    given: Any, status: str, selected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer, err = commanded(given, tmp_path, capsys)
    assert (code, answer["status"], answer["selected"], err) == (0, status, selected, "")
    assert bool(answer["conflict"]) == (status == "infeasible")
    direct = solve(read_text(text_of(given).lstrip("\ufeff")), explain=True)
    assert (direct["status"], direct["portfolio_hash"]) == (status, answer["portfolio_hash"])


@pytest.mark.parametrize(("given", "place", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_is_refused_with_its_place(
    given: Any, place: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer, err = commanded(given, tmp_path, capsys)
    assert (code, answer["status"]) == (2, "invalid")
    assert any(e["pointer"] == place and words in e["text"] for e in answer["errors"]), answer["errors"]
    assert words in err and "Traceback" not in err
    with pytest.raises(ProblemInvalid):
        read_text(text_of(given))


@pytest.mark.parametrize("digits", [400, 5000])
def test_numbers_that_never_were_text_are_refused_as_well(digits: int) -> None:
    for given in (asked(row("A", 10**digits)), asked(options={"seed": 10**digits})):
        with pytest.raises(ProblemInvalid):
            read_problem(given)
