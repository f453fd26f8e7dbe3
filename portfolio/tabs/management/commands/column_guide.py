from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portfolio.tabs import guide

PATH = Path("docs/columns.md")


class Command(BaseCommand):
    help = f"Write the column guide to {PATH} (or print it with --print)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print", action="store_true", help="print the guide instead of writing it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print"]:
            self.stdout.write(guide.markdown())
            return
        (settings.BASE_DIR / PATH).write_text(guide.markdown())
        self.stdout.write(f"Wrote {PATH}.")
