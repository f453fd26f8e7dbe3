"""What every column is: where its value lives, who enters it, how it is read, shown and offered."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from rest_framework import serializers

from portfolio.tabs import cells
from portfolio.tabs.actor import ADMIN, PM, Actor
from portfolio.tabs.cells import CellError
from portfolio.tabs.changes import Surface
from portfolio.tabs.place import Place, Stored

if TYPE_CHECKING:
    from portfolio.tabs.tab import Tab

LONGEST_TEXT = 20_000
ACRONYMS = {"id": "ID", "kpi": "KPI", "kpis": "KPIs", "llm": "LLM", "mvp": "MVP"}


class By(enum.Enum):
    """Who enters a column. PM means a person whose role may."""

    PM = "pm"
    LLM = "llm"
    LLM_THEN_PM = "llm_then_pm"
    BACKEND = "backend"

    @property
    def a_person(self) -> bool:
        return self in (By.PM, By.LLM_THEN_PM)


class Column:
    """A column of text, and the base of every other kind.

    ``place`` is the path from the row's model to the value (default: the column's name). ``also`` names roles
    that may enter it besides PM and Admin; ``roles`` replaces them. ``allow(actor, row)`` decides per row
    instead. ``on_create`` columns are given when a row is made and never changed. ``when_blank`` is what a
    blank cell stands for. ``wanted`` columns may be blank, but something waits for them.
    """

    type_name = "text"
    align = "left"
    width = 160
    as_stored = True  #: the database value is the JSON value

    def __init__(
        self,
        name: str,
        *,
        place: str | None = None,
        by: By = By.BACKEND,
        also: Iterable[str] = (),
        roles: Iterable[str] = (PM, ADMIN),
        allow: Callable[[Actor, Any], bool] | None = None,
        label: str = "",
        help: str = "",
        aliases: Iterable[str] = (),
        required: bool = False,
        wanted: bool = False,
        on_create: bool = False,
        when_blank: Any = None,
        unit: str = "",
        width: int | None = None,
        frozen: bool = False,
    ) -> None:
        self.name, self.path, self.by, self.allow = name, place or name, by, allow
        self.roles = frozenset(roles) | frozenset(also) | {ADMIN}
        self.label = label or _titled(name)
        self.help, self.aliases, self.unit = help, tuple(aliases), unit
        self.required, self.wanted, self.on_create, self.when_blank = required, wanted, on_create, when_blank
        self.width, self.frozen = width or self.width, frozen
        self.tab: Tab = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.tab.name if self.tab else '?'}.{self.name}>"

    # Where ---------------------------------------------------------------------------------------

    @cached_property
    def place(self) -> Place:
        return Place(self.tab.model, self.path)

    @property
    def stored(self) -> Stored | None:
        return self.place.stored

    @property
    def lookup(self) -> str:
        """What the ORM selects to show this column."""
        return self.place.lookup

    def read(self, row: models.Model) -> Any:
        """The canonical value in ``row``; blank is None."""
        value = self.place.read(row)
        return None if value == "" else value

    def write(self, row: models.Model, value: Any) -> models.Model:
        """Put a canonical value into ``row``; returns the (unsaved) record that holds it."""
        holder = self.place.holder_to_write(row)
        if value is None and not self.place.field.null:
            value = self.place.field.get_default()
        setattr(holder, self.place.stored.field, value)
        return holder

    # What ----------------------------------------------------------------------------------------

    def parse(self, cell: Any) -> Any:
        """The canonical value of ``cell``. Raises CellError."""
        value = self.clean(cell)
        if value is None:
            value = self.when_blank
        if value is None and self.required:
            raise CellError(f"{self.label} can't be blank.")
        return value

    def clean(self, cell: Any) -> Any:
        value = cells.text(cell)
        if value is not None and len(value) > self.longest:
            raise CellError(f"{self.label} holds at most {self.longest} characters; this has {len(value)}.")
        return value

    @property
    def longest(self) -> int:
        # A computed value has no field, and the column it is like no tab.
        field = self.place.field if self.tab and self.stored else None
        return getattr(field, "max_length", None) or LONGEST_TEXT

    def show(self, value: Any) -> Any:
        """A canonical value as JSON; blank is None."""
        return None if value == "" else value

    def same(self, shown: Any, expected: Any) -> bool:
        """Whether what a writer saw (JSON) is what the row still shows."""
        if shown in (None, "") or expected in (None, ""):
            return (shown in (None, "")) == (expected in (None, ""))
        return bool(shown == expected)

    def choices(self) -> list[tuple[str, str]] | None:
        return None

    # Who -----------------------------------------------------------------------------------------

    @property
    def entered_here(self) -> bool:
        """Whether people enter this value on this tab."""
        return self.by.a_person

    def may_enter(self, actor: Actor, row: models.Model | None = None) -> bool:
        if actor.is_llm:
            return self.by is By.LLM or (self.by is By.LLM_THEN_PM and self._open_to_llm(actor, row))
        if not self.by.a_person:
            return False
        if self.allow and row is not None:
            return self.allow(actor, row)
        return actor.has(*self.roles)

    def _open_to_llm(self, actor: Actor, row: models.Model | None) -> bool:
        """Blank; or, asked for a new draft, the LLM's own last words."""
        if row is None or self.read(row) is None:
            return True
        return actor.regenerates and self._written_by_llm(row)

    def _written_by_llm(self, row: models.Model) -> bool:
        from portfolio.tabs.models import CellChange  # models need columns

        return CellChange.last_surface(self.tab.name, row.pk, self.name) == Surface.LLM

    # Surfaces ------------------------------------------------------------------------------------

    def suggestions(self) -> list[tuple[str, str]]:
        """Values a text field of the form suggests, each with what it stands for."""
        return []

    def form_field(self) -> forms.Field:
        return forms.CharField(required=False, widget=self.widget(), label=self.label, help_text=self.help)

    def widget(self) -> forms.Widget:
        choices = self.choices()
        return forms.Select(choices=[("", "—"), *choices]) if choices else forms.TextInput()

    def api_field(self) -> serializers.Field:
        return serializers.CharField(**self.api_options())

    def api_options(self) -> dict[str, Any]:
        if not self.by.a_person:
            return {"read_only": True, "help_text": self.help}
        return {"required": False, "allow_null": True, "help_text": self.help}

    def expand(self) -> list[Column]:
        """The columns a web surface shows for this one; a family answers several."""
        return [self]


def _titled(name: str) -> str:
    return " ".join(ACRONYMS.get(word, word.title()) for word in name.split("_"))
