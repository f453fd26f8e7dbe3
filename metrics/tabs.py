"""Metrics_Config, the KPI universe, and KPI_Contributions, what initiatives bring to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from initiatives.models import Initiative
from metrics import plausibility
from metrics.columns import ComputedKpis, KpiMap
from metrics.models import PERCENTILES, Contributions, Level, Metric
from metrics.references import references, refers_to_kpis
from portfolio.tabs.actor import ANALYTICS
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Boolean, By, Choice, Computed, LongText, Shown, Text
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Note, Tab, Violation
from portfolio.tabs.writing import RowState, Writing

PM = By.PM
CHANCES = ("10% chance below", "As likely below as above", "90% chance below")


@register
class MetricsConfigTab(Tab):
    name = "metrics_config"
    title = "Metrics Config"
    workbook = "product_ops"
    help = "The KPIs that count: one north star, the strategic KPIs, and the operational ones between."
    model = Metric
    key = ("kpi_key",)
    can_create = can_delete = True
    declared = [
        Text("kpi_key", by=PM, required=True, frozen=True, width=220, help="A short name without spaces."),
        Text("kpi_name", by=PM, label="KPI Name", width=220, help="What people call it."),
        Choice(
            "kpi_level",
            by=PM,
            required=True,
            aliases=("level",),
            help="One active north star; strategic KPIs count too; operational ones are links of chains.",
        ),
        Text("unit", by=PM, help="Such as GBP, count, ratio, percent, GBP_per_month."),
        LongText("description", by=PM, help="What it measures."),
        Boolean(
            "is_active", by=PM, when_blank=True, help="Inactive KPIs take no contributions. Blank is yes."
        ),
        LongText("notes", by=PM, help="Anything worth knowing."),
    ]

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        yield from _one_north_star(writing, states)
        for state in states:
            yield from _rename_refused(state)

    def check_delete(self, writing: Writing, row: Any) -> str:
        places = references(row.kpi_key)
        return f"{row.kpi_key} is still used by: {listed(places)}. Remove it there first." if places else ""

    def context(self) -> str:
        active = Metric.objects.filter(is_active=True, kpi_level=Level.NORTH_STAR).count()
        return "" if active else "There is no active north star yet. Add one KPI of that level."


def _one_north_star(writing: Writing, states: list[RowState]) -> Iterable[Violation]:
    staged = {state.row.pk for state in writing.states if state.row.pk}
    others = set(
        Metric.objects.filter(is_active=True, kpi_level=Level.NORTH_STAR).values_list("kpi_key", "pk")
    )
    elsewhere = sorted(key for key, pk in others if pk not in staged)
    stars = [state for state in states if _is_star(state)]
    if len(stars) + len(elsewhere) > 1:
        for state in [star for star in stars if star.effective][bool(not elsewhere) :]:
            rival = elsewhere[0] if elsewhere else stars[0]["kpi_key"]
            message = f"{rival} is the active north star. There is exactly one; make the other one strategic."
            yield Violation(state, ("kpi_level", "is_active"), message)
    elif others and not elsewhere and not stars:
        for state in writing.states:
            if state.effective and state.row.pk in {pk for _, pk in others}:
                yield Violation(state, ("kpi_level", "is_active"), "One KPI must stay the active north star.")


def _is_star(state: RowState) -> bool:
    return state["kpi_level"] == Level.NORTH_STAR and bool(state["is_active"])


def _rename_refused(state: RowState) -> Iterable[Violation]:
    if state.created or "kpi_key" not in state.before:
        return
    old = state.before["kpi_key"]
    places = references(old)
    if places and old.casefold() != state["kpi_key"].casefold():
        message = f"{old} can't be renamed: it is used by {listed(places)}. Change it there first."
        yield Violation(state, ("kpi_key",), message)


def listed(places: list[str], most: int = 5) -> str:
    more = f" and {len(places) - most} more" if len(places) > most else ""
    return ", ".join(places[:most]) + more


@register
class KpiContributionsTab(Tab):
    name = "kpi_contributions"
    title = "KPI Contributions"
    workbook = "product_ops"
    help = "What each initiative brings to each KPI: derived from its approved models, unless overridden."
    model = Initiative
    key = ("initiative_key",)
    home = "contributions"
    fed_by = ("Open the Backlog", "/tabs/backlog/")
    ordering = ("initiative_key",)
    declared = [
        Shown("initiative_key", frozen=True, width=120),
        Shown("title", frozen=True, width=260),
        ComputedKpis(
            "contribution_effective",
            "metrics.contributions.effective",
            watches=("metrics.contributions",),
            label="effective",
            help="What counts: the override, else the computed value.",
        ),
        Computed(
            "source",
            "metrics.contributions.source",
            watches=("metrics.contributions",),
            help="computed, or pm_override where a person overrode a value.",
        ),
        KpiMap(
            "contribution_override",
            by=PM,
            place="contributions.override",
            also=(ANALYTICS,),
            family=True,
            label="override",
            aliases=("kpi_contribution_json", "contribution_override"),
            help="Your own number instead of the computed one. Clear it to return to computed.",
        ),
        LongText(
            "override_reason",
            by=PM,
            place="contributions.override_reason",
            also=(ANALYTICS,),
            help="Why the override is right.",
        ),
        KpiMap(
            "contribution_computed",
            place="contributions.computed",
            family=True,
            label="computed",
            help="Derived from the approved models of the active scenario label.",
        ),
        *(
            ComputedKpis(
                f"contribution_{name}",
                f"metrics.contributions.{name}",
                watches=("metrics.contributions",),
                label=name.upper(),
                help=f"{said}, from the params' ranges. What is certain is its own P10 and P90.",
            )
            for name, said in zip(PERCENTILES, CHANCES, strict=True)
        ),
    ]

    def derive(self, writing: Writing, state: RowState) -> None:
        if writing.surface in (Surface.IMPORT, Surface.SHEET) and "contribution_override" in state.before:
            state.derive("contribution_override", _really_overridden(state))

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        return plausibility.notes(pks)


def _really_overridden(state: RowState) -> dict[str, float] | None:
    """A file that repeats the computed value doesn't override it."""
    computed = state["contribution_computed"] or {}
    given = state["contribution_override"] or {}
    return {key: value for key, value in given.items() if computed.get(key) != value} or None


@refers_to_kpis
def contributions_of(kpi_key: str) -> list[str]:
    """Initiatives that contribute to the KPI."""
    rows = Contributions.objects.select_related("initiative")
    return [
        f"the contributions of {row.initiative.initiative_key}" for row in rows if kpi_key in row.effective
    ]
