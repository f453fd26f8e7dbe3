"""`manage.py optimize SCENARIO`: a run from the database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from optimization.actions import RUN_ALL, RUN_SELECTED
from optimization.inputs import UnknownNameError, question
from optimization.models import CandidateChoice, Run
from optimization.problem import spoken
from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor

ROWS_FAILED, BAD_INPUT = 1, 2
ACTIONS = {CandidateChoice.ALL: RUN_ALL, CandidateChoice.SELECTED: RUN_SELECTED}


class Command(BaseCommand):
    help = (
        "Runs the optimizer for a scenario and stores the run. "
        "Exit 0: there is an answer (infeasible is one); 1: rows need a correction; 2: bad input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scenario", help="the scenario's name")
        parser.add_argument(
            "--constraint-set", default="", help="default: the scenario's only set, else “default”"
        )
        parser.add_argument("--candidates", choices=CandidateChoice.values, default=CandidateChoice.ALL)
        parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asked = question(options["scenario"], options["constraint_set"])
        except UnknownNameError as error:
            self._fail(str(error), BAD_INPUT, options["json"])
        names = {"scenario": str(asked.scenario), "constraint_set": asked.constraint_set}
        action = run_inline(Actor.command_line(), ACTIONS[options["candidates"]], options=names)
        run = Run.objects.filter(action=action).first()
        if run is None:
            self._fail(action.error, ROWS_FAILED, options["json"])
        self._tell(action, run, options["json"])
        if action.status != Status.SUCCEEDED:
            sys.exit(ROWS_FAILED)

    def _tell(self, action: ActionRun, run: Run, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(run.document(), ensure_ascii=False, allow_nan=False))
            return
        for error in run.errors:
            self.stderr.write(f"{error['title']}, {error['key']}: {error['text']}")
        self.stdout.write(f"{run}: {in_words(run)}")

    def _fail(self, message: str, code: int, as_json: bool) -> NoReturn:
        self.stderr.write(message)
        if as_json:
            self.stdout.write(json.dumps({"status": "invalid", "errors": [{"text": message}]}))
        sys.exit(code)


def in_words(run: Run) -> str:
    if run.objective_value is None:
        return run.get_status_display().lower()
    chosen = f"{run.selected} of {run.candidates} candidates take {spoken(run.capacity_used or 0)} tokens"
    return f"{run.get_status_display().lower()}; {chosen}; objective {spoken(run.objective_value)}"
