"""A tiny organisation with one row on every tab."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.factories import create, initiative, north_star

SUBMISSION = {
    "title": "Faster refunds",
    "requesting_team": "Care",
    "requester_name": "Ada",
    "requester_email": "ada@example.com",
}


def organise() -> dict[str, Any]:
    """One row per tab, by tab name."""
    from optimization.models import Gap, Result, Run, Scenario

    star = north_star(unit="EUR")
    backlog = initiative(
        engineering_tokens=5, is_optimization_candidate=True, candidate_period_key="2026-Q2", market="UK"
    )
    key = {"initiative_key": backlog.initiative_key}
    model = create("math_models", **key, model_name="Uplift", target_kpi="revenue", formula_text="a * b")
    param = create("params", **key, param_name="a", value=2)
    scenario = create(
        "scenario_config",
        scenario_name="Base",
        period_key="2026-Q2",
        capacity_total_tokens=10,
        objective_mode="north_star",
    )
    named = {"scenario_name": "Base"}
    constraint = create(
        "constraints", **named, constraint_type="mandatory", dimension_key=backlog.initiative_key
    )
    target = create("targets", **named, kpi_key="revenue", target_value=10, floor_or_goal="goal")
    now = timezone.now()
    run = Run.objects.create(
        run_id="RUN-000001",
        scenario=Scenario.objects.get(),
        objective_mode="north_star",
        status="optimal",
        started=now,
        finished=now,
        asked_by="ana",
    )
    return {
        "intake": create("intake", **SUBMISSION),
        "backlog": backlog,
        "scoring_inputs": backlog,
        "math_models": model,
        "params": param,
        "metrics_config": star,
        "kpi_contributions": backlog,
        "candidates": backlog,
        "scenario_config": scenario,
        "constraints": constraint,
        "targets": target,
        "runs": run,
        "results": Result.objects.create(run=run, initiative=backlog, selected=True),
        "gaps_and_alerts": Gap.objects.create(
            run=run, dimension="all", dimension_key="all", kpi_key="revenue", target=10, severity="met"
        ),
    }
