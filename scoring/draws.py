"""Contributions drawn from their uncertainty, as scoring last stored it. Params are never read here.

What is stored is the formula at the params' values, which a skewed range may hold away from the median of its
draws: P50 and the stored contribution are two different statements about one model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from django.conf import settings

from metrics.models import PERCENTILES, Contributions, Metric
from scoring.contributions import without_math
from scoring.hypercube import Draws as Draws
from scoring.judging import same_label
from scoring.models import ActiveScenario, MathModel
from scoring.totals import Total

MOST_NUMBERS = 20_000_000  # in memory at once: 160 MB
CHUNK = 1_000


class TooManyDrawsError(ValueError):
    """So many draws of so many contributions don't fit; the message says how many do."""


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
    for (key, kpi), total in sorted(sums.items()):
        values = total.drawn(size, seed)
        if np.isfinite(values).any():
            found.setdefault(key, {})[kpi] = values
    return found


def _size(contributions: int, draws: int | None) -> int:
    most = MOST_NUMBERS // max(1, contributions)
    if draws and draws > most:
        held = f"{contributions:,} uncertain contributions"
        raise TooManyDrawsError(f"{draws:,} draws of {held} are too many; ask for at most {most:,}.")
    return draws or min(settings.SCORING_DRAWS, most)


def _uncertain(initiative_keys: Iterable[str]) -> dict[tuple[str, str], Total]:
    """By (initiative key, KPI key): what adds up to the contribution, where any of it has samples."""
    wanted, label = sorted(set(initiative_keys)), ActiveScenario.current()
    targets = {metric.pk: metric.kpi_key for metric in Metric.targets()}
    totals: dict[tuple[str, str], Total] = defaultdict(Total)
    for start in range(0, len(wanted), CHUNK):
        for key, scenario, target, value, samples, *percentiles in _models(wanted[start : start + CHUNK]):
            if target in targets and same_label(scenario, label):
                totals[key, targets[target]].add(value, tuple(percentiles), samples)
    said = _overridden(wanted)
    return {place: total for place, total in totals.items() if total.samples and place not in said}


def _models(keys: list[str]) -> Iterator[tuple[Any, ...]]:
    """The models that contribute, oldest first, of live initiatives that use math models."""
    rows = MathModel.objects.filter(initiative__initiative_key__in=keys, initiative__deleted_at=None)
    rows = rows.filter(formula_approved=True).exclude(computed_value=None).exclude(target_kpi=None)
    refused = without_math(rows.values("initiative_id"))
    named = ("initiative_id", "initiative__initiative_key", "scenario_label", "target_kpi_id")
    for pk, *model in rows.order_by("pk").values_list(*named, "computed_value", "samples", *PERCENTILES):
        if pk not in refused:
            yield tuple(model)


def _overridden(keys: list[str]) -> set[tuple[str, str]]:
    rows = Contributions.objects.exclude(override=None).values_list("initiative__initiative_key", "override")
    wanted = set(keys)
    return {(key, kpi) for key, override in rows if key in wanted for kpi in override or {}}
