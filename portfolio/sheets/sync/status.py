"""The run status of each row of the sheet: what is wrong with it, else what happened to it last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from portfolio.actions.models import ActionRow
from portfolio.sheets.sync.here import Here
from portfolio.sheets.sync.plan import Plan, Push
from portfolio.sheets.sync.rows import SheetTable

MARK = "⚠ "  # begins what a person should look at
FINE = "OK"


class Statuses:
    """Without a clock where something is wrong, so that the same problem is the same text at every sync."""

    def __init__(self, plan: Plan, table: SheetTable, here: Here, since: datetime | None) -> None:
        self.plan, self.table, self.here = plan, table, here
        self.told = outcomes(since) if table.status_at is not None else {}
        self.stamp = f"{timezone.now():%Y-%m-%d %H:%M}"

    def pushes(self) -> Iterator[Push]:
        at = self.table.status_at
        if at is None or self.plan.left_alone:
            return
        pk_of = {number: pk for pk, number in self.plan.numbers.items()}
        leaving = set(self.plan.removals.values())
        for cells in (row for row in self.table.rows if row.number not in leaving):
            was = cells.raw_at(at)
            wanted = self._wanted(cells.number, pk_of.get(cells.number), str(was or ""))
            if wanted is not None and wanted != was:
                yield Push(pk_of.get(cells.number), cells.number, at, None, wanted, was)

    def _wanted(self, number: int, pk: int | None, was: str) -> str | None:
        if number in self.plan.problems:
            return MARK + "; ".join(self.plan.problems[number])
        if number in self.plan.happened:
            return f"{self.stamp} {'; '.join(self.plan.happened[number])}"
        told = self.told.get(self.here.label(pk)) if pk is not None and self.told else None
        return told or (FINE if was.startswith(MARK) else None)


def outcomes(since: datetime | None) -> dict[str, str]:
    """What actions other than syncs said of each key since then, the latest last."""
    rows = ActionRow.objects.exclude(run__action__startswith="sheets.").filter(
        run__finished__gt=since or timezone.now()
    )
    return {
        row.key: f"{row.run.finished:%Y-%m-%d %H:%M} {row.run.title}: {row.status}"
        + (f", {row.message}" if row.message else "")
        for row in rows.select_related("run").order_by("run_id", "pk")
    }
