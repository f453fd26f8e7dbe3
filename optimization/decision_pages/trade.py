"""The page of a horse trade: the ledger."""

from __future__ import annotations

from typing import Any

from optimization.decision_pages.base import Told
from optimization.showing import counted
from portfolio.amounts import amount


class TradeTold(Told):
    @property
    def title(self) -> str:
        asked = {"in": self.answer.get("force_in", []), "out": self.answer.get("force_out", [])}
        sides = [f"{', '.join(map(self.names.title, keys))} {way}" for way, keys in asked.items() if keys]
        return f"Horse trade: {' and '.join(sides)}" if sides else "Horse trade"

    @property
    def headline(self) -> str:
        """Short where there is a portfolio: who moves stands in the ledger below."""
        if not self.is_possible or self.difference["before_hash"] == self.difference["after_hash"]:
            return super().headline
        delta = self.difference["delta_objective"] or 0
        worth = f"{'costs' if delta < 0 else 'brings'} {amount(abs(delta))} {self.unit}"
        forced = {*self.answer["force_in"], *self.answer["force_out"]}
        moves = [
            f"{count(self.difference['drops'], forced)} more drop out",
            f"{count(self.difference['adds'], forced)} more come in",
            f"{len(self.difference['scope_changes'])} are built differently",
        ]
        text = f"It {worth if delta else 'costs nothing of the objective'}: {', '.join(moves)}."
        return " ".join([text, *self._turned()])

    @property
    def unit(self) -> str:
        return str(self.difference.get("objective_unit") or "")

    def _turned(self) -> list[str]:
        turned = self.difference["targets"]
        met, missed = (sum(t["met_after"] is way for t in turned) for way in (True, False))
        said = [(met, "then met"), (missed, "then missed")]
        return [f"{counted(number, 'target')} {way}." for number, way in said if number]

    @property
    def tone(self) -> str:
        return {True: "ok", False: "error", None: "warn"}[self.answer.get("feasible")]

    @property
    def difference(self) -> dict[str, Any]:
        return self.answer.get("difference") or {}

    @property
    def is_possible(self) -> bool:
        return bool(self.answer.get("feasible"))

    @property
    def conflict(self) -> list[dict[str, Any]]:
        return self.answer.get("conflict") or []

    @property
    def is_proven(self) -> bool:
        return bool(self.answer.get("proven"))


def count(lines: list[dict[str, Any]], forced: set[str]) -> int:
    """Who moves besides those that were forced."""
    return sum(line["key"] not in forced for line in lines)
