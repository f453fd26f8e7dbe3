"""Columns whose value lives elsewhere: a reference, another tab's value, or one that is worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.module_loading import import_string
from rest_framework import serializers

from portfolio.tabs import cells
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns.base import Column
from portfolio.tabs.place import Stored

MOST_SUGGESTED = 1_000


class Ref(Column):
    """The key of a row of another model; stored as a foreign key, so a renamed key follows by itself.

    ``place`` is the path to the foreign key; ``key`` the field that people know the other row by. Where there
    are too many to choose from (``offer`` False), the form suggests the first with their ``known_as``.
    """

    type_name = "text"

    def __init__(
        self, name: str, *, key: str, noun: str, offer: bool = True, known_as: str = "", **options: Any
    ) -> None:
        super().__init__(name, **options)
        self.key, self.noun, self.offer, self.known_as = key, noun, offer, known_as

    @property
    def lookup(self) -> str:
        return f"{self.place.lookup}__{self.key}"

    def read(self, row: models.Model) -> Any:
        related = self.place.read(row)
        return None if related is None else getattr(related, self.key)

    def clean(self, cell: Any) -> Any:
        written = cells.text(cell)
        if written is None:
            return None
        related = self.known().get(written.casefold())
        if related is None:
            raise CellError(f"There is no {self.noun} “{written}”.{self._offered()}")
        return getattr(related, self.key)

    def write(self, row: models.Model, value: Any) -> models.Model:
        return super().write(row, None if value is None else self.known()[value.casefold()])

    def known(self) -> dict[str, Any]:
        """Rows a person may refer to, by casefolded key; read once per batch."""
        from portfolio.tabs.memo import memo

        return memo((self, "known"), lambda: {getattr(r, self.key).casefold(): r for r in self.candidates()})

    def candidates(self) -> Any:
        related: Any = self.place.field.related_model
        return related.objects.all()

    def choices(self) -> list[tuple[str, str]] | None:
        if not self.offer:
            return None
        return [(getattr(r, self.key), getattr(r, self.key)) for r in self.known().values()]

    def suggestions(self) -> list[tuple[str, str]]:
        if self.offer or not self.known_as:
            return []
        rows = self.candidates()[:MOST_SUGGESTED]
        return [(getattr(row, self.key), getattr(row, self.known_as)) for row in rows]

    def _offered(self) -> str:
        offered = [value for value, _ in self.choices() or []]
        return f" Choose one of: {', '.join(sorted(offered))}." if offered else ""


class Shown(Column):
    """A value owned by another tab, shown here and never typed here. Its type comes from the owner."""

    as_stored = False

    @cached_property
    def owner(self) -> Column:
        from portfolio.tabs.registry import owner_of

        return owner_of(self.place.stored)

    @property
    def type_name(self) -> str:  # type: ignore[override]
        return self.owner.type_name

    @property
    def align(self) -> str:  # type: ignore[override]
        return self.owner.align

    @property
    def lookup(self) -> str:
        tail = f"__{self.owner.key}" if isinstance(self.owner, Ref) else ""
        return self.place.lookup + tail

    def read(self, row: models.Model) -> Any:
        value = self.place.read(row)
        return getattr(value, self.owner.key, None) if isinstance(self.owner, Ref) else value

    def choices(self) -> list[tuple[str, str]] | None:
        return self.owner.choices() if self.type_name == "choice" else None

    def show(self, value: Any) -> Any:
        return self.owner.show(value)

    def clean(self, cell: Any) -> Any:
        return self.owner.clean(cell)

    def api_field(self) -> serializers.Field:
        field = self.owner.api_field()
        field.read_only = True
        return field


Compute = Callable[[list[int]], dict[int, Any]]


class Computed(Column):
    """A value worked out when it is asked for: ``compute(pks) -> {pk: value}``, one call per request.

    ``compute`` may be named by its dotted path, which is how a tab shows what a later layer knows.
    ``like`` is a column whose type (showing, alignment) the values have; ``watches`` names the models
    (``app.model``) it is worked out from, so that a change of them shows.
    """

    as_stored = False

    def __init__(
        self,
        name: str,
        compute: Compute | str,
        *,
        like: Column | None = None,
        watches: Iterable[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(name, **options)
        self.source, self.watches = compute, frozenset(watches)
        self.like = like or Column(name)
        self.type_name, self.align = self.like.type_name, self.like.align

    @cached_property
    def compute(self) -> Compute:
        """Raises ImportError where a dotted path leads nowhere."""
        return import_string(self.source) if isinstance(self.source, str) else self.source

    @property
    def stored(self) -> Stored | None:
        return None

    def read(self, row: models.Model) -> Any:
        return self.compute([row.pk]).get(row.pk)

    def clean(self, cell: Any) -> Any:
        return self.like.clean(cell)

    def show(self, value: Any) -> Any:
        return self.like.show(value)

    def api_field(self) -> serializers.Field:
        field = self.like.api_field()
        field.read_only = True
        return field
