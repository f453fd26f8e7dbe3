"""``{% load actions %}``: what other pages need to start an action and to show one."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import template
from django.template.context import RequestContext

from portfolio.actions import registry
from portfolio.actions.models import Status
from portfolio.tabs.actor import Actor

register = template.Library()

BADGES = {
    Status.QUEUED: "",
    Status.RUNNING: "badge--info",
    Status.SUCCEEDED: "badge--ok",
    Status.FAILED: "badge--error",
    Status.CANCELLED: "badge--warn",
    "changed": "badge--ok",
    "skipped": "badge--warn",
}


@register.filter
def badge(status: str) -> str:
    """The class that colours the badge of a run's or a row's status."""
    return BADGES.get(status, "")


@register.filter
def in_words(name: str) -> str:
    """``constraint_set`` → "Constraint set"."""
    return name.replace("_", " ").capitalize()


@register.filter
def duration(seconds: float | None) -> str:
    """``4.2`` → "4.2 s", ``75`` → "1 min 15 s"."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest:.0f} s" if minutes else f"{rest:.1f} s"


@register.inclusion_tag("actions/_start.html", takes_context=True)
def start_button(
    context: RequestContext, action: str, label: str, *keys: str, **options: Any
) -> dict[str, Any]:
    """A button that starts ``action`` and turns into its progress.

    ``{% start_button "pm.optimize_run_all_candidates" "Optimize" scenario=scenario.scenario_name %}``.
    Nothing for people whose roles don't allow it. The key made here makes a double click one run.
    """
    user = context["request"].user
    allowed = action in registry.actions and Actor.of(user).has(*registry.actions[action].roles)
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "allowed": allowed,
        "action": action,
        "label": label,
        "keys": keys,
        "options": json.dumps(options),
        "idempotency_key": uuid.uuid4(),
    }
