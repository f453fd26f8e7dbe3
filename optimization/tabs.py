"""The optimization center: Candidates, Scenario Config, Constraints and Targets; Runs, Results and Gaps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from initiatives.models import Initiative
from initiatives.tabs import PeriodKey
from metrics.columns import KpiMap
from optimization import references, row_rules  # noqa: F401 - references registers itself
from optimization.candidates import StrategicKpis
from optimization.columns import (
    KpiOrder,
    KpiRef,
    MemberKeys,
    ObjectiveScope,
    RowId,
    ScenarioRef,
    SetName,
    Uuid,
)
from optimization.models import (
    DEFAULT_SET,
    Constraint,
    ConstraintType,
    Dimension,
    Gap,
    ObjectiveMode,
    Result,
    Run,
    Scenario,
    Target,
)
from portfolio.tabs.columns import (
    Boolean,
    By,
    Choice,
    Computed,
    Fraction,
    Integer,
    LongText,
    Moment,
    Number,
    Ref,
    Shown,
    Text,
)
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Tab, Violation
from portfolio.tabs.writing import RowState, Writing

PM = By.PM
CENTER = "optimization_center"
CONTRIBUTIONS = ("metrics.contributions", "metrics.metric")
CONSTRAINED = ("optimization.constraint", "optimization.scenario")


@register
class CandidatesTab(Tab):
    name = "candidates"
    title = "Candidates"
    workbook = CENTER
    help = "The graduated initiatives that compete for capacity. Graduate more of them on the Backlog."
    model = Initiative
    key = ("initiative_key",)
    home = "candidacy"
    fed_by = ("Open the Backlog", "/tabs/backlog/")
    ordering = ("initiative_key",)
    declared = [
        Shown("initiative_key", frozen=True, width=120),
        Shown("title", frozen=True, width=260),
        Boolean(
            "is_selected_for_run",
            place="candidacy.is_selected_for_run",
            by=PM,
            when_blank=False,
            help="Tick to take it into the runs of selected candidates.",
        ),
        Shown("candidate_period_key", help="The period it competes in."),
        Shown("engineering_tokens", help="Engineering capacity the full scope takes."),
        Computed(
            "north_star_contribution",
            "optimization.candidates.north_star",
            like=Number("north_star_contribution"),
            watches=CONTRIBUTIONS,
            help="What it brings to the north star, in that KPI's unit.",
        ),
        Shown("active_overall_score", place="scoring.overall_score", help="The active framework's score."),
        StrategicKpis(
            "strategic_kpi_contributions",
            "optimization.candidates.strategic",
            watches=CONTRIBUTIONS,
            label="contribution",
            help="What it brings to the KPI.",
        ),
        *(
            Computed(
                name,
                f"optimization.candidates.{name}",
                like=Number(name),
                watches=("scoring.mathmodel",),
                label=name.upper(),
                help=f"{chance}% chance that the primary model's value lies below.",
            )
            for name, chance in (("p10", 10), ("p90", 90))
        ),
        Shown("country"),
        Shown("market"),
        Shown("department"),
        Shown("category"),
        Shown("program", place="program_key"),
        *(
            Computed(name, f"optimization.indicators.{name}", watches=CONSTRAINED, help=what)
            for name, what in (
                ("mandatory", "Scenarios of its period in which it is mandatory."),
                ("bundle", "Bundles it is in: all of one or nothing."),
                ("prerequisites", "What it requires."),
                ("exclusions", "What it excludes, or where it is excluded."),
                ("synergies", "Synergies it takes part in."),
            )
        ),
    ]

    def queryset(self) -> models.QuerySet:
        return super().queryset().filter(is_optimization_candidate=True)


@register
class ScenarioConfigTab(Tab):
    name = "scenario_config"
    title = "Scenario Config"
    workbook = CENTER
    help = "One row per question to the optimizer: a period, a capacity, and what to make the most of."
    model = Scenario
    key = ("scenario_name",)
    can_create = can_delete = True
    ordering = ("scenario_name",)
    declared = [
        Text("scenario_name", by=PM, required=True, frozen=True, width=220, help="A name of your choice."),
        PeriodKey("period_key", by=PM, required=True, help="The period it plans, like 2026-Q2."),
        Number(
            "capacity_total_tokens",
            by=PM,
            required=True,
            above=0,
            unit="tokens",
            help="Engineering tokens there are in all in that period.",
        ),
        Choice(
            "objective_mode",
            by=PM,
            required=True,
            help="Maximise the north star, a weighted mix of KPIs, or close target gaps KPI by KPI.",
        ),
        ObjectiveScope(
            "objective_scope",
            by=PM,
            when_blank=str(Dimension.ALL),
            help="all, or dimension:key like market:UK to count only contributions made there.",
        ),
        KpiMap(
            "objective_weights",
            by=PM,
            min=0,
            aliases=("objective_weights_json",),
            help='For weighted KPIs: how much each counts, like {"revenue": 0.6, "retention": 0.4}.',
        ),
        KpiOrder(
            "lexicographic_order",
            by=PM,
            help="For lexicographic: KPIs by importance. Blank: the north star, then the strategic KPIs.",
        ),
        LongText("notes", by=PM, help="Anything worth knowing."),
    ]

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        for state in states:
            weights = state["objective_weights"]
            if weights and not any(weights.values()):
                message = "The weights are all 0. Give at least one KPI a weight above 0."
                yield Violation(state, ("objective_weights",), message)

    def check_delete(self, writing: Writing, row: Any) -> str:
        counts = {"constraint": row.constraints.count(), "target": row.targets.count()}
        held = " and ".join(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n)
        return f"{row} still has {held}. Delete them first." if held else ""

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        rows = Scenario.objects.filter(objective_mode=ObjectiveMode.WEIGHTED_KPIS)
        rows = rows if pks is None else rows.filter(pk__in=pks)
        said = Note("objective_weights", "Weighted KPIs need weights before this scenario can run.")
        return {row.pk: [said] for row in rows if not row.objective_weights}


@register
class ConstraintsTab(Tab):
    name = "constraints"
    title = "Constraints"
    workbook = CENTER
    help = "What every portfolio of a scenario must keep to. The rows of one set count together."
    model = Constraint
    key = (
        "scenario_name",
        "constraint_set_name",
        "constraint_type",
        "dimension",
        "dimension_key",
        "member_keys",
    )
    file_key = ("row_id",)
    can_create = can_delete = True
    declared = [
        RowId(),
        ScenarioRef("scenario_name", by=PM, required=True, frozen=True, help="The scenario it belongs to."),
        SetName(by=PM),
        Choice(
            "constraint_type",
            by=PM,
            required=True,
            help="What kind of rule it is; that decides which other cells count.",
        ),
        Choice("dimension", by=PM, help="For caps and floors: the dimension they limit."),
        Text(
            "dimension_key",
            by=PM,
            help="The dimension's value; or the initiative; or the name of the bundle or synergy.",
        ),
        Number("min_tokens", by=PM, min=0, unit="tokens", help="For a floor: at least so many tokens."),
        Number("max_tokens", by=PM, min=0, unit="tokens", help="For a cap: at most so many tokens."),
        MemberKeys(
            "member_keys",
            by=PM,
            merges=("bundle_member_keys", "prereq_member_keys"),
            help="The initiatives concerned, separated by commas: members, or what the row requires.",
        ),
        Integer("min_members", by=PM, min=1, help="For a synergy: so many members are enough. Blank is all."),
        KpiRef("kpi_key", place="kpi", by=PM, help="For a synergy: the KPI its bonus counts for."),
        Number("bonus_value", by=PM, help="For a synergy: the extra contribution, in the KPI's unit."),
        LongText("notes", by=PM, help="Why it is there."),
        Boolean("is_active", by=PM, when_blank=True, help="Inactive rows don't count. Blank is yes."),
    ]

    @staticmethod
    def match_key(values: Iterable[Any]) -> tuple[str, ...]:
        """Members tell exclusion pairs apart, the dimension only caps and floors, the name all others."""
        scenario, set_name, kind, dimension, key, members = values
        start = [scenario, set_name or DEFAULT_SET, kind]
        if kind == ConstraintType.EXCLUSION_PAIR:
            return Tab.match_key([*start, members])
        if kind in (ConstraintType.CAPACITY_CAP, ConstraintType.CAPACITY_FLOOR):
            return Tab.match_key([*start, dimension, key or dimension])
        return Tab.match_key([*start, key])

    def label_of(self, row: Any) -> str:
        named = [row.scenario.scenario_name, row.constraint_set_name, row.constraint_type, row.dimension_key]
        pair = row.constraint_type == ConstraintType.EXCLUSION_PAIR
        return " · ".join(filter(None, [*named, ", ".join(row.member_keys or []) if pair else None]))

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        return row_rules.violations(self, writing, states)


@register
class TargetsTab(Tab):
    name = "targets"
    title = "Targets"
    workbook = CENTER
    help = "How much of each KPI a portfolio has to bring: floors are hard, goals are aspirations."
    model = Target
    key = ("scenario_name", "constraint_set_name", "dimension", "dimension_key", "kpi_key")
    file_key = ("row_id",)
    can_create = can_delete = True
    declared = [
        RowId(),
        ScenarioRef("scenario_name", by=PM, required=True, frozen=True, help="The scenario it belongs to."),
        SetName(by=PM),
        KpiRef("kpi_key", place="kpi", by=PM, required=True, help="The KPI that is needed."),
        Number("target_value", by=PM, required=True, help="What to reach, in the KPI's unit."),
        Choice("floor_or_goal", by=PM, required=True, help="A floor must be met; a goal should be."),
        Number(
            "baseline_value",
            by=PM,
            help="Today's value. With it the target is absolute and the difference is needed.",
        ),
        Choice("dimension", by=PM, when_blank=str(Dimension.ALL), help="Where it applies. Blank is all."),
        Text("dimension_key", by=PM, help="The dimension's value, like UK; “all” for the whole portfolio."),
        LongText("notes", by=PM, help="Why it is there."),
    ]

    @staticmethod
    def match_key(values: Iterable[Any]) -> tuple[str, ...]:
        scenario, set_name, dimension, key, kpi = values
        dimension = dimension or Dimension.ALL
        return Tab.match_key([scenario, set_name or DEFAULT_SET, dimension, key or dimension, kpi])

    def derive(self, writing: Writing, state: RowState) -> None:
        """The whole portfolio has one value, all."""
        if state["dimension"] == Dimension.ALL and state["dimension_key"] is None:
            state.derive("dimension_key", str(Dimension.ALL))

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        return row_rules.violations(self, writing, states)


@register
class RunsTab(Tab):
    name = "runs"
    title = "Runs"
    workbook = CENTER
    help = "Every run of the optimizer, newest first."
    model = Run
    key = ("run_id",)
    fed_by = ("Open the optimizer", "/runs/")
    ordering = ("-pk",)
    declared = [
        Text("run_id", frozen=True, width=110, help="Given by Lodestar."),
        Ref("scenario", key="scenario_name", noun="scenario", help="The scenario it answered."),
        Text(
            "set", place="constraint_set_name", label="Constraint Set", help="The constraint set it kept to."
        ),
        Choice("status", help="Optimal is proven best; infeasible is proven impossible."),
        Choice("objective_mode", help="What it made the most of."),
        Number("objective_value", help="The objective of its portfolio."),
        Integer("selected", help="How many were selected."),
        Integer("candidates", help="How many initiatives competed."),
        Number("capacity_used", unit="tokens", help="The tokens its portfolio takes."),
        Number("capacity_total", unit="tokens", help="The capacity it was given."),
        Number("gap", help="How far the objective may be from the best, relative; 0 is proven best."),
        Text("asked_by", help="Who asked for it."),
        Moment("started", help="When it started."),
        Moment("finished", help="When it ended."),
        Number("solve_seconds", unit="s", help="Seconds the solver took."),
        Number("best_bound", help="No portfolio can be better than this."),
        Text("solver", help="Which solver answered."),
        Text("inputs_hash", help="The same for the same inputs."),
        Text("portfolio_hash", help="The same for the same portfolio."),
        Uuid("action_id", place="action.action_id", help="The job that made it."),
    ]


@register
class ResultsTab(Tab):
    name = "results"
    title = "Results"
    workbook = CENTER
    help = "What each run decided about each initiative, and why."
    model = Result
    key = ("run_id", "initiative_key")
    fed_by = ("Open the optimizer", "/runs/")
    ordering = ("-run__pk", "-selected", "pk")
    declared = [
        Shown("run_id", place="run.run_id", frozen=True, width=110),
        Shown("initiative_key", place="initiative.initiative_key", frozen=True, width=120),
        Shown("title", place="initiative.title", width=260),
        Boolean("selected", help="Whether it is in the portfolio."),
        Text("scope", help="full or mvp."),
        Number("allocated_tokens", unit="tokens", help="The tokens it takes in the portfolio."),
        Fraction("objective_share", help="The part of the objective it brings."),
        LongText("reason", help="Why it is in or out."),
        KpiMap(
            "contributions",
            family=True,
            label="contribution",
            help="What it brings to the KPI in the portfolio.",
        ),
        Shown("country", place="initiative.country"),
        Shown("department", place="initiative.department"),
        Shown("category", place="initiative.category"),
        LongText("pm_notes", by=PM, help="Your own remarks."),
    ]


@register
class GapsAndAlertsTab(Tab):
    name = "gaps_and_alerts"
    title = "Gaps & Alerts"
    workbook = CENTER
    help = "How each run stands against each target. Amounts are increments in the KPI's unit."
    model = Gap
    key = ("run_id", "dimension", "dimension_key", "kpi_key")
    fed_by = ("Open the optimizer", "/runs/")
    home = "run"
    ordering = ("-run__pk", "pk")
    declared = [
        Shown("run_id", place="run.run_id", frozen=True, width=110),
        Text("kpi_key", help="The KPI that is needed."),
        Choice("severity", help="met; near (at least 95%); missed; or impossible for any portfolio."),
        Number("target", help="The increment that is needed."),
        Number("achieved", help="The increment the portfolio brings."),
        Number("gap", help="What is missing."),
        Fraction("gap_pct", label="Gap %", help="What is missing, as a share of the target."),
        Number("reachable", help="The most any portfolio could bring by itself."),
        Text("dimension", help="Where the target applies."),
        Text("dimension_key", help="The dimension's value."),
    ]
