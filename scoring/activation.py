"""The active scores: those of the framework a row's choice names."""

from __future__ import annotations

from portfolio.tabs.writing import RowState
from scoring.models import PARTS, Framework, ScoringInputs

CHOICE = "active_scoring_framework"


def follow_choice(state: RowState) -> None:
    """A changed choice copies that framework's scores to the active ones at once."""
    if CHOICE not in state.changed:
        return
    for part in PARTS:
        state.derive(f"{part}_score", state[_source(state[CHOICE], part)] if state[CHOICE] else None)


def copy_active(inputs: ScoringInputs) -> None:
    """The same for a row that was just scored (not saved here)."""
    choice = inputs.active_scoring_framework
    for part in PARTS:
        setattr(inputs, f"{part}_score", getattr(inputs, _source(choice, part)) if choice else None)


def _source(framework: str, part: str) -> str:
    return f"{Framework(framework).prefix}_{part}_score"
