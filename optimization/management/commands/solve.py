"""`manage.py solve PROBLEM.json`: the solver alone, no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

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

    def handle(self, *args: Any, problem: str | None, explain: bool, schema: bool, **options: Any) -> None:
        if schema:
            return self._print(problem_schema())
        if problem is None:
            return self._refuse([{"pointer": "", "text": "name a problem file, or - for standard input"}])
        try:
            return self._print(self._solve(problem, explain))
        except ProblemInvalid as invalid:
            return self._refuse(invalid.errors)

    def _solve(self, path: str, explain: bool) -> dict[str, Any]:
        from optimization.solver import solve

        return solve(read_text(text_of(path)), explain=explain)

    def _refuse(self, errors: list[dict[str, str]]) -> None:
        for error in errors:
            self.stderr.write(f"{error['pointer'] or 'problem'}: {error['text']}")
        self._print({"status": "invalid", "errors": errors})
        sys.exit(INVALID)

    def _print(self, data: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False))


def text_of(path: str) -> str:
    """The file's text. Raises ProblemInvalid when it cannot be read."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemInvalid([{"pointer": "", "text": f"cannot read {path}: {error}"}]) from None
