"""Scenarios and what constrains them, the runs that answered them, and the decisions asked of the runs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse

from initiatives.models import Initiative, amount, prose, text
from metrics.models import Metric
from optimization.problem import fold, unique
from portfolio.actions.models import ActionRun
from portfolio.tabs.models import LIVE, SoftDeleted, Tracked

DEFAULT_SET = "default"


class ObjectiveMode(models.TextChoices):
    NORTH_STAR = "north_star", "North star"
    WEIGHTED_KPIS = "weighted_kpis", "Weighted KPIs"
    LEXICOGRAPHIC = "lexicographic", "Lexicographic"


class Dimension(models.TextChoices):
    """Where a target or a limit applies; the value is what the solver calls the dimension."""

    ALL = "all", "All"
    COUNTRY = "country", "Country"
    MARKET = "market", "Market"
    DEPARTMENT = "department", "Department"
    CATEGORY = "category", "Category"
    PRODUCT_AREA = "product_area", "Product area"
    PROGRAM = "program", "Program"
    CUSTOMER_SEGMENT = "customer_segment", "Customer segment"


INITIATIVE, BUNDLE = "initiative", "bundle"
CONSTRAINT_DIMENSIONS = [*Dimension.choices, (INITIATIVE, "Initiative"), (BUNDLE, "Bundle")]

#: The field of an initiative that holds its value in each dimension.
FIELD_OF = {
    name: "program_key" if name == Dimension.PROGRAM else str(name)
    for name in Dimension.values
    if name != Dimension.ALL
}


class ConstraintType(models.TextChoices):
    CAPACITY_FLOOR = "capacity_floor", "Capacity floor"
    CAPACITY_CAP = "capacity_cap", "Capacity cap"
    MANDATORY = "mandatory", "Mandatory"
    EXCLUDED = "excluded", "Excluded"
    EXCLUSION_PAIR = "exclusion_pair", "Exclusion pair"
    BUNDLE = "bundle", "Bundle"
    PREREQUISITE = "prerequisite", "Prerequisite"
    SYNERGY_BONUS = "synergy_bonus", "Synergy bonus"


class TargetKind(models.TextChoices):
    FLOOR = "floor", "Floor"
    GOAL = "goal", "Goal"


class Candidacy(Tracked):
    """Whether a candidate is picked for the runs of selected candidates."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="candidacy")
    is_selected_for_run = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "candidacies"

    def __str__(self) -> str:
        return f"Candidacy of {self.initiative.initiative_key}"


class Scenario(SoftDeleted):
    """One question: a period, a capacity, and what to make the most of."""

    scenario_name = models.CharField(max_length=100)
    period_key = models.CharField(max_length=20)
    capacity_total_tokens = models.FloatField()
    objective_mode = models.CharField(
        max_length=14, choices=ObjectiveMode.choices, default=ObjectiveMode.NORTH_STAR
    )
    objective_scope = models.CharField(max_length=255, default=Dimension.ALL)
    objective_weights = models.JSONField(null=True, blank=True)
    lexicographic_order = models.JSONField(null=True, blank=True)
    notes = prose()

    class Meta:
        ordering = ["scenario_name"]
        constraints = [
            models.UniqueConstraint(fields=["scenario_name"], condition=LIVE, name="scenario_name_once")
        ]

    def __str__(self) -> str:
        return self.scenario_name

    def set_names(self) -> list[str]:
        """The constraint sets that have rows, each in one spelling, in alphabetical order."""
        named = [rows.values_list("constraint_set_name", flat=True) for rows in self._rows()]
        return sorted(unique(name for names in named for name in names), key=fold)

    @classmethod
    def free_name(cls, stem: str) -> str:
        """The first of “stem”, “stem 2” … that no scenario has."""
        taken = {fold(name) for name in cls.all_objects.values_list("scenario_name", flat=True)}
        tries = (stem if number == 1 else f"{stem} {number}" for number in range(1, len(taken) + 2))
        return next(name for name in tries if fold(name) not in taken)

    def default_set(self) -> str:
        """The scenario's only set, else ``default``."""
        names = self.set_names()
        return names[0] if len(names) == 1 else DEFAULT_SET

    def _rows(self) -> tuple[Any, Any]:
        return Constraint.objects.filter(scenario=self), Target.objects.filter(scenario=self)


class Constraint(SoftDeleted):
    """One row of the Constraints tab. Which cells count depends on its type."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="constraints")
    constraint_set_name = models.CharField(max_length=100, default=DEFAULT_SET)
    constraint_type = models.CharField(max_length=14, choices=ConstraintType.choices)
    dimension = models.CharField(max_length=16, choices=CONSTRAINT_DIMENSIONS, blank=True)
    dimension_key = text()
    min_tokens = amount()
    max_tokens = amount()
    member_keys = models.JSONField(null=True, blank=True)
    min_members = models.PositiveIntegerField(null=True, blank=True)
    kpi = models.ForeignKey(Metric, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    bonus_value = amount()
    notes = prose()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_constraint_type_display()} {self.dimension_key}".strip()


class Target(SoftDeleted):
    """One row of the Targets tab: how much of a KPI is needed, and how badly."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="targets")
    constraint_set_name = models.CharField(max_length=100, default=DEFAULT_SET)
    dimension = models.CharField(max_length=16, choices=Dimension.choices, default=Dimension.ALL)
    dimension_key = text()
    kpi = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="+")
    baseline_value = amount()
    target_value = models.FloatField()
    floor_or_goal = models.CharField(max_length=5, choices=TargetKind.choices)
    notes = prose()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.floor_or_goal} of {self.kpi} for {self.dimension} {self.dimension_key}"


class RunStatus(models.TextChoices):
    OPTIMAL = "optimal", "Optimal"
    FEASIBLE = "feasible", "Feasible"
    INFEASIBLE = "infeasible", "Infeasible"
    UNKNOWN = "unknown", "Unknown"
    INVALID = "invalid", "Invalid"


class CandidateChoice(models.TextChoices):
    ALL = "all", "All candidates"
    SELECTED = "selected", "Selected candidates"


class Run(Tracked):
    """One answer of the optimizer, with the exact problem it was asked. Never changed afterwards."""

    run_id = models.CharField(max_length=20, unique=True, null=True)
    action = models.ForeignKey(ActionRun, null=True, on_delete=models.SET_NULL, related_name="runs")
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="runs")
    constraint_set_name = models.CharField(max_length=100, default=DEFAULT_SET)
    candidate_choice = models.CharField(
        max_length=8, choices=CandidateChoice.choices, default=CandidateChoice.ALL
    )
    objective_mode = models.CharField(max_length=14, choices=ObjectiveMode.choices)
    status = models.CharField(max_length=10, choices=RunStatus.choices)
    started = models.DateTimeField()
    finished = models.DateTimeField()
    solve_seconds = amount()
    objective_value = amount()
    best_bound = amount()
    gap = amount()
    capacity_total = amount()
    capacity_used = amount()
    candidates = models.PositiveIntegerField(default=0)
    selected = models.PositiveIntegerField(default=0)
    inputs_hash = models.CharField(max_length=64, blank=True)
    portfolio_hash = models.CharField(max_length=64, blank=True)
    solver = models.CharField(max_length=60, blank=True)
    asked_by = models.CharField(max_length=150)
    problem = models.JSONField(null=True, help_text="What the solver was asked, as a problem file.")
    answer = models.JSONField(null=True, help_text="What it answered, as `manage.py solve` prints it.")
    sources = models.JSONField(default=dict, help_text="JSON pointer into the problem → {tab, row}.")
    errors = models.JSONField(
        default=list, help_text="Of an invalid problem: {tab, title, row, key, text} each."
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["scenario", "-finished"])]

    def __str__(self) -> str:
        return self.run_id or "run"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.run_id])

    def document(self) -> dict[str, Any]:
        """The solver's answer with what it answered; an invalid run has its errors instead."""
        answer = self.answer or {}
        if self.status == RunStatus.INVALID:
            answer = {"status": self.status, "errors": self.errors, **answer}
        names = {"run_id": self.run_id, "scenario": self.scenario.scenario_name}
        return {**answer, **names, "constraint_set": self.constraint_set_name}

    def number(self) -> None:
        """Give a saved run the id people know it by: RUN-000001 …"""
        self.run_id = f"RUN-{self.pk:06d}"
        self.save(update_fields=["run_id"])


class Result(Tracked):
    """What a run decided about one initiative, and why."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="results")
    selected = models.BooleanField()
    scope = models.CharField(max_length=4, blank=True)
    allocated_tokens = models.FloatField(default=0)
    contributions = models.JSONField(null=True, blank=True, help_text="{kpi_key: value} in native units.")
    objective_share = amount(help_text="The part of the objective it brings, 0 to 1.")
    reason = prose()
    pm_notes = prose()

    class Meta:
        ordering = ["-run_id", "-selected", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "initiative"], name="one_result_per_initiative")
        ]

    def __str__(self) -> str:
        return f"{self.initiative.initiative_key} in {self.run}"


class Severity(models.TextChoices):
    MET = "met", "Met"
    NEAR = "near", "Near"
    MISSED = "missed", "Missed"
    IMPOSSIBLE = "impossible", "Impossible"


class Gap(models.Model):
    """How a run stands against one target. All amounts are increments in the KPI's unit."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="gaps")
    dimension = models.CharField(max_length=16)
    dimension_key = text()
    kpi_key = models.CharField(max_length=100)
    target = models.FloatField()
    achieved = amount()
    reachable = amount()
    gap = amount()
    gap_pct = amount(help_text="The gap as a share of the target.")
    severity = models.CharField(max_length=10, choices=Severity.choices)

    class Meta:
        ordering = ["-run_id", "pk"]
        verbose_name_plural = "gaps"

    def __str__(self) -> str:
        return f"{self.kpi_key} for {self.dimension} {self.dimension_key} in {self.run}: {self.severity}"


class DecisionKind(models.TextChoices):
    HORSE_TRADE = "horse_trade", "Horse trade"
    NEAR_MISSES = "near_misses", "Near misses"
    CAPACITY = "capacity", "Value of capacity"
    FRONTIER = "frontier", "Efficient frontier"
    ROBUSTNESS = "robustness", "Robustness"
    PORTFOLIOS = "portfolios", "Several portfolios"
    WHAT_IF = "what_if", "What if"
    COMPARE = "compare", "Comparison"


class Decision(models.Model):
    """What a decision tool was asked, and what it answered. Never changed afterwards."""

    decision_id = models.CharField(max_length=20, unique=True, null=True)
    kind = models.CharField(max_length=12, choices=DecisionKind.choices)
    action = models.ForeignKey(ActionRun, null=True, on_delete=models.SET_NULL, related_name="decisions")
    run = models.ForeignKey(
        Run,
        null=True,
        on_delete=models.CASCADE,
        related_name="decisions",
        help_text="The run it starts from: the problem stored with it is the one that is re-solved.",
    )
    runs = models.ManyToManyField(
        Run, related_name="made_by_decisions", help_text="The runs it stored, or compares."
    )
    options = models.JSONField(default=dict, help_text="What was asked.")
    answer = models.JSONField(default=dict, help_text="What the tool answered.")
    complete = models.BooleanField(default=True, help_text="Whether it answered all that was asked.")
    asked_by = models.CharField(max_length=150)
    started = models.DateTimeField()
    finished = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.decision_id or "decision"

    def get_absolute_url(self) -> str:
        return reverse("decision", args=[self.decision_id])

    def number(self) -> None:
        """Give a saved decision the id people know it by: DEC-000001 …"""
        self.decision_id = f"DEC-{self.pk:06d}"
        self.save(update_fields=["decision_id"])
