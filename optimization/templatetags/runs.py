from __future__ import annotations

from typing import Any

from django import template

from optimization.models import RunStatus, Severity
from optimization.report import amount as in_words

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
    return in_words(value)


@register.filter
def share(value: float | None) -> str:
    """``0.1234`` → "12.3%"."""
    return "–" if value is None else f"{value:.1%}"


@register.filter
def of_key(values: dict[str, Any] | None, key: str) -> Any:
    """One entry of a mapping, or nothing."""
    return (values or {}).get(key)
