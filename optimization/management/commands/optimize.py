"""`manage.py optimize SCENARIO`: a run from the database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from optimization.actions import RUN_ALL, RUN_SELECTED
from optimization.decision_actions import CAPACITY_VALUE, FRONTIER, HORSE_TRADE, NEAR_MISSES, ROBUSTNESS
from optimization.inputs import UnknownNameError, question
from optimization.management.commands._deciding import BAD_INPUT, ROWS_FAILED, decide, refuse
from optimization.management.commands.what_if import read_json
from optimization.models import CandidateChoice, Run
from optimization.portfolios import GENERATE
from optimization.problem import spoken
from optimization.report import STOPPED
from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor

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
        decisions = parser.add_argument_group("decision tools, one at a time: printed instead of the answer")
        for side in ("in", "out"):
            text = f"what changes when KEY is forced {side} (repeatable)"
            decisions.add_argument(f"--force-{side}", action="append", metavar="KEY", help=text)
        text = "the best objective against capacity, in so many points (12)"
        decisions.add_argument("--frontier", nargs="?", type=int, const=12, metavar="POINTS", help=text)
        text = "what tokens are worth, up to K steps each way"
        decisions.add_argument("--capacity-steps", type=int, metavar="K", help=text)
        text = "with --capacity-steps: one limit only, like department:payments"
        decisions.add_argument("--dimension", default="", help=text)
        text = "what those outside lack, N of them computed exactly (20)"
        decisions.add_argument("--near", nargs="?", type=int, const=20, metavar="N", help=text)
        text = "how sure the portfolio is, solved again in M draws (100)"
        decisions.add_argument("--robust", nargs="?", type=int, const=100, metavar="M", help=text)
        decisions.add_argument("--variants", metavar="FILE.json", help="several portfolios, compared")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asked = question(options["scenario"], options["constraint_set"])
        except UnknownNameError as error:
            self._fail(str(error), BAD_INPUT, options["json"])
        names = {"scenario": str(asked.scenario), "constraint_set": asked.constraint_set}
        tools = asked_tools(options)
        if len(tools) > 1:
            self._fail("Ask for one decision tool at a time.", BAD_INPUT, options["json"])
        if options["variants"]:
            self._portfolios(names, options)
        else:
            self._run(names, tools, options)

    def _run(self, names: dict[str, Any], tools: list[tuple[str, dict[str, Any]]], options: Any) -> None:
        """The run; or, where a tool was asked for, the decision that starts from it."""
        action = run_inline(Actor.command_line(), ACTIONS[options["candidates"]], options=names)
        run = Run.objects.filter(action=action).first()
        if run is None:
            self._fail(action.error, ROWS_FAILED, options["json"])
        if tools and run.problem is not None:
            for name, wanted in tools:
                decide(self, name, {"run": run.run_id, **wanted}, options["json"])
            return
        self._tell(action, run, options["json"])
        if action.status != Status.SUCCEEDED:
            sys.exit(ROWS_FAILED)

    def _portfolios(self, names: dict[str, Any], options: dict[str, Any]) -> None:
        try:
            variants = read_json(options["variants"])
        except ValueError as error:
            self._fail(str(error), BAD_INPUT, options["json"])
        wanted = names | {"candidates": options["candidates"], "variants": variants}
        decide(self, GENERATE, wanted, options["json"])

    def _tell(self, action: ActionRun, run: Run, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(run.document(), ensure_ascii=False, allow_nan=False))
            return
        for error in run.errors:
            self.stderr.write(f"{error['title']}, {error['key']}: {error['text']}")
        self.stdout.write(f"{run}: {in_words(run)}")

    def _fail(self, message: str, code: int, as_json: bool) -> NoReturn:
        refuse(self, message, as_json, code)


def asked_tools(options: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The decision tools that were asked for: action and options."""
    dimension, _, key = options["dimension"].partition(":")
    forced = {side: options[side] or [] for side in ("force_in", "force_out")}
    steps = {"steps": options["capacity_steps"], "dimension": dimension, "key": key}
    found = [
        (any(forced.values()), HORSE_TRADE, forced),
        (options["capacity_steps"] is not None, CAPACITY_VALUE, steps),
        (options["frontier"] is not None, FRONTIER, {"points": options["frontier"]}),
        (options["near"] is not None, NEAR_MISSES, {"forced": options["near"]}),
        (options["robust"] is not None, ROBUSTNESS, {"resolves": options["robust"]}),
        (bool(options["variants"]), GENERATE, {}),
    ]
    return [(name, wanted) for is_asked, name, wanted in found if is_asked]


def in_words(run: Run) -> str:
    """The answer in a line, and what stopped the solver early, if anything did."""
    stopped = STOPPED.get((run.answer or {}).get("solver", {}).get("stopped_by") or "", "")
    said = run.get_status_display().lower()
    if run.objective_value is not None:
        chosen = f"{run.selected} of {run.candidates} candidates take {spoken(run.capacity_used or 0)} tokens"
        said = f"{said}; {chosen}; objective {spoken(run.objective_value)}"
    return f"{said}. {stopped}" if stopped else said
