"""The comparison page: several portfolios side by side, what decides between them first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from optimization.charts import percent
from optimization.decisions.compare import Comparison, Membership, Whatif, compare
from optimization.models import Decision, ObjectiveMode, Run, RunStatus
from optimization.names import Names
from optimization.problem import ALL, fold
from optimization.report import TONES
from optimization.showing import counted
from portfolio.amounts import amount

SOME, EVERY, NONE = "some", "every", "none"
MEMBERSHIPS = {SOME: "In some, not all", EVERY: "In all", NONE: "In none", "": "Everyone"}


@dataclass(frozen=True)
class Cell:
    """What one portfolio has in a row. ``tone`` (ok, warn, error) colours ``badge``, a word."""

    text: str
    note: str = ""
    is_best: bool = False
    badge: str = ""
    tone: str = ""
    fill: int | None = None  # percent, as a bar


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Cell]
    note: str = ""


class SideBySide:
    """Runs with an answer, compared. ``membership`` and ``query`` narrow who is listed."""

    def __init__(
        self,
        runs: Sequence[Run],
        names: Names,
        membership: str = SOME,
        query: str = "",
        asked: Decision | None = None,
    ) -> None:
        self.runs, self.names, self.asked = runs, names, asked
        self.membership = membership if membership in MEMBERSHIPS else SOME
        self.query = query.strip()
        self.is_possible = len(runs) > 1

    @cached_property
    def compared(self) -> Comparison:
        return compare(
            [
                {"name": str(run.run_id), "problem": run.problem or {}, "answer": run.answer or {}}
                for run in self.runs
            ]
        )

    # The answer -------------------------------------------------------------------------------------------

    @property
    def headline(self) -> str:
        counts = self.counts
        shared = counted(counts[EVERY], "initiative")
        if not counts[SOME]:
            return f"They choose the same: {shared}." if counts[EVERY] else "None of them has a portfolio."
        verb = "is" if counts[EVERY] == 1 else "are"
        said = f"{shared} {verb} in every portfolio; {amount(counts[SOME])} are in some and not in others."
        return f"{said} {self._leaders()}".strip()

    def _leaders(self) -> str:
        """Who is first on the north star, and who meets most targets, where that is one portfolio."""
        star = next(
            (k["key"] for k in (self.runs[0].problem or {})["kpis"] if k["level"] == "north_star"), ""
        )
        said = []
        if first := self._only_best([(p["kpi_totals"] or {}).get(star) for p in self.portfolios]):
            said.append(f"{self.titles[first - 1]} brings the most {star}")
        if first := self._only_best(self._targets_met):
            said.append(f"{self.titles[first - 1]} meets the most targets")
        text = "; ".join(said)
        return f"{text}." if text else ""

    @staticmethod
    def _only_best(values: list[Any]) -> int:
        """The place (from 1) of the one largest value, 0 where there is none."""
        known = [value for value in values if value is not None]
        return values.index(max(known)) + 1 if known and known.count(max(known)) == 1 else 0

    @cached_property
    def titles(self) -> list[str]:
        """What to call each portfolio: its scenario, with the run where two share one."""
        variants = {entry["run_id"]: entry["name"] for entry in self.variants}
        scenarios = [variants.get(run.run_id) or str(run.scenario) for run in self.runs]
        return [
            name if scenarios.count(name) == 1 else f"{name} ({run.run_id})"
            for name, run in zip(scenarios, self.runs, strict=True)
        ]

    @property
    def variants(self) -> list[dict[str, Any]]:
        """Of generated portfolios: {name, run_id, errors, without_score} of each that was asked."""
        return (self.asked.answer.get("variants") or []) if self.asked else []

    @property
    def notes(self) -> list[str]:
        """Variants that could not be asked, and scores that were missing."""
        wrong = [
            f"{entry['name']}: {'; '.join(error['text'] for error in entry['errors'])}."
            for entry in self.variants
            if entry["errors"]
        ]
        return wrong + [
            f"{entry['name']}: {counted(len(entry['without_score']), 'candidate')} without a score count 0."
            for entry in self.variants
            if entry["without_score"]
        ]

    @property
    def titled(self) -> list[tuple[Run, str]]:
        return list(zip(self.runs, self.titles, strict=True))

    @property
    def portfolios(self) -> list[Any]:
        return self.compared["portfolios"]

    # Numbers ----------------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[tuple[str, list[Row]]]:
        """Groups of rows: (heading, rows)."""
        groups = [("Answer", self._answers()), ("KPIs", self._kpis()), ("Targets", self._targets())]
        groups.append(("Tokens", self._tokens()))
        return [(title, rows) for title, rows in groups if rows]

    def _answers(self) -> list[Row]:
        return [
            Row(
                "Status",
                [
                    Cell("", badge=run.get_status_display(), tone=TONES[RunStatus(run.status)])
                    for run in self.runs
                ],
            ),
            Row(
                "Makes the most of",
                [Cell(str(ObjectiveMode(p["mode"]).label), note=scope_of(p)) for p in self.portfolios],
            ),
            self._objective(),
            self._row("Initiatives", lambda p: p["initiatives"] if p["kpi_totals"] else None, best=False),
        ]

    def _objective(self) -> Row:
        same = self.compared["is_same_objective"]
        note = "" if same else "counted differently, so not to be compared"
        return self._row("Objective", lambda p: p["objective"], best=same, note=note)

    def _row(self, label: str, value: Callable[[Any], Any], best: bool = True, note: str = "") -> Row:
        values = [value(portfolio) for portfolio in self.portfolios]
        return Row(label, [Cell(amount(v), is_best=best and is_best(v, values)) for v in values], note)

    def _kpis(self) -> list[Row]:
        units = {
            fold(kpi["key"]): kpi["unit"] or "" for run in self.runs for kpi in (run.problem or {})["kpis"]
        }
        rows = [self._row(kpi, total_of(kpi), note=units.get(fold(kpi), "")) for kpi in self.compared["kpis"]]
        return [row for row in rows if any(cell.text not in ("0", "–") for cell in row.cells)]

    def _targets(self) -> list[Row]:
        if not self.compared["targets"]:
            return []
        numbers = self._targets_met
        met = [
            Cell(
                f"{p['targets_met']} of {p['targets']}" if p["kpi_totals"] else "–",
                is_best=is_best(n, numbers),
            )
            for p, n in zip(self.portfolios, numbers, strict=True)
        ]
        return [Row("Targets met", met), *map(target_row, self.compared["targets"])]

    @property
    def _targets_met(self) -> list[int | None]:
        """How many targets each meets; nothing where they have not the same number of targets."""
        answered = [p for p in self.portfolios if p["kpi_totals"]]
        same = len({p["targets"] for p in answered}) == 1
        return [p["targets_met"] if same and p["kpi_totals"] else None for p in self.portfolios]

    def _tokens(self) -> list[Row]:
        total = Row(
            "All",
            [use(p["capacity_used"] and p["capacity_used"]["total"], p["capacity"]) for p in self.portfolios],
        )
        return [total, *self._dimension_tokens()]

    def _dimension_tokens(self) -> Iterable[Row]:
        """Tokens of dimension values that a cap or floor limits in one of the problems."""
        for dimension, value in self._limited:
            cells = [use(spent(run, dimension, value), limit_of(run, dimension, value)) for run in self.runs]
            yield Row(value, cells, note=dimension)

    @property
    def _limited(self) -> list[tuple[str, str]]:
        named = {
            (dimension, value): None
            for run in self.runs
            for table in ("caps", "floors")
            for dimension, values in (run.problem or {})["constraints"][table].items()
            for value in values
            if fold(dimension) != ALL
        }
        return list(named)

    # Who is in which --------------------------------------------------------------------------------------

    @cached_property
    def counts(self) -> dict[str, int]:
        kinds = [self._kind(row) for row in self.compared["matrix"]]
        return {kind: kinds.count(kind) for kind in (SOME, EVERY, NONE)} | {"": len(kinds)}

    @property
    def choices(self) -> list[dict[str, Any]]:
        return [
            {"value": value, "label": label, "count": self.counts[value]}
            for value, label in MEMBERSHIPS.items()
        ]

    def _kind(self, row: Membership) -> str:
        return NONE if not row["times"] else EVERY if row["times"] == self._answered else SOME

    @cached_property
    def _answered(self) -> int:
        """How many of them have a portfolio at all."""
        return sum(portfolio["portfolio_hash"] is not None for portfolio in self.portfolios)

    @property
    def members(self) -> list[Membership]:
        """Those asked for, the portfolios' disagreements first."""
        return [row for row in self.compared["matrix"] if self._is_asked(row)]

    def _is_asked(self, row: Membership) -> bool:
        if self.membership and self._kind(row) != self.membership:
            return False
        words = f"{row['key']} {self.names.title(row['key'])}"
        return fold(self.query) in fold(words)

    # How alike, and from one to the next ------------------------------------------------------------------

    @property
    def overlap(self) -> list[tuple[str, list[float]]]:
        return list(zip(self.titles, self.compared["overlap"], strict=True))

    @property
    def steps(self) -> list[tuple[str, str, Whatif]]:
        """(before, after, what was changed and what that changed), each portfolio against the one before."""
        steps = self.compared["steps"]
        return list(zip(self.titles[:-1], self.titles[1:], steps, strict=True))


def total_of(kpi: str) -> Callable[[Any], Any]:
    return lambda portfolio: (portfolio["kpi_totals"] or {}).get(kpi)


def is_best(value: Any, values: list[Any]) -> bool:
    """Whether it is the largest, where they differ."""
    known = [each for each in values if each is not None]
    return value is not None and len(set(known)) > 1 and value == max(known)


def scope_of(portfolio: Any) -> str:
    return "" if portfolio["objective_scope"] == ALL else portfolio["objective_scope"].replace(":", " ")


def target_row(row: Any) -> Row:
    where = "" if row["dimension"] == ALL else f"{row['dimension']} {row['dimension_key']}"
    achieved = [cell["achieved"] if cell else None for cell in row["cells"]]
    return Row(row["kpi"], [target_cell(cell, achieved) for cell in row["cells"]], note=where)


def target_cell(cell: dict[str, Any] | None, achieved: list[Any]) -> Cell:
    if cell is None:
        return Cell("–", note="no such target")
    need = f"of {amount(cell['need'])}, {cell['type']}"
    if cell["achieved"] is None:
        return Cell("–", note=need)
    badge, tone = ("Met", "ok") if cell["met"] else (f"{amount(cell['gap'])} missing", "warn")
    return Cell(amount(cell["achieved"]), need, is_best(cell["achieved"], achieved), badge, tone)


def use(spent: float | None, limit: float | None) -> Cell:
    if spent is None:
        return Cell("–")
    if limit is None:
        return Cell(amount(spent), note="no cap")
    return Cell(amount(spent), note=f"of {amount(limit)}", fill=percent(spent, limit))


def spent(run: Run, dimension: str, value: str) -> float | None:
    return look_up((run.answer or {}).get("capacity_used"), dimension, value)


def limit_of(run: Run, dimension: str, value: str) -> float | None:
    return look_up((run.problem or {})["constraints"]["caps"], dimension, value)


def look_up(table: dict[str, Any] | None, dimension: str, value: str) -> Any:
    """``table[dimension][value]`` whatever the spelling."""
    values: dict[str, Any] = next(
        (v for name, v in (table or {}).items() if fold(name) == fold(dimension)), {}
    )
    return next((v for name, v in values.items() if fold(name) == fold(value)), None)
