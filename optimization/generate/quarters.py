"""Seeded planning quarters of any size, for measuring the solver.

Log-normal contributions, tokens 1–60, four departments and six markets, a total and per-dimension caps
that bind, prerequisite chains, bundles, exclusion pairs, synergies, KPI floors that can be met.
"""

from __future__ import annotations

import random
from typing import Any

DEPARTMENTS = ("payments", "growth", "platform", "partners")
MARKETS = ("UK", "UAE", "KSA", "FR", "DE", "ES")
KPIS = {"gmv": "north_star", "active_restaurants": "strategic", "adoption": "strategic"}
TYPICAL = {"gmv": 11.0, "active_restaurants": 4.0, "adoption": 1.0}  # log of the median contribution


def problem(n: int, mode: str = "north_star", seed: int = 0, synergies: bool = True) -> dict[str, Any]:
    """A problem file with n candidates in the given objective mode; the same seed gives the same file."""
    draw = random.Random(f"{n}:{seed}")  # noqa: S311 - reproducible instances, not secrets
    candidates = [candidate(index, draw) for index in range(n)]
    constraints = rules(candidates, draw)
    if not synergies:
        constraints["synergies"] = []
    total = sum(c["tokens"] for c in candidates)
    weights = {"gmv": 0.5, "active_restaurants": 0.3, "adoption": 0.2} if mode == "weighted_kpis" else {}
    return {
        "candidates": candidates,
        "kpis": [{"key": key, "level": level, "unit": None} for key, level in KPIS.items()],
        "objective": {"mode": mode, "scope": "all", "weights": weights, "lexicographic_order": []},
        "capacity_total": round(total * 0.35),
        "constraints": constraints,
        "targets": targets(candidates, mode),
        "options": {"deterministic_seconds": 30, "wall_seconds": 120, "seed": 0},
    }


def candidate(index: int, draw: random.Random) -> dict[str, Any]:
    return {
        "key": f"INIT-{index + 1:06d}",
        "tokens": draw.randint(1, 60),
        "contributions": {
            kpi: round(draw.lognormvariate(middle, 1.0), 2)
            for kpi, middle in TYPICAL.items()
            if kpi == "gmv" or draw.random() < 0.6
        },
        "dimensions": {"department": draw.choice(DEPARTMENTS), "market": draw.choice(MARKETS)},
    }


def rules(candidates: list[dict[str, Any]], draw: random.Random) -> dict[str, Any]:
    keys = [c["key"] for c in candidates]
    n = len(keys)
    chains = [sorted(draw.sample(keys, 2)) for _ in range(n // 20)]
    pairs = [draw.sample(keys, 2) for _ in range(n * 3 // 100)]
    bundles = [draw.sample(keys, 2) for _ in range(n * 3 // 200)]
    together = [draw.sample(keys, 3) for _ in range(n // 50)]
    prerequisites: dict[str, list[str]] = {}
    for required, dependent in chains:
        prerequisites.setdefault(dependent, []).append(required)
    return {
        "caps": {
            "department": shares(candidates, "department", DEPARTMENTS[:3], 0.34),
            "market": shares(candidates, "market", MARKETS[:3], 0.36),
        },
        "floors": {"department": shares(candidates, "department", DEPARTMENTS[3:], 0.15)},
        "exclusion_pairs": pairs,
        "bundles": [{"key": f"bundle {i + 1}", "members": members} for i, members in enumerate(bundles)],
        "prerequisites": prerequisites,
        "synergies": [
            {
                "members": members,
                "min_members": None,
                "kpi": "gmv",
                "bonus": round(draw.lognormvariate(11, 1), 2),
            }
            for members in together
        ],
    }


def shares(
    candidates: list[dict[str, Any]], dimension: str, values: tuple[str, ...], share: float
) -> dict[str, int]:
    """Each value's limit: a share of the tokens its candidates would cost."""
    return {
        value: round(share * sum(c["tokens"] for c in candidates if c["dimensions"][dimension] == value))
        for value in values
    }


def targets(candidates: list[dict[str, Any]], mode: str) -> list[dict[str, Any]]:
    """Floors at about half of what all candidates bring; in lexicographic mode goals that hurt as well."""
    floors = [target("all", "all", kpi, half(candidates, kpi, 0.5), "floor") for kpi in KPIS]
    british = [c for c in candidates if c["dimensions"]["market"] == "UK"]
    floors.append(
        target("market", "UK", "active_restaurants", half(british, "active_restaurants", 0.3), "floor")
    )
    if mode != "lexicographic":
        return floors
    spanish = [c for c in candidates if c["dimensions"]["market"] == "ES"]
    return [*floors, target("market", "ES", "adoption", half(spanish, "adoption", 0.95), "goal")]


def half(candidates: list[dict[str, Any]], kpi: str, share: float) -> float:
    return round(share * sum(c["contributions"].get(kpi, 0) for c in candidates), 2) or 1.0


def target(dimension: str, key: str, kpi: str, need: float, kind: str) -> dict[str, Any]:
    place = {"dimension": dimension, "dimension_key": key}
    return place | {"kpi": kpi, "target": need, "baseline": None, "type": kind}
