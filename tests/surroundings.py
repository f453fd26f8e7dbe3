"""Which servers and browsers this machine has. Each ``…_missing`` answers "" or the reason in words."""

from __future__ import annotations

import os
import shutil
from functools import cache

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def chromium_missing() -> str:
    return "" if chromium() else "no Chromium found (Debian: apt install chromium)"


@cache
def postgres_missing() -> str:
    import psycopg

    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=15).close()
    except psycopg.Error:
        return f"no PostgreSQL at {POSTGRES_URL} (set TEST_POSTGRES_URL)"
    return ""


@cache
def redis_missing() -> str:
    import redis

    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=15).ping()
    except redis.RedisError:
        return f"no Redis at {REDIS_URL} (set TEST_REDIS_URL)"
    return ""


def servers_missing() -> str:
    return " and ".join(filter(None, (postgres_missing(), redis_missing())))
