"""The base of the merge in the database: read at the start, moved as both sides come to agree."""

from __future__ import annotations

from collections.abc import Iterable

from portfolio.sheets.models import LinkedTab, SyncedRow


def bases_of(linked: LinkedTab) -> dict[int, SyncedRow]:
    """What every row of the tab said when both sides last agreed, by primary key."""
    return {base.row: base for base in SyncedRow.objects.filter(linked_tab=linked)}


def save_bases(bases: Iterable[SyncedRow]) -> None:
    """Store new bases and those that moved."""
    moved = list(bases)
    SyncedRow.objects.bulk_set([base for base in moved if base.pk], ["key", "cells"])
    SyncedRow.objects.bulk_create(
        [base for base in moved if not base.pk],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["linked_tab", "row"],
        update_fields=["key", "cells"],
    )


def drop_bases(linked: LinkedTab, rows: Iterable[int]) -> None:
    SyncedRow.objects.filter(linked_tab=linked, row__in=list(rows)).delete()
