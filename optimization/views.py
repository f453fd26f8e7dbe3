"""The pages of runs: the list, the form that starts one, and one run with its answer."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from optimization.actions import RUN_ALL, RUN_SELECTED
from optimization.decision_pages import tools
from optimization.decision_pages.asking import Asking
from optimization.forms import RunForm, question_value
from optimization.inputs import UnknownNameError, question
from optimization.models import CandidateChoice, DecisionKind, Run, Scenario
from optimization.report import Report
from optimization.roster import Roster
from portfolio.actions.models import ActionRun
from portfolio.actions.registry import actions
from portfolio.actions.runner import enqueue
from portfolio.tabs.actor import Actor

RUNS_PER_PAGE = 50


def run_list(request: HttpRequest) -> HttpResponse:
    """``/runs/``: newest first."""
    runs = Run.objects.select_related("scenario").defer("problem", "answer", "sources", "errors")
    page = Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    has_scenarios = Scenario.objects.exists()
    context = {"page": page, "may_run": may_run(request), "has_scenarios": has_scenarios}
    return render(request, "runs/list.html", context)


def run_detail(request: HttpRequest, run_id: str) -> HttpResponse:
    """``/runs/{run_id}/``: the answer first, then targets, capacity, and every initiative with the reason."""
    run = get_object_or_404(Run.objects.select_related("scenario", "action"), run_id=run_id)
    report = Report(run)
    roster = Roster(report, request.GET)
    again = {
        "question": question_value(run.scenario_id, run.constraint_set_name),
        "candidates": run.candidate_choice,
    }
    context = {"run": run, "report": report, "names": report.names, "roster": roster, "tables": roster.tables}
    context |= {"again": again, "idempotency_key": uuid4(), "may_run": may_run(request)}
    context |= {"trade": tools.TOOLS[DecisionKind.HORSE_TRADE]}
    if request.headers.get("HX-Target") == "candidates":
        return render(request, "runs/_candidates.html", context)
    context |= {"asking": Asking(run)}
    return render(request, "runs/detail.html", context)


def run_new(request: HttpRequest) -> HttpResponse:
    """``/runs/new/``: choose, start, and follow the run until its page is there."""
    form = RunForm(request.POST or None, initial=_suggested(request))
    if request.method == "POST" and form.is_valid():
        return _start(request, form)
    context = {"form": form, "may_run": may_run(request), "has_scenarios": Scenario.objects.exists()}
    status = 422 if form.errors else 200
    return render(request, "runs/new.html", context | {"idempotency_key": uuid4()}, status=status)


def _suggested(request: HttpRequest) -> dict[str, str]:
    """``?scenario=NAME`` chooses it beforehand."""
    try:
        asked = question(request.GET.get("scenario", ""))
    except UnknownNameError:
        return {}
    return {"question": question_value(asked.scenario.pk, asked.constraint_set)}


def _start(request: HttpRequest, form: RunForm) -> HttpResponse:
    selected = form.cleaned_data["candidates"] == CandidateChoice.SELECTED
    action = enqueue(
        Actor.of(request.user),
        RUN_SELECTED if selected else RUN_ALL,
        options=form.options,
        idempotency_key=request.POST.get("idempotency_key", ""),
    )
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(action)
    return render(request, "runs/_started.html", {"run": action})


def run_of_action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """To the run an action made; or why it made none."""
    action = get_object_or_404(ActionRun, action_id=action_id)
    run = Run.objects.filter(action=action).first()
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(run or action)
    if run is None:
        return render(request, "runs/_no_run.html", {"action": action})
    return HttpResponse(status=204, headers={"HX-Redirect": run.get_absolute_url()})


def may_run(request: HttpRequest) -> bool:
    return Actor.of(request.user).has(*actions[RUN_ALL].roles)
