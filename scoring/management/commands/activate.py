from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from scoring.management.commands._job import JobCommand


class Command(JobCommand):
    help = "Makes a framework the active one, so that its scores become the active scores."
    action = "pm.switch_framework"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "framework",
            metavar="FRAMEWORK|auto",
            help="RICE, WSJF or MATH_MODEL; auto: MATH_MODEL where it is used and has scored, "
            "else the row's choice",
        )
        super().add_arguments(parser)

    def handle(self, *, framework: str, keys: list[str], json: bool, **options: Any) -> None:
        self.run(keys, json, framework=framework)
