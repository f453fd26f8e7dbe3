"""The ways into the studio: from one ticked row of a tab, from the form of a row, from the navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portfolio import navigation
from portfolio.navigation import Link
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab
from portfolio.tabs.toolbar import Button, RowLink
from scoring.models import MathModel

#: Tabs whose rows are initiatives, or belong to one.
TABS = ("backlog", "scoring_inputs", "math_models", "params")


def register() -> None:
    navigation.register(Link("Studio", "/studio/", "formula"), workbook="product_ops")
    for name in TABS:
        toolbar.register(name, of_ticked_row)
        toolbar.register_row_link(name, of_row)
    toolbar.register("math_models", to_library)
    toolbar.register_row_link("math_models", to_versions)


def of_ticked_row(request: HttpRequest, tab: Tab) -> list[Button]:
    return [Button("Studio", href="/studio/{}/", keys_from="initiative_key")]


def of_row(row: Any) -> RowLink:
    """To the row's initiative; a model to itself."""
    initiative = getattr(row, "initiative", row)
    address = reverse("studio", args=[initiative.initiative_key])
    return RowLink("Studio", f"{address}?model={row.pk}" if isinstance(row, MathModel) else address)


def to_library(request: HttpRequest, tab: Tab) -> list[Button]:
    """For who may make a model: from an initiative's ticked row to the templates it can start from."""
    button = Button("From the library", href="/studio/{}/library/", keys_from="initiative_key")
    return [button] if tab.may_create(Actor.of(request.user)) else []


def to_versions(model: Any) -> RowLink:
    """To the versions of the model's formula."""
    page = reverse("studio-history", args=[model.initiative.initiative_key])
    return RowLink("Versions", f"{page}?model={model.pk}")
