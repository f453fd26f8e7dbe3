"""Web, worker and sweeper as three processes under one that restarts and stops them.

Each child leads a process session of its own, so that Ctrl-C reaches only the supervisor (Celery takes a
second SIGINT for "drop everything"), and dies with the supervisor, so that even ``kill -9`` leaves no orphan.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic

from portfolio.actions.parent import die_with_parent
from portfolio.environment import BASE_DIR

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds
STOP_PATIENCE = 8
LONGEST_BACKOFF = 30
HEALTHY_AFTER = 60


class CannotStartError(Exception):
    """The sentence says what is in the way."""


class Child:
    """One process that is kept running. ``is_idle``: whether nothing is lost by killing it now."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str] | None = None,
        is_idle: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self._is_idle = is_idle
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._start_at = 0.0
        self._backoff = 1.0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def keep_running(self) -> None:
        """Starts it when it is not running and its pause after a crash is over."""
        if self._process and not self.is_running:
            self._note_death(self._process.returncode)
        if self._process is None and monotonic() >= self._start_at:
            self._start()

    def _start(self) -> None:
        self._started = monotonic()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )

    def _note_death(self, code: int) -> None:
        self.kill()
        self._process = None
        lived = monotonic() - self._started
        self._backoff = 1.0 if lived > HEALTHY_AFTER else min(2 * self._backoff, LONGEST_BACKOFF)
        self._start_at = monotonic() + self._backoff
        log.warning("The %s ended (%s) and starts again in %.0f s.", self.name, code, self._backoff)

    def ask_to_stop(self) -> None:
        if self._process and self.is_running:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Until it ended, or has nothing left to lose, or the time is over."""
        while self.is_running and not self._is_idle():
            if monotonic() > deadline:
                log.warning("The %s did not stop in time; its jobs go on at the next start.", self.name)
                break
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends whatever is left of its whole session."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def supervise(children: list[Child]) -> None:
    """Keeps ``children`` running until SIGINT or SIGTERM, then stops them all."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        while not stop.is_set():
            for child in children:
                child.keep_running()
            stop.wait(LOOK_EVERY)
    finally:
        _stop(children)


def _stop(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = monotonic() + STOP_PATIENCE
    for child in children:
        child.wait(deadline)
        child.kill()


@contextmanager
def only_instance(data_dir: Path) -> Iterator[None]:
    """Raises CannotStartError when another supervisor already works on ``data_dir``."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotStartError(
                f"Lodestar already runs on {data_dir} (process {lock.read().strip() or 'unknown'}). "
                "Stop it first, or set DATA_DIR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CannotStartError(
                f"Port {port} is taken by another program. Choose another: PORT={port + 1} make run"
            ) from None


def web(host: str, port: int, workers: int = 2) -> Child:
    options = f"--bind {host}:{port} --workers {workers} --threads 4 --graceful-timeout 3 --log-level warning"
    command = [sys.executable, "-m", "gunicorn", *options.split(), "portfolio.wsgi"]
    return Child("web server", [*command, "--no-control-socket"])


def worker(is_idle: Callable[[], bool], processes: int = 2) -> Child:
    """An idle Celery takes four seconds to fold its pool up; ``is_idle`` saves people the wait."""
    options = f"--concurrency {processes} --loglevel warning"
    quiet = "--without-gossip --without-mingle --without-heartbeat"
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "portfolio.celery", "worker"]
    environment = {
        "CELERY_SKIP_CHECKS": "1",  # they ran once, before any child was started
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges:UserWarning",
    }
    return Child("worker", [*command, *options.split(), *quiet.split()], environment, is_idle)


def sweeper() -> Child:
    return Child("sweeper", [sys.executable, "manage.py", "sweep"])
