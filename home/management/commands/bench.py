from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from home.bench import NAMES, solver_command
from home.bench.measuring import Measured, measure

SOLVER, PROOFS_DIFFER = "solver", 1


class Command(BaseCommand):
    help = (
        "Measures the grid's payload, scoring, uncertainty, importing and the solver: median time and peak "
        "memory. On a database of its own, which is thrown away. `solver` solves made-up quarters beside "
        "other solvers; `all` is without it. Numbers are printed, never judged; exit code 1 when two proofs "
        "differ."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=[*NAMES, "all", SOLVER])
        parser.add_argument("--size", type=int, help="rows or candidates (10,000; solve: 1,000)")
        parser.add_argument("--repeat", type=int, default=3, help="repetitions per case (3)")
        parser.add_argument("--json", action="store_true", help="answer with one JSON document")
        solver_command.add_arguments(parser)

    def handle(self, *, name: str, size: int | None, repeat: int, **options: Any) -> None:
        if name == SOLVER:
            self._solver(options)
            return
        names = NAMES if name == "all" else (name,)
        found = (measured for each in names for measured in measure(each, size, repeat))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(measured) for measured in found]))
            return
        self.stdout.write(f"{'':<38}{'size':>8}{'median':>11}{'CPU':>11}{'peak':>9}")
        for measured in found:
            self.stdout.write(_line(measured))
            self.stdout.flush()

    def _solver(self, options: dict[str, Any]) -> None:
        def write(line: str) -> None:
            self.stdout.write(line)
            self.stdout.flush()

        if not solver_command.run(options, write):
            sys.exit(PROOFS_DIFFER)


def _line(measured: Measured) -> str:
    return (
        f"{measured.bench + ', ' + measured.case:<38}{measured.size:>8,}{measured.median_seconds:>9.3f} s"
        f"{measured.median_cpu_seconds:>9.3f} s{measured.peak_mb:>6.0f} MB"
    )
