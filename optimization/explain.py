"""Why there is no portfolio: what cannot hold, in a PM's words, and which numbers to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from .core import Core
from .cpsat import Budget
from .feasibility import Conflict, in_words
from .model import Model
from .repairs import Repair, Repairs
from .warnings import Warning, warn


class Explanation(TypedDict):
    """The part of an answer that says why there is no portfolio."""

    conflict: list[Conflict]
    repairs: list[Repair]
    warnings: list[Warning]


def explained(model: Model, budget: Budget) -> Explanation:
    """What stands in the way of every portfolio of an infeasible problem, and the cheapest repairs.

    The conflict is every constraint that is impossible by itself; when there is none, one smallest set of
    constraints that clash. What the budget left unproven is said in `warnings`.
    """
    core = Core(model, budget)
    repairs = Repairs(model, core, budget)
    found = repairs.found()
    return {
        "conflict": conflict(model, core),
        "repairs": found,
        "warnings": [*about_conflict(core), *about_repairs(repairs, found)],
    }


def conflict(model: Model, core: Core) -> list[Conflict]:
    """The members of a core in words, each impossible one by itself."""
    if core.alone:
        return [entry for number in core.alone for entry in in_words(model, [core.groups[number]])]
    return in_words(model, [core.groups[number] for number in core.members])


def about_conflict(core: Core) -> Iterator[Warning]:
    if not core.members:
        text = "no portfolio can keep all constraints; which of them clash was not found in the time allowed"
        yield warn("conflict_unknown", text)
    elif not core.is_proven:
        text = "these constraints clash; that none of them can be spared was not proven in the time allowed"
        yield warn("conflict_unproven", text)


def about_repairs(repairs: Repairs, found: list[Repair]) -> Iterator[Warning]:
    if repairs.is_proven:
        return
    if found:
        text = "each repair is enough; that nothing smaller is was not proven in the time allowed"
        yield warn("repairs_unproven", text)
    else:
        yield warn("repairs_unknown", "no repair was found in the time allowed; there may be one")
