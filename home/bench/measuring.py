"""Runs a bench in processes of its own, on a database that is thrown away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.conf import settings

from home.bench import named

#: Would lead the processes to somebody's data or servers.
ELSEWHERE = ("DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True)
class Measured:
    """What one case took: medians in seconds, of wall clock and processor; the process' peak memory in MB."""

    bench: str
    case: str
    size: int
    repetitions: int
    median_seconds: float
    median_cpu_seconds: float
    peak_mb: float


def measure(name: str, size: int | None, repeat: int) -> Iterator[Measured]:
    """Each case of the bench, as soon as it is measured."""
    bench = named(name)
    rows = size or bench.size
    with tempfile.TemporaryDirectory(prefix="lodestar-bench-") as folder:
        _child(folder, name, rows, "prepare")
        for case in bench.cases:
            took = json.loads(_child(folder, name, rows, "measure", case, str(repeat)))
            yield Measured(
                name,
                case,
                rows,
                repeat,
                median(took["seconds"]),
                median(took["cpu_seconds"]),
                took["peak_mb"],
            )


def _child(folder: str, name: str, size: int, *task: str) -> str:
    environment: dict[str, Any] = {k: v for k, v in os.environ.items() if k not in ELSEWHERE}
    environment |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "portfolio.settings"}
    command = [sys.executable, "-m", "home.bench", name, str(size), *task]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()
