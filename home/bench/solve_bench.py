"""The solver on a made-up planning quarter, in every objective mode."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from home.bench import Bench, Case
from optimization.generate import problem
from optimization.models import ObjectiveMode
from optimization.reading import read_text
from optimization.solver import solve


def mode(name: str, size: int) -> Callable[[], object]:
    text = json.dumps(problem(size, name))
    return lambda: solve(read_text(text))


BENCH = Bench(size=1_000, cases={name: Case(partial(mode, name)) for name in ObjectiveMode.values})
