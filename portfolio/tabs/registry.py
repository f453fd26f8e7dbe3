"""Every declared tab, in the order of the workbooks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from django.db.models import Model

from portfolio.tabs.columns import Column, Computed, Shown
from portfolio.tabs.models import TabRevision
from portfolio.tabs.place import Stored
from portfolio.tabs.tab import Note, Tab

if TYPE_CHECKING:
    from portfolio.tabs.writing import Writing

Reaction = Callable[["Writing"], None]
Remarks = Callable[[list[int] | None], dict[int, list[Note]]]

WORKBOOKS = {
    "intake": "Intake",
    "central_backlog": "Central backlog",
    "product_ops": "Product ops",
    "optimization_center": "Optimization center",
    "roadmap": "Roadmap",
}
_tabs: dict[str, Tab] = {}
_reactions: dict[str, list[Reaction]] = defaultdict(list)
_remarks: dict[str, list[Remarks]] = defaultdict(list)


class UnknownTabError(LookupError):
    """There is no tab of that name."""


def register(declaration: type[Tab]) -> type[Tab]:
    _tabs[declaration.name] = declaration()
    forget()
    return declaration


def unregister(name: str) -> None:
    del _tabs[name]
    forget()


def forget() -> None:
    """Drop what was derived from the declarations."""
    for derived in (owners, entered_fields, _shown_models):
        derived.cache_clear()


def tab(name: str) -> Tab:
    try:
        return _tabs[name]
    except KeyError:
        raise UnknownTabError(f"There is no tab “{name}”. The tabs are: {', '.join(_tabs)}.") from None


def tabs(workbook: str | None = None) -> list[Tab]:
    """All tabs, or those of one workbook, in the workbooks' order."""
    order = list(WORKBOOKS)
    found = [tab for tab in _tabs.values() if workbook in (None, tab.workbook)]
    return sorted(found, key=lambda tab: order.index(tab.workbook))


def reacts_to(tab: str) -> Callable[[Reaction], Reaction]:
    """Declare what a later layer does, in the same transaction, once a batch of ``tab`` is saved."""

    def declare(reaction: Reaction) -> Reaction:
        _reactions[tab].append(reaction)
        return reaction

    return declare


def reactions(tab: str) -> list[Reaction]:
    return _reactions[tab]


def remarks_on(tab: str) -> Callable[[Remarks], Remarks]:
    """Declare what a later layer has to remark on the cells of ``tab``."""

    def declare(remarks: Remarks) -> Remarks:
        _remarks[tab].append(remarks)
        return remarks

    return declare


def notes(tab: Tab, pks: list[int] | None) -> dict[int, list[Note]]:
    """All remarks on rows of the tab (``None``: every row), its own first."""
    found: dict[int, list[Note]] = defaultdict(list)
    for look in (tab.notes, *_remarks[tab.name]):
        for pk, said in look(pks).items():
            found[pk] += said
    return found


def plain(header: str) -> str:
    """A header as matching sees it: no case, spaces, underscores or hyphens."""
    return re.sub(r"[\s_\-\u00a0]+", "", str(header)).casefold()


@cache
def owners() -> dict[Stored, Column]:
    """The column that owns each stored value: where people enter it, else where the backend shows it."""
    found: dict[Stored, Column] = {}
    for each in tabs():
        for column in each.columns:
            if isinstance(column, Shown | Computed) or column.stored is None:
                continue
            if column.entered_here or column.stored not in found:
                found[column.stored] = column
    return found


def owner_of(stored: Stored) -> Column:
    try:
        return owners()[stored]
    except KeyError:
        raise LookupError(f"No tab owns {stored.model.__name__}.{stored.field}.") from None


@cache
def entered_fields(model: type[Model]) -> frozenset[str]:
    """The fields of ``model`` that people enter on some tab."""
    entered = (stored for stored, column in owners().items() if column.entered_here)
    return frozenset(stored.field for stored in entered if stored.model is model)


@cache
def _shown_models() -> dict[str, frozenset[str]]:
    return {each.name: frozenset(_models_of(each)) for each in tabs()}


def _models_of(tab: Tab) -> set[str]:
    found = {tab.model._meta.label_lower}
    for column in tab.columns:
        if column.stored is not None:
            found.add(column.stored.model._meta.label_lower)
        if isinstance(column, Computed):
            found.update(column.watches)
    return found


def tabs_showing(models: set[type[Model]]) -> set[str]:
    """The names of the tabs on which a change of any of ``models`` shows."""
    labels = {model._meta.label_lower for model in models}
    return {name for name, shown in _shown_models().items() if shown & labels}


def announce(*models: type[Model]) -> None:
    """The backend changed records of these models: raise the revision of every tab that shows them."""
    TabRevision.bump(*tabs_showing(set(models)))
