"""The service account Lodestar calls Google as: one per process, its token shared by all threads."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from portfolio.sheets.google.errors import NotConfigured, Unavailable

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials

# Sheets are read and written. Drive tells what changed and makes new workbooks in a shared folder.
# "drive.file" would show only files Lodestar made itself, never those people share with it. All of Drive
# is no more than what people share: a service account has no files of its own.
SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
VARIABLE = "GOOGLE_SERVICE_ACCOUNT_FILE"
NEEDED = ("client_email", "private_key", "token_uri")
_reading = threading.Lock()


class ServiceAccount:
    """Made from the content of its key file."""

    def __init__(self, key: dict[str, Any]) -> None:
        self.email = str(key["client_email"])
        self._key = key
        self._lock = threading.Lock()

    def token(self, fetch: Callable[..., Any]) -> str:
        """A token that is good for a while; ``fetch`` makes the request for a new one when it is needed.

        Raises NotConfigured where Google doesn't accept the key, Unavailable where it can't say.
        """
        from google.auth.exceptions import GoogleAuthError

        with self._lock:
            try:
                if not self._credentials.valid:
                    self._credentials.refresh(fetch)
            except GoogleAuthError as error:
                raise _no_token(error, self.email) from error
            return str(self._credentials.token)

    def forget(self, token: str) -> None:
        """Don't use ``token`` again."""
        with self._lock:
            if self._credentials.token == token:
                self._credentials.token = None

    @cached_property
    def _credentials(self) -> Credentials:
        from google.oauth2.service_account import Credentials

        try:
            return Credentials.from_service_account_info(self._key, scopes=SCOPES)
        except ValueError as error:
            raise NotConfigured(f"The private key in the file of {VARIABLE} is damaged: {error}") from error


def service_account() -> ServiceAccount | None:
    """The account the settings name, or None when they name none. Raises NotConfigured for a bad file."""
    path = settings.GOOGLE_SERVICE_ACCOUNT_FILE
    if not path:
        return None
    try:
        with _reading:  # or threads that start together would each sign in
            return _read(path, Path(path).stat().st_mtime_ns)
    except OSError as error:
        raise NotConfigured(f"{VARIABLE} names {path}, which can't be read: {error.strerror}.") from error


@lru_cache(maxsize=1)
def _read(path: str, changed: int) -> ServiceAccount:
    try:
        key = json.loads(Path(path).read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) for name in NEEDED):
        raise NotConfigured(
            f"{VARIABLE} names {path}, which is not a service account's key. "
            "The Google Cloud console makes one: Service accounts, Keys, Add key, JSON."
        )
    return ServiceAccount(key)


def _no_token(error: Any, email: str) -> NotConfigured | Unavailable:
    if error.retryable:
        return Unavailable("Google doesn't sign Lodestar in at the moment.")
    return NotConfigured(
        f"Google doesn't sign {email} in: {error.args[0] if error.args else error}. "
        f"Put a new key where {VARIABLE} says, and check that the server's clock is right."
    )
