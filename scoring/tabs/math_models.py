"""Math Models: how each initiative's effect on a KPI is computed."""

from __future__ import annotations

from collections.abc import Iterable

from portfolio.tabs.columns import Boolean, By, Computed, Integer, LongText, Number, Script, Text
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Violation
from portfolio.tabs.writing import RowState, Writing
from scoring import approval, primary, remarks, seeding, staleness
from scoring.columns import ChainText, TargetKpi
from scoring.models import MathModel
from scoring.tabs.of_initiatives import OfInitiatives, initiative

#: What of a model changes scores and contributions.
MODEL_INPUTS = {"formula_text", "formula_approved", "target_kpi", "is_primary", "scenario_label"}


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
        initiative(),
        Text(
            "model_name",
            by=By.PM,
            required=True,
            frozen=True,
            width=220,
            help="Once per initiative.",
        ),
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
            help="The model that gives the math score: one per initiative. Ticking one unticks the other.",
        ),
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
        LongText("formula_status", help="Valid, or the formula's first error with its line."),
        Number("computed_value", help="What the approved formula gives with the approved params."),
        Number("p10", label="P10", help="10% chance below, from the params' ranges."),
        Number("p50", label="P50", help="Even odds above or below."),
        Number("p90", label="P90", help="10% chance above."),
        Text(
            "immediate_kpi",
            by=By.PM,
            aliases=("immediate_kpi_key",),
            help="The metric it moves first: where its chain starts.",
        ),
        ChainText(
            "metric_chain_text",
            place="metric_chain",
            by=By.PM,
            aliases=("metric_chain_json", "metric_chain"),
            help="signup → activation → revenue; ->, > and line breaks do too.",
        ),
        LongText(
            "model_description",
            by=By.PM,
            aliases=("model_description_free_text",),
            help="How the effect comes about, in your words.",
        ),
        LongText("assumptions_text", by=By.LLM_THEN_PM, label="Assumptions", help="What must hold."),
        Text(
            "scenario_label",
            by=By.PM,
            when_blank="Base",
            help="Variants with another label never add up; only the active label (Base) scores.",
        ),
        Computed(
            "model_warnings",
            "scoring.remarks.model_warnings",
            watches=("scoring.param", "metrics.metric", "metrics.contributions"),
            width=280,
            help="What looks wrong. It warns; it never blocks.",
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
        LongText("model_prompt_to_llm", by=By.PM, label="Prompt to LLM", help="What the LLM should mind."),
        Boolean("llm_refresh", by=By.PM, when_blank=False, help="Ask for a new draft; the run clears it."),
        Script(
            "llm_suggested_formula",
            by=By.LLM,
            aliases=("llm_suggested_formula_text",),
            help="The formula the LLM drafted. Copy what you agree with into the formula.",
        ),
        LongText(
            "llm_suggested_metric_chain",
            by=By.LLM,
            aliases=("llm_suggested_metric_chain_text",),
            help="The chain the LLM would draw.",
        ),
        LongText("llm_notes", by=By.LLM_THEN_PM, help="Remarks on the draft."),
        Text("framework", help="The framework it belongs to."),
        Integer("version", help="Raised whenever the formula changes."),
        Boolean("suggested_by_llm", help="Whether the LLM drafted it."),
    ]

    def prepare(self, writing: Writing, created: list[RowState]) -> None:
        primary.first_is_primary(writing, created)
        primary.others_give_way(writing)

    def derive(self, writing: Writing, state: RowState) -> None:
        approval.follow_formula(state)

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        yield from primary.exactly_one(writing)
        for state in states:
            yield from approval.only_valid(state)

    def after(self, writing: Writing) -> None:
        primary.announce(writing)
        seeding.seed(writing, [s.row.initiative_id for s in writing.effective if approval.seeds(s)])
        staleness.mark_changed(writing, MODEL_INPUTS)

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return remarks.formula_errors(pks)
