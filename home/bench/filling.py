"""Made-up rows in any number, put in through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Change, CreateRow, Outcome, Surface
from portfolio.tabs.gate import apply_changes

MARKETS = ("DACH", "Benelux", "Poland", "Italy", "Iberia", "Nordics")
DEPARTMENTS = ("Consumer App", "Merchant Platform", "Network Operations", "Locker Engineering")


def initiative(number: int) -> dict[str, Any]:
    """The cells of one Backlog row."""
    return {
        "title": f"Initiative {number}",
        "lifecycle_status": "approved",
        "is_optimization_candidate": number % 2 == 0,
        "candidate_period_key": "2027-Q1",
        "engineering_tokens": 1 + number % 60,
        "scope_mode": "full",
        "requesting_team": f"Team {number % 40}",
        "requester_email": f"person{number % 400}@example.com",
        "country": "Germany",
        "market": MARKETS[number % len(MARKETS)],
        "department": DEPARTMENTS[number % len(DEPARTMENTS)],
        "effort_engineering_days": 1 + number % 60,
        "deadline_date": f"2027-{1 + number % 12:02d}-15",
        "problem_statement": f"People wait for step {number} longer than they would like to.",
    }


def backlog(size: int) -> list[int]:
    """``size`` initiatives; their primary keys."""
    changes = [CreateRow(str(number), initiative(number)) for number in range(size)]
    return list(put("backlog", changes).created.values())


def put(tab: str, changes: Sequence[Change]) -> Outcome:
    outcome = apply_changes(registry.tab(tab), Actor.command_line(), Surface.IMPORT, changes)
    assert outcome.ok, outcome.refused[:3]
    return outcome
