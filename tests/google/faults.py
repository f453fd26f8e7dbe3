"""What can go wrong between a client and Google, one call at a time.

``google.fail_next(faults.unavailable())``. A fault answers instead of the method (nothing is changed), or
after the method did its work (``applied(...)``, ``dropped(applied=True)``), or spoils how the answer travels.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.google.calls import Call
from tests.google.cells import Json
from tests.google.errors import GoogleError, LimitError, no_permission, unknown_spreadsheet

HTML = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} (Server Error)!!1</title>\n"
    "<p><b>{status}.</b> <ins>That’s an error.</ins>\n<p>The service is temporarily unavailable.</html>\n"
)
QUOTA = (
    "Quota exceeded for quota metric '{metric} requests' and limit '{metric} requests per minute per user' "
    "of service 'sheets.googleapis.com' for consumer 'project_number:1034'."
)
JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    status: int
    body: bytes
    type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: Json | None, headers: dict[str, str] | None = None) -> Answer:
        encoded = (
            b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        )
        return cls(status, encoded, headers=headers or {})


@dataclass(frozen=True)
class Fault:
    """``applies``: the method does its work first. Without ``error`` and ``page`` its own answer is sent.

    ``travel``: "whole", "drop" (nothing is sent), "cut" (half of it is sent) or "drip" (byte by byte).
    ``seconds``: to wait before the answer or, for "drip", between its bytes.
    """

    name: str
    error: GoogleError | None = None
    headers: dict[str, str] = field(default_factory=dict)
    page: Answer | None = None
    applies: bool = False
    travel: str = "whole"
    seconds: float = 0

    def answer(self, call: Call) -> Answer | None:
        if self.error is None:
            return self.page
        return Answer.of(self.error.code, self.error.worded(call.api), self.headers)


def status(code: int, message: str = "", retry_after: float | str | None = None) -> Fault:
    """An error of Google's in JSON; ``retry_after`` in seconds or as an HTTP date."""
    error = GoogleError(code, message or DEFAULT_MESSAGES.get(code, "An error."))
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(f"{code}", error, headers)


def too_many(retry_after: float | str | None = None) -> Fault:
    """429, with a Retry-After where one is given."""
    return status(429, retry_after=retry_after)


def drive_limit() -> Fault:
    """403 with a reason, which is how Drive says that there were too many requests."""
    return Fault("403 limit", LimitError(403, "User Rate Limit Exceeded"))


def server_error() -> Fault:
    return status(500)


def unavailable() -> Fault:
    return status(503)


def html(code: int = 503) -> Fault:
    """A web page instead of JSON; with code 200 a proxy's or a sign-in page."""
    body = HTML.format(status=code).encode()
    return Fault(f"HTML {code}", page=Answer(code, body, "text/html; charset=UTF-8"))


def redirected(to: str) -> Fault:
    """302, as a proxy answers that wants somebody to sign in."""
    return Fault("302", page=Answer(302, b"", "text/html", {"Location": to}))


def forbidden() -> Fault:
    return Fault("403", no_permission())


def not_found() -> Fault:
    return Fault("404", unknown_spreadsheet())


def rejected(message: str = "") -> Fault:
    """400: the request is refused and nothing of it done."""
    return status(400, message)


def applied(fault: Fault) -> Fault:
    """The method does its work, and then the client is told ``fault``."""
    return replace(fault, name=f"applied, then {fault.name}", applies=True)


def dropped(applied: bool = False) -> Fault:
    """The connection closes without a byte of an answer."""
    return Fault("applied, then dropped" if applied else "dropped", applies=applied, travel="drop")


def cut() -> Fault:
    """The method does its work, and the connection closes in the middle of the answer."""
    return Fault("cut", applies=True, travel="cut")


def delay(seconds: float, applied: bool = True) -> Fault:
    """The method does its work at once, but its answer comes late; not ``applied``: neither ever happens."""
    return Fault("delay", applies=applied, travel="whole" if applied else "drop", seconds=seconds)


def dripping(seconds: float = 0.05) -> Fault:
    """The method does its work; the answer comes byte by byte with ``seconds`` between the bytes."""
    return Fault("dripping", applies=True, travel="drip", seconds=seconds)


DEFAULT_MESSAGES = {
    400: "Request contains an invalid argument.",
    429: QUOTA.format(metric="Read"),
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}

Matching = Callable[[Call], bool] | str | None


def matches(matching: Matching, call: Call) -> bool:
    """None matches every call, a word those that are it (``Call.is_a``), a function those it likes."""
    if matching is None:
        return True
    return call.is_a(matching) if isinstance(matching, str) else matching(call)


@dataclass
class _Planned:
    fault: Fault
    matching: Matching
    times: int
    after: int


class FaultPlan:
    """Faults that wait for their calls. The first planned that matches and is due is taken."""

    def __init__(self) -> None:
        self.planned: list[_Planned] = []

    def add(self, fault: Fault, matching: Matching, times: int, after: int) -> None:
        self.planned.append(_Planned(fault, matching, times, after))

    def take(self, call: Call) -> Fault | None:
        for plan in self.planned:
            if plan.times and matches(plan.matching, call):
                if plan.after:
                    plan.after -= 1
                    continue
                plan.times -= 1
                return plan.fault
        return None

    def pending(self) -> int:
        """How many faults were planned and not met yet."""
        return sum(plan.times for plan in self.planned)


class Quota:
    """So many reads and so many writes in any minute of ``clock`` (seconds), as Sheets counts per user."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self.per_minute, self.clock = per_minute, clock
        self.times: dict[str, deque[float]] = {"Read": deque(), "Write": deque()}

    def refuses(self, call: Call) -> Answer | None:
        if call.api != "sheets":
            return None
        metric = "Read" if call.reads else "Write"
        times, now = self.times[metric], self.clock()
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= self.per_minute:
            error = GoogleError(429, QUOTA.format(metric=metric))
            return Answer.of(429, error.sheets())
        times.append(now)
        return None
