"""What waits among scores, formulas and params."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from portfolio.cards import Card, Line, card, counted
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring import staleness
from scoring.approval import VALID
from scoring.models import MathModel, Param, ScoringInputs
from scoring.readers import is_unused

SHOWN = 3


@card(order=20)
def stale(request: HttpRequest) -> Card | None:
    """Initiatives that changed since they were scored."""
    waiting = staleness.count()
    if not waiting or not _may_enter(request, "scoring_inputs", "active_scoring_framework"):
        return None
    rows = ScoringInputs.objects.filter(is_stale=True, initiative__deleted_at=None)
    first = rows.select_related("initiative").order_by("initiative__initiative_key")[:SHOWN]
    return Card(
        title=f"{counted(waiting, 'initiative has', 'initiatives have')} changed since the last scoring",
        text="Scores and contributions still show the old numbers.",
        lines=tuple(
            _line("scoring_inputs", row.initiative_id, row.initiative.title, row.initiative.initiative_key)
            for row in first
        ),
        url=reverse("tab", args=["scoring_inputs"]),
        label="Score them",
        level="warn",
        start="pm.score_selected",
    )


@card(order=25)
def params(request: HttpRequest) -> Card | None:
    """Params that formulas wait for, and that this person may fill or approve."""
    column, actor = registry.tab("params").column("approved"), Actor.of(request.user)
    waiting = [param for param in _unapproved() if column.may_enter(actor, param)]
    if not waiting:
        return None
    blank = sum(param.value is None for param in waiting)
    return Card(
        title=f"{counted(len(waiting), 'param waits', 'params wait')} for your approval",
        text=f"{blank} of them without a value." if blank else "An unapproved param counts as a missing one.",
        lines=tuple(
            _line("params", param.pk, param.param_display or param.param_name, str(param.initiative))
            for param in waiting[:SHOWN]
        ),
        url=reverse("tab", args=["params"]) + "?approved=false",
        label="Open Params",
        level="warn",
    )


def _unapproved() -> list[Param]:
    rows = Param.objects.filter(approved=False, initiative__deleted_at=None).select_related("initiative")
    unused = is_unused([param.pk for param in rows])
    return [param for param in rows if not unused.get(param.pk)]


@card(order=30)
def broken_formulas(request: HttpRequest) -> Card | None:
    """Formulas that can't be read."""
    rows = MathModel.objects.exclude(formula_status__in=["", VALID])
    return _models(
        request,
        rows,
        title=("formula has an error", "formulas have an error"),
        text="They can't be approved, so nothing is computed from them.",
        hint=lambda model: model.formula_status,
        level="error",
    )


@card(order=35)
def drafts(request: HttpRequest) -> Card | None:
    """Valid formulas that nobody has approved."""
    rows = MathModel.objects.filter(formula_status=VALID, formula_approved=False)
    return _models(
        request,
        rows,
        title=("formula waits for approval", "formulas wait for approval"),
        text="Approving a formula seeds the params it reads.",
        hint=lambda model: str(model.initiative),
        level="info",
    )


def _models(
    request: HttpRequest,
    rows: QuerySet[MathModel],
    *,
    title: tuple[str, str],
    text: str,
    hint: Callable[[MathModel], str],
    level: str,
) -> Card | None:
    found = rows.filter(initiative__deleted_at=None).select_related("initiative")
    count = found.count()
    if not count or not _may_enter(request, "math_models", "formula_approved"):
        return None
    return Card(
        title=counted(count, *title),
        text=text,
        lines=tuple(_line("math_models", model.pk, model.model_name, hint(model)) for model in found[:SHOWN]),
        url=reverse("tab", args=["math_models"]),
        label="Open Math Models",
        level=level,
    )


def _may_enter(request: HttpRequest, tab: str, column: str) -> bool:
    return registry.tab(tab).column(column).may_enter(Actor.of(request.user))


def _line(tab: str, row: int, text: str, hint: str) -> Line:
    return Line(text, reverse("tab-row", args=[tab, row]), hint)
