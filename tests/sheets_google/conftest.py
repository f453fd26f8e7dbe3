import pytest

from portfolio.sheets.google.pacing import Pace
from tests.google.fixtures import google

__all__ = ["google"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries and turns wait no time in tests; how long they would is tested with a clock."""
    monkeypatch.setattr("portfolio.sheets.google.http.FIRST_WAIT", 0.0)
    monkeypatch.setattr("portfolio.sheets.google.http.READS", Pace(1_000_000))
    monkeypatch.setattr("portfolio.sheets.google.http.WRITES", Pace(1_000_000))
