"""Google Sheets v4 and Drive v3 on loopback, with people at their browsers and faults on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from tests.google import api
from tests.google.browser import Book
from tests.google.calls import Call
from tests.google.drive import Drive
from tests.google.errors import GoogleError
from tests.google.faults import Answer, Fault, FaultPlan, Matching, Quota, matches
from tests.google.wire import Wire

ACCOUNT = "lodestar@plan.iam.gserviceaccount.com"
PERSON = "ada.lovelace@example.com"
Hook = Callable[[Call], object]


class GoogleServer:
    """``with GoogleServer() as google: …``; ``google.url`` stands for both Google hosts.

    The API acts as ``account``, everything done through a ``Book`` as ``person``, who owns the books.
    """

    def __init__(self) -> None:
        self.account, self.person = ACCOUNT, PERSON
        self.drive = Drive(ACCOUNT)
        self.lock = threading.RLock()
        self.calls: list[Call] = []
        self.faults = FaultPlan()
        self.stopping = threading.Event()
        self.broken: list[BaseException] = []
        self._hooks: list[tuple[Hook, Matching]] = []
        self._quota: Quota | None = None
        self._wire: Wire | None = None

    @property
    def url(self) -> str:
        assert self._wire, "The server was not started."
        return f"http://127.0.0.1:{self._wire.server_address[1]}"

    # Life ---------------------------------------------------------------------------------------------

    def start(self) -> GoogleServer:
        self._wire = Wire(self)
        self._wire.open()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self._wire:
            self._wire.close()

    def __enter__(self) -> GoogleServer:
        return self.start()

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self.broken and error is None:
            raise self.broken[0]

    # What tests ask for -------------------------------------------------------------------------------

    def book(
        self,
        title: str,
        sheets: Mapping[str, list[list[Any]]] | None = None,
        *,
        rows: int = 1000,
        columns: int = 26,
        role: str | None = "writer",
    ) -> Book:
        """A new spreadsheet of the person's, shared with the account in ``role`` (None: not at all).

        ``sheets``: title → rows of typed values (text that begins with = is a formula). The grids have
        ``rows`` × ``columns``, or as many as the values need.
        """
        with self.lock:
            file = self.drive.create(title, self.person)
            if role:
                file.roles[self.account] = role
            book = Book(self, file.spreadsheet.id)
            for name, values in (sheets or {"Sheet1": []}).items():
                book.add_sheet(name, values, rows=rows, columns=columns)
            return book

    def open(self, spreadsheet_id: str) -> Book:
        """The book with that id, such as one the account made itself."""
        return Book(self, self.drive.files[spreadsheet_id].spreadsheet.id)

    def books(self) -> list[Book]:
        return [Book(self, id_) for id_ in self.drive.files]

    @property
    def sheets_calls(self) -> list[Call]:
        return [call for call in self.calls if call.api == "sheets"]

    @property
    def drive_calls(self) -> list[Call]:
        return [call for call in self.calls if call.api == "drive"]

    def reset_calls(self) -> None:
        with self.lock:
            self.calls = []

    def fail_next(self, fault: Fault, matching: Matching = None, times: int = 1, after: int = 0) -> None:
        """The next ``times`` calls that match, after letting ``after`` of them pass, meet ``fault``.

        ``matching``: a kind of call or of batch request, "sheets", "drive", "read", "write", or a function of
        the call.
        """
        with self.lock:
            self.faults.add(fault, matching, times, after)

    def before_call(self, hook: Hook, matching: Matching = None) -> Callable[[], None]:
        """Runs ``hook(call)`` before every matching call is looked at; the result, called, ends that.

        What a hook raises fails the test when the server stops.
        """
        entry = (hook, matching)
        with self.lock:
            self._hooks.append(entry)
        return lambda: self._hooks.remove(entry)

    def between(self, n: int, hook: Callable[[], object], matching: Matching = None) -> None:
        """Runs ``hook()`` once, between the ``n``-th matching call from now on and the one after it."""
        seen = 0

        def count(call: Call) -> None:
            nonlocal seen
            seen += 1
            if seen == n + 1:
                end()
                hook()

        end = self.before_call(count, matching)

    def quota(self, per_minute: int | None = 60, clock: Callable[[], float] = time.monotonic) -> None:
        """Answers 429 beyond ``per_minute`` reads or writes; None lifts the quota."""
        with self.lock:
            self._quota = None if per_minute is None else Quota(per_minute, clock)

    def change(self, spreadsheet_id: str, work: Callable[[Any], Any]) -> Any:
        """Does ``work(draft)`` on a spreadsheet as the person; what fails leaves no trace."""
        with self.lock:
            draft = self.drive.files[spreadsheet_id].spreadsheet.draft(self.person)
            result = work(draft)
            self.drive.save(draft, self.person)
            return result

    # What the handler asks for ------------------------------------------------------------------------

    def arrived(self, call: Call) -> tuple[api.Method | None, Fault | None]:
        method = api.recognise(call)
        with self.lock:
            hooks = [hook for hook, matching in self._hooks if matches(matching, call)]
        for hook in hooks:
            hook(call)
        with self.lock:
            self.calls.append(call)
            return method, self.faults.take(call)

    def answered(self, call: Call, method: api.Method | None) -> Answer:
        with self.lock:
            refusal = self._quota and self._quota.refuses(call)
            if refusal:
                return refusal
            try:
                body = api.answer(self.drive, call, method)
            except GoogleError as error:
                return Answer.of(error.code, error.worded(call.api))
        return Answer.of(204 if body is None else 200, body)
