"""The definition of the right answer: try every portfolio. Shares nothing with the solver but the format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

Portfolio = dict[str, str]  # key → scope
EPSILON = Fraction(1, 10**9)


@cache
def frac(number: float) -> Fraction:
    return Fraction(str(number))


class Brute:
    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.rows = {c["key"]: c for c in problem["candidates"]}
        self.rules = problem.get("constraints", {})
        self.mode = problem["objective"]["mode"]

    def best(self) -> Portfolio | None:
        """The one portfolio that the specification names, or None when there is none."""
        return min(filter(self.allowed, self.portfolios()), key=self.rank, default=None)

    def portfolios(self) -> Iterator[Portfolio]:
        scopes = {"full": ["full"], "mvp": ["mvp"], "auto": ["full", "mvp"]}
        choices = [[None, *scopes[c.get("scope_mode", "full")]] for c in self.rows.values()]
        for picked in product(*choices):
            yield {key: scope for key, scope in zip(self.rows, picked, strict=True) if scope}

    def rank(self, chosen: Portfolio) -> tuple[Any, ...]:
        tail = (*self.goals(chosen), self.tokens(chosen), sum(weight(f"{k}:{s}") for k, s in chosen.items()))
        if self.mode != "lexicographic":
            return (-self.objective(chosen), *tail)
        order = self.problem["objective"].get("lexicographic_order") or self.importance()
        stages = [self.short(chosen, kpi, kind) for kind in ("floor", "goal") for kpi in order]
        return (*stages, -self.objective(chosen), self.tokens(chosen), tail[-1])

    def importance(self) -> list[str]:
        return [
            k["key"]
            for level in ("north_star", "strategic")
            for k in self.problem["kpis"]
            if k["level"] == level
        ]

    def goals(self, chosen: Portfolio) -> list[Fraction]:
        return [self.short(chosen, kpi, "goal") for kpi in self.importance()]

    def short(self, chosen: Portfolio, kpi: str, kind: str) -> Fraction:
        targets = [t for t in self.problem["targets"] if t["kpi"] == kpi and t["type"] == kind]
        return sum(
            (max(Fraction(0), need(t) - self.kpi(chosen, kpi, place(t))) for t in targets), Fraction(0)
        )

    def objective(self, chosen: Portfolio) -> Fraction:
        scope = self.problem["objective"].get("scope", "all")
        where = ("all", "all") if scope == "all" else tuple(scope.split(":"))
        if self.mode != "weighted_kpis":
            return self.kpi(chosen, "star", where)
        return sum(self.points(chosen, where).values(), Fraction(0))

    def points(self, chosen: Portfolio, where: tuple[str, ...]) -> dict[str, Fraction]:
        """What each KPI adds to a weighted objective."""
        weights = {k: frac(w) for k, w in self.problem["objective"]["weights"].items() if w > 0}
        scales = {t["kpi"]: need(t) for t in self.problem["targets"] if place(t) == where}
        return {
            k: w / sum(weights.values()) * self.kpi(chosen, k, where) / scales[k]
            for k, w in weights.items()
            if scales.get(k, 0) > 0
        }

    def inside(self, key: str, where: tuple[str, ...]) -> bool:
        return where == ("all", "all") or self.rows[key].get("dimensions", {}).get(where[0]) == where[1]

    def kpi(self, chosen: Portfolio, kpi: str, where: tuple[str, ...]) -> Fraction:
        total = Fraction(0)
        for key, scope in chosen.items():
            if self.inside(key, where):
                row = self.rows[key]
                share = frac(row["mvp_value_share"]) if scope == "mvp" else 1
                total += share * frac(row.get("contributions", {}).get(kpi, 0))
        for synergy in self.rules.get("synergies", []):
            members = set(synergy["members"])
            earned = len(members & chosen.keys()) >= (synergy.get("min_members") or len(members))
            if synergy["kpi"] == kpi and earned and all(self.inside(k, where) for k in members):
                total += frac(synergy["bonus"])
        return total

    def tokens(self, chosen: Portfolio, where: tuple[str, ...] = ("all", "all")) -> Fraction:
        column = {"full": "tokens", "mvp": "tokens_mvp"}
        spent = (frac(self.rows[k][column[scope]]) for k, scope in chosen.items() if self.inside(k, where))
        return sum(spent, Fraction(0))

    def allowed(self, chosen: Portfolio) -> bool:
        rules = self.rules
        total = self.problem.get("capacity_total")
        return (
            (total is None or self.tokens(chosen) <= frac(total))
            and all(self.tokens(chosen, w) <= most for w, most in table(rules.get("caps", {})))
            and all(self.tokens(chosen, w) >= least for w, least in table(rules.get("floors", {})))
            and set(rules.get("mandatory", [])) <= chosen.keys()
            and not set(rules.get("excluded", [])) & chosen.keys()
            and all(len(set(pair) & chosen.keys()) < 2 for pair in rules.get("exclusion_pairs", []))
            and all(self.whole(bundle["members"], chosen) for bundle in rules.get("bundles", []))
            and all(
                k not in chosen or set(r) <= chosen.keys() for k, r in rules.get("prerequisites", {}).items()
            )
            and (self.mode == "lexicographic" or all(self.met(t, chosen) for t in self.problem["targets"]))
        )

    def whole(self, members: list[str], chosen: Portfolio) -> bool:
        return set(members) <= chosen.keys() or not set(members) & chosen.keys()

    def met(self, target: dict[str, Any], chosen: Portfolio) -> bool:
        slack = EPSILON * max(1, abs(need(target)))
        reached = self.kpi(chosen, target["kpi"], place(target)) >= need(target) - slack
        return target["type"] == "goal" or reached


def table(limits: dict[str, dict[str, float]]) -> list[tuple[tuple[str, str], Fraction]]:
    return [((d, key), frac(tokens)) for d, keys in limits.items() for key, tokens in keys.items()]


def place(target: dict[str, Any]) -> tuple[str, str]:
    return target.get("dimension", "all"), target.get("dimension_key", "all")


def need(target: dict[str, Any]) -> Fraction:
    return frac(target["target"]) - frac(target.get("baseline") or 0)


def weight(line: str) -> int:
    return int(hashlib.sha256(line.encode()).hexdigest()[:9], 16)
