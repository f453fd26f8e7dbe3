"""Params: the numbers that formulas read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portfolio.tabs.actor import ADMIN, ANALYTICS, ENGINEERING, FINANCE, PM, Actor
from portfolio.tabs.columns import Boolean, By, Choice, Column, Computed, LongText, Number, Text
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Violation
from portfolio.tabs.writing import RowState, Writing
from scoring import approval, remarks, staleness
from scoring.columns import ParamName
from scoring.models import Framework, Param, Source
from scoring.tabs.of_initiatives import OfInitiatives, initiative

VALUERS = (ANALYTICS, FINANCE, ENGINEERING)
#: What of a param changes scores and contributions.
PARAM_INPUTS = {"value", "approved", "min", "max", "distribution"}
#: Whose tick a param's source asks for.
APPROVERS = {Source.ANALYTICS: ANALYTICS, Source.FINANCE: FINANCE, Source.ENG: ENGINEERING}


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
        initiative(),
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
        Number("value", by=By.PM, also=VALUERS, help="Its value. A changed value clears the approval."),
        Text("unit", by=By.LLM_THEN_PM, also=VALUERS, help="Such as GBP, ratio, sessions/month."),
        Boolean(
            "approved",
            by=By.PM,
            also=VALUERS,
            allow=may_approve,
            when_blank=False,
            help="Ticked by the role named in source, or a PM. Only approved values count.",
        ),
        Choice("source", by=By.LLM_THEN_PM, help="Who owns the number: PM, Analytics, Finance or Eng."),
        Number("min", by=By.LLM_THEN_PM, also=VALUERS, help="The low end of its range."),
        Number("max", by=By.LLM_THEN_PM, also=VALUERS, help="The high end of its range."),
        Choice(
            "distribution",
            by=By.LLM_THEN_PM,
            also=VALUERS,
            help="How it spreads between min and max. Blank is PERT, the value being the most likely.",
        ),
        LongText("description", by=By.LLM_THEN_PM, help="What it measures and where it comes from."),
        Computed(
            "model_names",
            "scoring.readers.model_names",
            watches=("scoring.mathmodel",),
            width=220,
            help="The models whose formula reads it.",
        ),
        Computed(
            "is_unused",
            "scoring.readers.is_unused",
            like=Boolean("is_unused"),
            watches=("scoring.mathmodel",),
            help="No current formula reads it.",
        ),
        LongText("notes", by=By.PM, also=VALUERS, help="Anything worth knowing."),
        Boolean("llm_refresh", by=By.PM, when_blank=False, help="Ask for a new proposal; the run clears it."),
        Text("framework", help="The framework it belongs to."),
        Boolean("is_auto_seeded", help="Made by approving a formula."),
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
