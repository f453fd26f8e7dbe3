"""What a sync did, or would do, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from portfolio.actions.models import ActionRun
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.pages import asking
from portfolio.sheets.pages.lines import Value, words
from portfolio.sheets.views import for_editors
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import remembering

MOST_SHOWN = 200  # the report holds no more
OPEN_UP_TO = 40  # changes; longer lists open on demand

#: What happens to a cell or a row, and the colour of its badge.
VERDICTS = {
    "pull": ("Into Lodestar", "info"),
    "push": ("Into the sheet", "info"),
    "create": ("New in Lodestar", "ok"),
    "append": ("New in the sheet", "ok"),
    "overwrite": ("Lodestar fills this in", ""),
    "conflict": ("Conflict", "warn"),
    "hold": ("Held: a formula", "warn"),
    "keep": ("Left: unreadable", "error"),
}
COUNTS = {
    "pulled": ("into Lodestar", "info"),
    "created": ("new in Lodestar", "ok"),
    "pushed": ("into the sheet", "info"),
    "appended": ("new in the sheet", "ok"),
    "removed": ("taken out of the sheet", "warn"),
    "conflicts": ("in conflict", "warn"),
    "held": ("held", "warn"),
    "discarded": ("not taken", "warn"),
    "quarantined": ("rejected", "error"),
    "lost": ("missing in the sheet", "warn"),
}


@dataclass(frozen=True)
class Told:
    """One line of the table."""

    place: str
    key: str
    column: str
    here: Value
    sheet: Value
    verdict: str
    level: str
    said: str


class TabTold:
    """What became of one sheet. ``linked`` is its record, where it is still linked."""

    def __init__(self, told: dict[str, Any], linked: LinkedTab | None) -> None:
        self.told, self.linked = told, linked
        self.tab = registry.tab(told["tab"])
        self._columns = {column.label: column for column in self.tab.columns_for(Surface.SHEET)}

    @property
    def needs_person(self) -> bool:
        """Whether it waits for somebody to let its first sync happen."""
        return self.linked is not None and not self.linked.confirmed and not self.told.get("left_alone")

    @property
    def counts(self) -> list[tuple[int, str, str]]:
        """What happened how often: count, words, level."""
        return [(self.told[name], *said) for name, said in COUNTS.items() if self.told.get(name)]

    @cached_property
    def changes(self) -> list[Told]:
        with remembering():
            return [self._line(change) for change in self.told.get("changes", [])]

    @property
    def is_short(self) -> bool:
        return len(self.changes) <= OPEN_UP_TO

    @property
    def is_cut(self) -> bool:
        return len(self.changes) >= MOST_SHOWN

    def _line(self, change: dict[str, Any]) -> Told:
        column = self._columns.get(change["column"]) or Column(change["column"])
        verdict, level = VERDICTS.get(change["verdict"], (change["verdict"].capitalize(), ""))
        here, sheet = (Value(words(column, change.get(side))) for side in ("here", "sheet"))
        said = change.get("said", "")
        return Told(
            change["place"], change.get("key", ""), change["column"], here, sheet, verdict, level, said
        )


@dataclass(frozen=True)
class LinkTold:
    """What became of one spreadsheet."""

    title: str
    problem: str
    api_calls: int
    link: SheetLink | None
    tabs: list[TabTold]

    @property
    def waiting(self) -> list[TabTold]:
        return [tab for tab in self.tabs if tab.needs_person]

    @property
    def totals(self) -> list[tuple[int, str, str]]:
        summed = {name: sum(tab.told.get(name, 0) for tab in self.tabs) for name in COUNTS}
        return [(summed[name], *said) for name, said in COUNTS.items() if summed[name]]


@for_editors
def sheet_run(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """``/sheets/runs/{id}/``: the progress of a preview or a sync, then its report."""
    run = get_object_or_404(ActionRun, action_id=action_id)
    report = run.result.get("report", {}).get("links")
    if run.action != asking.SYNC and report is None:
        raise Http404("This job is no sync.")
    context = {
        "run": run,
        "is_preview": bool(run.options.get("preview")),
        "told": list(_told(report or {})),
        "asked": SheetLink.objects.filter(pk=run.options.get("link")).first(),
        "may_sync": asking.may_sync(Actor.of(request.user)),
    }
    fragment = request.htmx  # type: ignore[attr-defined]
    return render(request, "sheets/_sync_run.html" if fragment else "sheets/sync_run.html", context)


def _told(report: dict[str, Any]) -> Iterator[LinkTold]:
    links = SheetLink.objects.prefetch_related("linked_tabs").in_bulk([int(pk) for pk in report])
    # A tab of an earlier version may be no tab any more.
    names = {tab.name for tab in registry.tabs()}
    for pk, told in report.items():
        link = links.get(int(pk))
        linked = {(each.tab_name, each.title): each for each in link.linked_tabs.all()} if link else {}
        known = [tab for tab in told["tabs"].values() if tab["tab"] in names]
        tabs = [TabTold(tab, linked.get((tab["tab"], tab["sheet"]))) for tab in known]
        yield LinkTold(told["title"], told.get("problem", ""), told.get("api_calls", 0), link, tabs)
