"""A planning world with a run, and the ways to ask about it."""

from __future__ import annotations

from typing import Any

from optimization.models import Decision
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from tests.factories import actor
from tests.optimization_app.world import candidate, constraint, kpis, optimize, scenario, target


def three() -> list[Any]:
    """Together 45 tokens; the best for 30 is Checkout with Loyalty."""
    return [
        candidate("Checkout", 20, {"revenue": 200, "signups": 1}, department="Pay"),
        candidate("Refunds", 15, {"revenue": 120, "signups": 9}, department="Ops"),
        candidate("Loyalty", 10, {"revenue": 90, "retention": 4}, department="Pay"),
    ]


def ask(name: str, _actor: Actor | None = None, **options: Any) -> ActionRun:
    return run_inline(_actor or actor("PM"), name, options=options)


def decided(name: str, **options: Any) -> Decision:
    action = ask(name, **options)
    assert action.status == "succeeded", action.error
    return Decision.objects.get(decision_id=action.result["decision_id"])


__all__ = ["ask", "candidate", "constraint", "decided", "kpis", "optimize", "scenario", "target", "three"]
