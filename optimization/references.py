"""Where the optimization center refers to a KPI: such a KPI can't be renamed or deleted."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.references import refers_to_kpis
from optimization.models import Constraint, Scenario, Target


@refers_to_kpis
def places_of(kpi_key: str) -> list[str]:
    """Targets, synergies and scenario objectives that name the KPI, in words."""
    return [*_rows(kpi_key), *_objectives(kpi_key)]


def _rows(kpi_key: str) -> Iterator[str]:
    for model, what in ((Target, "a target"), (Constraint, "a synergy")):
        rows = model.objects.filter(kpi__kpi_key__iexact=kpi_key).select_related("scenario")
        yield from sorted({f"{what} of {row.scenario}" for row in rows})


def _objectives(kpi_key: str) -> Iterator[str]:
    # Their keys stand in JSON, which a rename would not follow.
    for scenario in Scenario.objects.all():
        named = [*(scenario.objective_weights or {}), *(scenario.lexicographic_order or [])]
        if kpi_key.casefold() in map(str.casefold, named):
            yield f"the objective of {scenario}"
