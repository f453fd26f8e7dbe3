"""One HTTP request and its whole answer, bounded in time and size."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.exceptions import InvalidJSONError, InvalidSchema, InvalidURL, ProxyError
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from portfolio.sheets.google.errors import NotConfigured, SheetsError, TooLarge, Unavailable
from portfolio.sheets.google.pacing import Budget

CONNECT_SECONDS = 20
READ_SECONDS = 180  # after which Google itself gives up on a request
MOST_BYTES = 200 * 2**20
CHUNK = 2**16


def new_session() -> requests.Session:
    """Takes proxies and certificates from the environment, but no password."""
    session = requests.Session()
    session.auth = _unchanged  # without any, requests would put one from ~/.netrc over our token
    session.headers["User-Agent"] = "Lodestar (gzip)"  # Google packs answers for agents that say so
    return session


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def exchange(
    session: requests.Session, budget: Budget, method: str, url: str, **content: Any
) -> requests.Response:
    """The answer, whatever its status; its body is read. Redirects are answers, too: nothing is sent there.

    Raises Unavailable, TooLarge, or NotConfigured where certificates don't fit.
    """
    left = budget.refuse_when_spent()
    timeout = (min(CONNECT_SECONDS, left), min(READ_SECONDS, left))
    try:
        response = session.request(
            method, url, stream=True, allow_redirects=False, timeout=timeout, **content
        )
        return _with_body(response, budget)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        # A read that was cut off looks like a broken connection.
        raise _failure(error if budget.left else requests.Timeout(), urlsplit(url).netloc) from error


def _with_body(response: requests.Response, budget: Budget) -> requests.Response:
    body, raw = BytesIO(), response.raw
    try:
        with _cut_off(raw, budget) as cut:
            for part in raw.stream(CHUNK, decode_content=True):
                _take(part, body)
                budget.check()
        if cut.is_set():
            raise requests.Timeout
    finally:
        raw.close()
    body.seek(0)
    response.raw = body
    return response


def _take(part: bytes, body: BytesIO) -> None:
    body.write(part)
    if body.tell() > MOST_BYTES:
        raise TooLarge(
            f"Google's answer is larger than {MOST_BYTES // 2**20} MB. "
            "Split the workbook, or delete rows nobody uses.",
            outcome_unknown=True,
        )


@contextmanager
def _cut_off(raw: Any, budget: Budget) -> Iterator[threading.Event]:
    """Ends reading with the budget: a body that drips never runs into the timeout of a single read."""
    cut = threading.Event()

    def shut() -> None:
        cut.set()
        with suppress(ValueError, RuntimeError, OSError):  # it was read to its end just now
            raw.shutdown()

    timer = threading.Timer(budget.left, shut)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()


def _failure(error: Exception, host: str) -> SheetsError:
    if isinstance(error, InvalidJSONError):
        raise error  # nothing was sent: it is our own mistake
    if wrong := _wrong_setting(error, host):
        return NotConfigured(wrong)
    if _never_connected(error):
        return Unavailable(
            f"{host} can't be reached. Check the network, HTTPS_PROXY and SHEETS_API_ENDPOINT."
        )
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return Unavailable(f"{host} didn't answer in time.", outcome_unknown=True)
    return Unavailable(
        f"The connection to {host} broke before the answer was complete.", outcome_unknown=True
    )


def _wrong_setting(error: Exception, host: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            f"The certificate of {host} can't be verified. Where a company's proxy is in between, "
            "set REQUESTS_CA_BUNDLE to a file with its certificate."
        )
    if isinstance(error, InvalidURL | InvalidSchema):
        return f"{error}. Check SHEETS_API_ENDPOINT and HTTPS_PROXY."
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return f"{error}. Check REQUESTS_CA_BUNDLE."
    return ""


def _never_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout | ProxyError) or isinstance(reason, NewConnectionError)
