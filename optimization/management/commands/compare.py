"""`manage.py compare RUN-000001 RUN-000002`: stored portfolios side by side."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from optimization.comparison import ComparisonError, compared, runs_named
from optimization.management.commands._deciding import refuse
from optimization.problem import spoken


class Command(BaseCommand):
    help = "Compares the portfolios of 2 to 20 runs (exit 2: there is no such run, or it has no answer)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("runs", nargs="+", metavar="RUN_ID", help="like RUN-000001")
        parser.add_argument("--json", action="store_true", help="print the comparison as one JSON object")

    def handle(self, *args: Any, runs: list[str], **options: Any) -> None:
        try:
            found = compared(runs_named(runs))
        except ComparisonError as error:
            refuse(self, str(error), options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False))
            return
        self.stdout.write(f"In all of them: {', '.join(found['in_all']) or 'none'}")
        for step in found["steps"]:
            self.stdout.write(in_words(step))


def in_words(step: dict[str, Any]) -> str:
    """What one portfolio has that the one before lacks, and what that is worth."""
    changed = step["difference"]
    said = [f"{step['before']} → {step['after']}"]
    for word, lines in (("in", changed["adds"]), ("out", changed["drops"])):
        said += [f"{word} {', '.join(line['key'] for line in lines)}"] if lines else []
    if changed["delta_objective"] is not None:
        said.append(f"{spoken(changed['delta_objective'])} {changed['objective_unit']}")
    return "; ".join(said)
