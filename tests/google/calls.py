"""One request that reached the server, in words a test can ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.google.cells import Json


@dataclass
class Call:
    """``kind`` is Google's name of the method, as ``values.batchUpdate`` or ``drive.changes.list``.

    ``status`` is what was answered; None: nothing was (the connection was dropped).
    """

    method: str
    path: str
    params: dict[str, list[str]]
    body: Any
    kind: str = ""
    place: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    reads: bool = False

    @classmethod
    def read(cls, method: str, target: str, body: bytes) -> Call:
        url = urlsplit(target)
        return cls(method, url.path, parse_qs(url.query, keep_blank_values=True), _json(body))

    @property
    def api(self) -> str:
        return "drive" if self.path.startswith("/drive/") else "sheets"

    @property
    def requests(self) -> list[str]:
        """The kinds in a ``batchUpdate``, as ``["updateCells", "findReplace"]``."""
        batch = self.body.get("requests") if isinstance(self.body, dict) else None
        return [kind for request in batch or [] if isinstance(request, dict) for kind in request]

    @property
    def spreadsheet_id(self) -> str:
        return self.place.get("id", "")

    def is_a(self, name: str) -> bool:
        """Whether ``name`` is its kind, its API, "read" or "write", or a request kind in its batch."""
        return name in (self.kind, self.api, "read" if self.reads else "write", *self.requests)

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        return self.param(name).lower() == "true"

    def json(self) -> Json:
        return self.body if isinstance(self.body, dict) else {}


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body
