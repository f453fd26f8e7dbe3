"""What commands that end in a decision share: run the action here, print the decision, exit as documented."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from optimization.decision_api import DecisionSerializer
from optimization.models import Decision
from portfolio.actions.models import Status
from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor

ROWS_FAILED, BAD_INPUT = 1, 2


def decide(command: BaseCommand, name: str, options: dict[str, Any], as_json: bool) -> None:
    """Asks for the action and prints its decision. Exits 1 when rows failed, 2 when it was refused."""
    action = run_inline(Actor.command_line(), name, options=options)
    if action.status != Status.SUCCEEDED:
        refuse(command, action.error, as_json)
    made = Decision.objects.get(decision_id=action.result["decision_id"])
    if as_json:
        command.stdout.write(json.dumps(DecisionSerializer(made).data, ensure_ascii=False, default=str))
    else:
        command.stdout.write(in_words(made))
    if action.result["failed"]:
        sys.exit(ROWS_FAILED)


def refuse(command: BaseCommand, message: str, as_json: bool, code: int = BAD_INPUT) -> NoReturn:
    command.stderr.write(message)
    if as_json:
        command.stdout.write(json.dumps({"status": "invalid", "errors": [{"text": message}]}))
    sys.exit(code)


def in_words(made: Decision) -> str:
    """The decision in a line or two."""
    answer = made.answer
    said = [answer["text"]] if answer.get("text") else []
    said += [text for limit in answer.get("limits", []) for text in limit["texts"]]
    said += [change["text"] for change in answer.get("changes", [])]
    runs = ", ".join(str(run) for run in made.runs.order_by("pk"))
    return f"{made}: {' '.join([made.get_kind_display() + '.', *said, runs]).strip()}"
