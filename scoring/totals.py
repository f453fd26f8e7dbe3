"""What the models of one initiative add up to for one KPI, draw by draw."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from metrics.models import PERCENTILES
from scoring import ranges
from scoring.frameworks.scored import significant
from scoring.ranges import Samples

if TYPE_CHECKING:
    from scoring.hypercube import Draws

Percentiles = dict[str, float]


@dataclass
class Total:
    """Models with the same target: the values of the certain ones, percentiles and samples of the others."""

    certain: list[float] = field(default_factory=list)
    percentiles: list[tuple[float, ...]] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)

    def add(self, value: float, percentiles: tuple[float | None, ...], samples: Samples | None) -> None:
        """One more model: its computed value, and its P10, P50 and P90 where it has them."""
        known = tuple(one for one in percentiles if one is not None)
        if samples and ranges.moves(samples) and len(known) == len(PERCENTILES):
            self.percentiles.append(known)
            self.samples.append(samples)
        else:
            self.certain.append(value)

    def drawn(self, draws: int, seed: int | None = None) -> Draws:
        """Shape (draws,). A param of one name is drawn alike in all models. Raises RangeError."""
        import numpy as np  # only worth loading for draws

        total = np.full(draws, math.fsum(self.certain))
        for stored in self.samples:
            total += ranges.redraw(stored, draws, seed)
        return total

    def spread(self) -> Percentiles | None:
        """P10, P50 and P90 of the sum; None where it is certain, or can't be computed in any draw."""
        if not self.samples:
            return None
        if len(self.samples) == 1:  # what is certain moves all draws alike
            certain = math.fsum(self.certain)
            found = [one + certain for one in self.percentiles[0]]
        else:
            from scoring import uncertainty

            said = uncertainty.summarise(self.drawn(settings.SCORING_DRAWS))
            found = [getattr(said, name) for name in PERCENTILES]
        if not all(map(math.isfinite, found)):
            return None
        return {name: float(significant(one) or 0) for name, one in zip(PERCENTILES, found, strict=True)}
