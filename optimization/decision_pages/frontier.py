"""The page of the efficient frontier: the curve, and the portfolio of the point somebody chose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from optimization.decision_pages.base import Told
from optimization.decisions.difference import minus
from optimization.plots import Dot, staircase
from portfolio.amounts import amount


@dataclass(frozen=True)
class Step:
    """What changes from the point before to this one."""

    tokens: float
    objective: float
    adds: list[tuple[str, str]]  # (key, scope)
    drops: list[tuple[str, str]]
    rebuilt: list[tuple[str, str, str]]  # (key, before, after)
    kpis: dict[str, float]


class FrontierTold(Told):
    parts = {"point": "decisions/_point.html"}

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        found = merged(self.answer.get("points") or [])
        return [
            point | {"number": number, "per_token": self._slope(found, number)}
            for number, point in enumerate(found, 1)
        ]

    @staticmethod
    def _slope(points: list[dict[str, Any]], number: int) -> float | None:
        """Objective per extra token since the point before."""
        if number < 2:
            return None
        before, point = points[number - 2], points[number - 1]
        tokens = point["tokens_used"] - before["tokens_used"]
        return (point["objective"] - before["objective"]) / tokens if tokens > 0 else None

    @property
    def headline(self) -> str:
        if not self.points:
            return str(self.answer.get("text", ""))
        return " ".join(filter(None, [self._now(), self._half(), self._proof()]))

    def _now(self) -> str:
        """How far the capacity there is gets."""
        current, end = self.answer.get("current"), self.answer.get("end")
        here = [point for point in self.points if current is not None and point["tokens_used"] <= current]
        best = self.points[-1]["objective"]
        if not here or end is None or not best or best <= 0:
            return ""
        share = f"{here[-1]['objective'] / best:.0%}"
        if current >= end:
            enough = f"{amount(end)} tokens are enough for everything that can be gained"
            return f"{enough}; there are {amount(current)}."
        return (
            f"The {amount(current)} tokens there are reach {share} of what {amount(end)} tokens could; "
            "beyond that nothing more can be gained."
        )

    def _half(self) -> str:
        """From where on there is most of it, unless that is said of the capacity there is."""
        best = self.points[-1]["objective"]
        if best <= 0:
            return ""
        enough = next(point for point in self.points if point["objective"] >= 0.8 * best)
        if enough["is_current"]:
            return ""
        return f"{amount(enough['tokens_used'])} tokens already bring {enough['objective'] / best:.0%}."

    def _proof(self) -> str:
        proven = sum(point["proven"] for point in self.points)
        count = len(self.points)
        return (
            f"All {count} points are proven best."
            if proven == count
            else f"{proven} of {count} points are proven best."
        )

    @property
    def chart(self) -> SafeString | None:
        if len(self.points) < 2:
            return None
        dots = [self._dot(point) for point in self.points]
        description = (
            "Each point is the best portfolio for its capacity. Solid: it holds there. Dotted: not looked at."
        )
        return staircase("Objective against capacity", description, dots, "engineering tokens", self.unit)

    def _dot(self, point: dict[str, Any]) -> Dot:
        brings = f"{amount(point['tokens_used'])} tokens bring {amount(point['objective'])} {self.unit}"
        text = f"Point {point['number']}: {brings}"
        return Dot(
            point["tokens_used"],
            point["objective"],
            text + (", the capacity there is" if point["is_current"] else ""),
            until=max(point["capacity"], point["tokens_used"]),
            href=f"?point={point['number']}#point",
            is_open=not point["proven"],
            is_marked=point["is_current"],
        )

    # The chosen point -------------------------------------------------------------------------------------

    @cached_property
    def chosen(self) -> dict[str, Any] | None:
        """The point of ``?point=``; else the capacity there is; else the last."""
        wanted = self.query.get("point", "")
        if wanted.isdecimal() and 1 <= int(wanted) <= len(self.points):
            return self.points[int(wanted) - 1]
        current = [point for point in self.points if point["is_current"]]
        return next(iter(current or self.points[-1:]), None)

    @property
    def portfolio(self) -> list[dict[str, Any]]:
        """The chosen point's initiatives: key, scope, tokens; the largest first."""
        if self.chosen is None:
            return []
        known = self.candidates
        rows = [
            {"key": key, "scope": scope, "tokens": tokens_of(known, key, scope)}
            for key, scope in self.chosen["scope"].items()
        ]
        return sorted(rows, key=lambda row: (-(row["tokens"] or 0), row["key"]))

    @property
    def step(self) -> Step | None:
        """From the point before to the chosen one; None at the first."""
        if self.chosen is None or self.chosen["number"] < 2:
            return None
        before, after = self.points[self.chosen["number"] - 2], self.chosen
        old, new = before["scope"], after["scope"]
        return Step(
            tokens=minus(after["tokens_used"], before["tokens_used"]),
            objective=minus(after["objective"], before["objective"]),
            adds=[(key, scope) for key, scope in new.items() if key not in old],
            drops=[(key, scope) for key, scope in old.items() if key not in new],
            rebuilt=[(key, old[key], new[key]) for key in new if key in old and old[key] != new[key]],
            kpis={
                kpi: minus(value, (before["kpi_totals"] or {}).get(kpi, 0))
                for kpi, value in (after["kpi_totals"] or {}).items()
            },
        )


def tokens_of(candidates: dict[str, dict[str, Any]], key: str, scope: str) -> float | None:
    candidate = candidates.get(key.strip().casefold(), {})
    return candidate.get("tokens_mvp" if scope == "mvp" else "tokens")


def merged(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours with the same portfolio as one point, up to the last capacity it was found for."""
    found: list[dict[str, Any]] = []
    for point in points:
        if found and found[-1]["portfolio_hash"] == point["portfolio_hash"]:
            earlier = found.pop()
            marks = {name: earlier[name] or point[name] for name in ("is_current", "proven")}
            point = point | marks
        found.append(point)
    return found
