"""Which links have something to sync: one look at Drive for all of them, none at Sheets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from gspread.urls import DRIVE_FILES_API_V3_URL

from portfolio.actions.job import Job
from portfolio.sheets.google.connection import client
from portfolio.sheets.google.errors import BadRequest, NotFound, SheetsError
from portfolio.sheets.google.http import GoogleHTTPClient
from portfolio.sheets.models import DriveCursor, SheetLink
from portfolio.sheets.sync.status import outcomes
from portfolio.tabs.models import TabRevision

CHANGES_URL = DRIVE_FILES_API_V3_URL.replace("/files", "/changes")
LONGEST_TRUST = timedelta(hours=6)  # in Drive's word that nothing changed; then the sheets are read anyway
DRIVE_SECONDS = 60


def due_links(job: Job) -> list[SheetLink]:
    """Links of which a side has changed since their last sync. Where Drive can't be asked, all of them."""
    links = list(SheetLink.objects.enabled())
    if all(is_due(link) for link in links):
        return links
    try:
        with (http := client().http_client).within(DRIVE_SECONDS, job.check):
            note_changes(http)
    except SheetsError as problem:
        job.progress(0, 0, str(problem))
        return links
    return [link for link in SheetLink.objects.enabled() if is_due(link)]


def is_due(link: SheetLink) -> bool:
    """Whether the spreadsheet or Lodestar's rows may say something new."""
    if link.changed_there or link.synced is None or timezone.now() - link.synced > LONGEST_TRUST:
        return True
    if any(TabRevision.current(name) != link.revisions.get(name) for name in link.linked_names()):
        return True
    return bool(outcomes(link.synced))


def note_changes(http: GoogleHTTPClient) -> None:
    """Ask Drive which spreadsheets changed since it was last asked, and note it on their links."""
    cursor = DriveCursor.objects.first()
    if cursor is None:
        # From now on; what came before is unknown.
        told = http.request("get", f"{CHANGES_URL}/startPageToken", params={"supportsAllDrives": True})
        SheetLink.objects.enabled().update(changes_taken=None)
        DriveCursor.objects.create(page_token=told.json()["startPageToken"])
        return
    try:
        changed = _changed_since(cursor, http)
    except (BadRequest, NotFound):  # Drive no longer knows the place in its list
        cursor.delete()
        raise
    cursor.checked = timezone.now()
    with transaction.atomic():
        SheetLink.objects.all().changed_on_drive(changed)
        cursor.save()


def _changed_since(cursor: DriveCursor, http: GoogleHTTPClient) -> set[str]:
    """Ids of files; the cursor moves on, but is not saved."""
    changed: set[str] = set()
    token: str | None = cursor.page_token
    while token:
        page = _page(http, token)
        changed |= {change["fileId"] for change in page.get("changes", ()) if "fileId" in change}
        cursor.page_token, token = page.get("newStartPageToken", token), page.get("nextPageToken")
    return changed


def _page(http: GoogleHTTPClient, token: str) -> dict[str, Any]:
    params = {
        "pageToken": token,
        "pageSize": 1000,
        "supportsAllDrives": True,
        "includeItemsFromAllDrives": True,
        "fields": "newStartPageToken,nextPageToken,changes(fileId,removed)",
    }
    page: dict[str, Any] = http.request("get", CHANGES_URL, params=params).json()
    return page
