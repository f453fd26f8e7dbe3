"""What the commands of the LLM share: a preview with an estimate, and asking again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from portfolio.actions.models import ActionRow, ActionRun
from scoring.management.commands._job import JobCommand


class LlmCommand(JobCommand):
    """KEY is an initiative, or one row of a tab such as ``"INIT-000001 · main"``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--preview", action="store_true", help="ask nothing: say which rows, how many calls and tokens"
        )
        parser.add_argument(
            "--regenerate",
            action="store_true",
            help="also where there is a draft; replaces the LLM's own words only",
        )

    def handle(self, *, keys: list[str], json: bool, preview: bool, regenerate: bool, **options: Any) -> None:
        self.run(keys, json, preview=preview, regenerate=regenerate)

    def _print(self, run: ActionRun, rows: list[ActionRow]) -> None:
        super()._print(run, rows)
        if told := run.result.get("estimate"):
            from scoring.assistant.estimating import Estimate

            self.stdout.write(str(Estimate(**told)))
            if off := run.result["off"]:
                self.stdout.write(off)
