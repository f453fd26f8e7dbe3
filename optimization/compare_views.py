"""``/runs/compare/``: several portfolios side by side."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from optimization.models import Decision, Run, RunStatus
from optimization.names import Names
from optimization.side_by_side import SOME, SideBySide

MOST = 8  # portfolios a person can still tell apart
MEMBERS_PER_PAGE = 100


def compare_runs(request: HttpRequest) -> HttpResponse:
    """``?runs=RUN-000001&runs=RUN-000002`` (or one list with commas), in the order they were named."""
    wanted = list(dict.fromkeys(asked_for(request)))
    known = {run.run_id: run for run in Run.objects.select_related("scenario").filter(run_id__in=wanted)}
    found = [known[run_id] for run_id in wanted if run_id in known]
    runs = [run for run in found if run.status != RunStatus.INVALID][:MOST]
    asked = Decision.objects.filter(decision_id=request.GET.get("asked", "")).first()
    page = SideBySide(runs, Names(), request.GET.get("members", SOME), request.GET.get("q", ""), asked)
    context = {"side": page, "runs": runs, "left_out": left_out(wanted, runs), "wanted": wanted}
    if page.is_possible:
        context["members"] = Paginator(
            page.members, 10**6 if "all" in request.GET else MEMBERS_PER_PAGE
        ).get_page(request.GET.get("page"))
    template = "runs/_members.html" if is_part(request, "members") else "runs/compare.html"
    return render(request, template, context)


def is_part(request: HttpRequest, target: str) -> bool:
    return request.headers.get("HX-Target") == target


def asked_for(request: HttpRequest) -> list[str]:
    named = ",".join(request.GET.getlist("runs"))
    return [run_id.strip().upper() for run_id in named.split(",") if run_id.strip()]


def left_out(wanted: list[str], runs: list[Run]) -> list[str]:
    """Runs that were asked for and are not compared: unknown, not run, or too many."""
    shown = {run.run_id for run in runs}
    return [run_id for run_id in wanted if run_id not in shown]
