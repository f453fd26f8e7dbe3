"""The broker carries hints: the id of a run worth looking at. Losing one costs time, never a job."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from django.conf import settings

from portfolio.actions import registry
from portfolio.actions.models import ActionRun

log = logging.getLogger(__name__)

# A worker process that hangs beyond its deadline and ignores every signal is killed by Celery after this.
HARD_LIMIT_AFTER = 60


def publish(run: ActionRun) -> bool:
    """Tells a worker about ``run``. A failure is logged; the sweeper tells it again later."""
    # Imported here: pages that start no job don't wait for Celery to load.
    from portfolio.celery import app

    try:
        ensure_folders()
        app.send_task(
            "actions.run",
            args=[str(run.action_id)],
            queue=settings.ACTIONS_QUEUE,
            time_limit=registry.allowed(run.action).total_seconds() + HARD_LIMIT_AFTER,
            retry=False,
        )
    except Exception as problem:
        log.warning("%s stays queued until the broker can be told: %s", run, problem)
        return False
    return True


def is_embedded() -> bool:
    return bool(settings.CELERY_BROKER_URL.startswith("filesystem"))


def ensure_folders() -> None:
    if is_embedded():
        for name in ("queue", "processed", "control"):
            (settings.BROKER_DIR / name).mkdir(parents=True, exist_ok=True)


def purge_processed(older_than: float) -> int:
    """Deletes messages the filesystem broker has handed out more than ``older_than`` seconds ago."""
    limit = time.time() - older_than
    old = [path for path in _processed() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _processed() -> list[Path]:
    return list((settings.BROKER_DIR / "processed").glob("*.msg")) if is_embedded() else []


def is_reachable() -> bool:
    from portfolio.celery import app

    try:
        ensure_folders()
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as problem:
        log.warning("The broker cannot be reached: %s", problem)
        return False
    return True
