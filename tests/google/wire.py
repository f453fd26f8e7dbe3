"""HTTP on loopback: reads requests, sends answers, and spoils them where a fault says so."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.google.calls import Call
from tests.google.errors import GoogleError
from tests.google.faults import Answer, Fault

if TYPE_CHECKING:
    from tests.google.server import GoogleServer

PACKED_FROM = 1000


class Wire(ThreadingHTTPServer):
    """A thread for each connection, all of which end with ``close``."""

    request_queue_size = 64

    def __init__(self, google: GoogleServer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.google = google
        self.connections: set[socket.socket] = set()

    def open(self) -> None:
        serve = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        serve.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            close(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may hang up whenever it likes; anything else is for the test to see."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.google.broken.append(error)


def close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was quicker


class Handler(BaseHTTPRequestHandler):
    server: Wire
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.google = self.server.google
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
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
        except BaseException as error:  # a hook's or our own: the test has to see it
            self.google.broken.append(error)
            call.status = 500
            self.send(Answer.of(500, GoogleError(500, repr(error)).sheets()), None)

    def serve(self, call: Call) -> None:
        method, fault = self.google.arrived(call)
        answer = self.google.answered(call, method) if fault is None or fault.applies else None
        if fault:
            answer = fault.answer(call) or answer
            if fault.travel != "drip":
                self.google.stopping.wait(fault.seconds)
        if answer is None or (fault and fault.travel == "drop"):
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
        self.end_headers()
        travel = fault.travel if fault else "whole"
        if fault and travel == "drip":
            self.drip(answer.body, fault.seconds)
        elif travel == "cut":
            self.write(answer.body[: len(answer.body) // 2])
            self.drop()
        else:
            self.write(answer.body)

    def drip(self, body: bytes, seconds: float) -> None:
        self.wfile.flush()
        for at in range(len(body)):
            if self.google.stopping.wait(seconds):
                return
            self.write(body[at : at + 1])

    def write(self, body: bytes) -> None:
        self.wfile.write(body)
        self.wfile.flush()

    def drop(self) -> None:
        self.close_connection = True
        close(self.connection)
