"""The worker's side: the one Celery task, and the sign of life of each worker process."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.db import DatabaseError, connection

from portfolio.actions import runner
from portfolio.actions.models import Pulse

log = logging.getLogger(__name__)


@shared_task(name="actions.run")
def run(action_id: str) -> None:
    runner.run_queued(action_id)


@worker_process_init.connect
def show_life(**kwargs: Any) -> None:
    # In the pool's processes, never in the parent: a thread in the forking parent leaks SQLite handles.
    threading.Thread(target=_pulse, name="pulse", daemon=True).start()


def _pulse() -> None:
    while True:
        try:
            Pulse.beat("worker")
        except DatabaseError as problem:
            log.debug("No pulse this time: %s", problem)
        connection.close()
        time.sleep(settings.ACTIONS_BEAT_SECONDS)
