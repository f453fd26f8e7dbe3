"""What the tabs with several rows per initiative share."""

from __future__ import annotations

from django.db.models import QuerySet

from portfolio.tabs.columns import By, Ref
from portfolio.tabs.tab import Tab


def initiative() -> Ref:
    return Ref(
        "initiative_key",
        place="initiative",
        key="initiative_key",
        noun="initiative",
        offer=False,
        known_as="title",
        by=By.PM,
        on_create=True,
        required=True,
        frozen=True,
        width=120,
        help="The initiative; chosen when the row is made.",
    )


class OfInitiatives(Tab):
    """Rows that belong to an initiative, and go when it goes."""

    def queryset(self) -> QuerySet:
        return super().queryset().filter(initiative__deleted_at=None)
