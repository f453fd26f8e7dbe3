"""The whole suite: on SQLite + filesystem broker, then on PostgreSQL + Redis where both are there.

``python -m tests.both [pytest options]``. ``REQUIRE_ALL=1`` fails when anything had to be left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

from tests import surroundings

SERVER_VARIABLES = ("DATABASE_URL", "REDIS_URL")


def embedded() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SERVER_VARIABLES}


def servers() -> dict[str, str]:
    # Django makes (and drops) test databases named after this one, which itself need not exist.
    database = urlsplit(surroundings.POSTGRES_URL)._replace(path=f"/lodestar_{os.getpid()}").geturl()
    return {**os.environ, "DATABASE_URL": database, "REDIS_URL": surroundings.REDIS_URL}


def run(title: str, environment: dict[str, str]) -> int:
    print(f"\n── {title} ──", flush=True)
    workers = ["-n", "auto", "--dist", "worksteal"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *sys.argv[1:]], env=environment
    ).returncode


def main() -> int:
    codes = [run("SQLite and the filesystem broker", embedded())]
    if not surroundings.servers_missing():
        codes.append(run("PostgreSQL and Redis", servers()))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
