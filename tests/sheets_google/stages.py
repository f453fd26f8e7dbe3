"""The sheets that the property test plays with: what people may type where, in words of that sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests import factories

FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Stage:
    """``kinds`` says of each header that people enter what is typed there, the first ones most often.

    ``lodestars`` are the other headers.

    ``first`` are the rows both sides start with; a new row has ``always`` and ``needs``, which no other has.
    """

    tab: str
    kinds: dict[str, str]
    lodestars: tuple[str, ...]
    key: str
    needs: tuple[str, ...]
    first: tuple[dict[str, Any], ...]
    always: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.tab

    @property
    def headers(self) -> list[str]:
        return [*self.lodestars[:1], *self.kinds, *self.lodestars[1:], "Run Status"]

    def prepare(self) -> None:
        if self.tab == "constraints":
            factories.create(
                "scenario_config",
                scenario_name="Baseline",
                period_key="2026-Q2",
                capacity_total_tokens=100,
                objective_mode="north_star",
            )

    def value(self, header: str, number: int) -> Any:
        """What nobody typed before, where ``header`` takes more than a few values."""
        kind = self.kinds[header]
        if kind == "choice":
            offered = self.choices[header]
            return offered[number % len(offered)]
        if kind == "flag":
            return bool(number % 2)
        if kind == "number":
            return 10_000 + number
        if kind == "day":
            return (FIRST_DAY + timedelta(days=number)).isoformat()
        return f"w{number}"

    def new_row(self, number: int) -> dict[str, Any]:
        return {**self.always, **{header: self.value(header, number) for header in self.needs}}


def _first(stage_needs: dict[str, list[Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(stage_needs, row, strict=True)) for row in zip(*stage_needs.values(), strict=True))


METRICS = Stage(
    tab="metrics_config",
    kinds={
        "KPI Name": "text",
        "Notes": "text",
        "KPI Key": "text",
        "KPI Level": "choice",
        "Is Active": "flag",
        "Unit": "text",
    },
    lodestars=("Updated By",),
    key="KPI Key",
    needs=("KPI Key",),
    first=_first(
        {
            "KPI Key": ["revenue", "retention", "signups", "latency"],
            "KPI Level": ["north_star", "strategic", "strategic", "operational"],
            "Notes": ["first", "", "third", ""],
        }
    ),
    always={"KPI Level": "operational"},
    choices={"KPI Level": ("strategic", "operational", "north_star")},
)
BACKLOG = Stage(
    tab="backlog",
    kinds={
        "Market": "text",
        "Engineering Tokens": "number",
        "Title": "text",
        "Risk Level": "choice",
        "Is Optimization Candidate": "flag",
        "Deadline Date": "day",
        "Hypothesis": "text",
    },
    lodestars=("Initiative Key", "Overall Score"),
    key="Initiative Key",
    needs=("Title",),
    first=_first({"Title": ["Alpha", "Beta", "Gamma", "Delta"], "Market": ["UK", "", "FR", "FR"]}),
    choices={"Risk Level": ("low", "medium", "high")},
)
CONSTRAINTS = Stage(
    tab="constraints",
    kinds={
        "Notes": "text",
        "Max Tokens": "number",
        "Dimension Key": "text",
        "Dimension": "choice",
        "Is Active": "flag",
        "Scenario Name": "choice",
        "Constraint Type": "choice",
    },
    lodestars=("Row ID", "Updated By"),
    key="Row ID",
    needs=("Dimension Key", "Max Tokens"),
    first=_first(
        {
            "Scenario Name": ["Baseline"] * 4,
            "Constraint Type": ["capacity_cap"] * 4,
            "Dimension": ["country"] * 4,
            "Dimension Key": ["UK", "FR", "DE", "ES"],
            "Max Tokens": [10, 20, 30, 40],
        }
    ),
    always={"Scenario Name": "Baseline", "Constraint Type": "capacity_cap", "Dimension": "country"},
    choices={
        "Scenario Name": ("Baseline",),
        "Constraint Type": ("capacity_cap",),
        "Dimension": ("country", "market"),
    },
)
STAGES = (METRICS, BACKLOG, CONSTRAINTS)
