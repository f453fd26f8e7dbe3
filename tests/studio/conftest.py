"""People in front of the studio of an initiative, without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import initiative, north_star
from tests.scoring.conftest import give, model

FORMULA = "uplift = traffic * rate\nvalue = uplift * margin"


@pytest.fixture
def ana(client: Client, person: Any) -> Client:
    client.force_login(person("PM", username="ana"))
    return client


@pytest.fixture
def signed_in(person: Any) -> Callable[..., Client]:
    """``signed_in("Viewer")`` → a client of somebody with that role."""

    def enter(*roles: str) -> Client:
        client = Client()
        client.force_login(person(*roles))
        return client

    return enter


@pytest.fixture
def checkout(db: None) -> Any:
    """An initiative with an approved model, its params filled and approved."""
    north_star("revenue", unit="GBP")
    row = initiative("Faster checkout", effort_engineering_days=20, problem_statement="People give up.")
    chain = "signup → revenue"
    model(row, FORMULA, target_kpi="revenue", metric_chain_text=chain, immediate_kpi="signup")
    give(row, traffic=1000, rate=0.05, margin=8)
    return row


def path(row: Any, rest: str = "") -> str:
    return f"/studio/{row.initiative_key}/{rest}"


def tried(client: Client, row: Any, formula: str, _status: int = 200, **params: Any) -> dict[str, Any]:
    """What ``studio-try`` answers; a param is a value, or its cells."""
    cells = {name: cell if isinstance(cell, dict) else {"value": cell} for name, cell in params.items()}
    asked = json.dumps({"formula": formula, "params": cells})
    answer = client.post(path(row, "try/"), asked, content_type="application/json")
    assert answer.status_code == _status, answer.text
    return answer.json()
