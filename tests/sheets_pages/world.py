"""A linked spreadsheet and differences in it, as a sync leaves them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.sheets.models import Conflict, Export, LinkedTab, SheetLink, SyncedRow
from portfolio.tabs.actor import Actor
from tests.factories import initiative

SPREADSHEET = "1AbCdEfGhIjKlMnOpQrStUvWxYz_0123456789-abcd"


def link(workbook: str = "central_backlog", **values: Any) -> SheetLink:
    number = SheetLink.objects.count()
    return SheetLink.objects.create(
        workbook=workbook, spreadsheet_id=f"{SPREADSHEET}{number}", changes_taken=0, **values
    )


def linked_tab(tab: str = "backlog", of: SheetLink | None = None, **values: Any) -> LinkedTab:
    of = of or link()
    values = {"title": tab.title(), "sheet_id": of.linked_tabs.count() * 11, **values}
    return LinkedTab.objects.create(link=of, tab_name=tab, **values)


def export() -> Export:
    made = Export(workbook="central_backlog", who="ana")
    made.pack({})
    made.save()
    return made


def conflict(where: LinkedTab | Export, about: Any, **values: Any) -> Conflict:
    """Of the market of an initiative, unless ``values`` say otherwise: UK before, FR here, DE there."""
    side = {"export": where} if isinstance(where, Export) else {"linked_tab": where}
    usual = {"column": "market", "base": "UK", "mine": "FR", "theirs": "DE", "place": "Backlog!E2"}
    usual |= {"tab_name": "backlog", "row": about.pk, "key": about.initiative_key}
    return Conflict.objects.create(**side, **(usual | values))


def synced(where: LinkedTab, row: Any, **cells: Any) -> SyncedRow:
    key = [row.initiative_key.casefold()]
    return SyncedRow.objects.create(linked_tab=where, row=row.pk, key=key, cells=cells)


def disputed(where: LinkedTab, title: str = "Faster checkout", **values: Any) -> Conflict:
    """An initiative whose market both sides changed."""
    row = initiative(title, market="FR")
    synced(where, row, market="UK", title=title)
    return conflict(where, row, **values)


def ended(link: SheetLink, **values: Any) -> ActionRun:
    """A sync of ``link`` that is over."""
    options = {"link": link.pk, **values.pop("options", {})}
    scope = {"type": "all"}
    run = ActionRun.objects.enqueue(Actor.command_line(), "sheets.sync", scope=scope, options=options)
    values = {"status": Status.SUCCEEDED, "finished": timezone.now(), **values}
    ActionRun.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()
    return run
