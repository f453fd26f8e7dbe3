"""The timed sync: every few minutes the sweeper asks for what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import enqueue
from portfolio.actions.sweeper import each_sweep
from portfolio.sheets.models import SheetLink
from portfolio.sheets.sync_actions import DUE
from portfolio.tabs.actor import Actor

KEPT = timedelta(days=2)  # of runs that found nothing to do
CLOCK = "the clock"


@each_sweep
def sync_on_time() -> None:
    """Ask for a timed sync where the last one is long enough ago; never two at once."""
    every = timedelta(minutes=settings.SYNC_EVERY_MINUTES)
    if not every or not SheetLink.objects.enabled().exists():
        return
    last = ActionRun.objects.filter(action=DUE).order_by("-created").first()
    if last is None or timezone.now() - last.created >= every:
        enqueue(replace(Actor.command_line(), name=CLOCK), DUE, idempotency_key="timed")
        _forget_idle()


def _forget_idle() -> None:
    old = ActionRun.objects.filter(action=DUE, status=Status.SUCCEEDED, finished__lt=timezone.now() - KEPT)
    old.filter(rows=None).delete()
