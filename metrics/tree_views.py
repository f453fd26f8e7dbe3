"""``/kpis/``: the organisation's metrics as one tree, and the names in chains that nobody declared."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from metrics.tree import NO_PERIOD, Narrowed, Tree
from metrics.tree_chart import LEAVES, Chart
from metrics.tree_tables import Focus, hanging, links
from metrics.undeclared import declare, made, undeclared
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Outcome, Surface
from portfolio.tabs.memo import remembering
from portfolio.tabs.undo import CannotUndoError, undo

TAB = "metrics_config"
PER_PAGE = 50
MOST_NAMES = 100  # offered at once


@require_GET
def kpi_tree(request: HttpRequest) -> HttpResponse:
    """``?target=``, ``?period=`` and ``?initiative=`` narrow it, ``?kpi=`` looks at one metric."""
    with remembering():
        tree = Tree(Narrowed.of(request.GET))
        return render(request, "kpis/tree.html", _context(request, tree))


def _context(request: HttpRequest, tree: Tree) -> dict[str, Any]:
    names = undeclared(tree.graph)
    context: dict[str, Any] = {
        "tree": tree,
        "asked": tree.asked,
        "no_period": NO_PERIOD,
        "chart": Chart(tree, _address_in(tree.asked), _page_of) if tree.shown else None,
        "draws_leaves": len(tree.initiatives) <= LEAVES,
        "hanging": hanging(tree),
        "links": links(tree),
        "circles": tree.graph.circles,
        "names": names[:MOST_NAMES],
        "more_names": len(names[MOST_NAMES:]),
        "name_count": len(names),
        "may_declare": registry.tab(TAB).may_create(Actor.of(request.user)),
        "made": made(request.GET.get("made", "")),
        "clear": _clear(tree.asked),
    }
    if tree.looked_at:
        focus = Focus(tree, tree.looked_at)
        context |= {
            "focus": focus,
            "page": Paginator(focus.parts, PER_PAGE).get_page(request.GET.get("page")),
        }
    return context


def _address_in(asked: Narrowed) -> Any:
    """Addresses that keep what was asked for besides."""
    kept = {"target": asked.target, "period": asked.period, "initiative": asked.initiative}
    kept = {name: value for name, value in kept.items() if value}
    return lambda kpi: f"?{urlencode(kept | {'kpi': kpi})}"


def _clear(asked: Narrowed) -> str:
    """The same without the KPI that is looked at."""
    kept = {"target": asked.target, "period": asked.period, "initiative": asked.initiative}
    return f"{reverse('kpi-tree')}?{urlencode({name: value for name, value in kept.items() if value})}"


def _page_of(initiative: int) -> str:
    return reverse("tab-row", args=["backlog", initiative])


@require_POST
def declare_names(request: HttpRequest) -> HttpResponse:
    """Make operational KPIs of the ticked names, in one batch that can be undone."""
    outcome = declare(Actor.of(request.user), request.POST.getlist("name"))
    for refused in outcome.refused:
        messages.error(request, f"{refused.row}: {refused.message}")
    if not outcome.results:
        messages.warning(request, "Tick the names that are to become operational KPIs.")
    return redirect(f"{reverse('kpi-tree')}?{urlencode(_made(outcome) | _initiative(request))}")


def _made(outcome: Outcome) -> dict[str, str]:
    return {"made": str(outcome.batch_id)} if outcome.created else {}


def _initiative(request: HttpRequest) -> dict[str, str]:
    asked = request.POST.get("initiative", "")
    return {"initiative": asked} if asked else {}


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo the batch that declared them."""
    try:
        batch = uuid.UUID(request.POST.get("batch", ""))
        outcome = undo(registry.tab(TAB), Actor.of(request.user), Surface.FORM, batch)
    except ValueError:
        messages.error(request, "There is no such change to undo.")
    except CannotUndoError as error:
        messages.error(request, str(error))
    else:
        for refused in outcome.refused:
            messages.error(request, refused.message)
        if outcome.removed:
            messages.success(request, "Taken back.")
    return redirect("kpi-tree")
