"""Google Sheets v4 and Drive v3 on loopback, with people at their browsers and faults on demand."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar

from tests.google import api
from tests.google.browser import Book
from tests.google.calls import Call
from tests.google.drive import Drive
from tests.google.errors import GoogleError
from tests.google.faults import Answer, Fault, FaultPlan, Matching, Quota, matches

ACCOUNT = "lodestar@plan.iam.gserviceaccount.com"
PERSON = "ada.lovelace@example.com"
PACKED_FROM = 1000
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
        self.broken: list[Exception] = []
        self._hooks: list[tuple[Hook, Matching]] = []
        self._quota: Quota | None = None
        self._connections: set[socket.socket] = set()
        handler = type("BoundHandler", (Handler,), {"google": self})
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._httpd.server_address[1]}"

    # Life ---------------------------------------------------------------------------------------------

    def start(self) -> GoogleServer:
        serve = threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        serve.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._httpd.shutdown()
        self._httpd.server_close()
        with self.lock:
            connections = list(self._connections)
        for connection in connections:
            close(connection)

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
                return Answer.of(error.code, error.drive() if call.api == "drive" else error.sheets())
        return Answer.of(204 if body is None else 200, body)

    def connected(self, connection: socket.socket) -> None:
        with self.lock:
            self._connections.add(connection)

    def disconnected(self, connection: socket.socket) -> None:
        with self.lock:
            self._connections.discard(connection)


def close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was quicker


class Handler(BaseHTTPRequestHandler):
    google: ClassVar[GoogleServer]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.google.connected(self.connection)

    def finish(self) -> None:
        self.google.disconnected(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at ``google.calls``."""

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call.read(self.command, self.path, body)
        try:
            self.serve(call)
        except ConnectionError:
            self.close_connection = True  # the client gave up
        except Exception as error:  # a hook's or our own: the test has to see it
            self.google.broken.append(error)
            call.status = 500
            self.send(Answer.of(500, GoogleError(500, repr(error)).sheets()), None)

    def serve(self, call: Call) -> None:
        method, fault = self.google.arrived(call)
        if fault and fault.travel != "drip":
            self.google.stopping.wait(fault.seconds)
        if fault is None or fault.applies:
            answer = self.google.answered(call, method)
        if fault and fault.answer:
            answer = fault.answer
        if fault and fault.travel == "drop":
            self.drop()
            return
        call.status = answer.status
        self.send(answer, fault)

    def packed(self, answer: Answer) -> Answer:
        """Google packs answers for agents that ask for it and have gzip in their name as well."""
        asked = (self.headers.get(name) or "" for name in ("Accept-Encoding", "User-Agent"))
        if len(answer.body) < PACKED_FROM or not all("gzip" in each for each in asked):
            return answer
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        return replace(answer, body=gzip.compress(answer.body, 1, mtime=0), headers=headers)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815

    def send(self, answer: Answer, fault: Fault | None) -> None:
        answer = self.packed(answer)
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.type, **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        head = b"".join([*self._headers_buffer, b"\r\n"])
        self._headers_buffer = []
        travel = fault.travel if fault else "whole"
        if travel == "drip":
            self.drip(head, answer.body, fault.seconds if fault else 0)
        elif travel == "cut":
            self.wfile.write(head + answer.body[: len(answer.body) // 2])
            self.drop()
        else:
            self.wfile.write(head + answer.body)

    def drip(self, head: bytes, body: bytes, seconds: float) -> None:
        self.wfile.write(head)
        for at in range(len(body)):
            if self.google.stopping.wait(seconds):
                return
            self.wfile.write(body[at : at + 1])

    def drop(self) -> None:
        self.close_connection = True
        close(self.connection)
