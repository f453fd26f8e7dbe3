"""A run from the database: compile, solve, and store the whole answer at once or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.utils import timezone

from initiatives.models import Initiative
from optimization.compile import SCENARIO, Compiled
from optimization.inputs import Question
from optimization.models import Gap, Result, Run, RunStatus
from optimization.problem import Problem, fold
from optimization.reading import read_problem
from optimization.row_rules import in_words
from optimization.sources import row_finder
from optimization.verdicts import gap_of, results
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError
from portfolio.tabs import registry
from portfolio.tabs.registry import announce
from portfolio.tabs.tab import Tab

Answer = dict[str, Any]


@dataclass(frozen=True)
class Solved:
    """A question with the problem it came to and the answer; nothing of it is stored yet."""

    question: Question
    compiled: Compiled
    problem: Problem
    answer: Answer
    started: datetime


def run(question: Question, job: Job) -> Run:
    """Answers the question and stores the run. Nothing is stored of a cancelled one.

    Raises ActionError when rows need a correction; that run is stored too, with the errors and no results.
    """
    started = timezone.now()
    job.progress(0, 100, "Reading the scenario")
    compiled = question.compile()
    job.check()
    if compiled.problem is None:
        _refuse(question, compiled, job, started)
    found = solved(question, compiled, job)
    job.progress(98, 100, "Storing the run")
    with job.commit():
        made = store(found, job)
        _tell_rows(found, job)
    return made


def solved(question: Question, compiled: Compiled, job: Job) -> Solved:
    """The answer to a problem without errors, not stored yet. Raises when the job should stop."""
    from optimization.solver import solve  # loads OR-Tools, which only a run needs

    started = timezone.now()
    problem = read_problem(compiled.problem)

    def progress(fraction: float, text: str) -> None:
        job.progress(round(100 * fraction), 100, text.capitalize())

    answer = solve(problem, explain=True, should_stop=job.cancelled, progress=progress)
    answer["stages"] = with_costs(problem, answer, job)
    job.check()
    return Solved(question, compiled, problem, completed(answer, compiled, problem), started)


def with_costs(problem: Problem, answer: Answer, job: Job) -> list[dict[str, Any]]:
    """The stages of a lexicographic answer, each with the north star it cost; see `stage_costs`."""
    if not answer["stages"]:
        return []
    from optimization.stage_costs import stage_costs

    job.progress(96, 100, "What each stage cost")
    costs = stage_costs(problem, answer, job.cancelled)
    return [stage | {"cost": cost} for stage, cost in zip(answer["stages"], costs, strict=True)]


def completed(answer: Answer, compiled: Compiled, problem: Problem) -> Answer:
    """The solver's answer with what compiling had to say."""
    return answer | {
        "set_aside": compiled.set_aside + answer["set_aside"],
        "warnings": compiled.warnings_for(problem.objective.model_dump()) + answer["warnings"],
    }


# What is stored --------------------------------------------------------------------------------------------


def _asked(question: Question, job: Job, started: Any) -> dict[str, Any]:
    return {
        "action": job.run,
        "scenario": question.scenario,
        "constraint_set_name": question.constraint_set,
        "candidate_choice": question.choice,
        "objective_mode": question.scenario.objective_mode,
        "capacity_total": question.scenario.capacity_total_tokens,
        "asked_by": job.actor.name,
        "started": started,
        "finished": timezone.now(),
    }


def store(found: Solved, job: Job) -> Run:
    """The run with its results and gaps. Needs a transaction."""
    problem, answer = found.problem, found.answer
    used = answer["capacity_used"]
    made = Run.objects.create(
        **_asked(found.question, job, found.started)
        | {"objective_mode": problem.objective.mode, "capacity_total": problem.capacity_total},
        status=answer["status"],
        solve_seconds=answer["solver"]["seconds"],
        objective_value=answer["objective_value"],
        best_bound=answer["best_bound"],
        gap=answer["gap"],
        capacity_used=used and used["total"],
        candidates=len(problem.candidates),
        selected=len(answer["selected"]),
        inputs_hash=answer["inputs_hash"],
        portfolio_hash=answer["portfolio_hash"] or "",
        solver=f"{answer['solver']['name']} {answer['solver']['version']}",
        problem=found.compiled.problem,
        answer=answer,
        sources=_sources(found),
    )
    made.number()
    Gap.objects.bulk_create(Gap(run=made, **gap_of(target)) for target in answer["targets"])
    _store_results(made, problem, answer)
    announce(Run, Result, Gap)
    return made


def _store_results(made: Run, problem: Problem, answer: Answer) -> None:
    """One result per candidate (in the order of their keys), and for those set aside the reason."""
    decided = list(results(problem, answer)) if answer["portfolio_hash"] else []
    aside = [
        {"key": row["key"], "selected": False, "reason": f"Set aside: {row['reason']}."}
        for row in answer["set_aside"]
    ]
    known = _initiatives(row["key"] for row in [*decided, *aside])
    Result.objects.bulk_create(
        [Result(run=made, initiative_id=known[fold(row.pop("key"))], **row) for row in [*decided, *aside]],
        batch_size=500,
    )


def _tell_rows(found: Solved, job: Job) -> None:
    for row in found.answer["set_aside"]:
        job.row(row["key"], "skipped", row["reason"])
    for candidate in found.problem.candidates:
        chosen = candidate.key in found.answer["scope"]
        job.row(candidate.key, "changed" if chosen else "unchanged", "Selected" if chosen else "Not selected")


def _initiatives(keys: Iterable[str]) -> dict[str, int]:
    wanted = {fold(key) for key in keys}
    rows = Initiative.objects.values_list("initiative_key", "pk")
    return {fold(key): pk for key, pk in rows if fold(key) in wanted}


def _sources(found: Solved) -> dict[str, Any]:
    """Where a person changes what the answer's conflict, repairs and targets speak of, by JSON pointer."""
    find = row_finder(
        found.compiled.problem or {},
        found.question.rows("constraints"),
        found.compiled.constraint_set.target_rows,
        ("scenario_config", found.question.scenario.pk),
    )
    answer = found.answer
    pointers = {entry["constraint"] for entry in (*answer["conflict"], *answer["repairs"])}
    pointers |= {f"/targets/{index}" for index in range(len(answer["targets"]))}
    at_rows = {pointer: find(pointer) for pointer in sorted(pointers)}
    return {pointer: {"tab": at[0], "row": at[1]} for pointer, at in at_rows.items() if at}


# Rows that need a correction --------------------------------------------------------------------------------


def _refuse(question: Question, compiled: Compiled, job: Job, started: Any) -> NoReturn:
    errors = errors_of(question, compiled)
    for error in errors:
        job.row(f"{error['title']}: {error['key']}"[:200], "failed", error["text"])
    with job.commit():
        made = Run.objects.create(
            **_asked(question, job, started),
            status=RunStatus.INVALID,
            errors=errors,
            answer={"set_aside": compiled.set_aside, "warnings": compiled.warnings},
        )
        made.number()
        announce(Run)
    raise ActionError(refusal(question, errors), run_id=made.run_id)


def refusal(question: Question, errors: list[dict[str, Any]]) -> str:
    """How many rows need a correction, and the first of them in words."""
    rows = "1 row needs" if len(errors) == 1 else f"{len(errors)} rows need"
    first = f"{errors[0]['title']}, {errors[0]['key']}: {errors[0]['text']}"
    return f"{rows} a correction before {question.scenario} can run. {first}"


def errors_of(question: Question, compiled: Compiled) -> list[dict[str, Any]]:
    """One entry per row: tab, its title, row (pk), the row's key, and what is wrong in words."""
    found = []
    for row_id, said in compiled.errors.items():
        tab, pk, key = _place(question, row_id)
        place = {"tab": tab.name, "title": tab.title, "row": pk, "key": key}
        found.append(place | {"text": in_words(tab, said)})
    return found


def _place(question: Question, row_id: Any) -> tuple[Tab, int | None, str]:
    """The tab, the number and the name of the row behind a compiler's row id."""
    if isinstance(row_id, tuple):
        name, pk = row_id
        tab = registry.tab(name)
        return tab, pk, str(tab.model._default_manager.get(pk=pk))
    if row_id == SCENARIO:
        return registry.tab("scenario_config"), question.scenario.pk, str(question.scenario)
    return registry.tab("backlog"), _initiatives([row_id]).get(fold(row_id)), row_id
