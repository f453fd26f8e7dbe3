"""Reading the numbers on the page as the Params tab would read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.cells import CellError
from scoring.studio.trying import Numbers

NUMBERS = ("value", "min", "max", "distribution", "unit")
MOST_PARAMS = 500


class UnreadableError(ValueError):
    """What was asked for has another form than the page sends; the message says what would be right."""


@dataclass(frozen=True)
class Typed:
    """Params by name, and by name and column why a cell can't be read; such a cell counts as blank.

    ``labels`` are what the page calls the params.
    """

    params: dict[str, Numbers] = field(default_factory=dict)
    refused: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


def formula_of(asked: Any) -> str:
    text = asked.get("formula") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        raise UnreadableError('Send {"formula": "value = …", "params": {"name": {"value": 1}}}.')
    return text


def params_of(asked: Mapping[str, Any]) -> Typed:
    """Raises UnreadableError where the params are no mappings, or far too many."""
    params = {} if asked.get("params") is None else asked["params"]
    if not isinstance(params, dict) or not all(isinstance(param, dict) for param in params.values()):
        raise UnreadableError("params must be an object of name → {value, min, max, distribution}.")
    if len(params) > MOST_PARAMS:
        raise UnreadableError(f"These are {len(params)} params; at most {MOST_PARAMS} are tried at once.")
    typed = Typed()
    for name, param in params.items():
        typed.labels[name] = str(param.get("label") or "")
        typed.params[name] = {column: _read(typed, name, column, param.get(column)) for column in NUMBERS}
    return typed


def _read(typed: Typed, name: str, column: str, cell: Any) -> Any:
    try:
        if isinstance(cell, dict | list):
            raise CellError(f"{column} must be a number or a text.")
        return registry.tab("params").column(column).clean(cell)
    except CellError as error:
        typed.refused.setdefault(name, {})[column] = str(error)
        return None
