"""A sync without Google: every tab with a change per row, and one long tab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import F, FloatField, Value
from django.db.models.functions import Coalesce

from home.bench import Bench, Case, filling, workbooks
from home.bench.child import EMPTY, bring_back, keep
from home.bench.memory_book import Grid, MemoryBook
from optimization.models import Gap, Run
from portfolio.actions.job import Job
from portfolio.actions.models import ActionRun
from portfolio.actions.registry import allowed, checked_scope
from portfolio.sheets.google.encoding import for_sheet
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.sync.run import Asked, sync_book
from portfolio.sheets.sync_actions import SYNC
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import SetCell, Surface

LONG, ALL = "long.sqlite3", "all"
LONGER = 25  # times as many rows as each of all the tabs
EVERY = 20  # every so many rows of the long tab one is edited

#: What is edited: half of the rows in the sheet, half in the database.
EDITS: dict[str, tuple[str, Callable[[int], Any]]] = {
    "intake": ("product_area", lambda number: f"Area {number % 40}"),
    "backlog": ("engineering_tokens", lambda number: 100.5 + number % 60),
    "metrics_config": ("notes", lambda number: f"Agreed in week {number % 52}"),
    "scoring_inputs": ("rice_reach", lambda number: 1_000 + number),
    "math_models": ("model_description", lambda number: f"Told anew, version {number}"),
    "params": ("value", lambda number: 120_001 + number),
    "kpi_contributions": ("contribution_override", lambda number: {"kpi_0": 1_300 + number}),
    "candidates": ("is_selected_for_run", lambda number: True),
    "scenario_config": ("capacity_total_tokens", lambda number: 5_001 + number),
    "constraints": ("max_tokens", lambda number: 50 + number),
    "targets": ("target_value", lambda number: 5_000 + number),
    "results": ("pm_notes", lambda number: f"Talk to team {number % 40}"),
}
Books = dict[str, MemoryBook]


# Before -----------------------------------------------------------------------------------------------


def prepare(size: int) -> None:
    """Everything in step, then edited in the database; and the same with one long tab."""
    books = {"central_backlog": workbooks.link("central_backlog")}
    filling.backlog(LONGER * size)
    sync(books)
    edit_here(every=EVERY)
    put_away(books, LONG)
    keep(LONG)
    bring_back(EMPTY)
    books = {workbook: workbooks.link(workbook) for workbook in registry.WORKBOOKS if registry.tabs(workbook)}
    for grid, complete in zip(books["intake"].grids, (True, False), strict=True):
        workbooks.hand_in(grid, size, complete)
    sync({"intake": books["intake"]})
    workbooks.fill(size)
    sync(books)
    edit_here(every=1)
    put_away(books, ALL)


def edit_here(every: int) -> None:
    for linked in LinkedTab.objects.all():
        if linked.tab_name in EDITS:
            column, value = EDITS[linked.tab_name]
            rows = list(linked.rows.order_by("row").values_list("row", flat=True))
            changes = [SetCell(rows[at], column, value(at)) for at in range(every, len(rows), 2 * every)]
            filling.put(linked.tab_name, changes)
    more = Value(0.5, FloatField())
    Run.objects.update(objective_value=Coalesce(F("objective_value"), Value(0.0)) + more)
    Gap.objects.update(achieved=Coalesce(F("achieved"), Value(0.0)) + more)


def edit_there(books: Books, every: int) -> None:
    for linked in LinkedTab.objects.select_related("link"):
        if linked.tab_name in EDITS:
            tab = registry.tab(linked.tab_name)
            name, value = EDITS[linked.tab_name]
            at = [column.name for column in tab.columns_for(Surface.SHEET)].index(name)
            grid = books[linked.link.workbook].grids[linked.sheet_id]
            for number in range(0, len(grid) - 1, 2 * every):
                grid[1 + number][at] = for_sheet(tab.column(name).type_name, value(number), as_serial=True)


def put_away(books: Books, name: str) -> None:
    kept = {workbook: dict(zip(book.titles, book.grids, strict=True)) for workbook, book in books.items()}
    (settings.DATA_DIR / f"{name}.json").write_text(json.dumps(kept))


def taken_out(name: str) -> Books:
    kept: dict[str, dict[str, Grid]] = json.loads((settings.DATA_DIR / f"{name}.json").read_text())
    return {workbook: MemoryBook(grids) for workbook, grids in kept.items()}


# Timed ------------------------------------------------------------------------------------------------


def all_tabs(size: int) -> Callable[[], object]:
    books = taken_out(ALL)
    edit_there(books, every=1)
    return lambda: sync(books)


def one_long_tab(size: int) -> Callable[[], object]:
    bring_back(LONG)
    books = taken_out(LONG)
    edit_there(books, every=EVERY)
    return lambda: sync(books)


def unchanged(size: int) -> Callable[[], object]:
    bring_back(LONG)
    books = taken_out(LONG)
    sync(books)
    return lambda: sync(books)


def sync(books: Books) -> list[dict[str, Any]]:
    return [report(link, books[link.workbook]) for link in links() if link.workbook in books]


def links() -> Iterator[SheetLink]:
    yield from sorted(SheetLink.objects.all(), key=lambda link: list(registry.WORKBOOKS).index(link.workbook))


def report(link: SheetLink, book: MemoryBook) -> dict[str, Any]:
    actor, scope = Actor.command_line(), checked_scope(None)
    asked = ActionRun.objects.enqueue(actor, SYNC, scope=scope, options={}, inline=True)
    claimed = ActionRun.objects.claim(asked.action_id, allowed(SYNC))
    assert claimed is not None
    return sync_book(link, Job(claimed, actor), Asked(), book)


BENCH = Bench(
    size=2_000,
    prepare=prepare,
    cases={
        "15 sheets, an edit per row": Case(all_tabs),
        f"one tab, {LONGER} times the rows": Case(one_long_tab),
        "the same, nothing changed": Case(unchanged),
    },
)
