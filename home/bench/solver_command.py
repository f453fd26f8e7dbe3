"""``manage.py bench solver``: its options, and what it prints."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from home.bench import solver_table
from home.bench.solver_bench import MODES, QUICK, Measured, Plan, measure


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("solver", "beside CP-SAT at its defaults, HiGHS and SCIP")
    group.add_argument("--sizes", type=sizes, metavar="N,N", help="candidates (100,1000,5000,20000)")
    group.add_argument("--modes", type=modes, metavar="MODE,MODE", help=f"{', '.join(MODES)} (all)")
    group.add_argument("--seeds", type=positive, metavar="N", help="instances of each kind (3)")
    group.add_argument("--limit", type=positive, metavar="SECONDS", help="per peer and instance (60)")
    group.add_argument("--quick", action="store_true", help="a few instances, in about a minute")


def positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"“{text}” is no whole number above 0")
    return int(text)


def sizes(text: str) -> tuple[int, ...]:
    return tuple(positive(part) for part in text.split(","))


def modes(text: str) -> tuple[str, ...]:
    named = tuple(text.split(","))
    if unknown := [name for name in named if name not in MODES]:
        raise ArgumentTypeError(f"“{unknown[0]}” is none of {', '.join(MODES)}")
    return named


def plan(options: dict[str, Any]) -> Plan:
    asked = {name: options[name] for name in ("sizes", "modes", "seeds", "limit") if options[name]}
    return replace(QUICK if options["quick"] else Plan(), **asked)


def run(options: dict[str, Any], write: Callable[[str], object]) -> bool:
    """Measures, and writes each line as soon as it is known. Whether all proofs agree."""
    asked = plan(options)
    found: list[Measured] = []
    show = (lambda line: None) if options["json"] else write
    for line in solver_table.header(asked.limit):
        show(line)
    for measured in measure(asked):
        found.append(measured)
        show(solver_table.line(measured))
    for line in solver_table.summary(found):
        show(line)
    disagreements = [text for measured in found for text in measured.disagreements()]
    if options["json"]:
        instances = [measured.as_json() for measured in found]
        write(json.dumps({"instances": instances, "disagreements": disagreements}))
    return not disagreements
