"""The page of a horse trade: the ledger."""

from __future__ import annotations

from typing import Any

from optimization.decision_pages.base import Told


class TradeTold(Told):
    @property
    def title(self) -> str:
        asked = {"in": self.answer.get("force_in", []), "out": self.answer.get("force_out", [])}
        sides = [f"{', '.join(map(self.names.title, keys))} {way}" for way, keys in asked.items() if keys]
        return f"Horse trade: {' and '.join(sides)}" if sides else "Horse trade"

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
