"""Asking a decision tool, waiting for it, and reading what it answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from optimization.decision_pages.told import told
from optimization.decision_pages.tools import TOOLS, Tool
from optimization.models import Decision, DecisionKind, Run
from optimization.names import Names
from portfolio.actions.models import ActionRun
from portfolio.actions.registry import actions
from portfolio.actions.runner import enqueue
from portfolio.tabs.actor import ADMIN, PM, Actor

DECISIONS_PER_PAGE = 50


def ask(request: HttpRequest, run_id: str, kind: str) -> HttpResponse:
    """``/runs/{run_id}/ask/{kind}/``: a POST starts the tool, with its defaults for what is not said."""
    run = get_object_or_404(Run.objects.select_related("scenario"), run_id=run_id)
    tool = TOOLS.get(kind)
    if tool is None or run.problem is None:
        raise Http404
    form = tool.form(run, request.POST if request.method == "POST" else None, initial=initial(request))
    if request.method == "POST" and form.is_valid():
        return _start(request, tool, form.options)
    context = {"run": run, "tool": tool, "form": form, "idempotency_key": uuid4()}
    context["may_ask"] = may_ask(request, tool)
    return render(request, "decisions/ask.html", context, status=422 if form.errors else 200)


def initial(request: HttpRequest) -> dict[str, Any]:
    """What the address fills in beforehand: lists, such as ``?repairs=/capacity_total``."""
    return {name: request.GET.getlist(name) for name in request.GET}


def _start(request: HttpRequest, tool: Tool, options: dict[str, Any]) -> HttpResponse:
    key = request.POST.get("idempotency_key", "")
    action = enqueue(Actor.of(request.user), tool.action, options=options, idempotency_key=key)
    return redirect("decision-of-action", action.action_id)


def may_ask(request: HttpRequest, tool: Tool) -> bool:
    return tool.action in actions and Actor.of(request.user).has(*actions[tool.action].roles)


def of_action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """``/decisions/of/{action_id}/``: how far it is; leads to the answer once that is there."""
    action = get_object_or_404(ActionRun, action_id=action_id)
    url = answer_url(action)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    if url and is_part:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    if url:
        return redirect(url)
    tool = next((tool for tool in TOOLS.values() if tool.action == action.action), None)
    run = run_of(action)
    may_cancel = action.may_be_cancelled_by(Actor.of(request.user))
    context = {"action": action, "tool": tool, "run": run, "may_cancel": may_cancel}
    return render(request, "decisions/_waiting.html" if is_part else "decisions/waiting.html", context)


def run_of(action: ActionRun) -> Run | None:
    """The run a question is about; of a scenario, its newest."""
    runs = Run.objects.select_related("scenario")
    if scenario := action.options.get("scenario"):
        return runs.filter(scenario__scenario_name=scenario).first()
    return runs.filter(run_id=action.options.get("run", "")).first()


def answer_url(action: ActionRun) -> str:
    """Where the answer is: the decision; blank while there is none."""
    made = Decision.objects.filter(action=action).first()
    return made.get_absolute_url() if made else ""


def decision_list(request: HttpRequest) -> HttpResponse:
    """``/decisions/``: what was asked before, newest first; ``?kind=`` narrows."""
    kind = request.GET.get("kind", "")
    found = Decision.objects.select_related("run__scenario").defer("run__problem", "run__answer")
    rows = found.filter(kind=kind) if kind in DecisionKind.values else found
    page = Paginator(rows, DECISIONS_PER_PAGE).get_page(request.GET.get("page"))
    names = Names()
    listed = [(decision, told(decision, names)) for decision in page]
    context = {"page": page, "listed": listed, "kind": kind, "kinds": DecisionKind.choices, "names": names}
    return render(request, "decisions/list.html", context)


def decision_detail(request: HttpRequest, decision_id: str) -> HttpResponse:
    """``/decisions/{decision_id}/``: the answer first, then what it rests on."""
    decision = get_object_or_404(Decision.objects.select_related("run__scenario"), decision_id=decision_id)
    page = told(decision, Names(), request.GET)
    if page.elsewhere:
        return redirect(page.elsewhere)
    context: dict[str, Any] = {"decision": decision, "run": decision.run, "page": page, "names": page.names}
    context |= {"again": again(decision), "may_ask": Actor.of(request.user).has(PM, ADMIN)}
    part = request.headers.get("HX-Target", "")
    template = page.parts.get(part) or f"decisions/{decision.kind}.html"
    return render(request, template, context)


def again(decision: Decision) -> str:
    """Where the same may be asked with other options."""
    if decision.run is None or decision.kind not in TOOLS:
        return ""
    return reverse("decision-ask", args=[decision.run.run_id, decision.kind])
