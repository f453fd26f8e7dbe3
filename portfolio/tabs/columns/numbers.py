"""Columns of numbers, with their limits."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from rest_framework import serializers

from portfolio.tabs import cells
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns.base import Column


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
