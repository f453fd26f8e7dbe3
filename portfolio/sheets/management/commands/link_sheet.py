"""`manage.py link_sheet`: connects a Google spreadsheet with a workbook."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolio.sheets.models import SheetLink
from portfolio.tabs.registry import WORKBOOKS


class Command(BaseCommand):
    help = (
        "Connect a Google spreadsheet with a workbook. Share it with the service account first. "
        "The first sync waits until somebody has looked at its preview, or for sync_sheets. "
        "Exit code: 0 ok, 2 bad input or no access."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workbook", choices=[*WORKBOOKS])
        parser.add_argument("spreadsheet_id", help="the part of its address between /d/ and /edit")
        parser.add_argument("--name", default="", metavar="DEPARTMENT", help="intake: whose sheet it is")

    def handle(self, *, workbook: str, spreadsheet_id: str, name: str, **options: Any) -> None:
        from portfolio.sheets.google.connection import try_connection

        link = SheetLink(
            workbook=workbook, spreadsheet_id=spreadsheet_id, name=name, created_by="command line"
        )
        try:
            link.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from None
        trial = try_connection(spreadsheet_id)
        if trial.problem:
            raise CommandError(trial.problem, returncode=2)
        link.title = trial.title
        link.save()
        self.stdout.write(f"Linked “{trial.title}” as {link}. Bring it in step with sync_sheets.")
