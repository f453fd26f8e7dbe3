"""A tab as one compact JSON document: schema, rows as arrays, notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column, Computed
from portfolio.tabs.gate import entry_tab
from portfolio.tabs.memo import remembering
from portfolio.tabs.models import Batch, CellChange, TabRevision
from portfolio.tabs.tab import Tab


class UnknownFilterError(ValueError):
    """A filter names no column of the tab."""


def document(
    tab: Tab, actor: Actor, *, since: int | None = None, filters: dict[str, str] | None = None
) -> dict[str, Any]:
    """The whole tab for ``actor``; with ``since`` only what changed after it, where known."""
    with remembering():
        # Read before the rows: a write in between shows again at the next poll, never not at all.
        revision = TabRevision.current(tab.name)
        head = schema(tab, actor) | {"revision": revision}
        if since is not None and since == revision:
            return head | {"unchanged": True, "rows": [], "notes": {}}
        changed = None if since is None else _changed_since(tab, since, revision)
        return head | _body(tab, changed, filters or {})


def _body(tab: Tab, changed: set[int] | None, filters: dict[str, str]) -> dict[str, Any]:
    found = rows(tab, changed, filters)
    # All notes, also with a few rows: a change of one row may be worth a remark on its neighbour.
    body: dict[str, Any] = {"rows": found, "notes": notes(tab, None)}
    if changed is not None:
        body |= {"partial": True, "removed": sorted(changed - {row[0] for row in found})}
    return body


def schema(tab: Tab, actor: Actor) -> dict[str, Any]:
    columns = tab.columns_for(Surface.GRID)
    return {
        "tab": tab.name,
        "title": tab.title,
        "schema_hash": schema_hash(tab),
        "can_create": tab.may_create(actor),
        "can_delete": tab.may_delete(actor),
        "context": tab.context(),
        "columns": [_describe(column, actor) for column in columns],
    }


def schema_hash(tab: Tab) -> str:
    """Changes when a column comes, goes, moves or changes its type."""
    told = [(column.name, column.type_name) for column in tab.columns_for(Surface.GRID)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _describe(column: Column, actor: Actor) -> dict[str, Any]:
    enters = column.entered_here and column.may_enter(actor)
    # A shown choice needs its labels as well; other shown values would only make the document longer.
    choices = column.choices() if column.entered_here or column.type_name == "choice" else None
    where = entry_tab(column)
    return {
        "name": column.name,
        "label": column.label,
        "type": column.type_name,
        "by": column.by.value,
        "editable": enters and not column.on_create,
        "creatable": enters,
        "required": column.required,
        "help": column.help,
        "width": column.width,
        "align": column.align,
        "frozen": column.frozen,
        "choices": choices and [{"value": value, "label": label} for value, label in choices],
        "unit": column.unit or None,
        "min": getattr(column, "min", None),
        "max": getattr(column, "max", None),
        "entered_on": where and {"tab": where.name, "title": where.title, "url": page_of(where)},
    }


def page_of(tab: Tab) -> str:
    return reverse("tab", args=[tab.name])


def rows(
    tab: Tab,
    pks: Iterable[int] | None = None,
    filters: dict[str, str] | None = None,
    surface: str = Surface.GRID,
) -> list[list[Any]]:
    """``[pk, cell, …]`` per row, one cell per column of the surface, as JSON values."""
    columns = tab.columns_for(surface)
    found = tab.queryset()
    if pks is not None:
        found = found.filter(pk__in=list(pks))
    found = _filtered(tab, found, filters or {})
    stored = [column for column in columns if not isinstance(column, Computed)]
    table = [list(row) for row in found.values_list("pk", *(column.lookup for column in stored))]
    _show(table, stored)
    table = _insert_computed(table, columns, whole=pks is None and not filters)
    return _searched(table, (filters or {}).get("q", ""))


def _filtered(tab: Tab, found: Any, filters: dict[str, str]) -> Any:
    for name, value in filters.items():
        if name == "q":
            continue
        if "\x00" in value:
            raise UnknownFilterError("A filter can't hold the character NUL. Take it out.")
        try:
            column = tab.column(name)
        except KeyError:
            raise UnknownFilterError(f"{tab.title} has no column “{name}” to filter by.") from None
        if isinstance(column, Computed):
            raise UnknownFilterError(f"{column.label} is computed; filter by a stored column.")
        found = found.filter(Q(**{f"{column.lookup}__iexact": value}))
    return found


def _show(table: list[list[Any]], columns: list[Column]) -> None:
    """Turn database values into JSON, touching only the columns whose two forms differ."""
    for at, column in enumerate(columns, start=1):
        show = column.show
        for row in table:
            value = row[at]
            if value is not None:
                row[at] = show(value)


def _insert_computed(table: list[list[Any]], columns: list[Column], whole: bool) -> list[list[Any]]:
    computed = {c.name: c.compute([row[0] for row in table]) for c in columns if isinstance(c, Computed)}
    if not computed:
        return table
    return [_woven(row, columns, computed) for row in table]


def _woven(row: list[Any], columns: list[Column], computed: dict[str, dict[int, Any]]) -> list[Any]:
    stored = iter(row)
    pk = next(stored)
    cells = [
        column.show(computed[column.name].get(pk)) if isinstance(column, Computed) else next(stored)
        for column in columns
    ]
    return [pk, *cells]


def _searched(table: list[list[Any]], query: str) -> list[list[Any]]:
    wanted = query.casefold().strip()
    if not wanted:
        return table
    return [
        row for row in table if any(wanted in str(cell).casefold() for cell in row[1:] if cell is not None)
    ]


def notes(tab: Tab, pks: list[int] | None) -> dict[str, dict[str, dict[str, str]]]:
    """Remarks by row and column, as JSON."""
    return {
        str(pk): {note.column: {"level": note.level, "text": note.text} for note in found}
        for pk, found in registry.notes(tab, pks).items()
    }


def _changed_since(tab: Tab, since: int, revision: int) -> set[int] | None:
    """The rows changed after ``since``; None where only a full reload can tell."""
    batches = Batch.objects.filter(tab=tab.name, revision__gt=since, revision__lte=revision)
    if since > revision or batches.count() != revision - since:
        return None
    return set(CellChange.objects.filter(batch__in=batches, tab=tab.name).values_list("row", flat=True))
