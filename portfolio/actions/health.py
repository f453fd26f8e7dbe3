"""Whether this installation is up (``/healthz``) and whether it can do its work (``/readyz``)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from portfolio.actions import broker
from portfolio.actions.models import Pulse


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything is there, else 503; says which of the four is missing."""
    database = _database_answers()
    checks = {
        "database": database,
        "broker": broker.is_reachable(),
        "worker": database and _seen("worker"),
        "sweeper": database and _seen("sweeper"),
    }
    ready = all(checks.values())
    return JsonResponse({"status": "ok" if ready else "not ready", **checks}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _seen(name: str) -> bool:
    return Pulse.seen_since(name, timezone.now() - timedelta(seconds=settings.ACTIONS_STALE_SECONDS))
