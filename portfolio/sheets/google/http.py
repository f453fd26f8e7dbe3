"""Every call to Google: signed, paced, made again where that is safe, and never longer than its budget."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

from gspread.http_client import FileType, HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL
from requests import Response, Session

from portfolio.sheets.google.answers import checked
from portfolio.sheets.google.calls import Call, Calls
from portfolio.sheets.google.credentials import ServiceAccount
from portfolio.sheets.google.errors import QuotaExhausted, SheetsError
from portfolio.sheets.google.exchange import exchange, new_session
from portfolio.sheets.google.pacing import Budget, Clock, Pace

log = logging.getLogger(__name__)

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
CALL_SECONDS = 300  # for one call: until its turn comes, for all attempts and the waits between them
MOST_ATTEMPTS = 20
FIRST_WAIT, LONGEST_WAIT = 1.0, 32.0
READS, WRITES = Pace(), Pace()  # Google counts them per account, so this process does


class GoogleHTTPClient(HTTPClient):
    """What gspread sends its calls through.

    ``endpoint`` stands in for the scheme and host of Google's APIs. Without ``auth`` calls are not signed.
    A call is made again after 429, and if it is idempotent also after 5xx, timeouts and broken connections.
    One per thread. ``set_timeout`` has no effect; ``within`` sets how long calls may take.
    """

    def __init__(
        self,
        auth: ServiceAccount | None = None,
        session: Session | None = None,
        *,
        endpoint: str = "",
        reads: Pace | None = None,
        writes: Pace | None = None,
        clock: Clock | None = None,
    ) -> None:
        # Not the parent's: its session would follow redirects and make calls again unasked.
        self.account = auth
        self.session = session or new_session()
        self.endpoint = endpoint.rstrip("/")
        self.clock = clock or Clock()
        self.calls = Calls()
        self._reads, self._writes = reads or READS, writes or WRITES
        self._budget: Budget | None = None

    @property
    def email(self) -> str:
        """Whom spreadsheets are to be shared with; nothing where calls are not signed."""
        return self.account.email if self.account else ""

    @contextmanager
    def within(self, seconds: float, check: Callable[[], object] | None = None) -> Iterator[Calls]:
        """The block's calls may take ``seconds`` altogether; gives the count of them, from zero.

        ``check`` is asked while waiting and reading; what it raises (a job's cancel) ends the call.
        """
        before = self._budget
        self._budget, self.calls = Budget(seconds, check, self.clock), Calls()
        try:
            yield self.calls
        finally:
            self._budget = before
            self.session.close()  # an idle connection would be dead, unnoticed, by the next sync

    def request(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: Any = None,
        *,
        idempotent: bool | None = None,
    ) -> Response:
        """The answer with a 2xx status. ``endpoint`` is the address as Google has it.

        ``idempotent`` says whether the call may be made twice; None: what its method and address tell.
        Raises SheetsError, and whatever the ``check`` of ``within`` raises.
        """
        call = Call(method, endpoint, idempotent)
        content = {"params": params, "data": data, "json": json, "files": files, "headers": headers}
        budget = self._budget.part(CALL_SECONDS) if self._budget else Budget(CALL_SECONDS, clock=self.clock)
        unknown = False
        for attempt in count():
            budget.refuse_when_spent()
            self._take_turn(call, budget)
            try:
                return self._answer(call, budget, content)
            except SheetsError as failure:
                failure.outcome_unknown = unknown = call.writes and (unknown or failure.outcome_unknown)
                wait = _wait_after(failure, call, attempt, budget)
            budget.wait(wait)
        raise AssertionError("count() has no end")

    def batch_update(self, id: str, body: Mapping[str, Any] | None, *, idempotent: bool = False) -> Any:
        """As gspread's; say ``idempotent=True`` where doing the requests twice does no harm."""
        url = SPREADSHEET_BATCH_UPDATE_URL % id
        return self.request("post", url, json=body, idempotent=idempotent).json()

    def _take_turn(self, call: Call, budget: Budget) -> None:
        if not call.is_drive:  # Drive allows 12 000 calls a minute
            (self._writes if call.writes else self._reads).take_turn(budget)

    def _answer(self, call: Call, budget: Budget, content: dict[str, Any]) -> Response:
        token = self._token(budget)
        response = self._send(call, budget, content, token)
        if response.status_code == 401 and self.account:
            self.account.forget(token)  # it was withdrawn before its time; a new one may do
            response = self._send(call, budget, content, self._token(budget))
        return checked(response, call, self.email, self.clock.date())

    def _send(self, call: Call, budget: Budget, content: dict[str, Any], token: str) -> Response:
        headers = {**(content["headers"] or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self.calls.count(call)
        return exchange(
            self.session, budget, call.method, self._address(call), **{**content, "headers": headers}
        )

    def _address(self, call: Call) -> str:
        for host in HOSTS:
            if call.url.startswith(f"{host}/"):
                return (self.endpoint or host) + call.url.removeprefix(host)
        raise ValueError(f"{call.url} is no address of Google Sheets or Drive; nothing is sent there.")

    def _token(self, budget: Budget) -> str:
        def fetch(url: str, method: str, headers: Any = None, body: Any = None, **_: Any) -> SimpleNamespace:
            answer = exchange(self.session, budget, method, url, headers=headers, data=body)
            return SimpleNamespace(status=answer.status_code, headers=answer.headers, data=answer.content)

        try:
            return self.account.token(fetch) if self.account else ""
        except SheetsError as failure:
            failure.outcome_unknown = False  # the call itself was not made
            raise


def _wait_after(failure: SheetsError, call: Call, attempt: int, budget: Budget) -> float:
    """Seconds until the call may be made again. Raises ``failure`` where it may not, or not in time."""
    again = isinstance(failure, QuotaExhausted) or (failure.retryable and call.idempotent)
    if not again or not budget.left or attempt + 1 == MOST_ATTEMPTS:
        raise failure
    # Full jitter, so that jobs that failed together don't come back together.
    backoff = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))  # noqa: S311
    wait = max(backoff, failure.retry_after or 0.0)
    if wait >= budget.left:
        raise type(failure)(
            f"{failure} Trying again would take longer than the time there is.",
            outcome_unknown=failure.outcome_unknown,
            retry_after=failure.retry_after,
        ) from failure
    log.info("%s Trying again in %.1f s.", failure, wait)
    return wait
