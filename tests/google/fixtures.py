"""``google``: a server for one test. A conftest imports it: ``from tests.google.fixtures import google``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.google import GoogleServer


@pytest.fixture
def google(settings: Any) -> Iterator[GoogleServer]:
    """The server, with ``SHEETS_API_ENDPOINT`` leading to it."""
    with GoogleServer() as server:
        settings.SHEETS_API_ENDPOINT = server.url
        yield server
