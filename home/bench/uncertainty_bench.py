"""Draws of many formulas, one after the other, and everybody's rank in every draw; 10,000 draws of each.

Each has a formula of its own, ``audience · share · worth`` and a constant. All share their params, or the
last is each one's own, by name and range, so that nothing of it was drawn before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from home.bench import Bench, Case, filling, scoring_bench
from portfolio.tabs.changes import SetCell
from scoring import formula, stability
from scoring.models import Param
from scoring.uncertainty import DRAWS, Range, sample, summarise

SHARED = {"audience": Range(120_000, 90_000, 180_000), "share": Range(0.12, 0.08, 0.2)}
WORTH = Range(4.5, 3, 7)
SHARES = (0.1, 0.9)


def prepare(size: int) -> None:
    """As for scoring, with a range for every param."""
    scoring_bench.prepare(size)
    rows = Param.objects.values_list("pk", "param_name")
    spread = {"min": 0.8, "max": 1.4}
    cells = [(pk, {end: scoring_bench.VALUES[name] * by for end, by in spread.items()}) for pk, name in rows]
    filling.put("params", [SetCell(pk, end, value) for pk, row in cells for end, value in row.items()])
    filling.put("params", [SetCell(pk, "approved", True) for pk, _ in cells])


def shared_params(size: int) -> Callable[[], object]:
    return _drawn(_models(size, shared=True))


def own_params(size: int) -> Callable[[], object]:
    return _drawn(_models(size, shared=False))


def _drawn(models: list[tuple[formula.Script, dict[str, Range]]]) -> Callable[[], object]:
    """What is timed: the draws and what they say, not the reading of the formulas."""
    return lambda: [summarise(sample(*one)) for one in models]


def _models(size: int, shared: bool) -> list[tuple[formula.Script, dict[str, Range]]]:
    return [_model("worth" if shared else f"worth_{at}", at, size, shared) for at in range(size)]


def _model(name: str, at: int, size: int, shared: bool) -> tuple[formula.Script, dict[str, Range]]:
    worth = WORTH if shared else Range(3 + 4 * (at + 0.5) / size, 3, 7)
    script = formula.parse(f"reached = audience * share\nvalue = reached * {name} + {at}")
    return script, {**SHARED, name: worth}


def ranks(size: int) -> Callable[[], object]:
    """All of them in all draws: more than scoring itself does for so many."""

    def run() -> object:
        scores = np.empty((size, DRAWS))
        for at, one in enumerate(_models(size, shared=False)):
            scores[at] = sample(*one)
        return stability.place_percentiles(scores, SHARES)

    return run


BENCH = Bench(
    size=10_000,
    prepare=prepare,
    cases={
        "shared params": Case(shared_params),
        "a param of its own each": Case(own_params),
        "ranks in all draws": Case(ranks),
        "the scoring job": Case(scoring_bench.own_formulas),
    },
)
