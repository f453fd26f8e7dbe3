"""`manage.py formula`: what a formula script reads, assigns and yields, without a database."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.formula import answer, answer_line

MAX_SAMPLES = 1_000_000


class Command(BaseCommand):
    help = (
        "Check and compute a formula script and print one JSON document: identifiers, assigned, values, "
        "value and errors [{line, kind, message}]; with --samples also p10, p50, p90, mean, p_positive, "
        "finite_fraction, sampling_error and tornado. "
        "Exit code: 0 computed, 1 the script or its params have errors, 2 bad input."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the script (or JSON lines); - reads standard input")
        parser.add_argument(
            "--params",
            metavar="P.json",
            help='a JSON object: name → number, or name → {"value", "min", "max", "distribution"} '
            "with distribution one of pert (default), triangular, uniform, lognormal_90, fixed",
        )
        parser.add_argument("--samples", type=int, metavar="N", help="draw N times from the params' ranges")
        parser.add_argument("--seed", type=int, default=0, metavar="S", help="the seed of the draws (0)")
        parser.add_argument(
            "--jsonl",
            action="store_true",
            help="read one {script, params} per line, print one answer per line; "
            "exit code 0 when every line got an answer",
        )

    def handle(self, *, file: str, params: str | None, jsonl: bool, **options: Any) -> None:
        samples, seed = options["samples"], options["seed"]
        if samples is not None and not 1 <= samples <= MAX_SAMPLES:
            raise _refusal(f"--samples is {samples}; give 1 to {MAX_SAMPLES:,}")
        if jsonl and params:
            raise _refusal("--params does not go with --jsonl: every line brings its own params")
        try:
            if jsonl:
                self._answer_lines(file, samples, seed)
            else:
                self._answer_script(_read(file), _read_params(params), samples, seed)
        except OSError as error:
            raise _refusal(f"cannot read {error.filename or file}: {error.strerror}") from None

    def _answer_lines(self, file: str, samples: int | None, seed: int) -> None:
        with _open(file) as lines:
            for line in lines:
                self._print(answer_line(line, samples, seed))

    def _answer_script(self, script: str, params: dict[str, object], samples: int | None, seed: int) -> None:
        result = answer(script, params, samples, seed)
        self._print(result)
        if result["errors"]:
            sys.exit(1)

    def _print(self, result: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(result, allow_nan=False))


def _refusal(message: str) -> CommandError:
    return CommandError(message, returncode=2)


def _open(file: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")


def _read(file: str) -> str:
    """The text of a file with its line endings as they are: a script's grammar has an opinion on them."""
    with _open(file) as stream:
        try:
            return stream.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _refusal(f"{file} is not UTF-8 text") from None


def _read_params(file: str | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        params = json.loads(_read(file))
    except (ValueError, RecursionError) as error:
        raise _refusal(f"{file} is not JSON: {error}") from None
    if not isinstance(params, dict):
        raise _refusal(f"{file} must hold a JSON object of name → number or range")
    return params
