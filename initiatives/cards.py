"""What waits on Intake."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from initiatives import intake
from initiatives.models import Submission
from portfolio.cards import Card, Line, card, counted
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor

SHOWN = 3


def _works_here(request: HttpRequest) -> bool:
    return registry.tab("intake").may_create(Actor.of(request.user))


@card(order=10)
def needs_info(request: HttpRequest) -> Card | None:
    """Submissions that can't become initiatives yet."""
    if not _works_here(request):
        return None
    waiting = Submission.objects.filter(initiative=None).order_by("-pk")
    if not (count := waiting.count()):
        return None
    return Card(
        title=f"{counted(count, 'submission needs', 'submissions need')} information",
        text="They become initiatives once the missing fields are there.",
        lines=tuple(_line(row, f"missing: {', '.join(intake.missing(row))}") for row in waiting[:SHOWN]),
        url=reverse("tab", args=["intake"]),
        label="Open Intake",
        level="warn",
    )


@card(order=40)
def differences(request: HttpRequest) -> Card | None:
    """Submissions edited after a PM had overridden the value."""
    if not _works_here(request):
        return None
    differing: dict[Submission, list[str]] = {}
    rows = Submission.objects.filter(initiative__deleted_at=None).select_related("initiative")
    for row, name in intake.conflicts(rows):
        differing.setdefault(row, []).append(name)
    if not differing:
        return None
    return Card(
        title=f"{counted(len(differing), 'submission differs', 'submissions differ')} from the backlog",
        text="The backlog's value counts. Look whether the department should know.",
        lines=tuple(_line(row, _labels(names)) for row, names in list(differing.items())[:SHOWN]),
        url=reverse("tab", args=["intake"]),
        label="Open Intake",
    )


def _labels(columns: list[str]) -> str:
    return ", ".join(registry.tab("intake").column(name).label for name in columns)


def _line(row: Submission, hint: str) -> Line:
    return Line(str(row), reverse("tab-row", args=["intake", row.pk]), hint)
