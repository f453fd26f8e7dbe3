"""Intake and Backlog: what departments ask for, and the one row per initiative it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from initiatives import intake
from initiatives.models import Initiative, KeySequence, Lifecycle, Submission
from initiatives.periods import PeriodError, canonical
from portfolio.tabs.actor import ENGINEERING
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import (
    Boolean,
    By,
    Choice,
    Column,
    Computed,
    Date,
    Email,
    Fraction,
    LongText,
    Number,
    Shown,
    Text,
)
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Tab, Violation
from portfolio.tabs.writing import RowState, Writing

PM = By.PM


class PeriodKey(Text):
    """A planning period, stored as ``2026-Q2`` however it was written."""

    width = 110

    def clean(self, cell: Any) -> Any:
        written = super().clean(cell)
        if written is None:
            return None
        try:
            return canonical(written)
        except PeriodError as error:
            raise CellError(str(error)) from None


class Standing(Computed):
    """A lifecycle status that is worked out."""

    def __init__(self, name: str, compute: Any, **options: Any) -> None:
        super().__init__(name, compute, **options)
        self.type_name = "choice"

    def choices(self) -> list[tuple[str, str]]:
        return list(Lifecycle.choices)


@register
class IntakeTab(Tab):
    name = "intake"
    title = "Intake"
    workbook = "intake"
    help = "What departments ask for. A complete submission becomes an initiative on the backlog."
    model = Submission
    many_sheets = True
    key = ("initiative_key", "title", "requester_email")
    can_create = can_delete = True
    declared = [
        Shown(
            "initiative_key",
            place="initiative.initiative_key",
            help="Given by Lodestar once the submission is complete.",
            frozen=True,
            width=120,
        ),
        Text("title", by=PM, wanted=True, frozen=True, width=280, help="What it is, in a line."),
        Computed(
            "missing_fields",
            intake.missing_fields,
            width=180,
            help="What is still missing before this becomes an initiative.",
        ),
        Standing(
            "lifecycle_status",
            intake.standing,
            watches=("initiatives.initiative",),
            aliases=("status", "lifecycle status"),
            help="Where the initiative stands; needs info until the submission is complete.",
        ),
        Text("requesting_team", by=PM, wanted=True, help="The team that asks."),
        Text("requester_name", by=PM, wanted=True, help="The person to talk to."),
        Email("requester_email", by=PM, wanted=True, help="Their e-mail address."),
        Text("department", by=PM, help="The department that asks."),
        Text("country", by=PM, wanted=True, aliases=("country name",), help="The country it is for."),
        Text("product_area", by=PM, help="The part of the product it touches."),
        LongText("problem_statement", by=PM, wanted=True, help="Which problem it solves, and for whom."),
        LongText("hypothesis", by=PM, help="Why it should work."),
        Date("deadline_date", by=PM, help="The last useful day, if there is one."),
        Choice(
            "effort_tshirt_size",
            by=PM,
            label="Effort T-shirt Size",
            width=110,
            help="A first guess: XS to XL.",
        ),
        Text("sheet", help="The department sheet this submission came from.", aliases=("intake sheet",)),
    ]

    def key_of(self, row: Any) -> tuple[str, ...]:
        """A keyed row is its initiative's; a keyless one is known by sheet, title and requester."""
        return intake.key_of(row)

    def index(self) -> dict[tuple[str, ...], int]:
        return {intake.key(*known_by): pk for pk, *known_by in self._known()}

    def needed_in_file(self) -> list[Column]:
        return [self.column("title"), self.column("requester_email")]

    def key_in_file(self, values: Mapping[str, Any], sheet: str) -> tuple[str, ...]:
        key, sheet = values.get("initiative_key"), self._sheet(values, sheet)
        return intake.key(key, sheet, values.get("title"), values.get("requester_email"))

    def index_for_files(self) -> dict[tuple[str, ...], int]:
        """A department's sheet stays without keys, so its rows are known as they were handed in, too."""
        rows = self._known()
        handed_in = {intake.key(None, *how): pk for pk, _, *how in reversed(rows)}
        return handed_in | {intake.key(*known_by): pk for pk, *known_by in rows}

    def _known(self) -> list[tuple[Any, ...]]:
        return list(self.queryset().values_list("pk", *intake.KNOWN_BY))

    def given_by_file(self, values: Mapping[str, Any], sheet: str) -> dict[str, Any]:
        return {"sheet": self._sheet(values, sheet) or ""}

    @staticmethod
    def _sheet(values: Mapping[str, Any], sheet: str) -> Any:
        # An exported workbook has all departments in one sheet, and theirs in a column.
        # Not get(): a column that is not there would read as a blank one.
        return values["sheet"] if "sheet" in values else sheet  # noqa: SIM401

    def after(self, writing: Writing) -> None:
        intake.become_initiatives(writing)
        intake.flow_edits(writing)

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return intake.notes(pks)


@register
class BacklogTab(Tab):
    name = "backlog"
    title = "Backlog"
    workbook = "central_backlog"
    help = "One row per initiative. Graduate the ones that should compete for capacity in a period."
    model = Initiative
    key = ("initiative_key",)
    can_create = can_delete = True
    ordering = ("initiative_key",)
    declared = [
        Text("initiative_key", frozen=True, width=120, help="Given by Lodestar, never typed, never reused."),
        Text("title", by=PM, required=True, frozen=True, width=280, help="What it is, in a line."),
        Choice(
            "lifecycle_status",
            by=PM,
            aliases=("status", "lifecycle status"),
            help="Rejected, archived and done initiatives never compete for capacity.",
        ),
        Boolean(
            "is_optimization_candidate",
            by=PM,
            when_blank=False,
            label="Is Optimization Candidate",
            help="Tick to let it compete for capacity in its period.",
        ),
        PeriodKey("candidate_period_key", by=PM, help="The period it competes in, like 2026-Q2."),
        Number(
            "engineering_tokens",
            by=PM,
            also=(ENGINEERING,),
            min=0,
            unit="tokens",
            help="Engineering capacity the full scope takes. One token is one unit, such as a person-day.",
        ),
        Number(
            "engineering_tokens_mvp",
            by=PM,
            also=(ENGINEERING,),
            min=0,
            unit="tokens",
            help="Engineering capacity the smallest useful scope takes.",
        ),
        Fraction("mvp_value_share", by=PM, help="The share of the contribution that the MVP keeps, 0 to 1."),
        Choice("scope_mode", by=PM, help="Full scope, MVP only, or let the optimizer choose."),
        Text("requesting_team", by=PM, help="The team that asks."),
        Text("requester_name", by=PM, help="The person to talk to."),
        Email("requester_email", by=PM, help="Their e-mail address."),
        Text("country", by=PM, aliases=("country name",), help="The country it is for."),
        Text("market", by=PM, aliases=("market name",), help="The market it is for."),
        Text("department", by=PM, help="The department that will do the work."),
        Text("category", by=PM, help="A grouping of your own."),
        Text("product_area", by=PM, help="The part of the product it touches."),
        Text("program_key", by=PM, aliases=("program",), help="The programme it belongs to."),
        Text("customer_segment", by=PM, help="Whom it is for."),
        LongText("problem_statement", by=PM, help="Which problem it solves, and for whom."),
        LongText("hypothesis", by=PM, help="Why it should work."),
        LongText("llm_summary", by=By.LLM, help="Two or three factual lines, drafted by the LLM."),
        Number(
            "strategic_priority_coefficient",
            by=PM,
            when_blank=1,
            help="How much leadership cares. For display; it changes no score.",
        ),
        Choice("risk_level", by=PM, help="Low, medium or high."),
        Choice(
            "effort_tshirt_size",
            by=PM,
            also=(ENGINEERING,),
            label="Effort T-shirt Size",
            width=110,
            help="A first guess: XS to XL.",
        ),
        Number(
            "effort_engineering_days",
            by=PM,
            also=(ENGINEERING,),
            min=0,
            unit="days",
            help="Engineering work in person-days; the effort of a math model that states none.",
        ),
        Number(
            "effort_other_teams_days",
            by=PM,
            also=(ENGINEERING,),
            min=0,
            unit="days",
            help="Work of other teams in person-days.",
        ),
        Number("infra_cost_estimate", by=PM, min=0, help="One-off and running infrastructure cost."),
        Date("deadline_date", by=PM, help="The last useful day, if there is one."),
        Date("earliest_start_date", by=PM, help="Work can't start before this day."),
        Date("latest_finish_date", by=PM, help="Work must be finished by this day."),
        Number("time_sensitivity_score", by=PM, help="How fast the value decays with delay."),
        LongText("dependencies_others", by=PM, help="What it waits for outside this backlog."),
        Shown("active_scoring_framework", place="scoring.active_scoring_framework"),
        Shown("use_math_model", place="scoring.use_math_model"),
        Shown("value_score", place="scoring.value_score", help="The active framework's value."),
        Shown("effort_score", place="scoring.effort_score", help="The active framework's effort."),
        Shown("overall_score", place="scoring.overall_score", help="The active framework's overall score."),
        Computed(
            "immediate_kpi",
            "scoring.showing.immediate_kpi",
            watches=("scoring.mathmodel",),
            help="The first link of the primary model's chain.",
        ),
        Computed(
            "metric_chain",
            "scoring.showing.metric_chain",
            watches=("scoring.mathmodel",),
            width=280,
            help="The primary model's metric chain.",
        ),
        *(
            Computed(
                name,
                f"optimization.indicators.{name}",
                watches=("optimization.constraint", "optimization.scenario"),
                help=f"{what}, from the active Constraints rows of the period's scenarios.",
            )
            for name, what in (
                ("mandatory", "Scenarios in which it is mandatory"),
                ("bundle", "Bundles it is in"),
                ("prerequisites", "What it requires"),
                ("exclusions", "What it excludes, or where it is excluded"),
                ("synergies", "Synergies it takes part in"),
            )
        ),
    ]

    def prepare(self, writing: Writing, created: list[RowState]) -> None:
        give_keys([state.row for state in created])

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        for state in states:
            yield from _dates_in_order(state)
            yield from _mvp_smaller(state)
            yield from _key_free(state)

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return intake.backlog_notes(pks)


def give_keys(rows: list[Any]) -> None:
    """A new key for every row that brings none."""
    KeySequence.pass_by([row.initiative_key for row in rows if row.initiative_key])
    keyless = [row for row in rows if not row.initiative_key]
    for row, key in zip(keyless, KeySequence.take(len(keyless)) if keyless else [], strict=True):
        row.initiative_key = key


def _dates_in_order(state: RowState) -> Iterable[Violation]:
    start, finish = state["earliest_start_date"], state["latest_finish_date"]
    if start and finish and finish < start:
        message = f"Latest finish {finish} is before earliest start {start}. Finish must not come first."
        yield Violation(state, ("earliest_start_date", "latest_finish_date"), message)


def _mvp_smaller(state: RowState) -> Iterable[Violation]:
    full, mvp = state["engineering_tokens"], state["engineering_tokens_mvp"]
    if full is not None and mvp is not None and mvp > full:
        message = f"The MVP takes {mvp:g} tokens, more than the full scope's {full:g}. It should take fewer."
        yield Violation(state, ("engineering_tokens_mvp", "engineering_tokens"), message)


def _key_free(state: RowState) -> Iterable[Violation]:
    # A deleted row's key is not on the tab, but it is taken all the same.
    if state.created and "initiative_key" in state.before:
        taken = Initiative.all_objects.filter(initiative_key__iexact=state["initiative_key"]).exists()
        if taken:
            yield Violation(state, ("initiative_key",), f"The key {state['initiative_key']} was used before.")
