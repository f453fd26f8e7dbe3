"""What Google's answers mean: the status code decides, the body only adds words."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from requests import Response

from portfolio.sheets.google.calls import Call
from portfolio.sheets.google.credentials import VARIABLE
from portfolio.sheets.google.errors import (
    BadRequest,
    NotConfigured,
    NotFound,
    NotPermitted,
    QuotaExhausted,
    SheetsError,
    Unavailable,
)

# Drive says 403 where Sheets says 429.
OVER_QUOTA = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
API_IS_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
NOT_SHARED = {"forbidden", "insufficientFilePermissions"}
LONGEST_QUOTE = 500


@dataclass(frozen=True)
class Said:
    """Google's words in an error's body; empty for bodies that are none of Google's."""

    message: str = ""
    reasons: frozenset[str] = frozenset()


def checked(response: Response, call: Call, email: str, now: float) -> Response:
    """``response`` if it is an answer to ``call``; raises the SheetsError it stands for otherwise.

    ``email`` is whom spreadsheets are to be shared with, or nothing; ``now`` the date in seconds.
    """
    status, said = response.status_code, _said(response)
    if status == 429 or (status == 403 and said.reasons & OVER_QUOTA):
        raise QuotaExhausted(
            f"The quota of {call.service} is used up for now.", retry_after=retry_after(response, now)
        )
    if status >= 500 or status == 408:
        raise Unavailable(
            f"{call.service} is not available at the moment (error {status}).",
            outcome_unknown=True,
            retry_after=retry_after(response, now),
        )
    if not 200 <= status < 300:
        raise _refusal(status, said, call, email)
    if call.answers_json and status != 204 and not _looks_like_json(response.content):
        raise Unavailable(
            f"{call.service} answered with a page instead of data. "
            "A proxy or a login page may be in between.",
            outcome_unknown=True,
        )
    return response


def _refusal(status: int, said: Said, call: Call, email: str) -> SheetsError:
    if status < 400:
        return NotConfigured(
            f"{call.service} sends Lodestar to another address, which it doesn't follow. "
            "Check SHEETS_API_ENDPOINT and HTTPS_PROXY."
        )
    if status == 401:
        return NotConfigured(_not_signed_in(call, email))
    if status == 403:
        return _forbidden(said, call, email)
    if status == 404:
        return NotFound(f"Lodestar can't find {_named(call)}. Check its id{_share(email, ', and share it')}")
    return BadRequest(_quoted(said, call, status))


def _forbidden(said: Said, call: Call, email: str) -> SheetsError:
    if said.reasons & API_IS_OFF:
        return NotConfigured(
            f"{call.service} is not switched on for Lodestar's Google project. {said.message}"
        )
    if said.message and said.reasons <= NOT_SHARED:
        return NotPermitted(f"Lodestar may not open or change {_named(call)}{_share(email, '. Share it')}")
    return NotPermitted(_quoted(said, call, 403))


def _not_signed_in(call: Call, email: str) -> str:
    if email:
        return f"{call.service} doesn't accept the key of {email}. Put a new one where {VARIABLE} says."
    return f"{call.service} asks who is calling. Set {VARIABLE} to the key file of a service account."


def _named(call: Call) -> str:
    return f"the spreadsheet {call.spreadsheet}" if call.spreadsheet else "that"


def _share(email: str, verb: str) -> str:
    return f"{verb} with {email} as an editor." if email else "."


def _quoted(said: Said, call: Call, status: int) -> str:
    return f"{call.service} refuses: {said.message or f'error {status}.'}"


def _said(response: Response) -> Said:
    if response.ok:
        return Said()
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return Said()
    if not isinstance(error, dict):
        return Said()
    listed = [*_dicts(error.get("errors")), *_dicts(error.get("details"))]
    reasons = {str(entry["reason"]) for entry in listed if entry.get("reason")}
    return Said(str(error.get("message") or "")[:LONGEST_QUOTE], frozenset(reasons))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def retry_after(response: Response, now: float) -> float | None:
    """``Retry-After`` in seconds, given as such or as a date; None without one that can be read."""
    given = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(given) if given.isdecimal() else parsedate_to_datetime(given).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return max(0.0, seconds)


def _looks_like_json(body: bytes) -> bool:
    # Read once more to be sure, a large answer would cost seconds.
    return body[:64].lstrip()[:1] == b"{" and body[-64:].rstrip()[-1:] == b"}"
