"""Contributions drawn from their uncertainty, as scoring last stored it. Params are never read here.

What is stored is the formula at the params' values, which a skewed range may hold away from the median of its
draws: P50 and the stored contribution are two different statements about one model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.models import Contributions, Metric
from scoring import ranges
from scoring.contributions import without_math
from scoring.judging import same_label
from scoring.models import ActiveScenario, MathModel
from scoring.uncertainty import DRAWS

Draws = NDArray[np.float64]
MOST_NUMBERS = 20_000_000  # in memory at once: 160 MB
CHUNK = 1_000


class TooManyDrawsError(ValueError):
    """So many draws of so many contributions don't fit; the message says how many do."""


@dataclass
class _Sum:
    """The models that add up to one contribution: what is certain of it, and the samples of the rest."""

    certain: float = 0.0
    samples: list[dict[str, Any]] = field(default_factory=list)

    def drawn(self, draws: int, seed: int | None) -> Draws:
        total = np.full(draws, self.certain)
        for stored in self.samples:
            total += ranges.redraw(stored, draws, seed)
        return total


def contribution_draws(
    initiative_keys: Iterable[str], draws: int | None = None, seed: int | None = None
) -> dict[str, dict[str, Draws]]:
    """``{initiative key: {kpi key: N values}}`` in native units, of the contributions that are uncertain.

    A contribution that is missing here is certain: an override, or a sum of models none of which has a range.
    Models of one target add up draw by draw, and a param of one name is drawn alike in all of them. Without
    ``seed`` the draws are those behind the stored P10 and P90; without ``draws`` they are as many, or fewer
    where so many contributions don't fit into MOST_NUMBERS. A value that can't be computed in a draw is NaN
    or infinite: who adds contributions up drops that draw for all of them, so that draws stay comparable. A
    contribution without one finite draw is certain too. Raises TooManyDrawsError.
    """
    sums = _uncertain(initiative_keys)
    size = _size(len(sums), draws)
    found: dict[str, dict[str, Draws]] = {}
    for (key, kpi), parts in sorted(sums.items()):
        values = parts.drawn(size, seed)
        if np.isfinite(values).any():
            found.setdefault(key, {})[kpi] = values
    return found


def _size(contributions: int, draws: int | None) -> int:
    most = MOST_NUMBERS // max(1, contributions)
    if draws and draws > most:
        held = f"{contributions:,} uncertain contributions"
        raise TooManyDrawsError(f"{draws:,} draws of {held} are too many; ask for at most {most:,}.")
    return draws or min(DRAWS, most)


def _uncertain(initiative_keys: Iterable[str]) -> dict[tuple[str, str], _Sum]:
    """By (initiative key, KPI key): what adds up to the contribution, where any of it has samples."""
    wanted, label = sorted(set(initiative_keys)), ActiveScenario.current()
    targets = {metric.pk: metric.kpi_key for metric in Metric.targets()}
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    for start in range(0, len(wanted), CHUNK):
        for key, scenario, target, value, samples in _models(wanted[start : start + CHUNK]):
            if target in targets and same_label(scenario, label):
                part = sums[key, targets[target]]
                if samples:
                    part.samples.append(samples)
                else:
                    part.certain += value
    said = _overridden(wanted)
    return {place: part for place, part in sums.items() if part.samples and place not in said}


def _models(keys: list[str]) -> Iterator[tuple[str, str, int, float, dict[str, Any] | None]]:
    """The models that contribute, oldest first, of live initiatives that use math models."""
    rows = MathModel.objects.filter(initiative__initiative_key__in=keys, initiative__deleted_at=None)
    rows = rows.filter(formula_approved=True).exclude(computed_value=None).exclude(target_kpi=None)
    refused = without_math(rows.values("initiative_id"))
    named = ("initiative_id", "initiative__initiative_key", "scenario_label", "target_kpi_id")
    for pk, *model in rows.order_by("pk").values_list(*named, "computed_value", "samples"):
        if pk not in refused:
            yield tuple(model)


def _overridden(keys: list[str]) -> set[tuple[str, str]]:
    rows = Contributions.objects.exclude(override=None).values_list("initiative__initiative_key", "override")
    wanted = set(keys)
    return {(key, kpi) for key, override in rows if key in wanted for kpi in override or {}}
