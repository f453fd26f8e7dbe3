"""Starting a model from a template of the library: formula, chain, assumptions, and params without values."""

from __future__ import annotations

from typing import Any

from initiatives.models import Initiative
from metrics.columns import target_metrics
from metrics.models import Level, Metric
from portfolio.tabs.actor import Actor
from scoring.bringing import Brought, Parcel, bring
from scoring.library import Template
from scoring.models import MathModel
from scoring.units import currency_of
from scoring.units.reading import SOME_CURRENCY


def use(
    template: Template,
    initiative: Initiative,
    actor: Actor,
    target: Metric | None = None,
    fill: MathModel | None = None,
) -> Brought:
    """A new model of the initiative, or the blanks of ``fill``, which has no formula. Nothing is approved.

    Raises NotBroughtError; then nothing is saved.
    """
    target = target or (fill.target_kpi if fill else None)
    return bring(parcel_of(template, target), [initiative], actor, fill)


def parcel_of(template: Template, target: Metric | None) -> Parcel:
    """The template's cells, in the currency of the target KPI, else of the north star."""
    chain = template.chain_to(target.kpi_key if target else "")
    cells = {
        "target_kpi": target.kpi_key if target else None,
        "immediate_kpi": chain[0] if chain else None,
        "metric_chain_text": " → ".join(chain),
        "model_description": template.how,
        "assumptions_text": template.assumptions,
        "formula_text": template.formula,
    }
    params = _params(template, currency(target))
    return Parcel(template.name, {name: cell for name, cell in cells.items() if cell}, params)


def currency(target: Metric | None) -> str:
    """What money is counted in: the target KPI's currency, else the north star's, else just "currency"."""
    star = next((metric for metric in target_metrics() if metric.kpi_level == Level.NORTH_STAR), None)
    found = (currency_of(metric.unit) for metric in (target, star) if metric)
    return next(filter(None, found), SOME_CURRENCY)


def _params(template: Template, money: str) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "param_display": param.label,
            "unit": template.unit_of(name, money),
            "description": param.description,
            "source": param.source,
            "distribution": param.distribution,
        }
        for name, param in template.params.items()
    }
