"""What Google answers when a request cannot be done: a code, a status word and one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
DRIVE_REASONS = {
    400: ("global", "invalid"),
    401: ("global", "authError"),
    403: ("global", "insufficientFilePermissions"),
    404: ("global", "notFound"),
    429: ("usageLimits", "rateLimitExceeded"),
}
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."
TOO_MANY_CELLS = (
    "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
)


class GoogleError(Exception):
    """A refused request: HTTP ``code``, Google's ``message`` and, where Google adds them, ``details``."""

    def __init__(self, code: int, message: str, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details or []

    def worded(self, api: str) -> dict[str, Any]:
        """The body as the "sheets" or the "drive" API words it."""
        return self.drive() if api == "drive" else self.sheets()

    def sheets(self) -> dict[str, Any]:
        """The body as the Sheets API words it."""
        error = {"code": self.code, "message": self.message, "status": STATUS.get(self.code, "UNKNOWN")}
        return {"error": {**error, "details": self.details} if self.details else error}

    def drive(self) -> dict[str, Any]:
        """The body as the Drive API words it."""
        domain, reason = DRIVE_REASONS.get(self.code, ("global", "backendError"))
        first = {"message": self.message, "domain": domain, "reason": reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [first]}}


class LimitError(GoogleError):
    """Drive's way to say that there were too many requests: 403, not 429."""

    def drive(self) -> dict[str, Any]:
        first = {"domain": "usageLimits", "reason": "userRateLimitExceeded", "message": self.message}
        return {"error": {"errors": [first], "code": self.code, "message": self.message}}


class PayloadError(GoogleError):
    """JSON that is not of the request's form: answered before anything is looked at."""

    def __init__(self, field: str, description: str, message: str = "") -> None:
        violation = {"field": field, "description": description} if field else {"description": description}
        detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
        super().__init__(400, message or description, [detail])


def invalid(message: str) -> GoogleError:
    return GoogleError(400, message)


def unknown_spreadsheet() -> GoogleError:
    return GoogleError(404, "Requested entity was not found.")


def no_permission() -> GoogleError:
    return GoogleError(403, "The caller does not have permission")


@contextmanager
def within(place: str) -> Iterator[None]:
    """Names the place in the request, as Google does: ``Invalid requests[2].updateCells: …``."""
    try:
        yield
    except PayloadError:
        raise
    except GoogleError as error:
        raise GoogleError(error.code, f"Invalid {place}: {error.message}", error.details) from None
