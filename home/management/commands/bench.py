from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from home.bench import NAMES
from home.bench.measuring import Measured, measure


class Command(BaseCommand):
    help = (
        "Measures the grid's payload, scoring, importing and the solver: median time and peak memory. "
        "On a database of its own, which is thrown away. Numbers are printed, never judged."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=[*NAMES, "all"])
        parser.add_argument("--size", type=int, help="rows or candidates (10,000; solve: 1,000)")
        parser.add_argument("--repeat", type=int, default=3, help="repetitions per case (3)")
        parser.add_argument("--json", action="store_true", help="answer with one JSON document")

    def handle(self, *, name: str, size: int | None, repeat: int, **options: Any) -> None:
        names = NAMES if name == "all" else (name,)
        found = (measured for each in names for measured in measure(each, size, repeat))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(measured) for measured in found]))
            return
        self.stdout.write(f"{'':<38}{'size':>8}{'median':>11}{'CPU':>11}{'peak':>9}")
        for measured in found:
            self.stdout.write(_line(measured))
            self.stdout.flush()


def _line(measured: Measured) -> str:
    return (
        f"{measured.bench + ', ' + measured.case:<38}{measured.size:>8,}{measured.median_seconds:>9.3f} s"
        f"{measured.median_cpu_seconds:>9.3f} s{measured.peak_mb:>6.0f} MB"
    )
