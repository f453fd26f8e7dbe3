"""Buttons that other parts put on tab pages: import, export, actions on all rows or on the ticked ones."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from portfolio.tabs.tab import Tab

TICKED_ROWS = "*"


@dataclass(frozen=True)
class Button:
    """One button of a tab page: a link (``href``), or an ``action`` of the ledger.

    With ``keys_from`` (a column) the action is offered for ticked rows and gets that column's values as its
    keys; without, it is started for all rows, and the same ``once`` twice is one run. A link with
    ``keys_from`` has a ``{}`` for each key it takes and is offered while so many rows are ticked; with
    ``TICKED_ROWS`` it is a page that is told the numbers of all of them by a POST of ``rows``. ``kind`` is a
    class of the design system (``btn--primary`` …), ``icon`` a symbol of static/icons.svg. ``elsewhere``: the
    link leaves Lodestar, in a tab of its own.
    """

    label: str
    href: str = ""
    action: str = ""
    keys_from: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    icon: str = ""
    once: str = ""
    elsewhere: bool = False

    @property
    def options_json(self) -> str:
        return json.dumps(self.options)


Buttons = Callable[[HttpRequest, Tab], list[Button]]
_sources: list[tuple[str | None, Buttons]] = []


def register(tab_name: str | None, buttons: Buttons) -> None:
    """Ask ``buttons(request, tab)`` whenever the page of ``tab_name`` (None: of any tab) is shown."""
    _sources.append((tab_name, buttons))


def buttons_for(request: HttpRequest, tab: Tab) -> list[Button]:
    """Every button of a tab page, in the order of registration."""
    return [
        button for name, source in _sources if name in (None, tab.name) for button in source(request, tab)
    ]


def for_ticked_rows(buttons: list[Button]) -> str:
    """The buttons of the bar for ticked rows, as the JSON its script reads."""
    return json.dumps([asdict(button) for button in buttons if button.keys_from])


@dataclass(frozen=True)
class RowLink:
    """A page about one row, beside its details and its history."""

    label: str
    href: str


RowLinks = Callable[[Model], RowLink | None]
_row_links: dict[str, list[RowLinks]] = defaultdict(list)


def register_row_link(tab_name: str, link: RowLinks) -> None:
    """Ask ``link(row)`` whenever a row of ``tab_name`` is shown on its own."""
    _row_links[tab_name].append(link)


def links_of(tab: Tab, row: Model | None) -> list[RowLink]:
    """The pages about this row; none for a row to be made."""
    return [found for link in _row_links[tab.name] if row is not None and (found := link(row))]
