"""`Brute`'s answer for more candidates: all portfolios at once, as arrays of whole numbers without a limit.

Every array has shape (portfolios,); sums are scaled by the least common denominator, so nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from .brute import EPSILON, Brute, Portfolio, frac, need, place, table, weight

Array = np.ndarray[Any, Any]
EVERYWHERE = ("all", "all")


class Every(Brute):
    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem)
        scopes = {"full": ["full"], "mvp": ["mvp"], "auto": ["full", "mvp"]}
        self.choices = {key: [None, *scopes[row.get("scope_mode", "full")]] for key, row in self.rows.items()}
        self.size = math.prod(map(len, self.choices.values()))
        self.digits, before = {}, 1
        for key, choice in self.choices.items():
            self.digits[key] = np.arange(self.size) // before % len(choice)
            before *= len(choice)

    def best(self) -> Portfolio | None:
        left = self.all_allowed()
        for values in self.stages():
            if left.any():
                left &= values == values[left].min()
        found = np.flatnonzero(left)
        assert len(found) <= 1
        return self.portfolio(found[0]) if len(found) else None

    def portfolio(self, number: int) -> Portfolio:
        picked = {key: choice[self.digits[key][number]] for key, choice in self.choices.items()}
        return {key: scope for key, scope in picked.items() if scope}

    def stages(self) -> Iterator[Array]:
        """What is as small as possible, one after another."""
        order = self.problem["objective"].get("lexicographic_order") or self.importance()
        if self.mode == "lexicographic":
            yield from (self.all_short(kpi, kind) for kind in ("floor", "goal") for kpi in order)
        yield -self.all_objective()
        if self.mode != "lexicographic":
            yield from (self.all_short(kpi, "goal") for kpi in self.importance())
        yield self.all_tokens(EVERYWHERE, 1)[0]
        yield self.sums(lambda key, scope: weight(f"{key}:{scope}"))

    # Sums over all portfolios ---------------------------------------------------------------------------

    def sums(self, worth: Callable[[str, str], int]) -> Array:
        total = np.zeros(1, object)
        for key, choice in self.choices.items():
            total = np.concatenate([total + (worth(key, scope) if scope else 0) for scope in choice])
        return total

    def is_in(self, key: str) -> Array:
        return self.digits[key] > 0

    def all_tokens(self, where: tuple[str, str], limit: Fraction | int) -> tuple[Array, int]:
        """(tokens spent there, the limit), both times one factor."""
        cost = {
            (key, scope): self.tokens({key: scope}, where)
            for key, choice in self.choices.items()
            for scope in choice
            if scope
        }
        scale = common([*cost.values(), Fraction(limit)])
        return self.sums(lambda key, scope: int(cost[key, scope] * scale)), int(limit * scale)

    def all_kpi(self, kpi: str, where: tuple[str, str], others: Iterable[Fraction] = ()) -> tuple[Array, int]:
        """(what is brought there, the factor); the factor makes the others whole as well."""
        alone = Brute({**self.problem, "constraints": {}})
        parts = {
            (key, scope): alone.kpi({key: scope}, kpi, where)
            for key, choice in self.choices.items()
            for scope in choice
            if scope
        }
        synergies = [s for s in self.rules.get("synergies", []) if s["kpi"] == kpi]
        scale = common([*parts.values(), *others, *(frac(s["bonus"]) for s in synergies)])
        total = self.sums(lambda key, scope: int(parts[key, scope] * scale))
        for synergy in synergies:
            members = set(synergy["members"])
            if all(self.inside(key, where) for key in members):
                earned = sum(self.is_in(key) for key in members) >= (
                    synergy.get("min_members") or len(members)
                )
                total = total + earned.astype(object) * int(frac(synergy["bonus"]) * scale)
        return total, scale

    def all_short(self, kpi: str, kind: str) -> Array:
        wanted = [t for t in self.problem["targets"] if (t["kpi"], t["type"]) == (kpi, kind)]
        total = np.zeros(self.size, object)
        for target in wanted:
            everything = [need(t) for t in wanted] + self.amounts(kpi)
            brought, scale = self.all_kpi(kpi, place(target), everything)
            total = total + np.maximum(int(need(target) * scale) - brought, 0)
        return total

    def amounts(self, kpi: str) -> list[Fraction]:
        """Everything that may appear in a sum of this KPI, so that all its places get one factor."""
        found = [frac(s["bonus"]) for s in self.rules.get("synergies", [])]
        for row in self.rows.values():
            value = frac(row.get("contributions", {}).get(kpi, 0))
            found += [value, value * frac(row.get("mvp_value_share") or 0)]
        return found

    def all_objective(self) -> Array:
        scope = self.problem["objective"].get("scope", "all")
        where = EVERYWHERE if scope == "all" else tuple(scope.split(":"))
        if self.mode != "weighted_kpis":
            return self.all_kpi("star", where)[0]
        weights = {k: frac(w) for k, w in self.problem["objective"]["weights"].items() if w > 0}
        scales = {t["kpi"]: need(t) for t in self.problem["targets"] if place(t) == where and need(t) > 0}
        brought = {kpi: self.all_kpi(kpi, where) for kpi in weights if kpi in scales}
        factors = {kpi: weights[kpi] / scales[kpi] / scale for kpi, (_, scale) in brought.items()}
        scale = common(factors.values())
        parts = (values * int(factors[kpi] * scale) for kpi, (values, _) in brought.items())
        return sum(parts, np.zeros(self.size, object))

    # What is allowed ------------------------------------------------------------------------------------

    def all_allowed(self) -> Array:
        kept = np.ones(self.size, bool)
        for rule in (*self.token_rules(), *self.governance()):
            kept &= rule.astype(bool)
        return kept if self.mode == "lexicographic" else kept & self.floors_met()

    def token_rules(self) -> Iterator[Array]:
        most = list(table(self.rules.get("caps", {})))
        if self.problem.get("capacity_total") is not None:
            most.append((EVERYWHERE, frac(self.problem["capacity_total"])))
        for where, tokens in most:
            spent, limit = self.all_tokens(where, tokens)
            yield spent <= limit
        for where, tokens in table(self.rules.get("floors", {})):
            spent, limit = self.all_tokens(where, tokens)
            yield spent >= limit

    def governance(self) -> Iterator[Array]:
        yield from (self.is_in(key) for key in self.rules.get("mandatory", []))
        yield from (~self.is_in(key) for key in self.rules.get("excluded", []))
        yield from (~(self.is_in(a) & self.is_in(b)) for a, b in self.rules.get("exclusion_pairs", []))
        for bundle in self.rules.get("bundles", []):
            members = [self.is_in(key) for key in bundle["members"]]
            yield np.all(members, axis=0) | ~np.any(members, axis=0)
        for key, required in self.rules.get("prerequisites", {}).items():
            yield ~self.is_in(key) | np.all([self.is_in(other) for other in required], axis=0)

    def floors_met(self) -> Array:
        met = np.ones(self.size, bool)
        for target in self.problem["targets"]:
            if target["type"] == "floor":
                brought, scale = self.all_kpi(target["kpi"], place(target))
                least = need(target) - EPSILON * max(1, abs(need(target)))
                met &= (brought >= math.ceil(least * scale)).astype(bool)
        return met


def common(numbers: Iterable[Fraction]) -> int:
    return math.lcm(*(Fraction(number).denominator for number in numbers))
