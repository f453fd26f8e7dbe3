"""What initiatives contribute to KPIs, derived from the values of their approved models."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from initiatives.models import Initiative
from metrics.models import PERCENTILES, Contributions, Metric
from scoring.frameworks.scored import significant
from scoring.judging import same_label
from scoring.models import ActiveScenario, MathModel, ScoringInputs
from scoring.totals import Percentiles, Total

Computed = dict[str, float]
Spreads = dict[str, Percentiles]


@transaction.atomic
def derive(initiatives: list[int]) -> set[int]:
    """Store what the models of these initiatives contribute; answers the initiatives for which it changed.

    Models with the same target KPI add up. Only approved models of the active scenario label count, only
    active north star and strategic KPIs are targets, and ``use_math_model`` set to no means nothing computed.
    """
    # Whoever overrides a contribution holds the initiative, so nothing comes in between.
    list(
        Initiative.objects.filter(pk__in=initiatives)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    rows = {row.initiative_id: row for row in Contributions.objects.filter(initiative_id__in=initiatives)}
    now_computed, now = computed(initiatives), timezone.now()
    changed = []
    for pk in initiatives:
        row = rows.get(pk) or Contributions(initiative_id=pk)
        values, spreads = now_computed.get(pk, (None, None))
        if (row.computed or None, row.spread or None) != (values, spreads):
            row.computed, row.spread, row.computed_at = values, spreads, now
            changed.append(row)
    Contributions.objects.bulk_set([row for row in changed if row.pk], ["computed", "spread", "computed_at"])
    Contributions.objects.bulk_add(row for row in changed if not row.pk)
    return {row.initiative_id for row in changed}


def computed(initiatives: Iterable[int]) -> dict[int, tuple[Computed, Spreads | None]]:
    """By initiative, in the KPIs' units, to 12 significant digits: ``{kpi_key: improvement}``, and
    ``{kpi_key: {p10, p50, p90}}`` of those that are uncertain.
    """
    wanted, label = list(initiatives), ActiveScenario.current()
    refused = without_math(wanted)
    targets = {metric.pk: metric.kpi_key for metric in Metric.targets()}
    values: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    totals: dict[int, dict[str, Total]] = defaultdict(lambda: defaultdict(Total))
    for pk, scenario, target, value, samples, *percentiles in _values(wanted):
        if target in targets and pk not in refused and same_label(scenario, label):
            values[pk][targets[target]].append(value)
            totals[pk][targets[target]].add(value, tuple(percentiles), samples)
    return {pk: (_added_up(values[pk]), _spreads(totals[pk])) for pk in values}


def without_math(initiatives: Any) -> set[int]:
    """Those of the initiatives (numbers, or a query of them) whose math models don't count."""
    rows = ScoringInputs.objects.filter(initiative_id__in=initiatives, use_math_model=False)
    return set(rows.values_list("initiative_id", flat=True))


def _values(initiatives: list[int]) -> Iterable[tuple[Any, ...]]:
    models = MathModel.objects.filter(initiative_id__in=initiatives, formula_approved=True)
    models = models.exclude(computed_value=None).exclude(target_kpi=None).order_by("pk")
    named = ("initiative_id", "scenario_label", "target_kpi_id", "computed_value", "samples", *PERCENTILES)
    return models.values_list(*named)


def _added_up(values: dict[str, list[float]]) -> Computed:
    return {key: float(significant(math.fsum(parts)) or 0) for key, parts in sorted(values.items())}


def _spreads(totals: dict[str, Total]) -> Spreads | None:
    return {key: said for key, total in sorted(totals.items()) if (said := total.spread())} or None
