"""The ways to the LLM: a page in the navigation, and buttons on the tabs for all and for ticked rows."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from portfolio import navigation
from portfolio.navigation import Link
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab
from portfolio.tabs.toolbar import TICKED_ROWS, Button

HOME = "/assistant/"


def register() -> None:
    from scoring.assistant.actions import MAY

    navigation.register(Link("LLM assistant", HOME, "star", roles=frozenset(MAY)), "product_ops")
    for tab in ("math_models", "params", "backlog"):
        toolbar.register(tab, _buttons)


def _buttons(request: HttpRequest, tab: Tab) -> list[Button]:
    """They lead to what a run would take, or to what has to be set before there is an LLM."""
    from scoring.assistant.actions import MAY
    from scoring.assistant.pages import ASKINGS

    if not Actor.of(request.user).has(*MAY):
        return []
    found = []
    for asking in ASKINGS.values():
        if asking.tab == tab.name:
            href = reverse("assistant-ask", args=[asking.task])
            found += [Button(asking.verb, href=href), Button(asking.verb, href=href, keys_from=TICKED_ROWS)]
    return found
