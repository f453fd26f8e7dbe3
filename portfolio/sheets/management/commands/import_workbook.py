"""`manage.py import_workbook`: what a workbook says, into the tabs."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.sheets import uploads
from portfolio.sheets.actions import IMPORT
from portfolio.sheets.opening import FileRefused
from portfolio.tabs.actor import Actor
from portfolio.tabs.registry import WORKBOOKS


class Command(BaseCommand):
    help = (
        "Import a workbook through the same gate as every edit: valid rows are saved, rejected ones listed "
        "with their cell. Of an export that comes back only what was changed in it is taken. "
        "Importing a file twice changes nothing the second time. "
        "Exit code: 0 ok, 1 some rows failed, 2 the file was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx", type=Path)
        parser.add_argument("--workbook", required=True, choices=[*WORKBOOKS])
        parser.add_argument("--preview", action="store_true", help="show what would change; save nothing")
        parser.add_argument(
            "--keep-keys", action="store_true", help="migration: new backlog rows keep the keys of the file"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *, file: Path, **options: Any) -> None:
        run = self._run(file, options)
        if run.status != Status.SUCCEEDED:
            self._refuse(run.error, options["json"])
        report = run.result["report"]
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._tell(report)
        if any(tab["rejected"] or tab["refused"] for tab in report["tabs"].values()):
            sys.exit(1)

    def _run(self, file: Path, options: dict[str, Any]) -> ActionRun:
        try:
            with file.open("rb") as opened:
                upload = uploads.keep(iter(lambda: opened.read(2**20), b""))
        except OSError as error:
            self._refuse(f"Cannot read {file}: {error.strerror}.", options["json"])
        except FileRefused as refused:
            self._refuse(str(refused), options["json"])
        asked = {name: options[name] for name in ("workbook", "preview", "keep_keys")}
        run = run_inline(Actor.command_line(), IMPORT, options={"upload": upload, "name": file.name, **asked})
        uploads.forget(upload)
        return run

    def _refuse(self, message: str, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"error": message}))
        raise CommandError(message, returncode=2)

    def _tell(self, report: dict[str, Any]) -> None:
        if report["preview"]:
            self.stdout.write("Preview: nothing was saved.")
        for remark in report["remarks"]:
            self.stdout.write(remark)
        for tab in report["tabs"].values():
            self._tell_tab(tab)
        for sheet, reason in report["ignored_sheets"].items():
            self.stdout.write(f"Sheet {sheet} was left alone. {reason}")

    def _tell_tab(self, tab: dict[str, Any]) -> None:
        if tab["refused"]:
            self.stdout.write(f"{tab['title']}: refused. {tab['refused']}")
            return
        counts = [f"{tab[name]} {name}" for name in ("created", "changed", "unchanged", "failed")]
        counts += [f"{len(tab['conflicts'])} in conflict"] if tab["conflicts"] else []
        self.stdout.write(f"{tab['title']}: {tab['read']} rows read, {', '.join(counts)}.")
        for said in tab["rejected"]:
            value = f" (“{said['value']}”)" if said["value"] else ""
            self.stdout.write(f"  {said['cell']}{value}: {said['message']}")
        for clash in tab["conflicts"]:
            who = f", by {clash['who']}" if clash["who"] else ""
            self.stdout.write(
                f"  {clash['cell']}: {clash['column']} of {clash['key']} was {_quoted(clash['base'])}, is "
                f"{_quoted(clash['mine'])} in Lodestar{who}, and {_quoted(clash['theirs'])} in the file. "
                "Neither was written; a person chooses."
            )
        for said in tab["warnings"]:
            self.stdout.write(f"  note {said['cell']}: {said['message']}".replace(" :", ":"))


def _quoted(value: Any) -> str:
    return "blank" if value is None else f"“{value}”"
