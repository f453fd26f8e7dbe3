"""Remarks on contributions that look wrong. They warn; they never block."""

from __future__ import annotations

from metrics.columns import target_metrics
from metrics.models import Contributions, Metric
from portfolio.tabs.tab import Note

SHARES = ("fraction", "ratio")


def doubt(metric: Metric, value: float) -> str:
    """Why ``value`` is implausible in the KPI's unit, or nothing."""
    unit = metric.unit.casefold()
    if unit in SHARES and abs(value) > 1:
        return f"{value:g} is more than the whole of a {unit}. Is it a percentage?"
    if unit == "percent" and abs(value) > 100:
        return f"{value:g} is more than 100 percent."
    if unit == "count" and not float(value).is_integer():
        return f"{value:g} is not a whole number, and {metric.name} is a count."
    return ""


def notes(pks: list[int] | None) -> dict[int, list[Note]]:
    rows = Contributions.objects.all()
    rows = rows if pks is None else rows.filter(initiative_id__in=pks)
    found = {row.initiative_id: list(_of(row)) for row in rows}
    return {pk: said for pk, said in found.items() if said}


def _of(row: Contributions) -> list[Note]:
    said = []
    if row.override and not row.override_reason:
        said.append(Note("override_reason", "An override needs a reason that others can read."))
    for metric in target_metrics():
        value = row.effective.get(metric.kpi_key)
        problem = doubt(metric, value) if value is not None else ""
        if problem:
            said.append(Note(f"contribution_effective:{metric.kpi_key}", problem))
    return said
