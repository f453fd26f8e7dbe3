"""Start-up proofs: one entry tab per stored value, unambiguous headers, every place exists.

They read only declarations, so ``manage.py check`` runs on a database without tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist

from portfolio.tabs import registry
from portfolio.tabs.columns import Column, Computed, Shown
from portfolio.tabs.place import Stored
from portfolio.tabs.tab import Tab


@register
def tabs_hold(**_: Any) -> list[CheckMessage]:
    """Every rule, in an order in which a broken place doesn't hide the others."""
    lost = list(places_exist())
    return lost or [*one_entry_tab(), *shown_is_owned(), *headers_unambiguous(), *keys_exist()]


def places_exist() -> Iterator[CheckMessage]:
    for tab, column in _columns():
        try:
            # Walking the path is the proof.
            column.compute if isinstance(column, Computed) else column.place.stored
        except (FieldDoesNotExist, AttributeError, ImportError) as error:
            message = f"{tab.name}.{column.name}: the place “{column.path}” doesn't exist ({error})."
            yield Error(message, obj=tab, id="tabs.E003")


def one_entry_tab() -> Iterator[CheckMessage]:
    entered: dict[Stored, list[Column]] = defaultdict(list)
    for _, column in _columns():
        if column.entered_here and column.stored is not None:
            entered[column.stored].append(column)
    for stored, columns in entered.items():
        if len(columns) > 1:
            where = " and ".join(f"{column.tab.name}.{column.name}" for column in columns)
            message = f"{stored.model.__name__}.{stored.field} is entered in {where}; only one may."
            yield Error(message, obj=columns[0].tab, id="tabs.E001")


def shown_is_owned() -> Iterator[CheckMessage]:
    for tab, column in _columns():
        if isinstance(column, Shown) and column.place.stored not in registry.owners():
            message = f"{tab.name}.{column.name} shows “{column.path}”, which no tab owns."
            yield Error(message, obj=tab, id="tabs.E004")


def headers_unambiguous() -> Iterator[CheckMessage]:
    for tab in registry.tabs():
        claimed: dict[str, str] = {}
        for column in tab.columns:
            for header in {registry.plain(h) for h in (column.name, column.label, *column.aliases)}:
                other = claimed.setdefault(header, column.name)
                if other != column.name:
                    message = f"{tab.name}: the header “{header}” means both {other} and {column.name}."
                    yield Error(message, obj=tab, id="tabs.E002")


def keys_exist() -> Iterator[CheckMessage]:
    for tab in registry.tabs():
        names = {column.name for column in tab.columns}
        for key in set(tab.key) - names:
            yield Error(f"{tab.name}: the key column “{key}” isn't declared.", obj=tab, id="tabs.E005")


def _columns() -> Iterator[tuple[Tab, Column]]:
    for tab in registry.tabs():
        for column in tab.columns:
            yield tab, column
