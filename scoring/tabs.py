"""Scoring Inputs, Math Models and Params: what initiatives are scored from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from initiatives.models import Initiative
from portfolio.tabs.actor import ADMIN, ANALYTICS, ENGINEERING, FINANCE, PM, Actor
from portfolio.tabs.columns import (
    Boolean,
    By,
    Choice,
    Column,
    Computed,
    Fraction,
    Integer,
    LongText,
    Number,
    Ref,
    Script,
    Shown,
    Text,
)
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Tab, Violation
from portfolio.tabs.writing import RowState, Writing
from scoring import activation, approval, primary, remarks, seeding, staleness
from scoring.columns import ChainText, ParamName, Scale, TargetKpi
from scoring.frameworks import rice, wsjf
from scoring.models import PARTS, Framework, MathModel, Param, Source

VALUERS = (ANALYTICS, FINANCE, ENGINEERING)
#: What of a model and of a param changes scores and contributions.
MODEL_INPUTS = {"formula_text", "formula_approved", "target_kpi", "is_primary", "scenario_label"}
PARAM_INPUTS = {"value", "approved", "min", "max", "distribution"}
#: Whose tick a param's source asks for.
APPROVERS = {Source.ANALYTICS: ANALYTICS, Source.FINANCE: FINANCE, Source.ENG: ENGINEERING}


def _scores() -> list[Number]:
    return [
        Number(
            f"{framework.prefix}_{part}_score",
            place=f"scoring.{framework.prefix}_{part}_score",
            label=f"{_short(framework)} {part} score",
            help=f"The {part} {framework.label} gives.",
        )
        for framework in Framework
        for part in PARTS
    ]


def _ranks() -> list[Integer]:
    return [
        Integer(
            f"{framework.prefix}_rank",
            place=f"scoring.{framework.prefix}_rank",
            label=f"{_short(framework)} rank",
            help=f"Its place among all initiatives by {framework.label} overall; equal scores share a place.",
        )
        for framework in Framework
    ]


def _short(framework: Framework) -> str:
    return "Math" if framework is Framework.MATH_MODEL else framework.value


def _wsjf(name: str, label: str, help: str) -> Scale:
    return Scale(
        f"wsjf_{name}",
        place=f"scoring.wsjf_{name}",
        by=By.PM,
        steps=wsjf.SCALE,
        label=f"WSJF {label}",
        help=f"{help} 1, 2, 3, 5, 8, 13 or 20.",
    )


@register
class ScoringInputsTab(Tab):
    name = "scoring_inputs"
    title = "Scoring Inputs"
    workbook = "product_ops"
    help = "What RICE and WSJF score from, and every framework's scores side by side."
    model = Initiative
    key = ("initiative_key",)
    home = "scoring"
    ordering = ("initiative_key",)
    declared = [
        Shown("initiative_key", frozen=True, width=120),
        Shown("title", frozen=True, width=260),
        Choice(
            "active_scoring_framework",
            place="scoring.active_scoring_framework",
            by=By.PM,
            help="The framework whose scores count. Its value, effort and overall become the active ones.",
        ),
        Boolean(
            "use_math_model",
            place="scoring.use_math_model",
            by=By.PM,
            label="Use Math Model",
            help="Yes makes a first math model; blank is yes once a model is approved; "
            "no means no math score and no computed contribution.",
        ),
        Number(
            "rice_reach",
            place="scoring.rice_reach",
            by=By.PM,
            min=0,
            label="RICE Reach",
            help="People or events per period.",
        ),
        Scale(
            "rice_impact",
            place="scoring.rice_impact",
            by=By.PM,
            steps=rice.IMPACTS,
            label="RICE Impact",
            help="3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal.",
        ),
        Fraction(
            "rice_confidence",
            place="scoring.rice_confidence",
            by=By.PM,
            bare_percent=True,
            label="RICE Confidence",
            help="100 % high, 80 % medium, 50 % low; anything from 0 to 100 %.",
        ),
        Number(
            "rice_effort",
            place="scoring.rice_effort",
            by=By.PM,
            above=0,
            unit="person-months",
            label="RICE Effort",
            help="Person-months of the whole team, more than 0.",
        ),
        _wsjf("business_value", "Business Value", "User and business value."),
        _wsjf("time_criticality", "Time Criticality", "How the value decays with delay."),
        _wsjf("risk_reduction", "Risk Reduction", "Risk reduced or opportunity enabled."),
        _wsjf("job_size", "Job Size", "Size of the job."),
        *_scores(),
        *(
            Number(
                f"{part}_score",
                place=f"scoring.{part}_score",
                label=f"Active {part} score",
                help=f"The active framework's {part}.",
            )
            for part in PARTS
        ),
        *_ranks(),
        LongText(
            "score_warnings",
            place="scoring.score_warnings",
            help="What kept a framework from scoring, and what looks wrong.",
        ),
    ]

    def derive(self, writing: Writing, state: RowState) -> None:
        activation.follow_choice(state)

    def after(self, writing: Writing) -> None:
        primary.make_first_models(writing)
        staleness.mark(writing, [s.row.pk for s in writing.effective if _scores_otherwise(s)])

    def context(self) -> str:
        return staleness.context()


def _scores_otherwise(state: RowState) -> bool:
    """Whether scoring would now say something else. The active scores have followed the choice already."""
    if activation.CHOICE in state.changed and state["value_score"] is None:
        return True
    return any(state.tab.column(name).entered_here for name in state.changed - {activation.CHOICE})


def _initiative() -> Ref:
    return Ref(
        "initiative_key",
        place="initiative",
        key="initiative_key",
        noun="initiative",
        offer=False,
        by=By.PM,
        on_create=True,
        required=True,
        frozen=True,
        width=120,
        help="The initiative; chosen when the row is made.",
    )


class OfInitiatives(Tab):
    """Rows that belong to an initiative, and go when it goes."""

    def queryset(self) -> QuerySet:
        return super().queryset().filter(initiative__deleted_at=None)


@register
class MathModelsTab(OfInitiatives):
    name = "math_models"
    title = "Math Models"
    workbook = "product_ops"
    help = "How each initiative's effect on a target KPI is computed. Only approved formulas count."
    model = MathModel
    key = ("initiative_key", "model_name")
    can_create = can_delete = True
    ordering = ("initiative__initiative_key", "pk")
    declared = [
        _initiative(),
        Text(
            "model_name",
            by=By.PM,
            required=True,
            frozen=True,
            width=220,
            help="Once per initiative.",
        ),
        Text("framework", help="The framework it belongs to."),
        TargetKpi(
            "target_kpi",
            by=By.PM,
            aliases=("target_kpi_key",),
            help="The north star or strategic KPI whose improvement it computes.",
        ),
        Boolean(
            "is_primary",
            by=By.PM,
            when_blank=False,
            help="The model that gives the initiative's math score; exactly one.",
        ),
        Text(
            "immediate_kpi",
            by=By.PM,
            aliases=("immediate_kpi_key",),
            help="The metric it moves first: where its chain starts.",
        ),
        Computed(
            "north_star_kpi",
            "scoring.showing.north_star_kpi",
            watches=("metrics.metric",),
            help="The organisation's north star, to choose a target from.",
        ),
        Computed(
            "strategic_kpis",
            "scoring.showing.strategic_kpis",
            watches=("metrics.metric",),
            help="The organisation's strategic KPIs, to choose a target from.",
        ),
        ChainText(
            "metric_chain_text",
            place="metric_chain",
            by=By.PM,
            aliases=("metric_chain_json", "metric_chain"),
            help="signup → activation → revenue; ->, > and line breaks do too.",
        ),
        LongText(
            "llm_suggested_metric_chain",
            by=By.LLM,
            aliases=("llm_suggested_metric_chain_text",),
            help="The chain the LLM would draw.",
        ),
        LongText(
            "model_description",
            by=By.PM,
            aliases=("model_description_free_text",),
            help="How the effect comes about, in your words.",
        ),
        LongText("model_prompt_to_llm", by=By.PM, label="Prompt to LLM", help="What the LLM should mind."),
        Boolean("llm_refresh", by=By.PM, when_blank=False, help="Ask for a new draft; the run clears it."),
        Script(
            "llm_suggested_formula",
            by=By.LLM,
            aliases=("llm_suggested_formula_text",),
            help="The formula the LLM drafted. Copy what you agree with into the formula.",
        ),
        LongText("assumptions_text", by=By.LLM_THEN_PM, label="Assumptions", help="What must hold."),
        LongText("llm_notes", by=By.LLM_THEN_PM, help="Remarks on the draft."),
        Script(
            "formula_text",
            by=By.PM,
            label="Formula",
            aliases=("formula_text_final",),
            help="Lines like value = traffic * rate. Changing it clears the approval.",
        ),
        Boolean(
            "formula_approved",
            by=By.PM,
            when_blank=False,
            aliases=("approved_by_user", "formula_text_approved"),
            help="Only approved formulas count. Approving seeds the params the formula reads.",
        ),
        Text(
            "scenario_label",
            by=By.PM,
            when_blank="Base",
            help="Variants with another label never add up; only the active label (Base) scores.",
        ),
        Integer("version", help="Raised whenever the formula changes."),
        Boolean("suggested_by_llm", help="Whether the LLM drafted it."),
        Number("computed_value", help="What the approved formula gives with the approved params."),
        Number("p10", label="P10", help="10 % chance below, from the params' ranges."),
        Number("p50", label="P50", help="Even odds above or below."),
        Number("p90", label="P90", help="10 % chance above."),
        LongText("formula_status", help="Valid, or the formula's first error with its line."),
        Computed(
            "model_warnings",
            "scoring.remarks.model_warnings",
            watches=("scoring.param", "metrics.metric", "metrics.contributions"),
            width=280,
            help="What looks wrong. It warns; it never blocks.",
        ),
    ]

    def prepare(self, writing: Writing, created: list[RowState]) -> None:
        primary.first_is_primary(writing, created)

    def derive(self, writing: Writing, state: RowState) -> None:
        approval.follow_formula(state)

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        yield from primary.exactly_one(writing)
        for state in states:
            yield from approval.only_valid(state)

    def after(self, writing: Writing) -> None:
        primary.unfilled_gives_way(writing)
        seeding.seed(writing, [s.row.initiative_id for s in writing.effective if approval.seeds(s)])
        staleness.mark_changed(writing, MODEL_INPUTS)

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return remarks.formula_errors(pks)


def may_approve(actor: Actor, param: Any) -> bool:
    """The role the param's source names, or a PM."""
    return actor.has(PM, ADMIN, APPROVERS.get(param.source, PM))


@register
class ParamsTab(OfInitiatives):
    name = "params"
    title = "Params"
    workbook = "product_ops"
    help = "The numbers the formulas read, shared by all models of an initiative. Only approved values count."
    model = Param
    key = ("initiative_key", "framework", "param_name")
    can_create = can_delete = True
    ordering = ("initiative__initiative_key", "pk")
    declared = [
        _initiative(),
        Text("framework", help="The framework it belongs to."),
        ParamName(
            "param_name",
            by=By.PM,
            on_create=True,
            required=True,
            frozen=True,
            width=200,
            help="The name formulas read it by.",
        ),
        Text("param_display", by=By.LLM_THEN_PM, label="Label", help="What people call it."),
        LongText("description", by=By.LLM_THEN_PM, help="What it measures and where it comes from."),
        Number("value", by=By.PM, also=VALUERS, help="Its value. A changed value clears the approval."),
        Text("unit", by=By.LLM_THEN_PM, also=VALUERS, help="Such as GBP, ratio, sessions/month."),
        Number("min", by=By.LLM_THEN_PM, also=VALUERS, help="The low end of its range."),
        Number("max", by=By.LLM_THEN_PM, also=VALUERS, help="The high end of its range."),
        Choice(
            "distribution",
            by=By.LLM_THEN_PM,
            also=VALUERS,
            help="How it spreads between min and max. Blank is PERT, the value being the most likely.",
        ),
        Choice("source", by=By.LLM_THEN_PM, help="Who owns the number: PM, Analytics, Finance or Eng."),
        Boolean(
            "approved",
            by=By.PM,
            also=VALUERS,
            allow=may_approve,
            when_blank=False,
            help="Ticked by the role named in source, or a PM. Only approved values count.",
        ),
        Computed(
            "model_names",
            "scoring.readers.model_names",
            watches=("scoring.mathmodel",),
            width=220,
            help="The models whose formula reads it.",
        ),
        Boolean("is_auto_seeded", help="Made by approving a formula."),
        Computed(
            "is_unused",
            "scoring.readers.is_unused",
            like=Boolean("is_unused"),
            watches=("scoring.mathmodel",),
            help="No current formula reads it.",
        ),
        Boolean("llm_refresh", by=By.PM, when_blank=False, help="Ask for a new proposal; the run clears it."),
        LongText("notes", by=By.PM, also=VALUERS, help="Anything worth knowing."),
    ]

    def needed_in_file(self) -> list[Column]:
        return [self.column("initiative_key"), self.column("param_name")]

    def key_in_file(self, values: Mapping[str, Any], sheet: str) -> tuple[str, ...]:
        """A file that names no framework means math models: no other framework has params."""
        return super().key_in_file({**values, "framework": Framework.MATH_MODEL}, sheet)

    def derive(self, writing: Writing, state: RowState) -> None:
        if "value" in state.changed:
            approval.unapprove(state, "approved")

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        for state in states:
            yield from _range_in_order(state)

    def after(self, writing: Writing) -> None:
        staleness.mark_changed(writing, PARAM_INPUTS)

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return remarks.ranges(pks)


def _range_in_order(state: RowState) -> Iterable[Violation]:
    low, high = state["min"], state["max"]
    if low is not None and high is not None and low > high:
        yield Violation(state, ("min", "max"), f"Min {low:g} is above max {high:g}. Min must come first.")
