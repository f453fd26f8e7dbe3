"""Asking for syncs. The same question twice, while the first is still being answered, is one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from portfolio.actions.models import ActionRun, ActionRunQuerySet
from portfolio.actions.runner import enqueue
from portfolio.sheets import google
from portfolio.sheets.google.errors import NotConfigured
from portfolio.sheets.models import SheetLink
from portfolio.sheets.sync_actions import CREATE_TABS, DUE, SAVED, SYNC, SYNCERS
from portfolio.tabs.actor import Actor

SYNCS = (SYNC, DUE, "pm.backlog_sync", "pm.save_selected", "pm.optimize_write_results", *SAVED)


def sync(actor: Actor, link: SheetLink) -> ActionRun:
    return enqueue(actor, SYNC, options={"link": link.pk}, idempotency_key=key_of(link))


def preview(actor: Actor, link: SheetLink) -> ActionRun:
    """What a sync would do, without doing it."""
    return _ask(actor, SYNC, link, preview=True)


def first_sync(actor: Actor, link: SheetLink, linked_tabs: list[int]) -> ActionRun:
    """A sync that from now on includes ``linked_tabs``, which a person has seen previewed."""
    return _ask(actor, SYNC, link, confirm=linked_tabs)


def create_tabs(actor: Actor, link: SheetLink) -> ActionRun:
    """Give the spreadsheet the sheets of its workbook that it has not got yet."""
    return _ask(actor, CREATE_TABS, link)


def _ask(actor: Actor, action: str, link: SheetLink, **options: Any) -> ActionRun:
    key = "-".join([key_of(link), *options])
    return enqueue(actor, action, options={"link": link.pk, **options}, idempotency_key=key)


def key_of(link: SheetLink) -> str:
    """By which a second click on Sync now is the same sync."""
    return f"link-{link.pk}"


def may_sync(actor: Actor) -> bool:
    return actor.has(*SYNCERS)


@dataclass(frozen=True)
class Access:
    """How Lodestar reaches Google: as whom, or what is wrong with what the settings say."""

    is_configured: bool
    account: str = ""
    problem: str = ""


def access() -> Access:
    try:
        return Access(google.is_configured(), account=google.service_account_email())
    except NotConfigured as problem:
        return Access(False, problem=str(problem))


def runs_of(link: SheetLink) -> ActionRunQuerySet:
    """The syncs that were to read this spreadsheet or did, newest first, without what they returned."""
    read = Q(result__report__links__has_key=str(link.pk))
    return ActionRun.objects.filter(Q(options__link=link.pk) | read, action__in=SYNCS).defer("result")
