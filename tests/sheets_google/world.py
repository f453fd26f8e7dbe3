"""A linked spreadsheet, the product's side of it, and a sync between the two."""

from __future__ import annotations

from typing import Any

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.sync_actions import SYNC
from portfolio.tabs.actor import Actor
from tests.google import Book, BookSheet

KPIS = ["KPI Key", "KPI Name", "KPI Level", "Unit", "Is Active", "Notes", "Run Status"]
REVENUE = ["revenue", "Revenue", "north_star", "GBP", True, "", ""]
RETENTION = ["retention", "Retention", "strategic", "percent", True, "", ""]


def linked(book: Book, workbook: str = "product_ops", name: str = "") -> SheetLink:
    return SheetLink.objects.create(workbook=workbook, spreadsheet_id=book.id, name=name)


def sync(**options: Any) -> dict[str, Any]:
    """Sync all that is linked; the run's report. Fails where the run did."""
    run = tried(**options)
    assert run.status == Status.SUCCEEDED, run.error
    return run.result["report"]


def tried(**options: Any) -> ActionRun:
    return run_inline(Actor.command_line(), SYNC, options={"confirm_all": True, **options})


def of_tab(report: dict[str, Any], tab: str) -> dict[str, Any]:
    """What the report says of the first sheet of that tab."""
    (found,) = (
        each for link in report["links"].values() for each in link["tabs"].values() if each["tab"] == tab
    )
    return found


def counts(report: dict[str, Any], tab: str) -> dict[str, int]:
    """The counts of the tab that are not 0, rows read left out."""
    told = of_tab(report, tab)
    return {name: count for name, count in told.items() if type(count) is int and count and name != "read"}


def status(sheet: BookSheet, text: str) -> str:
    """The run status of the row that shows ``text``."""
    return sheet.text(f"{sheet.column('Run Status')}{sheet.row_of(text)}")


def tab_of(link: SheetLink, name: str) -> LinkedTab:
    return link.linked_tabs.get(tab_name=name)
