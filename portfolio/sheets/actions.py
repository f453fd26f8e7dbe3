"""Importing a workbook as an action of the ledger."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.sheets import schedule, sync_actions, uploads  # noqa: F401 - two register themselves
from portfolio.sheets.exports import origin_of
from portfolio.sheets.importing import detect_workbook, import_sheets, taken_back
from portfolio.sheets.opening import FileRefused, read_workbook
from portfolio.sheets.report import ImportReport, TabReport
from portfolio.tabs.actor import ADMIN, ANALYTICS, ENGINEERING, FINANCE, PM
from portfolio.tabs.registry import WORKBOOKS

IMPORT = "sheets.import_workbook"
OPTIONS = {"upload", "name", "workbook", "preview", "keep_keys"}
IMPORTERS = (PM, ADMIN, ANALYTICS, FINANCE, ENGINEERING)


@action(IMPORT, title="Import a workbook", roles=IMPORTERS)
def import_workbook(job: Job) -> dict[str, Any]:
    """Options: ``upload`` (its random name), ``name`` (the file's own), ``workbook`` (blank: find out),
    ``preview`` (save nothing), ``keep_keys`` (Admins: bring existing initiative keys)."""
    unknown = set(job.options) - OPTIONS
    if unknown:
        raise ActionError(
            f"Unknown options: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(OPTIONS))}."
        )
    try:
        return _imported(job, **job.options)
    except FileRefused as refused:
        raise ActionError(str(refused)) from None


def _imported(
    job: Job,
    upload: str = "",
    name: str = "",
    workbook: str = "",
    preview: bool = False,
    keep_keys: bool = False,
) -> dict[str, Any]:
    if keep_keys and not job.actor.has(ADMIN):
        raise ActionError("Only an Admin may import existing keys. Import without keeping keys.")
    if workbook and workbook not in list(WORKBOOKS):
        raise ActionError(f"There is no workbook {workbook}. There are: {', '.join(WORKBOOKS)}.")
    path = uploads.path_of(upload)
    job.progress(0, 0, f"Reading {name}")
    sheets = read_workbook(path)
    report = ImportReport(workbook or detect_workbook(sheets), name, preview)
    origin = origin_of(path, sheets, report)
    job.check()
    with job.commit():
        with taken_back() if preview else nullcontext():
            import_sheets(
                job.actor, sheets, report, origin=origin, keep_keys=keep_keys, progress=job.progress
            )
        for tab in report.tabs:
            _note_rows(job, tab)
    if not preview:
        uploads.forget(upload)
    return _counted(report)


def _note_rows(job: Job, tab: TabReport) -> None:
    for said in tab.rejected:
        job.row(said.cell, "failed", said.message)


def _counted(report: ImportReport) -> dict[str, Any]:
    return {
        "rows": sum(tab.read for tab in report.tabs),
        "changed": 0 if report.preview else sum(tab.created + tab.changed for tab in report.tabs),
        "skipped": sum(tab.unchanged for tab in report.tabs),
        "failed": sum(tab.failed for tab in report.tabs),
        "conflicts": sum(len(tab.conflicts) for tab in report.tabs),
        "report": report.as_json(),
    }
