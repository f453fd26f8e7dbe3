"""What if: a copy of a scenario with something changed, run and compared with the base as it is now."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from optimization import asked
from optimization.cloning import FORMS, change, clone
from optimization.compile import Compiled
from optimization.deciding import store
from optimization.inputs import Question, UnknownNameError, question
from optimization.models import Decision, DecisionKind, Run, RunStatus
from optimization.problem import inputs_hash
from optimization.reading import read_problem
from optimization.running import Solved, errors_of, refusal, solved
from optimization.running import store as store_run
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.tabs.actor import ADMIN, PM

WHAT_IF = "pm.what_if"


@action(WHAT_IF, title="What if", roles=(PM, ADMIN))
def what_if(job: Job) -> dict[str, Any]:
    """Options: scenario, constraint_set, candidates (all or selected); name of the copy; changes, a list."""
    wanted = asked.read(
        job.options,
        {
            "scenario": asked.needed,
            "name": asked.needed,
            "constraint_set": asked.text,
            "candidates": asked.candidates,
            "changes": _changes,
        },
    )
    try:
        asking = question(wanted["scenario"], wanted["constraint_set"], wanted["candidates"])
    except UnknownNameError as error:
        raise ActionError(str(error)) from None
    made, base, run = WhatIf(job, asking, wanted).answered()
    return {"decision_id": made.decision_id, "run_id": run.run_id, "base_run_id": base.run_id}


def _changes(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise ActionError(f"{name} must be a list of one change or more: {FORMS}.")
    return value


class WhatIf:
    """One copy: rehearsed and rolled back, solved without holding the database, then stored as a whole."""

    def __init__(self, job: Job, base: Question, wanted: dict[str, Any]) -> None:
        self.job, self.base, self.wanted = job, base, wanted
        self.started = timezone.now()

    def answered(self) -> tuple[Decision, Run, Run]:
        """The decision, the base's run and the copy's. Nothing is kept of a cancelled or refused one."""
        base = _compiled(self.base)
        problem = self._rehearsed()
        known = self._known(base)
        before = None if known else solved(self.base, base, self.job)
        after = solved(self.base, problem, self.job)
        self.job.progress(98, 100, "Storing the scenario and its run")
        with self.job.commit():
            copy, compiled = self._copied()
            if compiled.problem != problem.problem:
                raise ActionError("Somebody changed the planning data in the meantime. Ask again.")
            earlier = known or store_run(before, self.job)  # type: ignore[arg-type]
            later = store_run(Solved(copy, compiled, after.problem, after.answer, after.started), self.job)
            return self._decision(earlier, later), earlier, later

    def _copied(self) -> tuple[Question, Compiled]:
        """The copy with its changes, and what it compiles to. Needs a transaction."""
        made = clone(self.base.scenario, self.base.constraint_set, self.wanted["name"], self.job.actor)
        change(made, self.wanted["changes"], self.job.actor)
        made.scenario.refresh_from_db()
        copy = Question(made.scenario, self.base.constraint_set, self.base.choice)
        return copy, _compiled(copy)

    def _rehearsed(self) -> Compiled:
        self.job.progress(0, 100, "Copying the scenario")
        self.job.check()
        with transaction.atomic():
            _, compiled = self._copied()
            transaction.set_rollback(True)
        return compiled

    def _known(self, base: Compiled) -> Run | None:
        """The newest run that answered the base exactly as it is now."""
        rows = Run.objects.filter(scenario=self.base.scenario, candidate_choice=self.base.choice)
        rows = rows.filter(constraint_set_name=self.base.constraint_set)
        rows = rows.exclude(status__in=[RunStatus.UNKNOWN, RunStatus.INVALID])
        return rows.filter(inputs_hash=inputs_hash(read_problem(base.problem))).first()

    def _decision(self, base: Run, run: Run) -> Decision:
        from optimization.decisions.compare import whatif

        compared = whatif(entry(base), entry(run))
        answer = {"base_run_id": base.run_id, "run_id": run.run_id, **compared}
        for changed in compared["changes"]:
            self.job.row(changed["text"][:200], "changed", changed["text"])
        return store(self.job, DecisionKind.WHAT_IF, self.started, self.wanted, answer, [base, run], base)


def _compiled(asking: Question) -> Compiled:
    """The question as a problem. Raises ActionError when rows need a correction."""
    compiled = asking.compile()
    if compiled.problem is None:
        raise ActionError(refusal(asking, errors_of(asking, compiled)))
    return compiled


def entry(run: Run) -> Any:
    """A stored run as the comparison takes it, under its scenario's name."""
    return {"name": run.scenario.scenario_name, "problem": run.problem, "answer": run.answer}
