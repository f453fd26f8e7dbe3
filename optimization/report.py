"""A run as its page tells it: the answer first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from metrics.models import Metric
from optimization.charts import Bar, bullet_chart, percent
from optimization.composition import Composition, half_of
from optimization.models import (
    CandidateChoice,
    Dimension,
    Gap,
    ObjectiveMode,
    Run,
    RunStatus,
    Scenario,
    Severity,
)
from optimization.names import Names
from optimization.problem import fold
from optimization.showing import counted
from portfolio.amounts import amount

MARKS = {
    Severity.MET: "ok",
    Severity.NEAR: "info",
    Severity.MISSED: "warn",
    Severity.IMPOSSIBLE: "error",
}
STOPPED = {
    "cancelled": "It was cancelled.",
    "wall_clock": "The clock stopped it, so the same inputs may give another portfolio.",
    "deterministic_limit": "It used up the solver's budget.",
    "problem_size": "The problem is too large for the solver.",
}
TONES = {
    RunStatus.OPTIMAL: "ok",
    RunStatus.FEASIBLE: "info",
    RunStatus.INFEASIBLE: "error",
    RunStatus.UNKNOWN: "warn",
    RunStatus.INVALID: "warn",
}


@dataclass(frozen=True)
class Use:
    """How many tokens one dimension value takes, and what it may and must take. Bars are in percent."""

    name: str
    used: float
    cap: float | None
    floor: float | None
    whole: float

    @property
    def fill(self) -> int:
        return percent(self.used, self.whole)

    @property
    def floor_at(self) -> int | None:
        return None if self.floor is None else percent(self.floor, self.whole)

    @property
    def is_limited(self) -> bool:
        return self.cap is not None or self.floor is not None


@dataclass(frozen=True)
class Clashing:
    """A sentence about what cannot hold, and its rows: address → what the row is about."""

    text: str
    rows: dict[str, str]


class Report:
    """Everything the page of one run shows, in the order in which it shows it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.answer: dict[str, Any] = run.answer or {}
        self.problem: dict[str, Any] = run.problem or {}
        self.names = Names()

    # The answer -------------------------------------------------------------------------------------------

    @property
    def tone(self) -> str:
        return "warn" if self.is_empty else TONES[RunStatus(self.run.status)]

    @property
    def headline(self) -> str:
        """The answer in a sentence or two."""
        return self._nobody() if self.is_empty else str(getattr(self, f"_{self.run.status}")())

    @property
    def is_empty(self) -> bool:
        """Whether nobody competed, so that the answer says nothing."""
        return self.run.status == RunStatus.OPTIMAL and not self.run.candidates

    def _nobody(self) -> str:
        period = self.run.scenario.period_key
        if self.run.candidate_choice == CandidateChoice.SELECTED:
            return f"No candidate of {period} is selected. Tick some on Candidates, or run with all."
        return f"There is no candidate for {period} to choose from. Graduate initiatives on the Backlog."

    def _optimal(self) -> str:
        best = f"Proven best: {self._portfolio()}. No other allowed portfolio {self._better()}."
        return f"{best} {self._stopped()}".strip()

    @property
    def yields(self) -> str:
        """What the portfolio brings and which targets it meets, in a sentence; blank without a portfolio."""
        if self.is_empty or self.run.objective_value is None:
            return ""
        missed = [gap for gap in self.gaps if gap.severity != Severity.MET]
        if not self.gaps:
            return f"It {self._brings()}."
        if not missed:
            return f"It {self._brings()} and meets {self._every_target()}."
        met = len(self.gaps) - len(missed)
        worst = max(missed, key=lambda gap: gap.gap_pct or 0)
        short = f"; {worst.kpi_key} falls short the most, by {worst.gap_pct:.0%}" if worst.gap_pct else ""
        return f"It {self._brings()} and meets {met} of {counted(len(self.gaps), 'target')}{short}."

    def _every_target(self) -> str:
        return "its target" if len(self.gaps) == 1 else f"all {len(self.gaps)} targets"

    def _brings(self) -> str:
        value = self.run.objective_value or 0
        if self.run.objective_mode == ObjectiveMode.WEIGHTED_KPIS:
            return f"reaches {value:.0%} of what the weighted targets need"
        unit = self.unit(self.north_star)
        return f"brings {amount(value)} {self.north_star}{f' ({unit})' if unit else ''}"

    def _feasible(self) -> str:
        off = f"It is at most {amount(100 * (self.run.gap or 0))}% from the best possible."
        return f"The best portfolio found: {self._portfolio()}. {off} {self._stopped()}".strip()

    def _infeasible(self) -> str:
        return f"No portfolio can keep all the rules of {self.run.scenario}. {self._short()}".strip()

    def _unknown(self) -> str:
        return f"No portfolio was found in the time allowed. {self._stopped()}".strip()

    def _invalid(self) -> str:
        count = len(self.run.errors)
        return f"Not run: {count} row{' needs' if count == 1 else 's need'} a correction first."

    def _portfolio(self) -> str:
        whole = self.run.capacity_total
        of = f" of {amount(whole)}" if whole is not None else ""
        tokens = f"{amount(self.run.capacity_used)}{of} tokens"
        return f"{amount(self.run.selected)} of {amount(self.run.candidates)} candidates for {tokens}"

    def _better(self) -> str:
        if self.run.objective_mode == ObjectiveMode.LEXICOGRAPHIC:
            return "closes the target gaps better in the order of importance"
        if self.run.objective_mode == ObjectiveMode.WEIGHTED_KPIS:
            return "brings more of the weighted KPIs"
        return f"brings more {self.north_star}"

    def _stopped(self) -> str:
        return STOPPED.get(self.answer.get("solver", {}).get("stopped_by") or "", "")

    def _short(self) -> str:
        impossible = [gap for gap in self.gaps if gap.severity == Severity.IMPOSSIBLE]
        if not impossible and not self.conflict:
            return "Which of them clash was not found in the time allowed."
        if not impossible:
            return "The rules below contradict each other."
        count = f"{len(impossible)} target{'' if len(impossible) == 1 else 's'} can't be reached"
        said = (
            f"{gap.kpi_key} reaches {amount(gap.reachable)} of {amount(gap.target)}{self._above(gap)}"
            for gap in impossible
        )
        return f"{count}: {'; '.join(said)}."

    def _above(self, gap: Gap) -> str:
        """Reached and required are increments; this says on top of what."""
        start = self.answer["targets"][self.gaps.index(gap)].get("baseline")
        return f" required above the baseline of {amount(start)}" if start else ""

    @cached_property
    def north_star(self) -> str:
        stars = [kpi["key"] for kpi in self.problem.get("kpis", []) if kpi["level"] == "north_star"]
        return stars[0] if stars else "of the north star"

    @property
    def objective_label(self) -> str:
        if self.run.objective_mode == ObjectiveMode.WEIGHTED_KPIS:
            return "Weighted KPIs (1 = every target's need)"
        unit = self.unit(self.north_star)
        return f"{self.north_star}{f', {unit}' if unit else ''}"

    def unit(self, kpi_key: str) -> str:
        units = {fold(kpi["key"]): kpi["unit"] or "" for kpi in self.problem.get("kpis", [])}
        return units.get(fold(kpi_key), "")

    @property
    def used_percent(self) -> int:
        return percent(self.run.capacity_used, self.run.capacity_total)

    @property
    def composition(self) -> Composition | None:
        """What the objective is made of; None without a portfolio."""
        return Composition(self.problem, self.answer) if self.run.objective_value is not None else None

    @property
    def concentration(self) -> str:
        """How few initiatives bring half of the objective."""
        shares = self.run.results.filter(selected=True, objective_share__gt=0)
        values = [float(share) for share in shares.values_list("objective_share", flat=True)]
        few = half_of(values)
        if not few:
            return ""
        return f"Half of it comes from {few} of its {counted(self.run.selected, 'initiative')}."

    # What stands in the way -------------------------------------------------------------------------------

    @property
    def conflict(self) -> list[Clashing]:
        """What cannot hold, one entry per sentence, with the rows it is about."""
        found: dict[str, Clashing] = {}
        for entry in self.answer.get("conflict", []):
            said = found.setdefault(entry["text"], Clashing(entry["text"], {}))
            if url := self._url(entry):
                said.rows.setdefault(url, self._row_name(entry["constraint"]))
        return list(found.values())

    @property
    def repairs_alone(self) -> list[dict[str, Any]]:
        """Numbers of which changing any one is enough."""
        return [entry for entry in self._repairs if not entry.get("together")]

    @property
    def repairs_together(self) -> list[dict[str, Any]]:
        """Numbers that have to be changed all together."""
        return [entry for entry in self._repairs if entry.get("together")]

    @property
    def _repairs(self) -> list[dict[str, Any]]:
        return [entry | {"url": self._url(entry)} for entry in self.answer.get("repairs", [])]

    def _row_name(self, constraint: str) -> str:
        """The initiative, KPI or dimension value that a row of a conflict is about."""
        kind, *way = (part.replace("~1", "/").replace("~0", "~") for part in constraint.split("/")[1:])
        if kind == "targets":
            return str(self.problem["targets"][int(way[0])]["kpi"])
        if kind != "constraints":
            return "the capacity"
        if way[0] in ("mandatory", "excluded"):
            return str(self.problem["constraints"][way[0]][int(way[1])])
        return way[2] if way[0] in ("caps", "floors") else "the row"

    def _url(self, entry: dict[str, Any]) -> str:
        at = self.run.sources.get(entry["constraint"])
        return reverse("tab-row", args=[at["tab"], at["row"]]) if at else ""

    @property
    def what_if_name(self) -> str:
        """What a what-if of this scenario may be called."""
        return Scenario.free_name(f"{self.run.scenario}, what if")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Rows to correct, each with the address of its form."""
        return [
            error | {"url": reverse("tab-row", args=[error["tab"], error["row"]]) if error["row"] else ""}
            for error in self.run.errors
        ]

    # Targets ----------------------------------------------------------------------------------------------

    @cached_property
    def gaps(self) -> list[Gap]:
        """In the order of the targets, each with its kind, its KPI's unit and the address of its row."""
        found = list(self.run.gaps.order_by("pk"))
        for index, (gap, target) in enumerate(zip(found, self.answer.get("targets", []), strict=True)):
            gap.kind, gap.unit = target["type"], self.unit(gap.kpi_key)  # type: ignore[attr-defined]
            gap.is_open = gap.achieved is None and gap.severity == Severity.MISSED  # type: ignore[attr-defined]
            gap.url = self._url({"constraint": f"/targets/{index}"})  # type: ignore[attr-defined]
        return found

    @property
    def gap_chart(self) -> str:
        description = (
            "Solid: what the portfolio brings. Faint: the most that could be reached. Dashed: needed."
        )
        return bullet_chart("What each target needs and gets", description, list(self._bars()))

    def _bars(self) -> Iterator[Bar]:
        for gap in self.gaps:
            where = "" if gap.dimension == Dimension.ALL else f", {gap.dimension} {gap.dimension_key}"
            yield Bar(
                label=f"{gap.kpi_key}{where} ({gap.kind})",  # type: ignore[attr-defined]
                text=_progress(gap),
                value=gap.achieved,
                target=gap.target,
                reachable=gap.reachable,
                mark="ok" if gap.is_open else MARKS[Severity(gap.severity)],  # type: ignore[attr-defined]
            )

    # Capacity ---------------------------------------------------------------------------------------------

    @cached_property
    def _uses(self) -> dict[str, list[Use]]:
        used = self.answer.get("capacity_used") or {}
        return {name: self._uses_of(name, values) for name, values in used.items() if name != "total"}

    @property
    def limited(self) -> dict[str, list[Use]]:
        """Tokens by value of every dimension that has a cap or a floor."""
        return {name: uses for name, uses in self._uses.items() if any(use.is_limited for use in uses)}

    @property
    def unlimited(self) -> dict[str, list[Use]]:
        return {name: uses for name, uses in self._uses.items() if name not in self.limited}

    def _uses_of(self, dimension: str, values: dict[str, float]) -> list[Use]:
        caps, floors = (self._limits(table, dimension) for table in ("caps", "floors"))
        total = self.run.capacity_total or self.run.capacity_used or 0
        found = [
            Use(
                value,
                used,
                cap := caps.get(fold(value)),
                floors.get(fold(value)),
                total if cap is None else cap,
            )
            for value, used in values.items()
        ]
        return sorted(found, key=lambda use: (not use.is_limited, -use.used, use.name))

    def _limits(self, table: str, dimension: str) -> dict[str, float]:
        limits = self.problem["constraints"][table]
        found: dict[str, float] = next((limits[d] for d in limits if fold(d) == fold(dimension)), {})
        return {fold(value): tokens for value, tokens in found.items()}

    # Initiatives ------------------------------------------------------------------------------------------

    @cached_property
    def kpis(self) -> list[Metric]:
        """The KPIs that a candidate contributes to or a target asks for, north star first."""
        named = {fold(key) for c in self.problem.get("candidates", []) for key in c["contributions"]}
        named |= {fold(target["kpi"]) for target in self.problem.get("targets", [])}
        known = {fold(metric.kpi_key): metric for metric in Metric.all_objects.all()}
        keys = [fold(kpi["key"]) for kpi in self.problem.get("kpis", [])]
        return [known[key] for key in keys if key in named and key in known]

    @cached_property
    def tokens(self) -> dict[str, float | None]:
        """What each candidate takes in full, by its key."""
        return {c["key"]: c["tokens"] for c in self.problem.get("candidates", [])}

    def results(self) -> Any:
        return self.run.results.select_related("initiative")

    @property
    def selected(self) -> Any:
        """The largest part of the objective first."""
        return self.results().filter(selected=True).order_by("-objective_share", "pk")

    @property
    def left_out(self) -> Any:
        return self.results().filter(selected=False, contributions__isnull=False).order_by("pk")

    @property
    def set_aside(self) -> list[dict[str, Any]]:
        titles = {
            result.initiative.initiative_key: result.initiative
            for result in self.results().filter(contributions__isnull=True)
        }
        aside = self.answer.get("set_aside", [])
        return [row | {"initiative": titles.get(row["key"])} for row in aside]


def _progress(gap: Gap) -> str:
    if gap.achieved is None:
        return f"{amount(gap.reachable)} reachable of {amount(gap.target)}"
    part = f" ({100 * gap.achieved / gap.target:.0f}%)" if gap.target > 0 else ""
    return f"{amount(gap.achieved)} of {amount(gap.target)}{part}"
