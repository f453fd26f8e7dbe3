"""A small planning world, made through the gate, and the ways to run it."""

from __future__ import annotations

from typing import Any

from optimization.actions import RUN_ALL, RUN_SELECTED
from optimization.models import Run
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from tests.factories import create, initiative, north_star, put, strategic

PERIOD = "2026-Q2"
NAMED = {"scenario_name": "Base"}


def kpis() -> None:
    north_star("revenue", unit="EUR")
    strategic("signups", unit="count")
    strategic("retention")


def candidate(
    title: str, tokens: float | None = 10, contributions: dict[str, float] | None = None, **values: Any
) -> Any:
    """A graduated initiative that brings these contributions."""
    values = {
        "is_optimization_candidate": True,
        "candidate_period_key": PERIOD,
        "engineering_tokens": tokens,
    } | values
    made = initiative(title, **{name: value for name, value in values.items() if value is not None})
    if contributions:
        assert put("kpi_contributions", made, contribution_override=contributions).ok
    return made


def scenario(capacity: float = 30, mode: str = "north_star", **values: Any) -> Any:
    values = {"scenario_name": "Base", "period_key": PERIOD} | values
    return create("scenario_config", capacity_total_tokens=capacity, objective_mode=mode, **values)


def constraint(kind: str, key: str | None = None, members: list[str] | None = None, **values: Any) -> Any:
    given = {"constraint_type": kind, "dimension_key": key, "member_keys": members} | values
    return create(
        "constraints", **NAMED, **{name: value for name, value in given.items() if value is not None}
    )


def target(kpi: str, value: float, kind: str = "floor", **values: Any) -> Any:
    return create("targets", **NAMED, kpi_key=kpi, target_value=value, floor_or_goal=kind, **values)


def ask(choice: str = "all", keys: list[str] | None = None, **options: Any) -> ActionRun:
    """One action, done at once."""
    action = RUN_SELECTED if choice == "selected" else RUN_ALL
    scope = {"type": "keys", "keys": keys} if keys else None
    return run_inline(Actor.command_line(), action, scope, {"scenario": "Base"} | options)


def optimize(choice: str = "all", keys: list[str] | None = None, **options: Any) -> Run:
    """The run that one action stores."""
    asked = ask(choice, keys, **options)
    assert asked.status == "succeeded", asked.error
    return Run.objects.get(run_id=asked.result["run_id"])


def chosen(run: Run) -> set[str]:
    """The titles in the portfolio."""
    return set(run.results.filter(selected=True).values_list("initiative__title", flat=True))


def reasons(run: Run) -> dict[str, str]:
    """What is said about each initiative, by title."""
    return dict(run.results.values_list("initiative__title", "reason"))
