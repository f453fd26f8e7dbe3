"""Columns that hold one number per KPI: one JSON cell in a sheet, one column per KPI on the web."""

from __future__ import annotations

from typing import Any

from django.db import models

from metrics.models import Metric
from portfolio.tabs import cells
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import Column, Computed, Json, Number
from portfolio.tabs.memo import memo


def target_metrics() -> list[Metric]:
    return memo("target metrics", Metric.targets)


class KpiMap(Json):
    """``{kpi_key: number}``, keys being active north star / strategic KPIs."""

    def __init__(self, name: str, *, min: float | None = None, family: bool = False, **options: Any) -> None:
        super().__init__(name, **options)
        self.min, self.family = min, family

    def clean(self, cell: Any) -> Any:
        given = super().clean(cell)
        return (given and {self._key(key): self._number(key, value) for key, value in given.items()}) or None

    def _key(self, written: str) -> str:
        known = {metric.kpi_key.casefold(): metric.kpi_key for metric in target_metrics()}
        try:
            return known[written.strip().casefold()]
        except KeyError:
            offered = ", ".join(known.values()) or "none yet"
            message = f"“{written}” is not an active north star or strategic KPI. There are: {offered}."
            raise CellError(message) from None

    def _number(self, key: str, value: Any) -> float:
        number = cells.number(value)
        if number is None:
            raise CellError(f"{key} needs a number.")
        if self.min is not None and number < self.min:
            raise CellError(f"{key} must be at least {self.min:g}; this is {number:g}.")
        return number

    def expand(self) -> list[Column]:
        return [KpiCell(self, metric) for metric in target_metrics()] if self.family else [self]


class KpiCell(Number):
    """One KPI of a ``KpiMap``."""

    as_stored = False

    def __init__(self, family: KpiMap, metric: Metric) -> None:
        super().__init__(f"{family.name}:{metric.kpi_key}", **inherited(family, metric))
        self.key = metric.kpi_key
        self.tab = family.tab

    def read(self, row: models.Model) -> Any:
        return (self.place.read(row) or {}).get(self.key)

    def write(self, row: models.Model, value: Any) -> models.Model:
        rest = {key: kept for key, kept in (self.place.read(row) or {}).items() if key != self.key}
        return super().write(row, (rest | {self.key: value} if value is not None else rest) or None)

    def show(self, value: Any) -> Any:
        # The grid selects the whole map; the gate reads one number of it.
        return super().show(value.get(self.key) if isinstance(value, dict) else value)


class ComputedKpis(Computed):
    """A computed ``{kpi_key: number}``, one column per KPI on the web."""

    def __init__(self, name: str, compute: Any, **options: Any) -> None:
        super().__init__(name, compute, like=Json(name), **options)

    def expand(self) -> list[Column]:
        return [ComputedKpi(self, metric) for metric in target_metrics()]


class ComputedKpi(Computed):
    def __init__(self, family: ComputedKpis, metric: Metric) -> None:
        options = inherited(family, metric)
        del options["place"], options["by"]
        name = f"{family.name}:{metric.kpi_key}"
        super().__init__(name, family.compute, like=Number(name), watches=family.watches, **options)
        self.key = metric.kpi_key

    def show(self, value: Any) -> Any:
        return self.like.show((value or {}).get(self.key))


def inherited(family: Column, metric: Metric) -> dict[str, Any]:
    """What a family's member takes from it."""
    return {
        "place": family.path,
        "by": family.by,
        "roles": family.roles,
        "help": f"{family.help} {metric.description}".strip(),
        "label": f"{metric.name} {family.label}".strip(),
        "unit": metric.unit,
        "width": 150,
    }
