"""Dense knapsacks of many dimensions, drawn as Chu and Beasley (1998) drew those of the OR-Library.

The first row is tokens under the capacity. Every other row is a KPI that each candidate lowers, with a floor
below zero: Σ −use ≥ −limit.
"""

from __future__ import annotations

import random
from typing import Any

MOST = 1000  # of one resource that one candidate uses
LUCK = 500  # what chance adds to a profit that is otherwise proportional to use


def knapsack(m: int, n: int, tightness: float = 0.5, seed: int = 0) -> dict[str, Any]:
    """n candidates under m limits, each that share of what all candidates would use."""
    draw = random.Random(f"{m}:{n}:{tightness}:{seed}")  # noqa: S311 - reproducible instances, not secrets
    uses = [[draw.randint(0, MOST) for _ in range(m)] for _ in range(n)]
    limits = [int(tightness * sum(column)) for column in zip(*uses, strict=True)]
    resources = [f"resource {row}" for row in range(2, m + 1)]
    return {
        "candidates": [candidate(index, use, resources, draw) for index, use in enumerate(uses)],
        "kpis": [
            {"key": "profit", "level": "north_star", "unit": None},
            *({"key": name, "level": "operational", "unit": None} for name in resources),
        ],
        "capacity_total": limits[0],
        "targets": [
            {"kpi": name, "target": -limit, "type": "floor"}
            for name, limit in zip(resources, limits[1:], strict=True)
        ],
    }


def candidate(index: int, use: list[int], resources: list[str], draw: random.Random) -> dict[str, Any]:
    profit = round(sum(use) / len(use) + LUCK * draw.random())
    used = {name: -amount for name, amount in zip(resources, use[1:], strict=True)}
    return {"key": f"ITEM-{index:04d}", "tokens": use[0], "contributions": {"profit": profit} | used}
