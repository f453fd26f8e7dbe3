"""The scoring jobs people ask for."""

from __future__ import annotations

from typing import Any

from metrics.models import Contributions
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from scoring import contributions, scope, seeding
from scoring import score as scoring
from scoring.activation import CHOICE
from scoring.assistant import actions as of_the_assistant  # noqa: F401 - registers them
from scoring.models import Framework, Param, ScoringInputs

MAY = ("PM", "Admin")
AUTO = "auto"


@action("pm.score_selected", title="Score initiatives", roles=MAY)
def score_selected(job: Job) -> None:
    """Every framework for the initiatives of the scope, then their contributions and all ranks."""
    for chunk in scope.chunks(job, "scored"):
        with job.commit():
            for told in scoring.score(list(chunk)):
                status = scope.status(told.changed) if told.scored or told.changed else "skipped"
                job.row(told.key, status, told.message)
    with job.commit():
        scoring.finish()


@action("pm.derive_contributions", title="Derive KPI contributions", roles=MAY)
def derive_contributions(job: Job) -> None:
    """Contributions anew, from the values the models have."""
    for chunk in scope.chunks(job, "derived"):
        with job.commit():
            changed = contributions.derive(list(chunk))
            for pk, key in chunk.items():
                job.row(key, scope.status(pk in changed))
    with job.commit():
        registry.announce(Contributions)


@action("pm.switch_framework", title="Switch the active framework", roles=MAY)
def switch_framework(job: Job) -> None:
    """Choose ``options.framework`` for the initiatives of the scope, which makes its scores the active ones.

    ``auto`` chooses MATH_MODEL where a math model is used and has scored, and keeps the choice elsewhere.
    """
    framework = framework_of(job.options.get("framework"))
    for chunk in scope.chunks(job, "switched"):
        with job.commit():
            _choose(job, framework, chunk)


def framework_of(named: Any) -> str:
    """One of the frameworks or ``auto``, in any case. Raises ActionError."""
    offered = [*Framework.values, AUTO]
    for name in offered:
        if str(named).casefold() == name.casefold():
            return name
    raise ActionError(f"There is no framework {named!r}. Choose one of: {', '.join(offered)}.")


def _choose(job: Job, framework: str, chunk: dict[int, str]) -> None:
    wanted = _with_math_scores(chunk) if framework == AUTO else set(chunk)
    choice = Framework.MATH_MODEL if framework == AUTO else framework
    cells = [SetCell(pk, CHOICE, choice) for pk in chunk if pk in wanted]
    outcome = apply_changes(registry.tab("scoring_inputs"), job.actor, Surface.BACKEND, cells)
    for pk, key in chunk.items():
        job.row(key, *_chosen(pk in outcome.touched, pk in wanted, choice))


def _with_math_scores(chunk: dict[int, str]) -> set[int]:
    rows = ScoringInputs.objects.filter(initiative_id__in=chunk).exclude(math_value_score=None)
    # A math score only exists where the model is used; the choice may have changed since.
    return set(rows.exclude(use_math_model=False).values_list("initiative_id", flat=True))


def _chosen(changed: bool, wanted: bool, choice: str) -> tuple[str, str]:
    if changed:
        return "changed", f"{choice} is active."
    return "unchanged", "" if wanted else "No math score, so the choice stands."


@action("pm.seed_math_params", title="Seed params", roles=MAY)
def seed_math_params(job: Job) -> None:
    """Params that approved formulas read and nobody has made yet; ``options.preview`` only names them."""
    for chunk in scope.chunks(job, "looked through"):
        with job.commit():
            for key, names in _seed(job, seeding.unseeded(chunk)).items():
                listed = ", ".join(names)
                if job.options.get("preview"):
                    job.row(key, "unchanged", f"Would seed: {listed}.")
                else:
                    job.row(key, "changed", f"Seeded: {listed}.")


def _seed(job: Job, wanted: list[Param]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for param in wanted:
        names.setdefault(param.initiative.initiative_key, []).append(param.param_name)
    if wanted and not job.options.get("preview"):
        rows = [_new(key, name) for key, listed in names.items() for name in listed]
        apply_changes(registry.tab("params"), job.actor, Surface.BACKEND, rows)
    return names


def _new(key: str, name: str) -> CreateRow:
    values = {"initiative_key": key, "param_name": name}
    return CreateRow(f"{key}:{name}", values, given={"is_auto_seeded": True})
