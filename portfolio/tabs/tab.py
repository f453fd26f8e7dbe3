"""A tab: one declaration of columns that every surface reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models

from portfolio.tabs.actor import ADMIN, PM, Actor
from portfolio.tabs.changes import Surface
from portfolio.tabs.columns import Column, Moment, Ref, Shown, Text

if TYPE_CHECKING:
    from portfolio.tabs.writing import RowState, Writing

WEB = (Surface.GRID, Surface.FORM, Surface.API)


@dataclass(frozen=True)
class Note:
    """A remark on a cell (``column``) that blocks nothing."""

    column: str
    text: str
    level: str = "warning"


@dataclass(frozen=True)
class Violation:
    """An invariant that a batch would break: the row, the columns to blame (the first most), and why."""

    state: RowState
    columns: tuple[str, ...]
    message: str


class Tab:
    """Subclass, declare, ``@register``. ``key`` names the columns by which people know a row.

    ``home`` is the path to the record whose ``updated_*`` the tab shows: the row itself by default.
    ``file_key`` columns, hidden from people, win over the key when a file comes back.
    """

    name: str
    title: str
    workbook: str
    help: str = ""
    model: type[models.Model]
    key: tuple[str, ...]
    home: str = ""
    file_key: tuple[str, ...] = ()
    many_sheets: bool = False  #: whether several sheets of one workbook hold its rows
    fed_by: tuple[str, str] | None = None  #: where the first rows come from: the link's words and its address
    can_create: bool = False
    can_delete: bool = False
    roles: frozenset[str] = frozenset({PM, ADMIN})  #: who may create and delete rows
    ordering: tuple[str, ...] = ("pk",)
    declared: Sequence[Column]

    def __init__(self) -> None:
        self.columns: list[Column] = [*self.declared, *self._tracking()]
        for column in self.columns:
            column.tab = self

    def _tracking(self) -> list[Column]:
        at = f"{self.home}." if self.home else ""
        return [
            Moment("updated_at", place=f"{at}updated_at", help="When this row was last changed."),
            Text("updated_by", place=f"{at}updated_by", help="Who changed it last."),
            Text("updated_source", place=f"{at}updated_source", help="From which surface."),
        ]

    def __repr__(self) -> str:
        return f"<Tab {self.name}>"

    # Columns -------------------------------------------------------------------------------------

    def columns_for(self, surface: str) -> list[Column]:
        """The columns a surface shows; on the web a family answers one column per member."""
        if surface not in WEB:
            return self.columns
        return [part for column in self.columns for part in self._expanded(column)]

    def _expanded(self, column: Column) -> Iterator[Column]:
        for part in column.expand():
            part.tab = self
            yield part

    def column(self, name: str) -> Column:
        """The column of that name, a member of a family included. Raises KeyError."""
        return self._by_name.get(name) or self._member(name)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def _member(self, name: str) -> Column:
        family = self._by_name.get(name.split(":")[0])
        for part in family.expand() if family else ():
            if part.name == name:
                part.tab = self
                return part
        raise KeyError(name)

    # Rows ----------------------------------------------------------------------------------------

    def queryset(self) -> models.QuerySet:
        """The live rows, with every record the columns read."""
        rows = self.model._default_manager.all().order_by(*self.ordering)
        return rows.select_related(*self._relations) if self._relations else rows

    @cached_property
    def _relations(self) -> list[str]:
        found: dict[str, None] = {}
        for column in self.columns:
            if column.stored is None:
                continue
            steps = list(column.place.relations)
            if isinstance(column, Ref) or (isinstance(column, Shown) and isinstance(column.owner, Ref)):
                steps.append(column.place.stored.field)
            if steps:
                found["__".join(steps)] = None
        return list(found)

    def key_of(self, row: models.Model) -> tuple[str, ...]:
        """The row's key as people match it: trimmed, in any case."""
        return self.match_key([self.column(name).read(row) for name in self.key])

    @staticmethod
    def match_key(values: Iterable[Any]) -> tuple[str, ...]:
        """Key values from anywhere, in the form ``key_of`` compares by."""
        return tuple(_matched(value) for value in values)

    def label_of(self, row: models.Model) -> str:
        """The row's key, readable."""
        values = (self.column(name).read(row) for name in self.key)
        return " · ".join(str(value) for value in values if value is not None)

    def index(self) -> dict[tuple[str, ...], int]:
        """Every live row's primary key by its matching key."""
        found = [self.column(name) for name in self.key]
        rows = self.queryset().values_list("pk", *(column.lookup for column in found))
        return {self.match_key(values): pk for pk, *values in rows}

    # Rows of files -------------------------------------------------------------------------------

    def needed_in_file(self) -> list[Column]:
        """The columns without which the rows of a sheet can't be told apart."""
        known_by = (self.column(name) for name in self.key)
        return [column for column in known_by if column.required or not column.entered_here]

    def key_in_file(self, values: Mapping[str, Any], sheet: str) -> tuple[str, ...]:
        """The matching key of a file's row: its canonical ``values`` by column, and its sheet's title."""
        return self.match_key(values.get(name) for name in self.key)

    def id_in_file(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """What the hidden columns say of a file's row, where the tab has any."""
        return Tab.match_key(values.get(name) for name in self.file_key)

    def index_for_files(self) -> dict[tuple[str, ...], int]:
        """Every live row's primary key by each key under which a file may know it."""
        return self.index()

    def given_by_file(self, values: Mapping[str, Any], sheet: str) -> dict[str, Any]:
        """What the file itself, not a person, says about a new row."""
        return {}

    # Who -----------------------------------------------------------------------------------------

    def may_create(self, actor: Actor) -> bool:
        return self.can_create and actor.has(*self.roles)

    def may_delete(self, actor: Actor) -> bool:
        return self.can_delete and actor.has(*self.roles)

    # What a tab may say besides its columns ------------------------------------------------------

    def prepare(self, writing: Writing, created: list[RowState]) -> None:
        """Give new rows what the backend generates (keys …), and let other rows follow, before any check."""

    def derive(self, writing: Writing, state: RowState) -> None:
        """Change other cells of the same row that follow from what the batch says."""

    def check(self, writing: Writing, states: list[RowState]) -> Iterable[Violation]:
        """Row and table invariants, at the end of a batch."""
        return ()

    def check_delete(self, writing: Writing, row: models.Model) -> str:
        """Why this row can't go, or nothing."""
        return ""

    def after(self, writing: Writing) -> None:
        """What else follows once the batch is saved, in the same transaction."""

    def notes(self, pks: list[int] | None) -> dict[int, list[Note]]:
        """Remarks to show on cells, by row (``None``: every row)."""
        return {}

    def context(self) -> str:
        """One line above the grid about the state of the whole tab, or nothing."""
        return ""


def _matched(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(sorted(_matched(item) for item in value))
    return "" if value is None else " ".join(str(value).split()).casefold()
