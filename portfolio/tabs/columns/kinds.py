"""Columns of yes and no, dates, choices, keys and JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from rest_framework import serializers

from portfolio.tabs import cells
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns.base import Column


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
