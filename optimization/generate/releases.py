"""Next Release Problems: customers pay when every requirement they ask for is built.

A customer is a candidate of 0 tokens that requires what it asked for; a requirement is a candidate that costs
tokens, brings nothing by itself and requires others. The sizes are those of Bagnall, Rayward-Smith and
Whittley, “The next release problem” (2001), and for the flat ones of Xuan, Jiang, Ren and Luo (2012).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Level:
    """Requirements of one level, each with up to `children` dependents on the next one."""

    size: int
    tokens: tuple[int, int]
    children: int = 0


@dataclass(frozen=True)
class Shape:
    """What is drawn: requirements level by level, and customers with their requests and profits."""

    levels: tuple[Level, ...]
    customers: int
    requests: tuple[int, int] = (1, 5)
    profit: tuple[int, int] = (10, 50)


FIVE_COSTS = ((1, 5), (2, 7), (3, 9), (4, 10), (5, 15))


def five(*sizes: int) -> tuple[Level, ...]:
    children = (8, 6, 4, 2, 0)
    return tuple(Level(*drawn) for drawn in zip(sizes, FIVE_COSTS, children, strict=True))


CLASSIC: dict[str, Shape] = {
    "nrp1": Shape((Level(20, (1, 5), 8), Level(40, (2, 8), 2), Level(80, (5, 10))), 100),
    "nrp2": Shape(five(20, 40, 80, 160, 320), 500),
    "nrp3": Shape((Level(250, (1, 5), 8), Level(500, (2, 8), 2), Level(750, (5, 10))), 500),
    "nrp4": Shape(five(250, 500, 750, 1000, 750), 750),
    "nrp5": Shape((Level(500, (1, 3), 4), Level(500, (2, 2), 4), Level(500, (3, 5))), 1000, (1, 1)),
    "realistic": Shape((Level(4000, (1, 7)),), 500, (4, 20)),
}


def nrp(name: str = "nrp1", ratio: float = 0.5, seed: int = 0) -> dict[str, Any]:
    """A problem of a classic shape, with that share of all tokens as its capacity."""
    shape = CLASSIC[name]
    draw = random.Random(f"{name}:{seed}")  # noqa: S311 - reproducible instances, not secrets
    levels = [
        [requirement(f"R{i}-{n:04d}", level, draw) for n in range(level.size)]
        for i, level in enumerate(shape.levels, 1)
    ]
    requirements = [row for level in levels for row in level]
    keys = [row["key"] for row in requirements]
    customers = [customer(number, shape, draw) for number in range(shape.customers)]
    wishes = {row["key"]: sorted(draw.sample(keys, draw.randint(*shape.requests))) for row in customers}
    return {
        "candidates": [*requirements, *customers],
        "kpis": [{"key": "profit", "level": "north_star", "unit": None}],
        "capacity_total": int(ratio * sum(row["tokens"] for row in requirements)),
        "constraints": {"prerequisites": dependencies(shape, levels, draw) | wishes},
    }


def requirement(key: str, level: Level, draw: random.Random) -> dict[str, Any]:
    return {"key": key, "tokens": draw.randint(*level.tokens)}


def customer(number: int, shape: Shape, draw: random.Random) -> dict[str, Any]:
    return {"key": f"C-{number:04d}", "tokens": 0, "contributions": {"profit": draw.randint(*shape.profit)}}


def dependencies(
    shape: Shape, levels: list[list[dict[str, Any]]], draw: random.Random
) -> dict[str, list[str]]:
    """{dependent: [required]} between neighbouring levels."""
    found: dict[str, list[str]] = {}
    for level, (above, beneath) in zip(shape.levels, pairwise(levels), strict=False):
        for required in above:
            for dependent in draw.sample(beneath, draw.randint(0, level.children)):
                found.setdefault(dependent["key"], []).append(required["key"])
    return found
