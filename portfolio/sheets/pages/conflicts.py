"""The inbox: where sheets and Lodestar disagree, and the buttons that settle it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portfolio.cards import counted
from portfolio.sheets.conflicts import AlreadyResolvedError, CannotResolveError, resolve
from portfolio.sheets.models import Conflict, ConflictQuerySet, SheetLink
from portfolio.sheets.pages.lines import Line, lines
from portfolio.sheets.views import for_editors
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor

PER_PAGE = 100
DISCARDED_SHOWN = 50
RESOLVED_SHOWN = 20
FILES = "files"


@dataclass(frozen=True)
class Narrowed:
    """Which conflicts are asked for: of one spreadsheet (or of returned files), of one tab."""

    link: str = ""
    tab: str = ""

    @classmethod
    def by(cls, request: HttpRequest) -> Narrowed:
        return cls(request.GET.get("link", ""), request.GET.get("tab", ""))

    def of(self, conflicts: ConflictQuerySet) -> ConflictQuerySet:
        if self.link == FILES:
            conflicts = conflicts.filter(linked_tab=None)
        elif self.link.isdigit():
            conflicts = conflicts.filter(linked_tab__link=int(self.link))
        return conflicts.filter(tab_name=self.tab) if self.tab else conflicts

    @property
    def tab_title(self) -> str:
        return next((tab.title for tab in registry.tabs() if tab.name == self.tab), self.tab)

    @property
    def query(self) -> str:
        asked = {name: value for name, value in (("link", self.link), ("tab", self.tab)) if value}
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def url(self) -> str:
        return reverse("sheet-conflicts") + self.query


@dataclass
class Place:
    """Where conflicts wait, for the filter."""

    link: str
    title: str
    workbook: str = ""
    tabs: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.tabs.total()

    @property
    def named_tabs(self) -> list[tuple[str, str, int]]:
        return [(tab.name, tab.title, self.tabs[tab.name]) for tab in registry.tabs() if self.tabs[tab.name]]


@for_editors
def inbox(request: HttpRequest) -> HttpResponse:
    """``/sheets/conflicts/``, with ``?link=`` and ``?tab=``."""
    narrowed, actor = Narrowed.by(request), Actor.of(request.user)
    everything = Conflict.objects.select_related("linked_tab__link", "export")
    page = Paginator(narrowed.of(everything.waiting()), PER_PAGE).get_page(request.GET.get("page"))
    discarded = narrowed.of(everything.open()).filter(kind=Conflict.Kind.DISCARDED)
    resolved = narrowed.of(everything.exclude(closed=None)).order_by("-closed")[:RESOLVED_SHOWN]
    shown = lines(page, actor)
    mine_to_settle = [line for line in shown if line.may_settle]
    context = {
        "narrowed": narrowed,
        "places": _places(),
        "page": page,
        "shown": shown,
        "mine_to_settle": mine_to_settle,
        "consequences": _consequences(mine_to_settle),
        "discarded": lines(discarded[:DISCARDED_SHOWN], actor),
        "discarded_count": discarded.count(),
        "resolved": lines(resolved, actor),
        "has_links": SheetLink.objects.exists(),
    }
    return render(request, "sheets/conflicts.html", context)


def _places() -> list[Place]:
    """One entry per spreadsheet (and one for files) with the tabs that have conflicts."""
    rows = Conflict.objects.waiting().order_by().values_list("linked_tab__link", "tab_name")
    counted_rows = list(rows.annotate(count=Count("pk")))
    links = SheetLink.objects.in_bulk({pk for pk, _, _ in counted_rows if pk})
    places: dict[str, Place] = {}
    for pk, tab, count in counted_rows:
        found = Place(str(pk), str(links[pk]), links[pk].workbook) if pk else Place(FILES, "Returned files")
        places.setdefault(found.link, found).tabs[tab] += count
    order = [*registry.WORKBOOKS, ""]
    return sorted(places.values(), key=lambda place: order.index(place.workbook))


def _consequences(shown: list[Line]) -> list[str]:
    """What taking the sheet's side everywhere does, in words."""
    kinds = Counter(line.conflict.kind for line in shown)
    told = (
        (Conflict.Kind.CELL, "value in Lodestar is replaced", "values in Lodestar are replaced"),
        (Conflict.Kind.LOST, "row is deleted", "rows are deleted"),
        (Conflict.Kind.DELETED, "deleted row comes back", "deleted rows come back"),
    )
    return [counted(kinds[kind], one, many) for kind, one, many in told if kinds[kind]]


# Buttons --------------------------------------------------------------------------------------------------


@for_editors
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one side. htmx gets the row's removal, or the row again with the reason it stays."""
    narrowed, actor = Narrowed.by(request), Actor.of(request.user)
    conflict = Conflict.objects.filter(pk=pk).first() or Conflict(pk=pk)
    try:
        said, kind = (
            resolve(conflict, request.POST.get("choice", ""), actor, request.POST.get("seen", "")),
            "ok",
        )
    except AlreadyResolvedError as late:
        said, kind = str(late), "info"
    except CannotResolveError as refused:
        return _refused(request, conflict, str(refused), narrowed, actor)
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(request, messages.SUCCESS if kind == "ok" else messages.INFO, said)
        return redirect(narrowed.url)
    count = narrowed.of(Conflict.objects.waiting()).count()
    response = render(request, "sheets/_settled.html", {"count": count})
    response.headers["HX-Trigger"] = json.dumps({"showToast": {"text": said, "kind": kind}})
    return response


def _refused(
    request: HttpRequest, conflict: Conflict, why: str, narrowed: Narrowed, actor: Actor
) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        messages.error(request, why)
        return redirect(narrowed.url)
    (line,) = lines([conflict], actor)
    context: dict[str, Any] = {"line": line, "refusal": why, "narrowed": narrowed}
    template = "_discarded_row" if conflict.kind == Conflict.Kind.DISCARDED else "_conflict_row"
    return render(request, f"sheets/{template}.html", context, status=409)


@for_editors
@require_POST
def settle_all(request: HttpRequest) -> HttpResponse:
    """Take one side in all the conflicts that the page showed: ``shown`` holds pk and stamp of each."""
    narrowed, actor = Narrowed.by(request), Actor.of(request.user)
    stamps = dict(each.split(".", 1) for each in request.POST.getlist("shown") if "." in each)
    conflicts = Conflict.objects.in_bulk([int(pk) for pk in stamps if pk.isdigit()])
    refusals: Counter[str] = Counter()
    for pk, conflict in conflicts.items():
        try:
            resolve(conflict, request.POST.get("choice", ""), actor, stamps[str(pk)])
        except AlreadyResolvedError:
            continue
        except CannotResolveError as refused:
            refusals[str(refused)] += 1
    _tell(request, len(conflicts) - refusals.total(), refusals)
    return redirect(narrowed.url)


def _tell(request: HttpRequest, settled: int, refusals: Counter[str]) -> None:
    if settled:
        messages.success(request, f"{counted(settled, 'difference')} settled.")
    for why, count in refusals.most_common(3):
        messages.error(request, f"{counted(count, 'difference')} left open: {why}")
