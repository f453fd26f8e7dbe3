"""What waits among the KPIs and the contributions."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from initiatives.models import Initiative
from metrics.models import Contributions, Level, Metric
from portfolio.cards import Card, Line, card, counted
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor


@card(order=5)
def no_north_star(request: HttpRequest) -> Card | None:
    """Initiatives are there, but nothing says what they are for."""
    if not registry.tab("metrics_config").may_create(Actor.of(request.user)):
        return None
    stars = Metric.objects.filter(is_active=True, kpi_level=Level.NORTH_STAR)
    if stars.exists() or not Initiative.objects.exists():
        return None
    return Card(
        title="There is no north star yet",
        text="Exactly one active KPI of that level says what portfolios should bring the most of.",
        url=reverse("tab", args=["metrics_config"]),
        label="Open Metrics Config",
        level="error",
    )


@card(order=45)
def unexplained(request: HttpRequest) -> Card | None:
    """Overrides without a reason."""
    tab = registry.tab("kpi_contributions")
    if not tab.column("override_reason").may_enter(Actor.of(request.user)):
        return None
    rows = Contributions.objects.exclude(override=None).filter(
        override_reason="", initiative__deleted_at=None
    )
    found = [row for row in rows.select_related("initiative") if row.override]
    if not found:
        return None
    return Card(
        title=f"{counted(len(found), 'override has', 'overrides have')} no reason",
        text="Others can't judge a number that overrides a computed one without one.",
        lines=tuple(_line(row.initiative) for row in found[:3]),
        url=reverse("tab", args=["kpi_contributions"]),
        label="Open KPI Contributions",
        level="warn",
    )


def _line(initiative: Initiative) -> Line:
    address = reverse("tab-row", args=["kpi_contributions", initiative.pk])
    return Line(initiative.title, address, initiative.initiative_key)
