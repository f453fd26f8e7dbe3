"""`manage.py sync_sheets`: brings the linked Google spreadsheets in step, now and here."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.sheets.sync_actions import SYNC
from portfolio.tabs.actor import Actor
from portfolio.tabs.registry import WORKBOOKS

COUNTED = (
    "pulled",
    "pushed",
    "created",
    "appended",
    "removed",
    "conflicts",
    "held",
    "quarantined",
    "discarded",
)


class Command(BaseCommand):
    help = (
        "Bring the linked Google spreadsheets in step, both ways. Tabs that were never synced start now; "
        "look at them with --preview first. "
        "Exit code: 0 ok, 1 some rows or tabs need a person, 2 bad input or nothing could be synced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workbook", default="", choices=["", *WORKBOOKS], help="only this one")
        parser.add_argument("--preview", action="store_true", help="say what would happen; write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *, workbook: str, preview: bool, json: bool, **options: Any) -> None:
        asked = {"workbook": workbook, "preview": preview, "confirm_all": not preview}
        run = run_inline(Actor.command_line(), SYNC, options=asked)
        report = run.result.get("report")
        if json:
            self._print_json(run, preview)
        elif report:
            self._tell(report, preview)
        if run.status != Status.SUCCEEDED:
            raise CommandError(run.error, returncode=2)
        if self._needs_a_person(report):
            sys.exit(1)

    def _print_json(self, run: ActionRun, preview: bool) -> None:
        report = run.result.get("report", {})
        told = {"action_id": str(run.action_id), "preview": preview, "error": run.error, **report}
        told["api_calls"] = sum(link["api_calls"] for link in report.get("links", {}).values())
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _tell(self, report: dict[str, Any], preview: bool) -> None:
        if preview:
            self.stdout.write("Preview: nothing was written.")
        for link in report["links"].values():
            self.stdout.write(f"{link['title']}: {link['problem'] or 'in step'} ({link['api_calls']} calls)")
            for name, tab in link["tabs"].items():
                counts = ", ".join(f"{tab[count]} {count}" for count in COUNTED if tab[count])
                self.stdout.write(f"  {name}: {tab['status'] or counts or 'nothing to do'}")
                if tab["status"] and counts:
                    self.stdout.write(f"    {counts}")

    @staticmethod
    def _needs_a_person(report: dict[str, Any]) -> bool:
        totals = report["totals"]
        alone = any(tab["left_alone"] for link in report["links"].values() for tab in link["tabs"].values())
        return bool(alone or report["problems"] or totals["conflicts"] or totals["quarantined"])
