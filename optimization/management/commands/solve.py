"""`manage.py solve PROBLEM.json`: the solver alone, no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from optimization.problem import Problem
from optimization.problem import schema as problem_schema
from optimization.reading import ProblemInvalid, read_text

INVALID = 2


class Command(BaseCommand):
    help = "Solves one problem file and prints the answer as one JSON object (exit 2: the file is invalid)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("problem", nargs="?", metavar="PROBLEM.json", help="the problem; - reads stdin")
        parser.add_argument(
            "--explain", action="store_true", help="say for every candidate why it is in or out"
        )
        parser.add_argument(
            "--schema", action="store_true", help="print the JSON Schema of a problem and stop"
        )
        decisions = parser.add_argument_group("decision tools, one at a time: printed instead of the answer")
        for side in ("in", "out"):
            text = f"what changes when KEY is forced {side} (repeatable)"
            decisions.add_argument(f"--force-{side}", action="append", metavar="KEY", help=text)
        text = "the best objective against capacity, in so many points (12)"
        decisions.add_argument("--frontier", nargs="?", type=int, const=12, metavar="POINTS", help=text)
        text = "what capacity and caps are worth, moved by up to K steps each way"
        decisions.add_argument("--capacity-steps", type=int, metavar="K", help=text)
        text = "what those outside lack, N of them computed exactly (20)"
        decisions.add_argument("--near", nargs="?", type=int, const=20, metavar="N", help=text)
        text = "the portfolios of a list of variants, and their comparison"
        decisions.add_argument("--variants", metavar="FILE.json", help=text)

    def handle(self, *args: Any, problem: str | None, schema: bool, **options: Any) -> None:
        if schema:
            return self._print(problem_schema())
        if problem is None:
            return self._refuse([{"pointer": "", "text": "name a problem file, or - for standard input"}])
        try:
            return self._print(self._answer(problem, options))
        except ProblemInvalid as invalid:
            return self._refuse(invalid.errors)

    def _answer(self, path: str, options: dict[str, Any]) -> Any:
        """The solver's answer, or what the one decision tool that was asked for says."""
        read = read_text(text_of(path))
        asked = [tool for names, tool in TOOLS.items() if any(options[name] is not None for name in names)]
        if len(asked) > 1:
            raise refused("ask for one decision tool at a time")
        if asked:
            return asked[0](read, options)
        from optimization.solver import solve

        return solve(read, explain=options["explain"])

    def _refuse(self, errors: list[dict[str, str]]) -> None:
        for error in errors:
            self.stderr.write(f"{error['pointer'] or 'problem'}: {error['text']}")
        self._print({"status": "invalid", "errors": errors})
        sys.exit(INVALID)

    def _print(self, data: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False))


def horse_trade(problem: Problem, options: dict[str, Any]) -> Any:
    from optimization.decisions.trade import trade

    return trade(problem, options["force_in"], options["force_out"])


def frontier(problem: Problem, options: dict[str, Any]) -> Any:
    from optimization.decisions import frontier as decision

    if options["frontier"] < 2:
        raise refused(f"--frontier takes 2 points or more, not {options['frontier']}")
    return decision.frontier(problem, options["frontier"])


def capacity(problem: Problem, options: dict[str, Any]) -> Any:
    from optimization.decisions.capacity import capacity_values

    if options["capacity_steps"] < 1:
        raise refused(f"--capacity-steps takes 1 step or more, not {options['capacity_steps']}")
    return capacity_values(problem, options["capacity_steps"])


def near(problem: Problem, options: dict[str, Any]) -> Any:
    from optimization.decisions.near import near_misses

    if options["near"] < 1:
        raise refused(f"--near takes 1 candidate or more, not {options['near']}")
    return near_misses(problem, forced=options["near"])


def variants(problem: Problem, options: dict[str, Any]) -> Any:
    """Every variant's answer, and the comparison of those that have one."""
    from optimization.decisions.compare import Entry, compare
    from optimization.decisions.variants import portfolios

    try:
        wanted = json.loads(text_of(options["variants"]))
    except ValueError as error:
        raise refused(f"{options['variants']} is not JSON: {error}") from None
    found = portfolios(problem, wanted, explain=options["explain"])
    answered: list[Entry] = [
        {"name": entry["name"], "problem": entry["problem"], "answer": entry["answer"]}
        for entry in found["variants"]
        if entry["problem"] is not None and entry["answer"] is not None
    ]
    return {**found, "comparison": compare(answered)}


TOOLS = {
    ("force_in", "force_out"): horse_trade,
    ("frontier",): frontier,
    ("capacity_steps",): capacity,
    ("near",): near,
    ("variants",): variants,
}


def refused(text: str) -> ProblemInvalid:
    return ProblemInvalid([{"pointer": "", "text": text}])


def text_of(path: str) -> str:
    """The file's text. Raises ProblemInvalid when it cannot be read."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemInvalid([{"pointer": "", "text": f"cannot read {path}: {error}"}]) from None
