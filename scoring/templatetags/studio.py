from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portfolio import amounts
from scoring.studio.listing import State

register = template.Library()

BADGES: dict[str, str] = {
    State.APPROVED: "badge--ok",
    State.DRAFT: "badge--info",
    State.MISSING: "badge--warn",
}


@register.filter
def amount(value: Any) -> str:
    """``1497936.82`` → "1,497,937"; a dash for nothing, as the number of a model that isn't there."""
    return amounts.amount(value if isinstance(value, int | float) else None)


@register.filter
def breakable(name: str) -> SafeString:
    """A name that may go on in the next line after each underscore."""
    return mark_safe(escape(name).replace("_", "_<wbr>"))  # noqa: S308 - escaped


@register.filter
def state_badge(state: str) -> str:
    """The class that colours the badge of an initiative's state."""
    return BADGES.get(state, "")


@register.simple_tag(takes_context=True)
def address(context: dict[str, Any], **changed: Any) -> str:
    """This page with other parameters; a blank one goes."""
    asked = context["request"].GET.dict() | changed
    return "?" + urlencode({name: value for name, value in asked.items() if value not in ("", None)})
