"""A loopback OpenAI-compatible server whose answers a test scripts: real HTTP for the real SDK.

``server.say(...)`` queues answers, one per call; the last one repeats. An answer is a dict (the content, as
JSON), a Raw, or a function of the request that returns one of them. ``server.calls`` are the requests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Raw:
    """Bytes on the wire. ``drip``: one byte every so many seconds, until the test is over."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    drip: float = 0
    hang: bool = False
    cut: bool = False


def completion(content: Any, *, finish: str = "stop", usage: Any = (100, 50), **message: Any) -> Raw:
    text = content if isinstance(content, str | None) else json.dumps(content)
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
    }
    if usage:
        body["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
        }
    return Raw(json.dumps(body).encode())


def error(status: int, message: str = "no", headers: dict[str, str] | None = None, **more: Any) -> Raw:
    return Raw(json.dumps({"error": {"message": message, **more}}).encode(), status, headers or {})


class LlmServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.script: list[Any] = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def say(self, *answers: Any) -> None:
        self.script = list(answers)

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def next_answer(self, call: dict[str, Any]) -> Raw:
        with self.lock:
            self.calls.append(call)
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Callable):
            answer = answer(call)
        return answer if isinstance(answer, Raw) else completion(answer)

    def prompts(self) -> list[str]:
        """The user's messages of every call, joined."""
        return [
            "\n".join(m["content"] for m in call["messages"] if m["role"] == "user") for call in self.calls
        ]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: LlmServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers.get("Authorization", ""))
        self._send(self.server.next_answer(json.loads(body)))

    def _send(self, answer: Raw) -> None:
        if answer.hang:
            self.server.over.wait(30)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body) + answer.cut))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.drip:
            self._drip(answer)
        else:
            self.wfile.write(answer.body)
        self.close_connection = answer.cut

    def _drip(self, answer: Raw) -> None:
        for byte in answer.body:
            if self.server.over.wait(answer.drip):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        pass
