from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from scoring.management.commands._job import JobCommand


class Command(JobCommand):
    help = "Makes the params that approved formulas read and nobody has made yet."
    action = "pm.seed_math_params"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--preview", action="store_true", help="only name them")

    def handle(self, *, keys: list[str], json: bool, preview: bool, **options: Any) -> None:
        self.run(keys, json, preview=preview)
