"""``manage.py up`` as a person meets it: one command that starts, serves, and leaves nothing behind."""

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import URLError

import pytest
from django.conf import settings

from tests.actions.processes import PATIENCE, alive_with, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def free_port() -> int:
    """One below those that the system hands out, so that no connection of another test takes it meanwhile."""
    for port in random.sample(range(20_000, 32_000), 50):
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Installation:
    """A data folder and a port of its own."""

    def __init__(self, folder) -> None:
        self.port = free_port()
        self.mark = f"DATA_DIR={folder}"
        outer = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        self.environment = outer | {
            "DJANGO_SETTINGS_MODULE": "portfolio.settings",
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "INSECURE_HTTP": "1",
        }
        self.manage("migrate", "-v0").check_returncode()

    def manage(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def up(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def answers(self, path: str = "/healthz") -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10).status == 200
        except (URLError, OSError):
            return False

    def processes(self) -> list[str]:
        return alive_with(self.mark)


def web_server_of(supervisor: subprocess.Popen) -> int | None:
    children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()
    return next((int(pid) for pid in children if "gunicorn" in command_of(pid)), None)


def command_of(pid: str) -> str:
    """What it was started with; nothing once it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture
def running(installation):
    supervisor = installation.up()
    try:
        assert eventually(lambda: installation.answers("/readyz")), installation.processes()
        yield supervisor
    finally:
        supervisor.kill()
        supervisor.wait()
    assert eventually(lambda: not installation.processes())


def test_it_serves_is_ready_refuses_a_second_one_and_leaves_nothing_after_ctrl_c(installation, running):
    second = installation.manage("up")
    assert second.returncode == 1
    assert f"already runs on {installation.environment['DATA_DIR']} (process {running.pid})" in second.stderr

    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to everyone in the foreground
    said, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert f"http://localhost:{installation.port}/" in said
    assert eventually(lambda: installation.processes() == []), installation.processes()


def test_a_dead_child_comes_back_and_kill_9_of_the_supervisor_leaves_no_orphan(installation, running):
    first = web_server_of(running)
    assert os.getsid(first) == first, "Ctrl-C would reach it"
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: web_server_of(running) not in (None, first))
    assert eventually(installation.answers)

    running.kill()
    assert eventually(lambda: installation.processes() == []), installation.processes()


def test_a_taken_port_is_said_in_words(installation, monkeypatch):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setitem(installation.environment, "PORT", str(port))
        refused = installation.manage("up")
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr
