"""Import and export on every tab's page; and its Google Sheet, where it has one."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from portfolio.sheets.actions import IMPORTERS
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.pages import asking
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab


def register() -> None:
    toolbar.register(None, _buttons)


def _buttons(request: HttpRequest, tab: Tab) -> list[toolbar.Button]:
    actor = Actor.of(request.user)
    if not actor.has(*IMPORTERS):
        return []
    entered = any(column.entered_here for column in tab.columns)
    importing = [toolbar.Button("Import", href=reverse("import-page"), icon="import")] if entered else []
    return [
        *_google(tab, actor),
        *importing,
        toolbar.Button(".xlsx", href=reverse("export-workbook", args=[tab.workbook]), icon="export"),
        toolbar.Button(".csv", href=reverse("export-tab", args=[tab.name]), icon="export"),
    ]


def _google(tab: Tab, actor: Actor) -> list[toolbar.Button]:
    """The spreadsheet and its sync; for several of them, one per department, their page."""
    links = list(SheetLink.objects.enabled().filter(workbook=tab.workbook)[:2])
    if len(links) > 1:
        return [toolbar.Button("Google Sheets", href=reverse("sheet-links"), icon="sheet")]
    return [button for link in links for button in _of_link(link, tab, actor)]


def _of_link(link: SheetLink, tab: Tab, actor: Actor) -> list[toolbar.Button]:
    sheet = LinkedTab.objects.filter(link=link, tab_name=tab.name).select_related("link").first()
    opening = toolbar.Button("Google Sheet", href=(sheet or link).address, icon="sheet", elsewhere=True)
    if not asking.may_sync(actor):
        return [opening]
    once = asking.key_of(link)
    return [
        opening,
        toolbar.Button("Sync now", action=asking.SYNC, options={"link": link.pk}, once=once, icon="sync"),
    ]
