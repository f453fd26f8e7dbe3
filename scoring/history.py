"""The history of scores: a new row only where something differs from the last one.

Compared are value, effort, overall, warnings, the inputs behind them and how uncertain they are. A framework
that has scored once and stops being used gets one last, blank row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from django.db.models import Max

from scoring.frameworks.scored import Scored
from scoring.judging import Judgement
from scoring.models import Framework, Score

NOTHING = Scored()


def keep(judgements: dict[int, Judgement], now: Any) -> int:
    """Store what is new about these initiatives; answers how many rows that took."""
    last = _last_digests(judgements)
    rows = []
    for initiative, said in judgements.items():
        for framework in Framework:
            scored = said.get(framework, NOTHING)
            before = last.get((initiative, framework))
            if before is None and framework not in said:
                continue
            digest = _digest(scored)
            if digest != before:
                rows.append(_row(initiative, framework, scored, digest, now))
    Score.objects.bulk_add(rows)
    return len(rows)


def _last_digests(initiatives: Iterable[int]) -> dict[tuple[int, str], str]:
    near = Score.objects.filter(initiative_id__in=list(initiatives)).order_by()
    newest = near.values("initiative", "framework").annotate(newest=Max("pk")).values("newest")
    rows = Score.objects.filter(pk__in=newest).order_by()
    return {
        (pk, name): digest for pk, name, digest in rows.values_list("initiative_id", "framework", "digest")
    }


def _digest(scored: Scored) -> str:
    told = [scored.value, scored.effort, scored.overall, scored.warnings, scored.inputs]
    told += [scored.uncertainty] if scored.uncertainty else []
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def _row(initiative: int, framework: Framework, scored: Scored, digest: str, now: Any) -> Score:
    return Score(
        initiative_id=initiative,
        framework=framework,
        value=scored.value,
        effort=scored.effort,
        overall=scored.overall,
        inputs=scored.inputs,
        warnings=list(scored.warnings),
        uncertainty=scored.uncertainty,
        digest=digest,
        when=now,
    )
