"""Conflicts that wait for a person."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from portfolio.cards import Card, Line, card, counted
from portfolio.sheets.actions import IMPORTERS
from portfolio.sheets.models import Conflict
from portfolio.sheets.pages.lines import roles_for
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor

SHOWN = 3


@card(order=12)
def conflicts(request: HttpRequest) -> Card | None:
    """Where sheet and Lodestar disagree about something this person may enter."""
    waiting = _by_tab(Actor.of(request.user))
    if not (count := waiting.total()):
        return None
    inbox = reverse("sheet-conflicts")
    return Card(
        title=f"{counted(count, 'conflict waits', 'conflicts wait')} for you",
        text="Changed in Lodestar and in a sheet. Both values are kept until someone chooses.",
        lines=tuple(
            Line(registry.tab(tab).title, f"{inbox}?tab={tab}", counted(many, "conflict"))
            for tab, many in waiting.most_common(SHOWN)
        ),
        url=inbox,
        label="Choose",
        level="warn",
    )


def _by_tab(actor: Actor) -> Counter[str]:
    """How many conflicts ``actor`` may settle, by tab."""
    found: Counter[str] = Counter()
    if not actor.has(*IMPORTERS):
        return found
    kinds = Conflict.objects.waiting().order_by().values_list("tab_name", "column", "kind")
    for tab, column, kind, count in kinds.annotate(count=Count("pk")):
        if actor.has(*roles_for(tab, column, kind)):
            found[tab] += count
    return found
