"""What other people changed lately, one line per batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from portfolio.cards import counted
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.models import Batch, CellChange
from portfolio.tabs.tab import Tab

VERBS = {
    CellChange.Kind.SET: "changed",
    CellChange.Kind.CREATE: "added",
    CellChange.Kind.DELETE: "deleted",
    CellChange.Kind.RESTORE: "restored",
}


@dataclass(frozen=True)
class Recent:
    """A batch in words: who and when are the batch's, ``url`` shows the rows."""

    batch: Batch
    what: str
    url: str


def by_others(actor: Actor, limit: int) -> list[Recent]:
    """The newest batches of everyone but ``actor``."""
    batches = list(Batch.objects.exclude(who=actor.name).order_by("-when")[:limit])
    sizes = {size["batch"]: size for size in _sizes(batches)}
    firsts = CellChange.objects.in_bulk([size["first"] for size in sizes.values()])
    return [_told(batch, size, firsts[size["first"]]) for batch in batches if (size := sizes.get(batch.pk))]


def _sizes(batches: list[Batch]) -> Any:
    """Cells, rows and the first change of each batch, without what followed by itself."""
    stated = CellChange.objects.filter(batch__in=batches, derived=False).order_by()
    return stated.values("batch").annotate(
        cells=Count("pk"), rows=Count("row", distinct=True), first=Min("pk")
    )


def _told(batch: Batch, size: dict[str, Any], first: CellChange) -> Recent:
    tab, verb = registry.tab(batch.tab), VERBS[CellChange.Kind(first.kind)]
    if size["rows"] > 1:
        what, url = f"{verb} {_many(size, first)}", reverse("tab", args=[tab.name])
    else:
        what, url = f"{verb} {_one(tab, size, first)}", reverse("tab-row-history", args=[tab.name, first.row])
    undone = "took back: " if batch.undoes_id else ""
    return Recent(batch, f"{undone}{what} on {tab.title}", url)


def _many(size: dict[str, Any], first: CellChange) -> str:
    rows = counted(size["rows"], "row")
    return f"{counted(size['cells'], 'cell')} in {rows}" if first.kind == CellChange.Kind.SET else rows


def _one(tab: Tab, size: dict[str, Any], first: CellChange) -> str:
    if first.kind != CellChange.Kind.SET:
        return first.key
    what = _label(tab, first.column) if size["cells"] == 1 else counted(size["cells"], "cell")
    return f"{what} of {first.key}"


def _label(tab: Tab, column: str) -> str:
    try:
        return tab.column(column).label
    except KeyError:  # of a KPI that is gone
        return column
