"""A clock for tests: sleeping moves it on, and takes no time."""

from __future__ import annotations

from dataclasses import dataclass, field

from portfolio.sheets.google.pacing import Clock

NEW_YEAR = 1_767_225_600.0  # 2026-01-01 00:00 UTC


@dataclass
class ManualTime:
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, sleep=self.sleep, date=lambda: NEW_YEAR + self.seconds)
