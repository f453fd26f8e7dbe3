"""What a page shows of an attempt: its numbers in words, its charts, and both as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from portfolio.amounts import BLANK, amount
from scoring.studio import charts
from scoring.studio.trying import Attempt, Spread
from scoring.studio.words import share
from scoring.uncertainty import Swing

SUMMARY = ("p10", "p50", "p90", "mean", "p_positive", "finite_fraction")


@dataclass(frozen=True)
class Figure:
    """One number with what it means; ``about`` says how exact it is, or in which unit."""

    name: str
    label: str
    text: str
    about: str = ""
    help: str = ""


@dataclass(frozen=True)
class SwingRow:
    label: str
    name: str
    at_min: str
    at_max: str
    swing: str
    correlation: str


@dataclass(frozen=True)
class Figures:
    """``unit`` is the target KPI's; ``labels`` are what people call the params."""

    attempt: Attempt
    unit: str = ""
    labels: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """The attempt as data; None where a number is not there or not finite."""
        found, spread = self.attempt, self.spread
        scored, script = found.scored, found.script
        summary = asdict(spread.summary) if spread else {}
        return {
            "identifiers": list(found.identifiers) if script else None,
            "assigned": list(script.assigned) if script else None,
            "errors": [error.as_json() for error in found.errors],
            "missing": list(found.missing),
            "unusable": dict(found.unusable),
            "warnings": list(found.warnings),
            "values": dict(found.values),
            "value": scored.value,
            "effort": scored.effort,
            "overall": scored.overall,
            **{name: _finite(summary.get(name)) for name in SUMMARY},
            "draws": self.draws,
        }

    def all(self) -> Iterator[Figure]:
        scored = self.attempt.scored
        yield Figure("value", "Value", amount(scored.value), self.unit, "What the formula gives.")
        yield Figure(
            "effort", "Effort", amount(scored.effort), "", "The formula's effort, else the Backlog's."
        )
        yield Figure("overall", "Overall", amount(scored.overall), "", "Value per effort: what ranks.")
        yield from self._percentiles()

    def _percentiles(self) -> Iterator[Figure]:
        summary = self.spread.summary if self.spread else None
        for name, help in (
            ("p10", "10% chance below."),
            ("p50", "Even odds above or below."),
            ("p90", "10% chance above."),
        ):
            text = amount(getattr(summary, name)) if summary else BLANK
            error = amount(summary.sampling_error[name]) if summary else BLANK
            yield Figure(name, name.upper(), text, f"± {error}" if error != BLANK else "", help)
        positive = share(summary.p_positive) if summary and summary.finite_fraction else BLANK
        yield Figure("p_positive", "P(value > 0)", positive, "", "How many of the draws are above 0.")

    @property
    def spread(self) -> Spread | None:
        return self.attempt.spread

    @property
    def draws(self) -> int:
        return self.spread.draws.size if self.spread else 0

    @property
    def draws_text(self) -> str:
        return f"{self.draws:,}"

    @property
    def computed(self) -> list[tuple[str, str]]:
        """Every name the formula assigns, with its value."""
        return [(name, amount(value)) for name, value in self.attempt.values.items()]

    @property
    def not_finite(self) -> str:
        """The share of draws without a value, where there are any."""
        lost = 1 - self.spread.summary.finite_fraction if self.spread else 0
        return share(lost) if lost else ""

    @cached_property
    def tornado(self) -> SafeString | str:
        value = self.attempt.scored.value
        finite = [swing for swing in self._swings if math.isfinite(swing.swing)]
        return charts.tornado_chart(value, finite, self.labels or {}) if finite and value is not None else ""

    @property
    def swings(self) -> list[SwingRow]:
        return [
            SwingRow(
                (self.labels or {}).get(swing.param) or swing.param,
                swing.param,
                amount(swing.at_min),
                amount(swing.at_max),
                amount(swing.swing),
                f"{self.spread.correlations[swing.param]:+.2f}" if self.spread else "",
            )
            for swing in self._swings
        ]

    @property
    def _swings(self) -> list[Swing]:
        return self.spread.swings if self.spread else []

    @cached_property
    def histogram(self) -> SafeString | str:
        spread = self.spread
        has_draws = spread and spread.summary.finite_fraction
        return charts.histogram(spread.draws, spread.summary) if spread and has_draws else ""

    @property
    def bins(self) -> list[tuple[str, str, str]]:
        spread = self.spread
        if not spread or not spread.summary.finite_fraction:
            return []
        return [(low, high, share(part)) for low, high, part in charts.bins_table(spread.draws)]


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
