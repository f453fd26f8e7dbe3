"""Reading what an action was asked: each option by a reader that says in a sentence what would be right."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from optimization.models import CandidateChoice, Run
from portfolio.actions.registry import ActionError

Reader = Callable[[str, Any], Any]  # (name of the option, what was given or None) → its value


def read(options: Mapping[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Every option by name. Raises ActionError for an option nobody reads or a value that makes no sense."""
    unknown = sorted(set(options) - set(readers))
    if unknown:
        raise ActionError(f"Unknown option {', '.join(unknown)}; there are {', '.join(readers)}.")
    return {name: reader(name, options.get(name)) for name, reader in readers.items()}


def text(name: str, value: Any) -> str:
    """Text without the space around it; blank where nothing was given."""
    if value is not None and not isinstance(value, str):
        raise ActionError(f"{name} must be text, not {value!r}.")
    return (value or "").strip()


def needed(name: str, value: Any) -> str:
    found = text(name, value)
    if not found:
        raise ActionError(f"Say which {name.replace('_', ' ')}: {name} is blank.")
    return found


def keys(name: str, value: Any) -> list[str]:
    """A list of initiative keys, or text with commas; each once."""
    listed = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise ActionError(f'{name} must be a list of initiative keys like ["INIT-000001"], not {value!r}.')
    return list(dict.fromkeys(key.strip() for key in listed if key.strip()))


def whole(least: int, most: int, default: int | None) -> Reader:
    """A whole number from `least` to `most`."""

    def reader(name: str, value: Any) -> int | None:
        if value in (None, ""):
            return default
        if isinstance(value, bool) or not str(value).strip().isdecimal() or not least <= int(value) <= most:
            raise ActionError(f"{name} must be a whole number from {least:,} to {most:,}, not {value!r}.")
        return int(value)

    return reader


def tokens(name: str, value: Any) -> float | None:
    """A number of tokens above 0; None where nothing was given."""
    if value in (None, ""):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if isinstance(value, bool) or not 0 < found < math.inf:
        raise ActionError(f"{name} must be a number of tokens above 0, not {value!r}.")
    return found


def stored_run(name: str, value: Any) -> Run:
    """A run with a problem to ask again."""
    run_id = needed(name, value)
    run = Run.objects.select_related("scenario").filter(run_id__iexact=run_id).first()
    if run is None:
        newest = Run.objects.first()
        there_is = f"The newest is {newest}." if newest else "Run the optimizer first."
        raise ActionError(f"There is no run “{run_id}”. {there_is}")
    if run.problem is None:
        raise ActionError(f"{run} was not solved: its rows needed a correction. Choose another run.")
    return run


def candidates(name: str, value: Any) -> str:
    """Which candidates compete: all (where nothing is said) or selected."""
    found = text(name, value) or CandidateChoice.ALL
    if found not in CandidateChoice.values:
        raise ActionError(f"{name} must be {' or '.join(CandidateChoice.values)}, not “{found}”.")
    return found
