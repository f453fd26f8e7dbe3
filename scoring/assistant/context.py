"""What the LLM is shown, as JSON-ready data. The one file that decides what leaves the house."""

from __future__ import annotations

from collections import Counter
from typing import Any

from initiatives.models import Initiative
from metrics.models import Level, Metric
from portfolio.tabs.memo import memo
from scoring import formula
from scoring.assistant.records import OrganisationContext
from scoring.models import MathModel, Param

LONGEST = 4_000  #: characters of one text
SHARED_NAMES = 60


def organisation() -> dict[str, Any]:
    """What people wrote for the LLM about the organisation, and the KPI universe."""
    told = OrganisationContext.current()
    metrics = list(Metric.objects.filter(is_active=True))
    return _filled(
        organisation_context=told.text if told else "",
        kpis={
            "targets": [_kpi(metric) for metric in Metric.targets()],
            "operational": [_kpi(metric) for metric in metrics if metric.kpi_level == Level.OPERATIONAL],
        },
    )


def _kpi(metric: Metric) -> dict[str, Any]:
    return _filled(
        key=metric.kpi_key,
        name=metric.kpi_name,
        level=metric.kpi_level,
        unit=metric.unit,
        description=metric.description,
    )


def initiative(row: Initiative) -> dict[str, Any]:
    """What a person would need to understand it. No names or addresses of people."""
    return _filled(
        title=row.title,
        problem_statement=row.problem_statement,
        hypothesis=row.hypothesis,
        summary=row.llm_summary,
        country=row.country,
        market=row.market,
        department=row.department,
        category=row.category,
        product_area=row.product_area,
        customer_segment=row.customer_segment,
        risk_level=row.risk_level,
        dependencies=row.dependencies_others,
        deadline=row.deadline_date and row.deadline_date.isoformat(),
    )


def effort(row: Initiative) -> dict[str, Any]:
    return _filled(
        tshirt_size=row.effort_tshirt_size,
        engineering_days=row.effort_engineering_days,
        other_teams_days=row.effort_other_teams_days,
        infra_cost_estimate=row.infra_cost_estimate,
    )


def model(row: MathModel) -> dict[str, Any]:
    """What the PM says of a model; never its approval or its numbers."""
    return _filled(
        name=row.model_name,
        target_kpi=row.target_kpi.kpi_key if row.target_kpi else "",
        immediate_kpi=row.immediate_kpi,
        metric_chain=(row.metric_chain or {}).get("chain"),
        model_description=row.model_description,
        prompt=row.model_prompt_to_llm,
    )


def param_names_elsewhere(row: Initiative) -> list[dict[str, Any]]:
    """What approved formulas of other initiatives read, most used first: shared assumptions share names."""
    counted = Counter(
        name for initiative, names in _approved_names() if initiative != row.pk for name in names
    )
    names = [name for name, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:SHARED_NAMES]]
    known = Param.objects.filter(param_name__in=names).exclude(unit="").order_by("pk")
    about = {param.param_name: param for param in known}
    return [
        _filled(name=name, unit=about[name].unit, display=about[name].param_display)
        if name in about
        else {"name": name}
        for name in names
    ]


def _approved_names() -> list[tuple[int, tuple[str, ...]]]:
    def look_up() -> list[tuple[int, tuple[str, ...]]]:
        approved = MathModel.objects.filter(formula_approved=True, initiative__deleted_at=None).order_by()
        return [(pk, _names(text)) for pk, text in approved.values_list("initiative_id", "formula_text")]

    return memo("names that approved formulas read", look_up)


def params(rows: list[Param]) -> list[dict[str, Any]]:
    """What is known of params, without their values."""
    return [
        _filled(
            name=row.param_name,
            display=row.param_display,
            description=row.description,
            unit=row.unit,
            min=row.min,
            max=row.max,
            distribution=row.distribution,
            source=row.source,
        )
        for row in rows
    ]


def _names(text: str) -> tuple[str, ...]:
    try:
        return formula.parse(text).identifiers
    except formula.FormulaError:
        return ()


def _filled(**values: Any) -> dict[str, Any]:
    """Without what is blank; long texts are cut, and say so."""
    return {name: _cut(value) for name, value in values.items() if value not in (None, "", [], {})}


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]} … ({len(value) - LONGEST:,} more characters are left out)"
    return value
