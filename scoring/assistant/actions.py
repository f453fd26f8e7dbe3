"""The LLM's jobs that people ask for. What they need is loaded when one runs: starting up stays quick."""

from __future__ import annotations

from typing import Any

from portfolio.actions.job import Job
from portfolio.actions.registry import action

MAY = ("PM", "Admin")
HOURS = 2 * 60 * 60  # fifty calls may take a while


def _run(job: Job, task: str) -> dict[str, Any]:
    from scoring.assistant.run import run

    return run(job, task)


@action("pm.suggest_metric_chain_llm", title="Suggest metric chains", roles=MAY, deadline=HOURS)
def suggest_metric_chain(job: Job) -> dict[str, Any]:
    """Chains for models; keys are initiatives or ``INIT-000001 · model``."""
    return _run(job, "metric_chain")


@action("pm.suggest_math_model_llm", title="Suggest math models", roles=MAY, deadline=HOURS)
def suggest_math_model(job: Job) -> dict[str, Any]:
    """Formulas for models, each judged by a second call."""
    return _run(job, "math_model")


@action("pm.suggest_params_llm", title="Describe params", roles=MAY, deadline=HOURS)
def suggest_params(job: Job) -> dict[str, Any]:
    """Label, unit, description, range and owner for params of approved formulas, where they are blank."""
    return _run(job, "param_metadata")


@action("pm.evaluate_math_model_llm", title="Judge formulas", roles=MAY, deadline=HOURS)
def evaluate_math_model(job: Job) -> dict[str, Any]:
    """A verdict on each model's formula, or on its draft."""
    return _run(job, "evaluate")


@action("pm.summarise_llm", title="Sum up initiatives", roles=MAY, deadline=HOURS)
def summarise(job: Job) -> dict[str, Any]:
    """Two or three lines on each initiative."""
    return _run(job, "summary")
