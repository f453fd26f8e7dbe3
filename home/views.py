"""The home page: what needs you, the latest run, what others changed; or where to begin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from home.changes import by_others
from home.steps import first_steps, is_fresh
from optimization.models import Run
from optimization.report import Report
from portfolio.cards import cards
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.memo import remembering

CHANGES_SHOWN = 8


def home(request: HttpRequest) -> HttpResponse:
    """``/``"""
    if is_fresh():
        steps = first_steps()
        next_step = next(step for step in steps if not step.done)
        # The steps are a PM's to take; whoever may not add a KPI reads them all the same.
        begins = registry.tab("metrics_config").may_create(Actor.of(request.user))
        context = {"steps": steps, "next_step": next_step, "begins": begins}
        return render(request, "home/fresh.html", context)
    run = Run.objects.select_related("scenario").first()
    with remembering():
        context = {
            "cards": cards(request),
            "run": run,
            "report": run and Report(run),
            "changes": by_others(Actor.of(request.user), CHANGES_SHOWN),
        }
    return render(request, "home/home.html", context)
