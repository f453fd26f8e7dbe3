"""The pages of the ledger."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portfolio.actions import api
from portfolio.actions.models import ActionRun, Status
from portfolio.actions.registry import RefusedError
from portfolio.actions.runner import enqueue
from portfolio.tabs.actor import Actor

RUNS_PER_PAGE = 50
ROWS_PER_PAGE = 200


def action_list(request: HttpRequest) -> HttpResponse:
    """``/actions/``: newest first. A POST of the form in ``actions/_start.html`` starts one."""
    if request.method == "POST":
        return _start(request)
    status = request.GET.get("status", "")
    runs = ActionRun.objects.filter(status=status) if status in Status.values else ActionRun.objects.all()
    page = Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "status": status,
        "statuses": Status.choices,
        "moving": any(run.is_active for run in page),
    }
    return render(request, "actions/list.html", context)


def action_detail(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """``/actions/{id}/``; htmx polls it for the parts that move."""
    return _answer(request, get_object_or_404(ActionRun, action_id=action_id))


@require_POST
def action_cancel(request: HttpRequest, action_id: UUID) -> HttpResponse:
    run = get_object_or_404(ActionRun, action_id=action_id)
    api.cancel(run, Actor.of(request.user))
    return _answer(request, run) if _is_fragment(request) else redirect(run)


def _start(request: HttpRequest) -> HttpResponse:
    try:
        run = enqueue(Actor.of(request.user), **_asked(request))
    except RefusedError as problem:
        messages.error(request, str(problem))
        return redirect("actions")
    return _answer(request, run) if _is_fragment(request) else redirect(run)


def _asked(request: HttpRequest) -> dict[str, Any]:
    keys = request.POST.getlist("key")
    try:
        options = json.loads(request.POST.get("options") or "{}")
    except json.JSONDecodeError:
        raise RefusedError('The options must be JSON like {"scenario": "Baseline"}.') from None
    return {
        "name": request.POST.get("action", ""),
        "scope": {"type": "keys", "keys": keys} if keys else {"type": "all"},
        "options": options,
        "idempotency_key": request.POST.get("idempotency_key", ""),
    }


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _answer(request: HttpRequest, run: ActionRun) -> HttpResponse:
    response = render(request, _template(request), _context(request, run))
    if _is_fragment(request) and not run.is_active:
        # A page may wait for this: hx-trigger="actionFinished from:body".
        told = {"actionFinished": {"action": run.action, "status": run.status}}
        response.headers["HX-Trigger"] = json.dumps(told)
    return response


def _template(request: HttpRequest) -> str:
    """The page; or for htmx the part it asks for: all of the run on its own page, elsewhere its progress."""
    if not _is_fragment(request):
        return "actions/detail.html"
    return "actions/_run.html" if request.headers.get("HX-Target") == "run" else "actions/_progress.html"


def _context(request: HttpRequest, run: ActionRun) -> dict[str, Any]:
    return {
        "run": run,
        "rows": Paginator(run.rows.all(), ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "may_cancel": run.may_be_cancelled_by(Actor.of(request.user)),
    }
