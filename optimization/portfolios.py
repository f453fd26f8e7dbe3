"""Several portfolios of one scenario: every variant becomes a run of its own, and they are compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from optimization import asked
from optimization.compile import Compiled
from optimization.deciding import said_in_words, store
from optimization.inputs import Question, UnknownNameError, question
from optimization.models import Decision, DecisionKind, Run
from optimization.problem import fold
from optimization.reading import read_problem
from optimization.running import Solved, completed, errors_of, refusal, with_costs
from optimization.running import store as store_run
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.tabs.actor import ADMIN, PM
from scoring.models import Framework, ScoringInputs

GENERATE = "pm.generate_portfolios"
MOST = 20
Variant = dict[str, Any]


@action(GENERATE, title="Generate portfolios", roles=(PM, ADMIN), deadline=4 * 3600)
def generate_portfolios(job: Job) -> dict[str, Any]:
    """Options: scenario, constraint_set, candidates (all or selected); variants, a list of objects with a
    name and what is different: mode, weights, order, scope, capacity, constraints, or framework, whose value
    scores are added up instead."""
    wanted = asked.read(
        job.options,
        {
            "scenario": asked.needed,
            "constraint_set": asked.text,
            "candidates": asked.candidates,
            "variants": _variants,
        },
    )
    return generated(job, _question(wanted), wanted)


def _question(wanted: dict[str, Any]) -> Question:
    try:
        return question(wanted["scenario"], wanted["constraint_set"], wanted["candidates"])
    except UnknownNameError as error:
        raise ActionError(str(error)) from None


def _variants(name: str, value: Any) -> list[Variant]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        example = '[{"name": "More signups", "weights": {"signups": 2, "revenue": 1}}]'
        raise ActionError(f"{name} must be a list of variants like {example}.")
    if len(value) > MOST:
        raise ActionError(f"{name} may be {MOST} at most, not {len(value)}.")
    return [dict(each) for each in value]


def generated(job: Job, asking: Question, wanted: dict[str, Any]) -> dict[str, Any]:
    """Solves every variant, then stores all their runs with the decision."""
    from optimization.decisions.variants import portfolios

    started = timezone.now()
    compiled = asking.compile()
    if compiled.problem is None:
        raise ActionError(refusal(asking, errors_of(asking, compiled)))
    keys = [candidate["key"] for candidate in compiled.problem["candidates"]]
    variants = [with_scores(variant, keys) for variant in wanted["variants"]]
    with said_in_words():
        found = portfolios(compiled.problem, variants, True, job.cancelled, job.progress)
    job.check()
    answered = [entry for entry in found["variants"] if entry["answer"]]
    solved = {entry["name"]: _solved(job, asking, compiled, entry, started) for entry in answered}
    job.check()
    if not answered:
        raise ActionError("No variant could be asked. " + " ".join(map(_wrong, found["variants"])))
    with job.commit():
        runs = {name: store_run(each, job) for name, each in solved.items()}
        made = _decision(job, started, wanted, found, runs)
    return {"decision_id": made.decision_id, "run_ids": [run.run_id for run in runs.values()]}


def _solved(job: Job, asking: Question, compiled: Compiled, entry: Any, started: datetime) -> Solved:
    problem = read_problem(entry["problem"])
    answer = entry["answer"] | {"stages": with_costs(problem, entry["answer"], job)}
    answer = completed(answer, compiled, problem)
    return Solved(asking, replace(compiled, problem=entry["problem"]), problem, answer, started)


def _decision(job: Job, started: datetime, wanted: Any, found: Any, runs: dict[str, Run]) -> Decision:
    listed = []
    for entry in found["variants"]:
        run = runs.get(entry["name"])
        told = f"{run}: {run.get_status_display().lower()}" if run else _wrong(entry)
        job.row(entry["name"][:200], "changed" if run else "failed", told)
        kept = {name: entry[name] for name in ("name", "errors", "without_score")}
        listed.append(kept | {"run_id": run and run.run_id})
    answer = {"variants": listed, "complete": found["complete"]}
    return store(job, DecisionKind.PORTFOLIOS, started, wanted, answer, runs.values())


def _wrong(entry: Any) -> str:
    return f"{entry['name']}: {'; '.join(error['text'] for error in entry['errors']) or 'not answered'}."


def with_scores(variant: Variant, keys: Iterable[str]) -> Variant:
    """A variant that names a framework gets its value scores. Raises ActionError for one without scores."""
    if "framework" not in variant:
        return variant
    rest = {name: value for name, value in variant.items() if name != "framework"}
    return rest | {"value_scores": value_scores(_framework(variant["framework"]), keys)}


def _framework(named: Any) -> Framework:
    for framework in Framework:
        if fold(str(named)) in (fold(framework.value), fold(framework.label)):
            return framework
    raise ActionError(f"There is no framework “{named}”. Choose one of: {', '.join(Framework.values)}.")


def value_scores(framework: Framework, keys: Iterable[str]) -> dict[str, float]:
    """The framework's value score of these initiatives, of those that have one."""
    field = f"{framework.prefix}_value_score"
    rows = ScoringInputs.objects.exclude(**{field: None}).values_list("initiative__initiative_key", field)
    wanted = set(keys)
    found = {key: value for key, value in rows if key in wanted}
    if not found:
        raise ActionError(
            f"No candidate has a {framework.value} value score. Fill its inputs and run scoring."
        )
    return found
