"""`manage.py what_if SCENARIO NAME --set tab.column[key]=value`: a changed copy, run and compared."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from optimization.management.commands._deciding import decide, refuse
from optimization.what_if import WHAT_IF

CELL = re.compile(r"(?P<tab>\w+)\.(?P<column>\w+)(?:\[(?P<key>[^\]]*)\])?=(?P<value>.*)", re.DOTALL)
EXAMPLE = "scenario_config.capacity_total_tokens=450 or constraints.max_tokens[capacity_cap/payments]=130"


class Command(BaseCommand):
    help = "Copies a scenario, changes the copy, runs it, and says what that changed (exit 2: refused)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scenario", help="the scenario's name")
        parser.add_argument("name", help="what to call the copy")
        parser.add_argument("--set", action="append", default=[], metavar="CELL=VALUE", help=EXAMPLE)
        parser.add_argument(
            "--changes", metavar="FILE.json", help="a list of changes, as pm.what_if takes it"
        )
        parser.add_argument("--constraint-set", default="", help="default: the only one, else “default”")
        parser.add_argument("--candidates", default="all", choices=["all", "selected"])
        parser.add_argument("--json", action="store_true", help="print the decision as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = read_json(options["changes"]) if options["changes"] else []
            changes = changes + [cell(text) for text in options["set"]]
        except (ValueError, TypeError) as error:
            refuse(self, str(error), options["json"])
        named = {name: options[name] for name in ("scenario", "name", "constraint_set", "candidates")}
        decide(self, WHAT_IF, named | {"changes": changes}, options["json"])


def cell(text: str) -> dict[str, Any]:
    """One change of a cell. Raises ValueError."""
    found = CELL.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}” is not a change; write it like {EXAMPLE}.")
    return {name: value for name, value in found.groupdict().items() if value is not None}


def read_json(path: str) -> Any:
    """What a file holds. Raises ValueError."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ValueError(f"Cannot read {path}: {error}") from None
