import pytest

from tests.google.fixtures import google

__all__ = ["google"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries wait no time in tests; how long they would is tested with a clock."""
    monkeypatch.setattr("portfolio.sheets.google.http.FIRST_WAIT", 0.0)
