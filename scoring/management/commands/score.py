from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from scoring.management.commands._job import REFUSED, JobCommand


class Command(JobCommand):
    help = "Computes every framework for all initiatives or the ones named, then derives KPI contributions."
    action = "pm.score_selected"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="all initiatives (also without any KEY)")

    def handle(self, *, keys: list[str], all: bool, json: bool, **options: Any) -> None:
        if all and keys:
            raise CommandError("Name keys or say --all, not both.", returncode=REFUSED)
        self.run(keys, json)
