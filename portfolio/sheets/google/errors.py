"""Why a call to Google failed, in a sentence for the person who links or syncs a sheet."""
# ruff: noqa: N818 - each is named for what happened

from __future__ import annotations


class SheetsError(Exception):
    """Base of all.

    ``retryable``: the same call may succeed later although nobody does anything.
    ``outcome_unknown``: it was to write, and may have written although no answer says so.
    ``retry_after``: the seconds Google asks to wait, where it does.
    """

    retryable = False

    def __init__(
        self, message: str, *, outcome_unknown: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after


class NotConfigured(SheetsError):
    """The installation is not set up for Google; the message names the environment variable."""


class NotFound(SheetsError):
    """There is no such spreadsheet, or it is not shared with Lodestar."""


class NotPermitted(SheetsError):
    """Lodestar may not do this."""


class BadRequest(SheetsError):
    """Google refuses the request; the message is Google's own."""


class TooLarge(SheetsError):
    """The answer is larger than Lodestar reads."""


class QuotaExhausted(SheetsError):
    """Too many calls for this minute."""

    retryable = True


class Unavailable(SheetsError):
    """Google can't be reached, has an error of its own, or answers with something that is no answer."""

    retryable = True
