from __future__ import annotations

from typing import Any

from scoring.management.commands._job import JobCommand


class Command(JobCommand):
    help = "Derives KPI contributions anew from the values that the math models have."
    action = "pm.derive_contributions"

    def handle(self, *, keys: list[str], json: bool, **options: Any) -> None:
        self.run(keys, json)
