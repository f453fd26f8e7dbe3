"""The solver bench as people read it: a line per instance, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from home.bench.solver_bench import PEERS, Cell, Measured

WIDTH = 40


def header(limit: float) -> Iterator[str]:
    yield "CPU and wall clock in seconds; a peer's as multiples of ours (CPU / wall) at the gap ours proved."
    yield f"“≥”: not there after {limit:g} s of wall clock, with the gap it had left."
    names = "".join(f"{name:>24}" for name in PEERS)
    yield f"{'':<{WIDTH}}{'CPU':>8}{'wall':>8}{'whole':>8}{'gap':>9}{'unique':>8}{'MB':>6}{names}"


def line(measured: Measured) -> str:
    ours = measured.ours
    if not measured.is_comparable:
        return f"{measured.instance!s:<{WIDTH}}no portfolio"
    unique = {True: "yes", False: "no", None: "–"}[ours.unique]
    peers = "".join(f"{against(measured, name):>24}" for name in measured.peers)
    return (
        f"{measured.instance!s:<{WIDTH}}{ours.cpu:>8.3f}{ours.wall:>8.3f}{ours.whole_cpu or 0:>8.3f}"
        f"{gap(ours):>9}{unique:>8}{ours.peak_mb or 0:>6.0f}{peers}"
    )


def against(measured: Measured, peer: str) -> str:
    cell, is_done = measured.peers[peer], measured.is_done(peer)
    ratios = f"{measured.ratio(peer):.1f} / {measured.ratio(peer, 'wall'):.1f}"
    if not is_done:
        return f"≥ {ratios} ({gap(cell)})"
    return f"{ratios} (breaks a rule)" if cell.broken else ratios


def gap(cell: Cell) -> str:
    if cell.gap is None:
        return "none"
    return f"{cell.gap:.1e}" if cell.gap else "0"


def summary(every: list[Measured]) -> Iterator[str]:
    """Geometric means of the ratios, and the targets."""
    found = [measured for measured in every if measured.is_comparable]
    yield ""
    yield "Processor time of the peers as multiples of ours, geometric mean:"
    yield mean("the best peer of each instance", [(m, m.best_peer) for m in found])
    for name in PEERS:
        yield mean(name, [(m, name) for m in found])
    yield ""
    yield from targets(found)
    for wrong in (text for measured in found for text in measured.disagreements()):
        yield f"!!! PROOFS DISAGREE !!! {wrong}"


def mean(name: str, pairs: list[tuple[Measured, str]]) -> str:
    ratios = [measured.ratio(peer) for measured, peer in pairs]
    is_bound = any(not measured.is_done(peer) for measured, peer in pairs)
    return f"  {name:<34}{'≥ ' if is_bound else ''}{geometric(ratios):.2f}   ({len(pairs)} instances)"


def geometric(ratios: list[float]) -> float:
    return math.exp(math.fsum(math.log(max(ratio, 1e-9)) for ratio in ratios) / max(1, len(ratios)))


def targets(found: list[Measured]) -> Iterator[str]:
    """What the solver is to reach, on a quiet machine, and what it did here."""
    for size, modes, seconds in (
        (100, ("north_star", "weighted_kpis", "lexicographic"), 0.15),
        (1_000, ("north_star", "weighted_kpis"), 0.5),
        (1_000, ("lexicographic",), 2.0),
        (5_000, ("north_star",), 6.0),
        (20_000, ("north_star",), 8.0),
    ):
        cells = [m.ours for m in found if m.instance.n == size and m.instance.mode in modes]
        if cells:
            yield target(f"n = {size:,}, {', '.join(modes)}", cells, seconds)
    large = [m.ours.peak_mb or 0 for m in found if m.instance.n == 20_000]
    if large:
        yield f"{reached(max(large) <= 1024)}: n = 20,000 within 1,024 MB: {max(large):,.0f} MB at most"
    ratio = geometric([measured.ratio(measured.best_peer) for measured in found])
    yield f"{reached(ratio >= 3)}: three times as fast as the best peer: {ratio:.2f}"


def target(name: str, cells: list[Cell], seconds: float) -> str:
    proven = sum(cell.proven for cell in cells)
    typical, whole = median(c.cpu for c in cells), median(c.whole_cpu or 0 for c in cells)
    is_reached = reached(typical <= seconds and proven == len(cells))
    worst = max(cell.cpu for cell in cells)
    return (
        f"{is_reached}: {name}: gap 0 within {seconds:g} s: {proven} of {len(cells)} proven, "
        f"median {typical:.3f} s (at most {worst:.3f}; the whole answer {whole:.3f})"
    )


def reached(is_reached: bool) -> str:
    return "reached" if is_reached else "NOT REACHED"
