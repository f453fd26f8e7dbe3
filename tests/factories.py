"""Records for tests, made the way the product makes them: through the gate."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User

from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor
from portfolio.tabs.changes import CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes


def person(*roles: str, name: str = "") -> User:
    """A user with these roles (an Admin where none is named)."""
    user = User.objects.create_user(name or "-".join(roles or [ADMIN]).lower(), password="correct-horse")
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles or [ADMIN]])
    return user


def actor(*roles: str, name: str = "ana") -> Actor:
    return Actor(name, frozenset(roles or [ADMIN]))


def create(tab: str, _actor: Actor | None = None, _key: str | None = None, **values: Any) -> Any:
    """One row of ``tab`` with these values; the model instance. Fails where the gate refuses."""
    declared = registry.tab(tab)
    outcome = apply_changes(declared, _actor or actor(), Surface.API, [CreateRow("new", values, key=_key)])
    assert outcome.ok, outcome.refused
    return declared.queryset().get(pk=outcome.created["new"])


def put(tab: str, row: Any, _actor: Actor | None = None, **values: Any) -> Outcome:
    """Set cells of one row through the gate, as one batch."""
    changes = [SetCell(row.pk, column, value) for column, value in values.items()]
    return apply_changes(registry.tab(tab), _actor or actor(), Surface.GRID, changes)


def initiative(title: str = "Faster checkout", **values: Any) -> Any:
    return create("backlog", title=title, **values)


def north_star(key: str = "revenue", **values: Any) -> Any:
    return create("metrics_config", kpi_key=key, kpi_level="north_star", **values)


def strategic(key: str, **values: Any) -> Any:
    return create("metrics_config", kpi_key=key, kpi_level="strategic", **values)
