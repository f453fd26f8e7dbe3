"""A backlog in a sheet: two initiatives, one column of the PM's own, and a few kinds of cells."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.google import GoogleServer
from tests.sheets_google.desk import Desk

HEADER = [
    "Initiative Key",
    "Title",
    "Market",
    "Risk Level",
    "Engineering Tokens",
    "MVP Value Share",
    "Is Optimization Candidate",
    "Deadline Date",
    "Hypothesis",
    "Overall Score",
    "My remarks",
    "Run Status",
]
ALPHA = ["", "Alpha", "UK", "low", 5, 0.5, True, date(2026, 4, 1), "It helps", "", "ask Bea", ""]
BETA = ["", "Beta", "FR", "high", 8, "", False, "", "", "", "=LEN(B3)", ""]


def row(title: str, **cells: Any) -> list[Any]:
    """A row without a key, with these cells by header."""
    given = {"Title": title, **{name.replace("_", " "): value for name, value in cells.items()}}
    return [given.get(header, "") for header in HEADER]


def backlog(google: GoogleServer, *more: list[Any]) -> Desk:
    """In step: Alpha is INIT-000001, Beta INIT-000002, and so on."""
    desk = Desk(google, "backlog", [HEADER, ALPHA, BETA, *more])
    desk.sync()
    google.reset_calls()
    return desk
