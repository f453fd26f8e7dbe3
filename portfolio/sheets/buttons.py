"""Import and export on every tab's page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from portfolio.sheets.actions import IMPORTERS
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab


def register() -> None:
    toolbar.register(None, _buttons)


def _buttons(request: HttpRequest, tab: Tab) -> list[toolbar.Button]:
    if not Actor.of(request.user).has(*IMPORTERS):
        return []
    entered = any(column.entered_here for column in tab.columns)
    importing = [toolbar.Button("Import", href=reverse("import-page"), icon="import")] if entered else []
    return [
        *importing,
        toolbar.Button(".xlsx", href=reverse("export-workbook", args=[tab.workbook]), icon="export"),
        toolbar.Button(".csv", href=reverse("export-tab", args=[tab.name]), icon="export"),
    ]
