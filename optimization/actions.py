"""The runs people may ask for."""

from __future__ import annotations

from typing import Any

from optimization import decision_actions, portfolios, what_if  # noqa: F401 - they register themselves
from optimization.inputs import UnknownNameError, question
from optimization.models import CandidateChoice
from optimization.running import run
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.tabs.actor import ADMIN, PM

RUN_ALL = "pm.optimize_run_all_candidates"
RUN_SELECTED = "pm.optimize_run_selected_candidates"
OPTIONS = {"scenario", "constraint_set"}


@action(RUN_ALL, title="Optimize all candidates", roles=(PM, ADMIN))
def run_all_candidates(job: Job) -> dict[str, Any]:
    """Options: scenario; constraint_set (blank: the scenario's only set, else ``default``)."""
    return _run(job, CandidateChoice.ALL)


@action(RUN_SELECTED, title="Optimize selected candidates", roles=(PM, ADMIN))
def run_selected_candidates(job: Job) -> dict[str, Any]:
    """As for all candidates, with those ticked on Candidates; or with the keys given as the scope."""
    return _run(job, CandidateChoice.SELECTED)


def _run(job: Job, choice: str) -> dict[str, Any]:
    unknown = set(job.options) - OPTIONS
    if unknown:
        raise ActionError(f"Unknown option {', '.join(sorted(unknown))}; there are scenario, constraint_set.")
    names = {name: str(job.options.get(name) or "") for name in OPTIONS}
    keys = job.keys if choice == CandidateChoice.SELECTED else None
    try:
        asked = question(names["scenario"], names["constraint_set"], choice, keys)
    except UnknownNameError as error:
        raise ActionError(str(error)) from None
    return {"run_id": run(asked, job).run_id}
