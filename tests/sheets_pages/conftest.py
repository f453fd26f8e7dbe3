from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for stays queued."""
    monkeypatch.setattr("portfolio.actions.broker.publish", lambda run: None)


@pytest.fixture
def as_role(person: Any) -> Callable[[str], Client]:
    def enter(role: str) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return enter


@pytest.fixture
def pm(as_role: Any) -> Client:
    return as_role("PM")
