"""Bringing a model with its params, but no number, into initiatives: what copying and the library share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from initiatives.models import Initiative
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Change, CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.tab import Tab
from portfolio.tabs.turns import writers_turn
from scoring.models import MathModel, Param

LONGEST_NAME = 200


class NotBroughtError(Exception):
    """The gate refused some of it, so nothing was saved; the message says what and why."""


@dataclass(frozen=True)
class Parcel:
    """The cells of a model, and by name the cells of the params its formula reads, as they are typed."""

    name: str
    model: Mapping[str, Any]
    params: Mapping[str, Mapping[str, Any]]


@dataclass
class Brought:
    """What became of it. By initiative key: the params it ``made``, and those it ``kept`` as they were."""

    models: list[int] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    batches: list[uuid.UUID] = field(default_factory=list)


def bring(parcel: Parcel, into: Sequence[Initiative], actor: Actor, fill: MathModel | None = None) -> Brought:
    """Make the model in every initiative, unapproved; or ``fill`` the blanks of one that has no formula yet.

    One batch per tab. All or nothing: raises NotBroughtError.
    """
    brought = Brought()
    with writers_turn():
        names = _names(parcel.name, into)
        changes = list(_blanks(parcel, fill)) if fill else _models(parcel, names)
        outcome = _apply("math_models", actor, changes, brought)
        brought.models = [fill.pk] if fill else [outcome.created[key] for key in names]
        rows = list(_params(parcel, into, brought))
        if rows:
            _apply("params", actor, rows, brought)
    return brought


def why_not(actor: Actor) -> str:
    """Why ``actor`` may bring no model anywhere, in a sentence; blank for those who may."""
    tab = registry.tab("math_models")
    may = " or ".join(sorted(tab.roles))
    return "" if tab.may_create(actor) else f"Your role may not add models. {may} may."


def cells_of(tab: Tab, row: Any, names: Sequence[str]) -> dict[str, Any]:
    """What some columns of a row say, as it would be typed; blanks are left out."""
    shown = {name: tab.column(name).show(tab.column(name).read(row)) for name in names}
    return {name: cell for name, cell in shown.items() if cell is not None}


def _apply(name: str, actor: Actor, changes: Sequence[Change], brought: Brought) -> Outcome:
    outcome = apply_changes(registry.tab(name), actor, Surface.FORM, changes, row_atomic=True)
    if not outcome.ok:
        said = dict.fromkeys(result.message for result in outcome.refused)
        raise NotBroughtError(" ".join(["Nothing was saved.", *said]))
    brought.batches.append(outcome.batch_id)
    return outcome


def _models(parcel: Parcel, names: Mapping[str, str]) -> list[Change]:
    return [
        CreateRow(key, {"initiative_key": key, "model_name": name, **parcel.model})
        for key, name in names.items()
    ]


def _blanks(parcel: Parcel, fill: MathModel) -> Iterator[Change]:
    tab = registry.tab("math_models")
    for name, cell in parcel.model.items():
        if name == "formula_text" or tab.column(name).read(fill) is None:
            yield SetCell(fill.pk, name, cell, expected=None)


def _names(wanted: str, into: Sequence[Initiative]) -> dict[str, str]:
    """By initiative key: the name, with a number behind it where a model there has it already."""
    taken = {initiative.pk: set[str]() for initiative in into}
    rows = MathModel.objects.filter(initiative__in=taken).order_by()
    for initiative, name in rows.values_list("initiative_id", "model_name"):
        taken[initiative].add(_folded(name))
    return {initiative.initiative_key: _free(wanted, taken[initiative.pk]) for initiative in into}


def _free(wanted: str, taken: set[str]) -> str:
    endings = ("", *(f" ({number})" for number in range(2, len(taken) + 3)))
    names = (wanted[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(name for name in names if _folded(name) not in taken)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _params(parcel: Parcel, into: Sequence[Initiative], brought: Brought) -> Iterator[Change]:
    there = set(Param.objects.filter(initiative__in=into).values_list("initiative_id", "param_name"))
    folded = {(initiative, name.casefold()) for initiative, name in there}
    for initiative in into:
        key = initiative.initiative_key
        for name, cells in parcel.params.items():
            kept = (initiative.pk, name.casefold()) in folded
            (brought.kept if kept else brought.made).setdefault(key, []).append(name)
            if not kept:
                yield CreateRow(f"{key} {name}", {"initiative_key": key, "param_name": name, **cells})
