"""The cells of a row as the studio shows them: their text, and why this person may not change it, if so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from portfolio.tabs import wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.columns import Column
from portfolio.tabs.gate import not_theirs
from portfolio.tabs.tab import Tab


@dataclass(frozen=True)
class Cell:
    """One cell. ``text`` is exact, as a field holds it; ``why_not`` is blank for who may enter it."""

    column: Column
    row: Model | None
    text: str
    why_not: str = ""

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def id(self) -> str:
        return f"{self.column.name}-{self.row.pk if self.row else 'new'}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        return self.column.choices() or []

    @property
    def is_ticked(self) -> bool:
        return self.text == "true"


def cells(tab: Tab, row: Model | None, actor: Actor, names: Iterable[str]) -> dict[str, Cell]:
    """By column name; ``row`` None is a row to be made."""
    return {name: _cell(tab, tab.column(name), row, actor) for name in names}


def _cell(tab: Tab, column: Column, row: Model | None, actor: Actor) -> Cell:
    shown: Any = None if row is None else column.show(column.read(row))
    return Cell(column, row, wording.written(column, shown), why_not(tab, column, row, actor))


def why_not(tab: Tab, column: Column, row: Model | None, actor: Actor) -> str:
    """Why ``actor`` may not enter this cell, in a sentence; blank where they may."""
    if row is None and not tab.may_create(actor):
        return f"Your role may not add rows on {tab.title}."
    return "" if column.may_enter(actor, row) else not_theirs(column, actor)
