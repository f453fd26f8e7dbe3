from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from home import demo
from initiatives.models import Initiative
from metrics.models import Metric


class Command(BaseCommand):
    help = (
        "Loads the demo organisation and its logins into an empty database: initiatives, math models, "
        "scenarios and the first runs. A second call changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Answer with one JSON document.")

    def handle(self, *args: Any, **options: Any) -> None:
        done = self._load()
        if options["json"]:
            self.stdout.write(json.dumps({"changed": bool(done), "logins": demo.logins()}))
            return
        self.stdout.write(done or "The demo organisation is loaded already; nothing changed.")
        for username, password, role in demo.logins():
            self.stdout.write(f"  {role:<12} {username:<8} {password}")

    def _load(self) -> str:
        """What was done, in words; nothing when all of it was there."""
        from home.demo import loading  # the scorer and the solver load with it

        if demo.is_loaded() and loading.is_computed():
            return ""
        if not demo.is_loaded():
            _refuse_other_data()
            loading.load()
        loading.compute()
        return (
            f"Loaded the demo organisation: {Initiative.objects.count()} initiatives, scored and optimized."
        )


def _refuse_other_data() -> None:
    if Initiative.all_objects.exists() or Metric.all_objects.exists():
        raise CommandError(
            "This database already holds an organisation's data, so the demo stays out of it. "
            "Set DATA_DIR or DATABASE_URL to an empty one.",
            returncode=2,
        )
