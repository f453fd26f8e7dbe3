"""What the scoring commands share: run the action here, print its rows, exit as documented."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio.actions.models import ActionRow, ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor

SOME_FAILED, REFUSED = 1, 2
#: What is worth a line even where nobody asked about this row.
TOLD = (ActionRow.Status.CHANGED, ActionRow.Status.UNCHANGED)


class JobCommand(BaseCommand):
    """Runs one action on all initiatives or the keys given. Exit 0 ok, 1 some rows failed, 2 bad input."""

    action: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="initiative keys; none means all")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def run(self, keys: list[str], as_json: bool, **options: Any) -> None:
        scope = {"type": "keys", "keys": keys} if keys else {"type": "all"}
        run = run_inline(Actor.command_line(), self.action, scope, options)
        if run.status != Status.SUCCEEDED:
            raise CommandError(run.error, returncode=REFUSED)
        rows = list(run.rows.all())
        self._print_json(run, rows) if as_json else self._print(run, rows)
        failed = sum(row.status == ActionRow.Status.FAILED for row in rows)
        if failed:
            sys.exit(REFUSED if failed == len(rows) else SOME_FAILED)

    def _print_json(self, run: ActionRun, rows: list[ActionRow]) -> None:
        listed = [{"key": row.key, "status": row.status, "message": row.message} for row in rows]
        told = {"action_id": str(run.action_id), "action": run.action, "status": run.status}
        self.stdout.write(json.dumps({**told, **run.result, "row_results": listed}, ensure_ascii=False))

    def _print(self, run: ActionRun, rows: list[ActionRow]) -> None:
        for row in rows:
            if row.status == ActionRow.Status.FAILED:
                self.stderr.write(row.message)
            elif row.message and (run.keys or row.status in TOLD):
                self.stdout.write(f"{row.key}: {row.status}. {row.message}")
        counts = ", ".join(f"{run.result[name]} {name}" for name in ("rows", "changed", "skipped", "failed"))
        self.stdout.write(f"{run.title}: {counts}.")
