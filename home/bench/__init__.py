"""What ``manage.py bench`` measures, one module per name, each in processes and on a database of its own."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

NAMES = ("grid", "scoring", "uncertainty", "import", "sync", "solve")


@dataclass(frozen=True)
class Case:
    """``set_up(size)`` answers what is then timed. Repetitions find the database as prepared, or empty."""

    set_up: Callable[[int], Callable[[], object]]
    on_empty: bool = False


@dataclass(frozen=True)
class Bench:
    """``size`` rows unless asked otherwise; ``prepare(size)`` fills the database once for all cases."""

    size: int
    cases: dict[str, Case]
    prepare: Callable[[int], None] = lambda size: None


def named(name: str) -> Bench:
    """Raises KeyError where there is no such bench."""
    if name not in NAMES:
        raise KeyError(name)
    bench: Bench = import_module(f"home.bench.{name}_bench").BENCH
    return bench


def peak_mb() -> float:
    """The most memory this process ever had, in megabytes."""
    unit = 1024 if sys.platform.startswith("linux") else 1024**2  # kilobytes there, bytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
