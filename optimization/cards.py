"""What waits in the optimization center."""

from __future__ import annotations

from django.db.models import Max, Q
from django.http import HttpRequest
from django.urls import reverse

from initiatives.models import Initiative
from optimization.models import Run, RunStatus
from portfolio.cards import Card, Line, card, counted
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor

SHOWN = 3
#: Of an answer that somebody has to act on before there is a portfolio.
NO_PORTFOLIO = (RunStatus.INFEASIBLE, RunStatus.INVALID)


@card(order=50)
def without_portfolio(request: HttpRequest) -> Card | None:
    """Scenarios whose last run says that their rules can't all be kept."""
    if not registry.tab("constraints").may_create(Actor.of(request.user)):
        return None
    runs = Run.objects.filter(scenario__deleted_at=None)
    latest = runs.values("scenario").annotate(latest=Max("pk")).values_list("latest", flat=True)
    found = Run.objects.filter(pk__in=list(latest), status__in=NO_PORTFOLIO).select_related("scenario")
    if not found:
        return None
    return Card(
        title=f"{counted(len(found), 'scenario has', 'scenarios have')} no possible portfolio",
        text="The run says which rules are in the way and what would make it possible.",
        lines=tuple(
            Line(str(run.scenario), run.get_absolute_url(), f"{run}, {run.status}") for run in found[:SHOWN]
        ),
        url=found[0].get_absolute_url(),
        label="See why",
        level="warn",
    )


@card(order=55)
def without_tokens(request: HttpRequest) -> Card | None:
    """Candidates that nobody has estimated: runs set them aside."""
    if not registry.tab("backlog").column("engineering_tokens").may_enter(Actor.of(request.user)):
        return None
    full, mvp = Q(scope_mode="full"), Q(scope_mode="mvp")
    unestimated = (
        Q(full, engineering_tokens=None)
        | Q(mvp, engineering_tokens_mvp=None)
        | Q(engineering_tokens=None, engineering_tokens_mvp=None)
    )
    found = Initiative.objects.filter(unestimated, is_optimization_candidate=True)
    if not (count := found.count()):
        return None
    return Card(
        title=f"{counted(count, 'candidate has', 'candidates have')} no engineering tokens",
        text="Runs set them aside until somebody estimates them.",
        lines=tuple(_line(initiative) for initiative in found[:SHOWN]),
        url=reverse("tab", args=["backlog"]) + "?is_optimization_candidate=true",
        label="Open the Backlog",
        level="warn",
    )


def _line(initiative: Initiative) -> Line:
    address = reverse("tab-row", args=["backlog", initiative.pk])
    return Line(initiative.title, address, initiative.initiative_key)
