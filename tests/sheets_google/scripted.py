"""A loopback server that answers what it is told to, byte for byte: what the faithful one never does."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    method: str
    path: str
    headers: Any
    body: bytes
    port: int  #: the client's: two calls of one connection have the same


@dataclass
class Scripted:
    """``script`` is answered in order, then everything with ``{}``."""

    url: str
    script: deque[Reply] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)

    def answers(self, *replies: Reply) -> None:
        self.script.extend(replies)


def says(status: int = 200, body: Any = None, **headers: str) -> Reply:
    """JSON for a dict, otherwise the text as HTML. ``Retry_After="7"`` is a header."""
    is_page = isinstance(body, str)
    content = (body if is_page else json.dumps({} if body is None else body)).encode()
    kind = {"Content-Type": "text/html" if is_page else "application/json; charset=UTF-8"}

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**kind, "Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def error(status: int, message: str = "", **headers: str) -> Reply:
    return says(status, {"error": {"code": status, "message": message}}, **headers)


def drops(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def stops_halfway(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"values": ')
    handler.close_connection = True


def never_answers(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.settimeout(30)
    handler.connection.recv(1)  # until the client gives up
    handler.close_connection = True


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A byte every twentieth of a second, ten seconds long, in what would be a good answer in the end."""
    handler.send_response(200)
    handler.send_header("Content-Length", "202")
    handler.end_headers()
    _drip(handler, b"{" + b" " * 200 + b"}")


def drips_chunks(handler: BaseHTTPRequestHandler) -> None:
    """The same within the length of a chunk, where not even a single byte of the body arrives."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    _drip(handler, b"0" * 200 + b"2\r\n{}\r\n0\r\n\r\n")


def _drip(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    pause = threading.Event()
    for at in range(len(content)):
        handler.wfile.write(content[at : at + 1])
        pause.wait(0.05)
    dripped_to_the_end.append(handler.path)


dripped_to_the_end: list[str] = []


def never_ends(handler: BaseHTTPRequestHandler) -> None:
    """Looks complete, but without a length only its end would say so."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b'{"values": [1]}')
    never_answers(handler)


@contextmanager
def scripted() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.seen.append(Seen(self.command, self.path, self.headers, body, self.client_address[1]))
            (told.script.popleft() if told.script else says())(self)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Tests are quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """Clients that hang up are part of the script."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told = Scripted(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield told
        server.shutdown()
