from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from optimization import showing
from optimization.models import RunStatus, Severity
from optimization.names import Names
from portfolio import amounts

register = template.Library()

BADGES: dict[str, str] = {
    RunStatus.OPTIMAL: "badge--ok",
    RunStatus.FEASIBLE: "badge--info",
    RunStatus.INFEASIBLE: "badge--error",
    RunStatus.UNKNOWN: "badge--warn",
    RunStatus.INVALID: "badge--warn",
    Severity.MET: "badge--ok",
    Severity.NEAR: "badge--info",
    Severity.MISSED: "badge--warn",
    Severity.IMPOSSIBLE: "badge--error",
}


@register.filter
def run_badge(status: str) -> str:
    """The class that colours the badge of a run's status or a gap's severity."""
    return BADGES.get(status, "")


@register.filter
def amount(value: float | None) -> str:
    """``1497936.82`` → "1,497,937"; a dash for nothing."""
    return amounts.amount(value)


@register.filter
def signed(value: float | None) -> str:
    """``12400`` → "+12,400": a difference."""
    return showing.signed(value)


@register.filter
def negated(value: float | None) -> float | None:
    """What is lost of it: ``5`` → ``-5``."""
    return None if value is None else -value


@register.filter
def share(value: float | None) -> str:
    """``0.1234`` → "12.3%"."""
    return "–" if value is None else f"{value:.1%}"


@register.filter
def of_key(values: dict[str, Any] | None, key: str) -> Any:
    """One entry of a mapping, or nothing."""
    return (values or {}).get(key)


@register.filter
def told(text: str, names: Names) -> SafeString:
    """A sentence with titles where it names keys, each leading to its row; a KPI keeps its spelling."""
    return names.told(text if "_" in text.split(" ")[0] else text[:1].upper() + text[1:])


@register.filter
def link(key: str, names: Names) -> SafeString:
    """The initiative's title, leading to its row."""
    return names.link(key)


@register.filter
def plain(text: str, names: Names) -> str:
    """The same without links: for a list of headlines."""
    return names.plain(text)
