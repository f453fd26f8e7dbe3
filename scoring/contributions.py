"""What initiatives contribute to KPIs, derived from the values of their approved models."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from initiatives.models import Initiative
from metrics.models import Contributions, Metric
from scoring.frameworks.scored import significant
from scoring.judging import same_label
from scoring.models import ActiveScenario, MathModel, ScoringInputs

Computed = dict[str, float]


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
        if (row.computed or None) != now_computed.get(pk):
            row.computed, row.computed_at = now_computed.get(pk), now
            changed.append(row)
    Contributions.objects.bulk_set([row for row in changed if row.pk], ["computed", "computed_at"])
    Contributions.objects.bulk_add(row for row in changed if not row.pk)
    return {row.initiative_id for row in changed}


def computed(initiatives: Iterable[int]) -> dict[int, Computed]:
    """``{kpi_key: improvement}`` by initiative, in the KPIs' units, to 12 significant digits."""
    wanted, label = list(initiatives), ActiveScenario.current()
    refused = without_math(wanted)
    targets = {metric.pk: metric.kpi_key for metric in Metric.targets()}
    parts: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pk, scenario, target, value in _values(wanted):
        if target in targets and pk not in refused and same_label(scenario, label):
            parts[pk][targets[target]].append(value)
    return {pk: _added_up(values) for pk, values in parts.items()}


def without_math(initiatives: Any) -> set[int]:
    """Those of the initiatives (numbers, or a query of them) whose math models don't count."""
    rows = ScoringInputs.objects.filter(initiative_id__in=initiatives, use_math_model=False)
    return set(rows.values_list("initiative_id", flat=True))


def _values(initiatives: list[int]) -> Iterable[tuple[int, str, int, float]]:
    models = MathModel.objects.filter(initiative_id__in=initiatives, formula_approved=True)
    models = models.exclude(computed_value=None).exclude(target_kpi=None).order_by("pk")
    return models.values_list("initiative_id", "scenario_label", "target_kpi_id", "computed_value")


def _added_up(values: dict[str, list[float]]) -> Computed:
    return {key: float(significant(math.fsum(parts)) or 0) for key, parts in sorted(values.items())}
