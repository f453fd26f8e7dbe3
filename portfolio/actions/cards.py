"""Jobs that failed."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.cards import Card, Line, card, counted
from portfolio.tabs.actor import ADMIN, Actor

FOR_DAYS = 7
SHOWN = 3


@card(order=15)
def failed(request: HttpRequest) -> Card | None:
    """What a person asked for and did not get this week; an Admin sees everyone's."""
    runs = ActionRun.objects.filter(
        status=Status.FAILED, finished__gte=timezone.now() - timedelta(days=FOR_DAYS)
    )
    actor = Actor.of(request.user)
    if not actor.has(ADMIN):
        runs = runs.filter(actor=actor.user)
    if not (count := runs.count()):
        return None
    return Card(
        title=f"{counted(count, 'job')} failed this week",
        lines=tuple(Line(run.title, run.get_absolute_url(), run.error) for run in runs[:SHOWN]),
        url=f"{reverse('actions')}?status={Status.FAILED}",
        label="Open Actions",
        level="error",
    )
