"""Requests that no view should have to think about: unreadable ones, and a database that is busy."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

log = logging.getLogger(__name__)

BUSY = "The database is busy with someone else's long change. Nothing was saved; try again in a moment."


class GuardedJSONParser(JSONParser):
    """JSON of a bounded size and depth, in text that every database can hold."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > most:
            raise ParseError(f"This request is too large: at most {most // 2**20} MB are read.")
        try:
            return storable(super().parse(stream, media_type, parser_context))
        except RecursionError:
            raise ParseError("This JSON is nested too deeply.") from None


def storable(value: Any) -> Any:
    """``value`` without NUL and lone surrogates, which PostgreSQL and UTF-8 can't hold."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


class Guard:
    """Refuses addresses with NUL, and says so in words when the database doesn't let a request in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if "%00" not in request.META.get("QUERY_STRING", "") and "\0" not in request.path:
            return None
        return self._answer(request, "An address can't hold the character NUL.", "bad_address", 400)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError):
            return None
        log.warning("%s %s met a busy database: %s", request.method, request.path, exception)
        return self._answer(request, BUSY, "busy", 503)

    @staticmethod
    def _answer(request: HttpRequest, message: str, code: str, status: int) -> HttpResponse:
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": message, "code": code}, status=status)
        return render(request, "refused.html", {"message": message, "status": status}, status=status)
