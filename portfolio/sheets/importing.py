"""A workbook on its way in: which tabs it holds, in which order they are taken, what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from portfolio.sheets.exports import Origin
from portfolio.sheets.headers import place_tabs
from portfolio.sheets.opening import FileRefused, Sheet
from portfolio.sheets.report import ImportReport
from portfolio.sheets.tabimport import TabImport
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab

#: A tab comes after those its rows refer to.
ORDER = (
    "metrics_config",
    "backlog",
    "scoring_inputs",
    "math_models",
    "params",
    "kpi_contributions",
    "scenario_config",
    "constraints",
    "targets",
)
Progress = Callable[[int, int, str], None]


def detect_workbook(sheets: list[Sheet]) -> str:
    """The workbook most of whose tabs are in ``sheets``. Raises FileRefused where none is."""
    found = {name: len(place_tabs(registry.tabs(name), sheets)[0]) for name in registry.WORKBOOKS}
    best = max(found, key=lambda name: found[name])
    if not found[best]:
        raise FileRefused(
            f"None of the sheets has the headers of a tab. {_expected(sheets, registry.tabs())}"
        )
    return best


def import_sheets(
    actor: Actor,
    sheets: list[Sheet],
    report: ImportReport,
    *,
    origin: Origin | None = None,
    keep_keys: bool = False,
    progress: Progress = lambda done, total, text: None,
) -> None:
    """Take what ``sheets`` say into the tabs of ``report.workbook`` and fill ``report``.

    A file of a known ``origin`` is merged with what its export said; of any other, all that it says counts.
    Valid rows are saved, rejected ones listed. Runs in the caller's transaction. Raises FileRefused.
    """
    placed, report.ignored = place_tabs(in_order(registry.tabs(report.workbook)), sheets)
    if not placed:
        raise FileRefused(
            f"None of the sheets is a tab of the workbook {report.workbook}. "
            f"{_expected(sheets, registry.tabs(report.workbook))}{_looks_like(sheets)}"
        )
    if all(each.refusal for each in placed):
        raise FileRefused(" ".join(each.refusal for each in placed))
    origin = origin or Origin()
    for done, each in enumerate(placed):
        progress(done, len(placed), each.tab.title)
        report.tabs.append(TabImport(actor, each, origin.before(each.tab), keep_keys).run())
    progress(len(placed), len(placed), "")


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is saved within this block is undone at its end: a preview."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def in_order(tabs: Iterable[Tab]) -> list[Tab]:
    """So that each comes after those its rows refer to."""
    return sorted(tabs, key=lambda tab: ORDER.index(tab.name) if tab.name in ORDER else len(ORDER))


def _expected(sheets: list[Sheet], tabs: list[Tab]) -> str:
    there = ", ".join(sheet.title for sheet in sheets)
    return f"It has the sheets {there}; expected are {', '.join(tab.title for tab in tabs)}."


def _looks_like(sheets: list[Sheet]) -> str:
    try:
        return f" It looks like the workbook {detect_workbook(sheets)}."
    except FileRefused:
        return ""
