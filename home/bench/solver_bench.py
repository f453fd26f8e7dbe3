"""The solver beside what one would use without it: CP-SAT at its defaults, HiGHS and SCIP, in one run.

Each solve is a process of its own. The peers get the gap that Lodestar proved, for the same task: the best
objective. What Lodestar does after that (the tie-break, what targets could reach) is shown as the whole.
A peer that reaches its limit took at least that long; its ratio is a lower bound.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

SIZES = (100, 1_000, 5_000, 20_000)
MODES = ("north_star", "weighted_kpis", "lexicographic")
PEERS = ("CP-SAT", "HiGHS", "SCIP")
OURS = "ours"
GRACE_SECONDS = 120.0  # beyond its limit, until a process is ended that does not heed it
SAME = 1e-9  # relative: numbers that differ by more are not the same
LOOSE = 1e-5  # relative: shortfalls that differ by more cannot be blamed on tolerances


@dataclass(frozen=True)
class Instance:
    """A seeded planning quarter of ``optimization.generate``."""

    n: int
    mode: str
    synergies: bool
    seed: int

    def __str__(self) -> str:
        kind = "synergies" if self.synergies else "plain"
        return f"{self.n:,} {self.mode} {kind} #{self.seed}"


@dataclass(frozen=True)
class Plan:
    sizes: tuple[int, ...] = SIZES
    modes: tuple[str, ...] = MODES
    synergies: tuple[bool, ...] = (True, False)
    seeds: int = 3
    limit: float = 60  # seconds of wall clock, per peer and instance

    def instances(self) -> Iterator[Instance]:
        for n, mode, synergies, seed in product(self.sizes, self.modes, self.synergies, range(self.seeds)):
            yield Instance(n, mode, synergies, seed)


QUICK = Plan(sizes=(100, 1_000), synergies=(True,), seeds=1, limit=6)


@dataclass
class Cell:
    """What one process took, in seconds of processor and wall clock, to the best objective and (ours) to the
    whole answer; what it found (native units), and whether its portfolio breaks a rule by a tolerance."""

    cpu: float
    wall: float
    whole_cpu: float | None = None
    whole_wall: float | None = None
    objective: float | None = None
    gap: float | None = None
    proven: bool = False
    unique: bool | None = None
    broken: bool = False
    stages: list[float] | None = None
    peak_mb: float | None = None


@dataclass
class Measured:
    """One instance: ours and the peers'."""

    instance: Instance
    ours: Cell
    peers: dict[str, Cell] = field(default_factory=dict)

    @property
    def is_comparable(self) -> bool:
        """Whether there is a portfolio; small quarters may admit none."""
        return self.ours.objective is not None

    @property
    def gap(self) -> float:
        """What ours proved, and the peers have to."""
        return 0.0 if self.ours.proven else self.ours.gap or 0.0

    def is_done(self, peer: str) -> bool:
        """Whether a peer proved as much as ours."""
        return self.peers[peer].proven

    def ratio(self, peer: str, clock: str = "cpu") -> float:
        """How many times as long as ours a peer took; at least, where it is not done."""
        return float(getattr(self.peers[peer], clock) / max(1e-3, getattr(self.ours, clock)))

    @property
    def best_peer(self) -> str:
        """The one that took least processor time to the gap; where none got there, least altogether."""
        done = [peer for peer in self.peers if self.is_done(peer)]
        return min(done or self.peers, key=lambda peer: self.peers[peer].cpu)

    def disagreements(self) -> list[str]:
        """Where two proofs do not speak of the same optimum."""
        if not self.ours.proven or self.ours.objective is None:
            return []
        return [
            f"{self.instance}: ours {self.ours.objective!r}, {name} {cell.objective!r}"
            for name, cell in self.peers.items()
            if cell.proven and not cell.broken and differ(self.ours, cell)
        ]

    def as_json(self) -> dict[str, Any]:
        cells = {OURS: self.ours, **self.peers}
        return asdict(self.instance) | {name: asdict(cell) for name, cell in cells.items()}


def differ(one: Cell, other: Cell) -> bool:
    """Whether two proofs contradict each other. Where a peer missed a stage by its tolerance, its objective
    is another question's."""
    ours, theirs = one.stages or [], other.stages or []
    if len(ours) != len(theirs) or not all(map(partial(is_near, within=LOOSE), ours, theirs)):
        return True
    if not all(map(is_near, ours, theirs)):
        return False
    return other.objective is None or not is_near(one.objective or 0.0, other.objective)


def is_near(one: float, other: float, within: float = SAME) -> bool:
    return abs(one - other) <= within * max(1.0, abs(one))


def measure(plan: Plan, peers: Iterable[str] = PEERS) -> Iterator[Measured]:
    """Each instance, as soon as it is measured."""
    for instance in plan.instances():
        measured = Measured(instance, cell(instance, OURS, 0.0, plan.limit))
        for peer in peers if measured.is_comparable else ():
            measured.peers[peer] = cell(instance, peer, measured.gap, plan.limit)
        yield measured


def cell(instance: Instance, who: str, gap: float, limit: float) -> Cell:
    """One solve in a process of its own; one that has to be ended took its limit."""
    told = asdict(instance) | {"who": who, "gap": gap, "limit": limit}
    command = [sys.executable, "-m", "home.bench.solver_child", json.dumps(told)]
    root = Path(__file__).parents[2]
    seconds = limit + GRACE_SECONDS
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # else its idle threads count as work
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, check=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return Cell(seconds, seconds)
    return Cell(**json.loads(done.stdout))
