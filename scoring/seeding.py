"""Seeding params: one row per name an approved formula reads. Never deletes, never touches what is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.models import CellChange
from portfolio.tabs.writing import Writing
from scoring import formula
from scoring.models import MathModel, Param

CHUNK = 5_000


def unseeded(initiatives: Iterable[int] | None = None) -> list[Param]:
    """The params that approved formulas read and nobody has made yet (unsaved), in the formulas' order."""
    if initiatives is None:
        return _unseeded(MathModel.objects.all(), Param.objects.all())
    wanted = sorted(set(initiatives))
    found: list[Param] = []
    for start in range(0, len(wanted), CHUNK):
        near = wanted[start : start + CHUNK]
        models = MathModel.objects.filter(initiative_id__in=near)
        found += _unseeded(models, Param.objects.filter(initiative_id__in=near))
    return found


def _unseeded(models: Any, params: Any) -> list[Param]:
    there = set(params.order_by().values_list("initiative_id", "param_name"))
    found = []
    for model in (
        models.filter(formula_approved=True).select_related("initiative").order_by("initiative", "pk")
    ):
        for name in _identifiers(model.formula_text):
            if (model.initiative_id, name) not in there:
                there.add((model.initiative_id, name))
                found.append(Param(initiative=model.initiative, param_name=name, is_auto_seeded=True))
    return found


def _identifiers(text: str) -> tuple[str, ...]:
    try:
        return formula.parse(text).identifiers
    except formula.FormulaError:
        return ()


def seed(writing: Writing, initiatives: Iterable[int]) -> list[Param]:
    """Make the params that approved formulas of these initiatives still lack, as part of the batch."""
    made = unseeded(initiatives)
    for param in made:
        writing.stamp(param)
    Param.objects.bulk_create(made, batch_size=500)
    tab = registry.tab("params")
    for param in made:
        writing.record(tab, param, kind=CellChange.Kind.CREATE, derived=True)
    if made:
        writing.touch(Param)
    return made
