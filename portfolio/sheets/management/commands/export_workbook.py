"""`manage.py export_workbook`: the tabs of a workbook as one .xlsx."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolio.sheets.exporting import UnknownRunError, export_workbook
from portfolio.tabs.actor import Actor
from portfolio.tabs.registry import WORKBOOKS


class Command(BaseCommand):
    help = "Export a workbook: styled, protected, safe to open. It can be edited and imported again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx", type=Path)
        parser.add_argument("--workbook", required=True, choices=[*WORKBOOKS], metavar="NAME")
        parser.add_argument("--run", default="", metavar="RUN_ID", help="of runs, only this one")

    def handle(self, *, file: Path, workbook: str, run: str, **options: Any) -> None:
        try:
            rows = export_workbook(workbook, file, Actor.command_line().name, run)
        except UnknownRunError as error:
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(f"Cannot write {file}: {error.strerror}.", returncode=2) from None
        told = ", ".join(f"{count} {tab}" for tab, count in rows.items())
        self.stdout.write(f"Wrote {file}: {told}.")
