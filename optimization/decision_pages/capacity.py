"""The page of the value of capacity: what the next tokens would buy, limit by limit."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from optimization.decision_pages.base import Told
from optimization.plots import Dot, curve
from optimization.showing import signed
from portfolio.amounts import amount


class CapacityTold(Told):
    @property
    def limits(self) -> list[dict[str, Any]]:
        """The limits whose next tokens are worth the most first, each with its curve."""
        found = self.answer.get("limits") or []
        ranked = sorted(found, key=lambda limit: -(limit["next_value"] or 0))
        return [
            limit | {"chart": self._chart(limit), "anchor": f"limit-{n}"} for n, limit in enumerate(ranked)
        ]

    @property
    def headline(self) -> str:
        limits = self.limits
        if not limits:
            return "No capacity and no cap limits this scenario, so more tokens would change nothing."
        best = limits[0]
        if not best["next_value"]:
            return "A few more tokens would buy nothing: no limit holds the portfolio back at its next step."
        text = f"Most worth having: {amount(best['step'])} more tokens for {best['name']}"
        return f"{text} buy {amount(best['next_value'])} {self.unit}."

    def _chart(self, limit: dict[str, Any]) -> SafeString | None:
        dots = [self._dot(point) for point in limit["points"] if point["delta_objective"] is not None]
        if len(dots) < 2:
            return None
        description = "Change of the best objective when the limit moves; 0 is the limit as it is."
        return curve(
            f"Value of {limit['name']}", description, dots, "tokens", f"change of the objective, {self.unit}"
        )

    def _dot(self, point: dict[str, Any]) -> Dot:
        text = f"{amount(point['tokens'])} tokens: {signed(point['delta_objective'])} {self.unit}"
        is_now = point["change"] == 0
        return Dot(
            point["tokens"],
            point["delta_objective"],
            text + (", as it is" if is_now else ""),
            is_open=not point["proven"],
            is_marked=is_now,
        )
