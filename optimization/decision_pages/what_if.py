"""The page of a what-if: what was changed, and what that changed."""

from __future__ import annotations

from typing import Any

from optimization.decision_pages.base import Told
from optimization.models import Run
from optimization.showing import counted
from portfolio.amounts import amount


class WhatIfTold(Told):
    @property
    def changes(self) -> list[dict[str, Any]]:
        return self.answer.get("changes") or []

    @property
    def difference(self) -> dict[str, Any]:
        return self.answer.get("difference") or {}

    @property
    def made(self) -> Run | None:
        """The run of the changed scenario."""
        return self.decision.runs.select_related("scenario").order_by("pk").last()

    @property
    def has_both(self) -> bool:
        return bool(self.difference.get("before_hash") and self.difference.get("after_hash"))

    @property
    def tone(self) -> str:
        return "info" if self.difference.get("after_hash") else "error"

    @property
    def headline(self) -> str:
        changed = self.difference
        if not changed.get("after_hash"):
            return "With these changes there is no portfolio either."
        moved = len(changed["adds"]) + len(changed["drops"]) + len(changed["scope_changes"])
        if not changed.get("before_hash"):
            chosen = counted(self.made.selected, "initiative") if self.made else "see its run"
            return f"With these changes there is a portfolio: {chosen}."
        if not moved:
            return "Nothing moves: the best portfolio stays the same."
        text = (
            f"{counted(len(changed['adds']), 'initiative')} come in, {amount(len(changed['drops']))} drop out"
        )
        return f"{text}{self._worth()}."

    def _worth(self) -> str:
        delta, unit = self.difference.get("delta_objective"), self.difference.get("objective_unit")
        if delta is None:
            return ""
        if not delta:
            return "; the objective stays the same"
        return f"; that {'brings' if delta > 0 else 'costs'} {amount(abs(delta))} {unit}"
