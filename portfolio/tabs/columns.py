"""Column types: how a value is read from a cell, shown, stored and entered. One class per kind of value."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.module_loading import import_string
from rest_framework import serializers

from portfolio.tabs import cells
from portfolio.tabs.actor import ADMIN, PM, Actor
from portfolio.tabs.cells import CellError
from portfolio.tabs.place import Place, Stored

if TYPE_CHECKING:
    from portfolio.tabs.tab import Tab

LONGEST_TEXT = 20_000
MOST_SUGGESTED = 1_000
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
            return self.by is By.LLM or (self.by is By.LLM_THEN_PM and self._blank(row))
        if not self.by.a_person:
            return False
        if self.allow and row is not None:
            return self.allow(actor, row)
        return actor.has(*self.roles)

    def _blank(self, row: models.Model | None) -> bool:
        return row is None or self.read(row) is None

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


Text = Column


class LongText(Column):
    type_name = "longtext"
    width = 280

    def widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 4})


class Script(LongText):
    """A formula script: long text that is read line by line, in letters of one width."""

    type_name = "script"

    def widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})


class Email(Column):
    type_name = "email"
    width = 200

    def clean(self, cell: Any) -> Any:
        value = super().clean(cell)
        if value is not None:
            try:
                validate_email(value)
            except ValidationError:
                raise CellError(f"“{value}” is not an e-mail address, like ana@example.com.") from None
        return value


class Number(Column):
    """A finite number between ``min`` and ``max`` (inclusive; ``above`` is exclusive)."""

    type_name = "number"
    align = "right"
    width = 120

    def __init__(
        self,
        name: str,
        *,
        min: float | None = None,
        max: float | None = None,
        above: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, **options)
        self.min, self.max, self.above = min, max, above

    def clean(self, cell: Any) -> Any:
        value = self.reading(cell)
        if value is not None:
            self._within(value)
        return value

    def reading(self, cell: Any) -> Any:
        return cells.number(cell)

    def _within(self, value: float) -> None:
        if self.above is not None and value <= self.above:
            raise CellError(f"{self.label} must be more than {self.above:g}; this is {value:g}.")
        if self.min is not None and value < self.min:
            raise CellError(f"{self.label} must be at least {self.min:g}; this is {value:g}.")
        if self.max is not None and value > self.max:
            raise CellError(f"{self.label} must be at most {self.max:g}; this is {value:g}.")

    def show(self, value: Any) -> Any:
        if isinstance(value, float) and (not math.isfinite(value) or value.is_integer()):
            return int(value) if math.isfinite(value) else None
        return value

    def widget(self) -> forms.Widget:
        # Not type=number: people paste "1,200.50" and "12%", and the gate reads both.
        return forms.TextInput(attrs={"inputmode": "decimal"})

    def api_field(self) -> serializers.Field:
        return serializers.FloatField(**self.api_options(), **self._api_limits())

    def _api_limits(self) -> dict[str, Any]:
        limits = {"min_value": self.min, "max_value": self.max}
        return {name: limit for name, limit in limits.items() if limit is not None}


class Integer(Number):
    type_name = "integer"
    width = 100

    def reading(self, cell: Any) -> Any:
        value = cells.integer(cell)
        if value is not None and abs(value) >= 2**53:
            raise CellError(f"{self.label} must be below 9,007,199,254,740,992 in size.")
        return value

    def api_field(self) -> serializers.Field:
        return serializers.IntegerField(**self.api_options(), **self._api_limits())


class Fraction(Number):
    """A share between 0 and 1, also written ``80%``; with ``bare_percent`` plain 80 means 80 % too."""

    type_name = "fraction"

    def __init__(self, name: str, *, bare_percent: bool = False, **options: Any) -> None:
        super().__init__(name, min=0, max=1, **options)
        self.bare_percent = bare_percent

    def reading(self, cell: Any) -> Any:
        value = cells.number(cell)
        if self.bare_percent and value is not None and 1 < value <= 100:
            return value / 100
        return value


class Boolean(Column):
    type_name = "boolean"
    align = "center"
    width = 90

    def clean(self, cell: Any) -> Any:
        return cells.boolean(cell)

    def widget(self) -> forms.Widget:
        return forms.Select(choices=[("", "—"), ("true", "Yes"), ("false", "No")])

    def api_field(self) -> serializers.Field:
        return serializers.BooleanField(**self.api_options())


class Date(Column):
    type_name = "date"
    width = 110
    as_stored = False

    def clean(self, cell: Any) -> Any:
        return cells.day(cell)

    def show(self, value: Any) -> Any:
        return value.isoformat() if value else None

    def widget(self) -> forms.Widget:
        return forms.DateInput(attrs={"type": "date"})

    def api_field(self) -> serializers.Field:
        return serializers.DateField(**self.api_options())


class Moment(Date):
    type_name = "datetime"
    width = 150

    def clean(self, cell: Any) -> Any:
        return cells.moment(cell)

    def show(self, value: Any) -> Any:
        return value.isoformat(timespec="seconds") if value else None

    def api_field(self) -> serializers.Field:
        return serializers.DateTimeField(**self.api_options())


class Choice(Column):
    """One of the choices declared on the model's field, matched by value or label in any case."""

    type_name = "choice"
    width = 140

    def choices(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in self.place.field.choices or ()]

    def clean(self, cell: Any) -> Any:
        written = cells.text(cell)
        if written is None:
            return None
        for value, label in self.choices():
            if _plain(written) in (_plain(value), _plain(label)):
                return value
        offered = ", ".join(value for value, _ in self.choices())
        raise CellError(f"“{written}” is not a choice for {self.label}. Choose one of: {offered}.")

    def api_field(self) -> serializers.Field:
        return serializers.ChoiceField(choices=self.choices(), **self.api_options())


def _plain(written: str) -> str:
    return written.casefold().replace(" ", "").replace("_", "").replace("-", "")


class Keys(Column):
    """A list of keys, typed with commas or line breaks; order kept, repeats dropped."""

    type_name = "keys"
    width = 220

    def clean(self, cell: Any) -> Any:
        return cells.keys(cell)

    def show(self, value: Any) -> Any:
        return value or None

    def read(self, row: models.Model) -> Any:
        return super().read(row) or None

    def api_field(self) -> serializers.Field:
        return serializers.ListField(child=serializers.CharField(), **self.api_options())


class Json(Column):
    """A JSON object."""

    type_name = "json"
    width = 220

    def clean(self, cell: Any) -> Any:
        return cells.mapping(cell)

    def show(self, value: Any) -> Any:
        return value or None

    def read(self, row: models.Model) -> Any:
        return super().read(row) or None

    def widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def api_field(self) -> serializers.Field:
        return serializers.DictField(**self.api_options())


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
