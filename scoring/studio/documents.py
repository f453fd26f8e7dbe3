"""The rows of one initiative as the script of its page holds them: what the API answers, of these rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

from portfolio.tabs import payload
from portfolio.tabs.actor import Actor
from portfolio.tabs.memo import remembering
from portfolio.tabs.models import TabRevision
from portfolio.tabs.tab import Tab
from scoring.studio.cells import why_not


def document(tab: Tab, actor: Actor, rows: Sequence[Model]) -> dict[str, Any]:
    """Schema, rows and notes, and by row and column what this person may not enter, though their role may."""
    with remembering():
        revision = TabRevision.current(tab.name)
        pks = [row.pk for row in rows]
        return payload.schema(tab, actor) | {
            "revision": revision,
            "rows": payload.rows(tab, pks),
            "notes": payload.notes(tab, pks),
            "denied": {row.pk: denied for row in rows if (denied := _denied(tab, row, actor))},
        }


def _denied(tab: Tab, row: Model, actor: Actor) -> dict[str, str]:
    by_row = (column for column in tab.columns if column.allow)
    return {column.name: reason for column in by_row if (reason := why_not(tab, column, row, actor))}
