"""The list of initiatives and how far the math model of each is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db import models
from django.db.models import Q, QuerySet

from initiatives.models import Initiative
from scoring import formula
from scoring.models import MathModel, Param


class State(models.TextChoices):
    NONE = "none", "No model"
    DRAFT = "draft", "Draft"
    MISSING = "missing", "Missing params"
    APPROVED = "approved", "Approved"


@dataclass(frozen=True)
class Listed:
    """One initiative with its primary model; ``waiting`` names what its formula reads that doesn't count."""

    initiative: Initiative
    model: MathModel | None
    count: int
    waiting: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        if self.model is None:
            return State.NONE
        if not self.model.formula_approved:
            return State.DRAFT
        return State.MISSING if self.waiting else State.APPROVED


def found(search: str, state: str) -> QuerySet[Initiative]:
    """Live initiatives whose key, title or model has every word of the search, in one state or in any."""
    rows = Initiative.objects.order_by("initiative_key")
    for word in search.split():
        of_model = MathModel.objects.filter(model_name__icontains=word).values("initiative")
        named = Q(initiative_key__icontains=word) | Q(title__icontains=word)
        rows = rows.filter(named | Q(pk__in=of_model))
    return _in_state(rows, state) if state in State.values else rows


def _in_state(rows: QuerySet[Initiative], state: str) -> QuerySet[Initiative]:
    modelled = MathModel.objects.filter(is_primary=True)
    approved = modelled.filter(formula_approved=True)
    if state == State.NONE:
        return rows.exclude(pk__in=modelled.values("initiative"))
    if state == State.DRAFT:
        return rows.filter(pk__in=modelled.filter(formula_approved=False).values("initiative"))
    # Whether something is missing only the formulas tell.
    read = dict(approved.values_list("initiative", "formula_text"))
    waiting = _waiting(read, Param.objects.all())
    return rows.filter(pk__in=[pk for pk in read if (pk in waiting) is (state == State.MISSING)])


def listed(page: list[Initiative]) -> list[Listed]:
    """The initiatives of one page with their models: three queries, however many there are."""
    pks = [initiative.pk for initiative in page]
    rows = MathModel.objects.filter(initiative__in=pks).select_related("target_kpi").order_by("pk")
    counts = Counter(model.initiative_id for model in rows)
    primary = {model.initiative_id: model for model in rows if model.is_primary}
    read = {pk: model.formula_text for pk, model in primary.items() if model.formula_approved}
    waiting = _waiting(read, Param.objects.filter(initiative__in=pks))
    return [Listed(one, primary.get(one.pk), counts[one.pk], waiting.get(one.pk, ())) for one in page]


def _waiting(read: dict[int, str], params: QuerySet[Param]) -> dict[int, tuple[str, ...]]:
    """By initiative: what its formula reads that has no value or no approval."""
    counting: dict[int, set[str]] = defaultdict(set)
    usable = params.filter(approved=True).exclude(value=None).order_by()
    for initiative, name in usable.values_list("initiative_id", "param_name"):
        counting[initiative].add(name)
    waiting = {
        pk: tuple(name for name in _identifiers(text) if name not in counting[pk])
        for pk, text in read.items()
    }
    return {pk: names for pk, names in waiting.items() if names}


def _identifiers(text: str) -> tuple[str, ...]:
    try:
        return formula.parse(text).identifiers
    except formula.FormulaError:
        return ()
