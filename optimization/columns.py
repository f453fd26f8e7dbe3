"""Columns of the optimization center that need more than a type: references, members, scopes, row ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metrics.columns import target_metrics
from metrics.models import Metric
from optimization.models import DEFAULT_SET, FIELD_OF, Dimension
from portfolio.tabs.cells import CellError
from portfolio.tabs.columns import Column, Integer, Keys, Ref, Text


class KpiRef(Ref):
    """An active north star or strategic KPI; stored as a reference, so a renamed key follows."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, key="kpi_key", noun="active north star or strategic KPI", **options)

    def candidates(self) -> Iterable[Metric]:
        return target_metrics()


class ScenarioRef(Ref):
    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, place="scenario", key="scenario_name", noun="scenario", **options)


class SetName(Text):
    """The name of a constraint set; a blank one is the default set."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            "constraint_set_name",
            when_blank=DEFAULT_SET,
            aliases=("constraint set", "set"),
            help="Which variant of the scenario's constraints the row belongs to. Blank is “default”.",
            **options,
        )


class KpiOrder(Keys):
    """KPI keys in order of importance."""

    def clean(self, cell: Any) -> Any:
        known = {metric.kpi_key.casefold(): metric.kpi_key for metric in target_metrics()}
        given = super().clean(cell) or []
        for key in given:
            if key.casefold() not in known:
                offered = ", ".join(known.values()) or "none yet"
                message = f"“{key}” is not an active north star or strategic KPI. There are: {offered}."
                raise CellError(message)
        return [known[key.casefold()] for key in given] or None


class ObjectiveScope(Text):
    """``all``, or one value of one dimension as ``dimension:key``."""

    def clean(self, cell: Any) -> Any:
        written = super().clean(cell)
        if written is None or written.casefold() == Dimension.ALL:
            return written and str(Dimension.ALL)
        dimension, _, key = (part.strip() for part in written.partition(":"))
        if dimension.casefold() not in FIELD_OF or not key:
            offered = ", ".join(FIELD_OF)
            message = f"“{written}” is not a scope. Write all, or dimension:key like market:UK ({offered})."
            raise CellError(message)
        return f"{dimension.casefold()}:{key}"


class MemberKeys(Keys):
    """Initiatives in the order given.

    ``merges`` names headers that may stand side by side in one file and feed this one column: at most one of
    them is filled per row. (They are aliases too; any other two headers of the same meaning refuse the tab.)
    """

    def __init__(self, name: str, *, merges: tuple[str, ...], **options: Any) -> None:
        super().__init__(name, aliases=merges, **options)
        self.merges = merges


class RowId(Integer):
    """The row's own number: in files only, where it wins over the natural key."""

    def __init__(self) -> None:
        super().__init__("row_id", place="id", help="Lodestar's own number of the row. Leave it as it is.")

    def expand(self) -> list[Column]:
        return []


class Uuid(Text):
    """A UUID, shown as text."""

    width = 280
    as_stored = False

    def show(self, value: Any) -> Any:
        return str(value) if value else None
