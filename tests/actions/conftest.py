"""A real Celery worker, as a process of its own, on the test database and the broker of this pass."""

import os
import signal
import subprocess
import sys
import uuid
from contextlib import suppress

import pytest
import redis
from django.conf import settings
from django.db import connection

from portfolio.actions import broker
from portfolio.actions.models import Pulse
from tests.actions import jobs
from tests.actions.processes import eventually

jobs.register()


class LiveWorker:
    """Start it, kill it, start it again."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        Pulse.objects.filter(name="worker").delete()
        mine = {"TEST_DATABASE": str(connection.settings_dict["NAME"]), "TEST_QUEUE": self.queue}
        command = f"-m celery --quiet -A tests.actions.worker worker -Q {self.queue} -c 2 -l warning"
        quiet = "--without-gossip --without-mingle --without-heartbeat"
        self.process = subprocess.Popen(
            [sys.executable, *command.split(), *quiet.split()],
            cwd=settings.BASE_DIR,
            env={**os.environ, **mine, "CELERY_SKIP_CHECKS": "1"},
            start_new_session=True,
        )
        assert eventually(Pulse.objects.filter(name="worker").exists), "the worker did not start"

    def kill(self) -> None:
        """As the kernel does when memory runs out: the worker and the processes of its pool, at once."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def queue(settings):
    """A queue of this test's own, so that tests can run beside each other on one broker."""
    settings.ACTIONS_QUEUE = f"test-{uuid.uuid4().hex[:12]}"
    yield settings.ACTIONS_QUEUE
    if not broker.is_embedded():
        server = redis.Redis.from_url(settings.CELERY_BROKER_URL)
        for key in server.scan_iter(f"*{settings.ACTIONS_QUEUE}"):
            server.delete(key)


@pytest.fixture
def live_worker(transactional_db, queue):
    worker = LiveWorker(queue)
    worker.start()
    yield worker
    worker.kill()
