"""Draws for the problem of a run, where scoring still says of a contribution what the run was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from metrics.models import Contributions
from optimization.problem import fold
from portfolio.actions.registry import ActionError
from scoring.draws import Draws, TooManyDrawsError, contribution_draws


@dataclass(frozen=True)
class Redrawn:
    """The draws {key: {kpi: N values}}, and what their person should know about them."""

    draws: dict[str, dict[str, Draws]]
    held: list[dict[str, str]]  # {key, kpi}: uncertain, but scored anew since the run, so held as it was

    @property
    def told(self) -> dict[str, Any]:
        return {"uncertain": sum(map(len, self.draws.values())), "held": self.held}


def draws_for(problem: dict[str, Any], draws: int | None, seed: int | None) -> Redrawn:
    """Draws of what is uncertain in a problem file. Raises ActionError where nothing is, or too much."""
    wanted = {candidate["key"]: candidate["contributions"] for candidate in problem["candidates"]}
    try:
        found = contribution_draws(wanted, draws, seed)
    except TooManyDrawsError as error:
        raise ActionError(str(error)) from None
    now = dict(_contributions())
    kept: dict[str, dict[str, Draws]] = {}
    held = []
    for key, row in found.items():
        for kpi, values in row.items():
            if _same(wanted[key], now.get(key, {}), kpi):
                kept.setdefault(key, {})[kpi] = values
            else:
                held.append({"key": key, "kpi": kpi})
    if not kept:
        raise ActionError(_why_nothing(held))
    return Redrawn(kept, held)


def _contributions() -> Iterator[tuple[str, dict[str, float]]]:
    rows = Contributions.objects.select_related("initiative").filter(initiative__deleted_at=None)
    return ((row.initiative.initiative_key, row.effective) for row in rows)


def _same(then: dict[str, float], now: dict[str, float], kpi: str) -> bool:
    """Whether the run was told the contribution that scoring stores now."""
    told = {fold(name): value for name, value in then.items()}
    return told.get(fold(kpi)) is not None and told[fold(kpi)] == now.get(kpi)


def _why_nothing(held: list[dict[str, str]]) -> str:
    if held:
        return "Everything uncertain was scored anew since this run. Run the optimizer again, then ask this."
    return (
        "No contribution of this run is uncertain. Give params a min and a max on Params, run scoring, "
        "then run the optimizer again."
    )
