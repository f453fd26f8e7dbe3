"""Buttons that other parts put on tab pages: import, export, actions on all rows or on the ticked ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest

from portfolio.tabs.tab import Tab


@dataclass(frozen=True)
class Button:
    """One button of a tab page: a link (``href``), or an ``action`` of the ledger.

    With ``keys_from`` (a column) the action is offered for ticked rows and gets that column's values as its
    keys; without, it is started for all rows, and the same ``once`` twice is one run. ``kind`` is a class of
    the design system (``btn--primary`` …), ``icon`` a symbol of static/icons.svg. ``elsewhere``: the link
    leaves Lodestar, in a tab of its own.
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
