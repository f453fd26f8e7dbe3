"""Stored runs side by side, as plain data."""

from __future__ import annotations

from typing import Any

from optimization.models import Run

MOST = 20


class ComparisonError(ValueError):
    """These runs can't be compared; the message says why, and what would do."""


def runs_named(run_ids: list[str]) -> list[Run]:
    """Runs with an answer, in the order asked for, each once. Raises ComparisonError."""
    wanted = list(dict.fromkeys(run_id.strip().upper() for run_id in run_ids if run_id.strip()))
    if not 2 <= len(wanted) <= MOST:
        said = f"Name 2 to {MOST} runs with commas between them, like RUN-000001,RUN-000002"
        raise ComparisonError(f"{said}; there are {len(wanted)}.")
    known = {run.run_id: run for run in Run.objects.select_related("scenario").filter(run_id__in=wanted)}
    if missing := [run_id for run_id in wanted if run_id not in known]:
        raise ComparisonError(f"There is no run {', '.join(missing)}.")
    if unsolved := [run_id for run_id in wanted if known[run_id].problem is None]:
        raise ComparisonError(f"{', '.join(unsolved)} was not solved, so there is nothing to compare.")
    return [known[run_id] for run_id in wanted]


def compared(runs: list[Run]) -> dict[str, Any]:
    """See `optimization.decisions.compare.Comparison`; portfolios are named by their run ids."""
    from optimization.decisions.compare import compare

    return {**compare([{"name": str(r), "problem": r.problem or {}, "answer": r.answer or {}} for r in runs])}
