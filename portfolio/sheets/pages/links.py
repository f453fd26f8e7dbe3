"""The pages of linked spreadsheets, and the buttons on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.registry import RefusedError
from portfolio.sheets.models import Conflict, LinkedTab, SheetLink
from portfolio.sheets.pages import asking
from portfolio.sheets.views import for_editors
from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor

RECENT = 8
_waits = Q(conflicts__closed=None) & ~Q(conflicts__kind=Conflict.Kind.DISCARDED)


@for_editors
def sheet_links(request: HttpRequest) -> HttpResponse:
    """``/sheets/``: every linked spreadsheet and how its last sync went."""
    active = ActionRun.objects.filter(action=asking.SYNC).active()[:RECENT]
    links = _with_waiting(_links())
    waiting = Conflict.objects.waiting().count()
    context = {"links": links, "waiting": waiting, "active": active, **_access(request)}
    return render(request, "sheets/links.html", context)


@for_editors
def sheet_link(request: HttpRequest, pk: int) -> HttpResponse:
    """``/sheets/{pk}/``: one spreadsheet, its sheets, and its last syncs."""
    (link,) = _with_waiting([get_object_or_404(_links(), pk=pk)])
    recent = list(asking.runs_of(link)[:RECENT])
    context = {
        "link": link,
        "recent": recent,
        "active": [run for run in recent if run.is_active],
        "preview": _last_preview(link),
        "is_new": link.unconfirmed > 0,
        **_access(request),
    }
    return render(request, "sheets/link.html", context)


def _links() -> QuerySet[SheetLink]:
    tabs = LinkedTab.objects.annotate(waiting=Count("conflicts", filter=_waits))
    return SheetLink.objects.prefetch_related(Prefetch("linked_tabs", queryset=tabs))


def _with_waiting(links: Iterable[SheetLink]) -> list[SheetLink]:
    """In the workbooks' order, each with ``waiting``, the conflicts in all its sheets."""
    order = list(registry.WORKBOOKS)
    found: list[Any] = sorted(links, key=lambda link: order.index(link.workbook))
    for link in found:
        link.waiting = sum(linked.waiting for linked in link.linked_tabs.all())
    return found


def _access(request: HttpRequest) -> dict[str, Any]:
    actor = Actor.of(request.user)
    return {
        "access": asking.access(),
        "may_sync": asking.may_sync(actor),
        "is_admin": actor.has(ADMIN),
    }


def _last_preview(link: SheetLink) -> ActionRun | None:
    previews = asking.runs_of(link).filter(options__preview=True, status=Status.SUCCEEDED)
    return previews.first()


# Buttons --------------------------------------------------------------------------------------------------


@for_editors
@require_POST
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Sync now; htmx gets the progress."""
    link = get_object_or_404(SheetLink, pk=pk)
    return _asked(request, link, lambda actor: asking.sync(actor, link))


@for_editors
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Look what a sync would do, on a page of its own."""
    link = get_object_or_404(SheetLink, pk=pk)
    try:
        return redirect("sheet-run", asking.preview(Actor.of(request.user), link).action_id)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect(link)


@for_editors
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Start syncing the ticked sheets, which this person has seen previewed."""
    link = get_object_or_404(SheetLink, pk=pk)
    ticked = [int(tab) for tab in request.POST.getlist("tab") if tab.isdigit()]
    known = list(link.linked_tabs.filter(pk__in=ticked).values_list("pk", flat=True))
    if not known:
        messages.error(request, "Tick at least one sheet to start syncing it.")
        return redirect(link)
    return _asked(request, link, lambda actor: asking.first_sync(actor, link, known))


def _asked(request: HttpRequest, link: SheetLink, ask: Callable[[Actor], ActionRun]) -> HttpResponse:
    try:
        run = ask(Actor.of(request.user))
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect(link)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "actions/_progress.html", {"run": run})
    return redirect(link)


@for_editors
@require_POST
def take_losses(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that a sheet lost are meant to be gone."""
    linked = get_object_or_404(LinkedTab.objects.select_related("link"), pk=pk)
    linked.take_losses()
    messages.success(request, f"The next sync takes the rows missing in {linked.title} as meant to be gone.")
    return redirect(linked.link)


@for_editors
@require_POST
def take_title(request: HttpRequest, pk: int) -> HttpResponse:
    """A renamed sheet is still the one that was linked."""
    linked = get_object_or_404(LinkedTab.objects.select_related("link"), pk=pk)
    if linked.renamed_to:
        linked.take_title()
        messages.success(request, f"{linked.title} is {linked.tab.title} from now on.")
    return redirect(linked.link)
