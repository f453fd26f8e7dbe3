"""The page of robustness: how sure the objective, the targets and each initiative's place are."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString

from optimization.charts import percent
from optimization.decision_pages.base import Told
from optimization.plots import Span, ranges
from optimization.problem import fold
from optimization.showing import counted
from portfolio.amounts import amount

SURE, RARE = 0.9, 0.1
ROWS = 50
EVERYONE = "all"


class RobustnessTold(Told):
    parts = {"selection": "decisions/_selection.html"}

    @cached_property
    def selection(self) -> list[dict[str, Any]]:
        """Everybody, most often selected first, with the verdict."""
        rows = [row for row in self.answer.get("selection") or [] if row["frequency"] is not None]
        return [row | {"fill": percent(row["frequency"], 1), "verdict": verdict(row)} for row in rows]

    @property
    def counts(self) -> dict[str, int]:
        verdicts = [row["verdict"] for row in self.selection]
        return {name: verdicts.count(name) for name in VERDICTS} | {EVERYONE: len(verdicts)}

    @property
    def choices(self) -> list[dict[str, Any]]:
        labels = VERDICTS | {EVERYONE: "Everyone"}
        return [{"value": name, "label": label, "count": self.counts[name]} for name, label in labels.items()]

    @property
    def shown(self) -> str:
        asked = self.query.get("show", "")
        return asked if asked in VERDICTS else EVERYONE

    @property
    def words(self) -> str:
        return self.query.get("q", "").strip()

    @cached_property
    def listed(self) -> Page[dict[str, Any]]:
        rows = [row for row in self.selection if self._is_asked(row)]
        per_page = max(len(rows), 1) if "all" in self.query else ROWS
        return Paginator(rows, per_page).get_page(self.query.get("page"))

    def _is_asked(self, row: dict[str, Any]) -> bool:
        if self.shown != EVERYONE and row["verdict"] != self.shown:
            return False
        return fold(self.words) in fold(f"{row['key']} {self.names.title(row['key'])}")

    @property
    def headline(self) -> str:
        counts = self.counts
        chosen = [row for row in self.selection if row["in_base"]]
        if not chosen:
            return "There was no portfolio to test."
        sure = f"{counts['sure']} of the {counted(len(chosen), 'initiative')} in the portfolio"
        text = f"{sure} are chosen in at least 90% of draws"
        doubt = f"; {counts['doubtful']} are worth a second look" if counts["doubtful"] else ""
        base = self.answer.get("base") or {}
        spread = (
            f" There is a 10% chance that it brings less than {amount(base['p10'])} {self.unit}."
            if base.get("p10") is not None
            else ""
        )
        return f"{text}{doubt}.{spread}"

    @property
    def spreads(self) -> list[tuple[str, dict[str, Any]]]:
        named = [
            ("This portfolio, whatever happens", self.answer.get("base")),
            ("The best portfolio of each draw", self.answer.get("resolved")),
        ]
        return [(name, spread) for name, spread in named if spread and spread["p50"] is not None]

    @property
    def chart(self) -> SafeString | None:
        spans = [
            Span(name, f"P50 {amount(s['p50'])}", s["p10"], s["p50"], s["p90"], self._expected)
            for name, s in self.spreads
        ]
        description = "Bar: from P10 to P90. Dot: P50. Dashed: what the run promises."
        return ranges(f"Objective, {self.unit}", description, spans) if spans else None

    @property
    def _expected(self) -> float | None:
        return self.run.objective_value if self.run else None

    @property
    def targets(self) -> list[dict[str, Any]]:
        return [
            row
            | {"fill": percent(row["base"]["share"], 1), "best_fill": percent(row["resolved"]["share"], 1)}
            for row in self.answer.get("targets") or []
        ]


VERDICTS = {
    "sure": "In, and sure",
    "doubtful": "In, but doubtful",
    "knocking": "Out, but often chosen",
    "out": "Out, and rightly",
}


def verdict(row: dict[str, Any]) -> str:
    if row["in_base"]:
        return "sure" if row["frequency"] >= SURE else "doubtful"
    return "knocking" if row["frequency"] > RARE else "out"
