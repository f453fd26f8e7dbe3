"""Which initiatives a job is about, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator

from initiatives.models import Initiative
from portfolio.actions.job import Job

CHUNK = 1_000


def chunks(job: Job, verb: str) -> Iterator[dict[int, str]]:
    """``{pk: key}`` of the live initiatives of the scope, in the order of their keys; tells the progress.

    A key nobody has fails as a row of its own. What an earlier attempt of the run settled is left out.
    """
    settled = job.settled_keys()
    wanted = [(pk, key) for pk, key in _chosen(job) if key not in settled]
    for start in range(0, len(wanted), CHUNK):
        job.check()
        job.progress(start, len(wanted), f"{start:,} of {len(wanted):,} {verb}")
        yield dict(wanted[start : start + CHUNK])
    job.progress(len(wanted), len(wanted), f"{len(wanted):,} {verb}")


def _chosen(job: Job) -> list[tuple[int, str]]:
    live = list(Initiative.objects.order_by("initiative_key").values_list("pk", "initiative_key"))
    if job.keys is None:
        return live
    by_key = {key.casefold(): (pk, key) for pk, key in live}
    found: dict[int, str] = {}
    for asked in job.keys:
        pair = by_key.get(asked.strip().casefold())
        if pair:
            found[pair[0]] = pair[1]
        else:
            job.row(asked, "failed", f"There is no initiative {asked}.")
    return list(found.items())


def status(changed: bool) -> str:
    return "changed" if changed else "unchanged"
