"""What a process of a bench does: prepare the databases, or measure one case and print what it took."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from home.bench import Case, named, peak_mb

EMPTY, FULL = "empty.sqlite3", "full.sqlite3"


def main(name: str, size: str, task: str, case: str = "", repeat: str = "1") -> None:
    """``NAME SIZE prepare`` or ``NAME SIZE measure CASE REPEAT``."""
    if task == "prepare":
        prepare(named(name).prepare, int(size))
    else:
        sys.stdout.write(json.dumps(measure(named(name).cases[case], int(size), int(repeat))))


def prepare(fill: Callable[[int], None], size: int) -> None:
    call_command("migrate", verbosity=0)
    keep(EMPTY)
    fill(size)
    keep(FULL)


def measure(case: Case, size: int, repeat: int) -> dict[str, Any]:
    """``{"seconds": […], "cpu_seconds": […], "peak_mb": …}``, each repetition from the same database."""
    seconds, cpu_seconds = [], []
    for _ in range(repeat):
        bring_back(EMPTY if case.on_empty else FULL)
        timed = case.set_up(size)
        wall, cpu = time.perf_counter(), time.process_time()
        timed()
        seconds.append(time.perf_counter() - wall)
        cpu_seconds.append(time.process_time() - cpu)
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb()}


def database() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def keep(snapshot: str) -> None:
    connections.close_all()
    shutil.copy(database(), database().with_name(snapshot))


def bring_back(snapshot: str) -> None:
    connections.close_all()
    for journal in ("-wal", "-shm"):
        database().with_name(database().name + journal).unlink(missing_ok=True)
    shutil.copy(database().with_name(snapshot), database())
