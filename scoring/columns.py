"""Columns only scoring needs: fixed scales, metric chains, param names, target KPIs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import models

from metrics import chains
from metrics.columns import target_metrics
from metrics.models import Metric
from portfolio.tabs import cells
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import LongText, Number, Ref, Text
from portfolio.tabs.memo import memo
from scoring import formula


class Scale(Number):
    """A number of a fixed scale."""

    width = 110

    def __init__(self, name: str, *, steps: tuple[float, ...], **options: Any) -> None:
        super().__init__(name, min=min(steps), max=max(steps), **options)
        self.steps = steps

    def clean(self, cell: Any) -> Any:
        value = self.reading(cell)
        if value is not None and value not in self.steps:
            offered = ", ".join(f"{step:g}" for step in self.steps)
            raise CellError(f"{self.label} is one of {offered}; this is {value:g}.")
        return value


class TargetKpi(Ref):
    """An active north star or strategic KPI."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, key="kpi_key", noun="active north star or strategic KPI", **options)

    def candidates(self) -> Iterable[Metric]:
        return target_metrics()


class ChainText(LongText):
    """A metric chain as a person writes it; stored as its links beside the raw text.

    A JSON cell ``{"chain": ["signup", "revenue"]}`` is read too. ``validated``: every link is a declared KPI.
    """

    as_stored = False

    def clean(self, cell: Any) -> Any:
        written = super().clean(_links_of(cell))
        if written is not None:
            try:
                chains.parse(written)
            except chains.ChainError as error:
                raise CellError(str(error)) from None
        return written

    def read(self, row: models.Model) -> Any:
        return self.show(self.place.read(row))

    def write(self, row: models.Model, value: Any) -> models.Model:
        holder = self.place.holder_to_write(row)
        setattr(holder, self.place.stored.field, value and stored_chain(value))
        return holder

    def show(self, value: Any) -> Any:
        # The grid selects the stored object; the gate reads its text.
        return value.get("text") if isinstance(value, dict) else value or None


def _links_of(cell: Any) -> Any:
    if isinstance(cell, str) and cell.lstrip().startswith("{"):
        cell = cells.mapping(cell)
    if isinstance(cell, dict):
        links = cell.get("chain")
        if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            raise CellError('Write the chain like signup → activation → revenue, or as {"chain": [...]}.')
        return cell.get("text") or " → ".join(links)
    return cell


def stored_chain(text: str, source: str = "pm_input") -> dict[str, Any]:
    links = chains.parse(text)
    return {
        "chain": links,
        "source": source,
        "validated": all(link.casefold() in known_kpis() for link in links),
        "text": text,
    }


def known_kpis() -> set[str]:
    """Every declared KPI, operational ones included, casefolded."""
    return memo(
        "known kpis", lambda: {key.casefold() for key in Metric.objects.values_list("kpi_key", flat=True)}
    )


class ParamName(Text):
    """A name a formula can read."""

    def clean(self, cell: Any) -> Any:
        name = super().clean(cell)
        if name is None:
            return None
        try:
            read = formula.parse(name).identifiers
        except formula.FormulaError as error:
            raise CellError(f"{_shortened(name)} can't be a param name. {error.message}") from None
        if read != (name,):
            raise CellError(
                f"{_shortened(name)} can't be a param name. "
                "Use letters, digits and underscores, starting with a letter."
            )
        return name


def _shortened(name: str) -> str:
    return json.dumps(name if len(name) < 60 else name[:60] + "…", ensure_ascii=False)
