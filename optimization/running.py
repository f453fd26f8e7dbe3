"""A run from the database: compile, solve, and store the whole answer at once or nothing."""

from __future__ import annotations

from collections.abc import Iterable
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
    problem = read_problem(compiled.problem)
    answer = _solve(problem, compiled, job)
    job.check()
    job.progress(98, 100, "Storing the run")
    with job.commit():
        return _store(question, compiled, problem, answer, job, started)


def _solve(problem: Problem, compiled: Compiled, job: Job) -> Answer:
    """The solver's answer, verified by it independently of its model, with what compiling had to say."""
    from optimization.solver import solve  # loads OR-Tools, which only a run needs

    def progress(fraction: float, text: str) -> None:
        job.progress(round(100 * fraction), 100, text.capitalize())

    answer = solve(problem, explain=True, should_stop=job.cancelled, progress=progress)
    answer["set_aside"] = compiled.set_aside + answer["set_aside"]
    answer["warnings"] = compiled.warnings + answer["warnings"]
    return answer


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


def _store(
    question: Question, compiled: Compiled, problem: Problem, answer: Answer, job: Job, started: Any
) -> Run:
    used = answer["capacity_used"]
    made = Run.objects.create(
        **_asked(question, job, started),
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
        problem=compiled.problem,
        answer=answer,
        sources=_sources(question, compiled, answer),
    )
    made.number()
    Gap.objects.bulk_create(Gap(run=made, **gap_of(target)) for target in answer["targets"])
    _store_results(made, problem, answer, job)
    announce(Run, Result, Gap)
    return made


def _store_results(made: Run, problem: Problem, answer: Answer, job: Job) -> None:
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
    for row in answer["set_aside"]:
        job.row(row["key"], "skipped", row["reason"])
    for candidate in problem.candidates:
        chosen = candidate.key in answer["scope"]
        job.row(candidate.key, "changed" if chosen else "unchanged", "Selected" if chosen else "Not selected")


def _initiatives(keys: Iterable[str]) -> dict[str, int]:
    wanted = {fold(key) for key in keys}
    rows = Initiative.objects.values_list("initiative_key", "pk")
    return {fold(key): pk for key, pk in rows if fold(key) in wanted}


def _sources(question: Question, compiled: Compiled, answer: Answer) -> dict[str, Any]:
    """Where a person changes what the answer's conflict, repairs and targets speak of, by JSON pointer."""
    find = row_finder(
        compiled.problem or {},
        question.rows("constraints"),
        compiled.constraint_set.target_rows,
        ("scenario_config", question.scenario.pk),
    )
    pointers = {entry["constraint"] for entry in (*answer["conflict"], *answer["repairs"])}
    pointers |= {f"/targets/{index}" for index in range(len(answer["targets"]))}
    found = {pointer: find(pointer) for pointer in sorted(pointers)}
    return {pointer: {"tab": at[0], "row": at[1]} for pointer, at in found.items() if at}


# Rows that need a correction --------------------------------------------------------------------------------


def _refuse(question: Question, compiled: Compiled, job: Job, started: Any) -> NoReturn:
    errors = _errors(question, compiled)
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
    rows = "1 row needs" if len(errors) == 1 else f"{len(errors)} rows need"
    first = f"{errors[0]['title']}, {errors[0]['key']}: {errors[0]['text']}"
    raise ActionError(f"{rows} a correction before {question.scenario} can run. {first}", run_id=made.run_id)


def _errors(question: Question, compiled: Compiled) -> list[dict[str, Any]]:
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
