"""The sync as actions of the ledger: whole spreadsheets, one tab, what is due, and new workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.sheets.models import SheetLink
from portfolio.sheets.table import shows_runs
from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, ANALYTICS, ENGINEERING, FINANCE, PM

SYNC, DUE, CREATE_TABS = "sheets.sync", "sheets.sync_due", "sheets.create_tabs"
SYNCERS = (PM, ADMIN, ANALYTICS, FINANCE, ENGINEERING)
#: Names people script against for saving one tab each.
SAVED = {
    "pm.save_metrics_config": "metrics_config",
    "pm.save_kpi_contributions": "kpi_contributions",
    "pm.optimize_save_scenario": "scenario_config",
    "pm.optimize_save_constraints": "constraints",
    "pm.optimize_save_targets": "targets",
}
OPTIONS = {"link", "workbook", "preview", "confirm", "confirm_all"}


@action(SYNC, title="Sync Google Sheets", roles=SYNCERS)
def sync(job: Job) -> dict[str, Any]:
    """Options: ``link`` (its number) or ``workbook``, else every link that is in step; ``preview`` (write
    nothing); ``confirm`` (numbers of linked tabs whose first sync may happen) or ``confirm_all``."""
    _refuse_unknown(job, OPTIONS)
    options = job.options
    asked = {
        "preview": bool(options.get("preview")),
        "confirm": frozenset(options.get("confirm") or ()),
        "confirm_all": bool(options.get("confirm_all")),
    }
    return _synced(job, _links(options.get("link"), options.get("workbook", "")), **asked)


@action("pm.backlog_sync", title="Sync intake and backlog", roles=SYNCERS)
def backlog_sync(job: Job) -> dict[str, Any]:
    """All intake sheets → submissions → initiatives → the backlog's sheet."""
    _refuse_unknown(job, set())
    intake = SheetLink.objects.enabled().filter(workbook="intake")
    return _synced(job, [*intake, *SheetLink.objects.enabled().filter(workbook="central_backlog")])


@action("pm.save_selected", title="Save from the sheet", roles=SYNCERS)
def save_selected(job: Job) -> dict[str, Any]:
    """Option ``tab``: takes that tab, or the scope's keys, from its sheet and says there what came of it."""
    _refuse_unknown(job, {"tab"})
    return _saved(job, str(job.options.get("tab", "")))


def _saver(name: str, tab: str) -> None:
    title = f"Save {tab.replace('_', ' ')} from the sheet"

    @action(name, title=title, roles=SYNCERS)
    def save(job: Job) -> dict[str, Any]:
        _refuse_unknown(job, set())
        return _saved(job, tab)


for _name, _tab in SAVED.items():
    _saver(_name, _tab)


@action("pm.optimize_write_results", title="Write results to the sheet", roles=SYNCERS)
def write_results(job: Job) -> dict[str, Any]:
    """Runs, results, gaps and alerts, and what else tells of runs, into their sheets."""
    _refuse_unknown(job, set())
    tabs = [tab for tab in registry.tabs() if shows_runs(tab)]
    links = SheetLink.objects.enabled().filter(workbook__in={tab.workbook for tab in tabs})
    return _synced(job, list(links), tabs=frozenset(tab.name for tab in tabs))


@action(DUE, title="Sync what changed", roles=(ADMIN,))
def sync_due(job: Job) -> dict[str, Any]:
    """What the clock asks for: one look at Drive, then every link of which a side has changed."""
    from portfolio.sheets.sync.due import due_links

    return _synced(job, due_links(job))


@action(CREATE_TABS, title="Create the workbook's tabs", roles=(ADMIN,))
def create_tabs(job: Job) -> dict[str, Any]:
    """Option ``link``: makes the tabs that its spreadsheet lacks, with headers, notes, choices and locks."""
    from portfolio.sheets.google.errors import SheetsError
    from portfolio.sheets.sync.making import create_missing_tabs

    _refuse_unknown(job, {"link"})
    if job.options.get("link") is None:
        raise ActionError("Say which link.")
    (link,) = _links(job.options["link"], "")
    try:
        made = create_missing_tabs(link, job)
    except SheetsError as problem:
        raise ActionError(str(problem)) from None
    for title in made:
        job.row(title, "changed", "Created.")
    return {"created": made}


# What they share --------------------------------------------------------------------------------------


def _saved(job: Job, name: str) -> dict[str, Any]:
    try:
        tab = registry.tab(name)
    except registry.UnknownTabError as error:
        raise ActionError(str(error)) from None
    links = list(SheetLink.objects.enabled().filter(workbook=tab.workbook))
    if not links:
        raise ActionError(
            f"No spreadsheet of the workbook {tab.workbook} is linked, so there is nothing to save."
        )
    only = frozenset(key.casefold() for key in job.keys) if job.keys is not None else None
    return _synced(job, links, tabs=frozenset({tab.name}), only=only, explicit=True)


def _synced(job: Job, links: Sequence[SheetLink], **asked: Any) -> dict[str, Any]:
    """Every link in turn: one that fails doesn't keep the others. Raises ActionError where all failed."""
    # gspread and what comes with it load slowly, and most processes never need them.
    from portfolio.sheets.sync.report import link_report, totals
    from portfolio.sheets.sync.run import Asked, Busy, LostLease, sync_link

    reports, problems = {}, {}
    for done, link in enumerate(links):
        job.check()
        try:
            report = sync_link(link, job, Asked(**asked))
        except (Busy, LostLease) as problem:
            report = link_report(link, {}, 0, str(problem))
        reports[str(link.pk)] = report
        if report["problem"]:
            problems[str(link)] = report["problem"]
        job.progress(done + 1, len(links), str(link))
    told = {"report": {"links": reports, "totals": totals(reports.values()), "problems": problems}}
    if links and len(problems) == len(links):
        raise ActionError(" ".join(f"{name}: {text}" for name, text in problems.items()), **told)
    return told


def _links(pk: Any, workbook: str) -> list[SheetLink]:
    if workbook and workbook not in registry.WORKBOOKS:
        raise ActionError(f"There is no workbook {workbook}. There are: {', '.join(registry.WORKBOOKS)}.")
    links = SheetLink.objects.enabled()
    if pk is not None:
        links = links.filter(pk=pk) if isinstance(pk, int) else links.none()
    if workbook:
        links = links.filter(workbook=workbook)
    found = list(links)
    if not found:
        raise ActionError(
            "No such spreadsheet is linked and in step. Link one under Sheets, or with manage.py link_sheet."
        )
    return sorted(found, key=lambda link: list(registry.WORKBOOKS).index(link.workbook))


def _refuse_unknown(job: Job, known: Iterable[str]) -> None:
    unknown = set(job.options) - set(known)
    if unknown:
        offered = ", ".join(sorted(known)) or "none"
        raise ActionError(f"Unknown options: {', '.join(sorted(unknown))}. There are: {offered}.")
