"""What a sync is about to do to one tab: plain records, decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portfolio.sheets.models import Conflict, LinkedTab
from portfolio.tabs.changes import CreateRow, SetCell
from portfolio.tabs.columns import Column

MOST_TOLD = 200  # changes listed per tab; they are counted all the same
Agreed = tuple[list[str], dict[str, Any]]  # what a row's key and its cells say on both sides


@dataclass(slots=True)  # not frozen: they are made by the hundred thousand
class Push:
    """One cell of the sheet to write. ``was`` is what the cell held when it was read, as the sheet has it.

    ``column`` None is the run status; ``pk`` None a row that is no row of Lodestar's.
    """

    pk: int | None
    number: int
    at: int
    column: Column | None
    value: Any
    was: Any
    by_person: bool = False


@dataclass(frozen=True)
class Told:
    """One line of the report."""

    place: str
    key: str
    column: str
    verdict: str
    here: Any = None
    sheet: Any = None
    said: str = ""


@dataclass
class Counts:
    """Cells pulled, pushed, held and discarded; rows of everything else."""

    read: int = 0
    pulled: int = 0
    pushed: int = 0
    created: int = 0
    appended: int = 0
    removed: int = 0
    conflicts: int = 0
    discarded: int = 0
    held: int = 0
    quarantined: int = 0
    lost: int = 0


@dataclass
class Plan:
    """``pulls`` by primary key, ``creates`` by the sheet's row; numbers are rows of the sheet."""

    linked: LinkedTab
    counts: Counts = field(default_factory=Counts)
    pulls: dict[int, list[SetCell]] = field(default_factory=dict)
    repeats: dict[int, list[SetCell]] = field(default_factory=dict)  #: what those rows say besides, unchanged
    says: dict[tuple[int, str], Any] = field(default_factory=dict)  #: the sheet's value of what is pulled
    creates: dict[int, CreateRow] = field(default_factory=dict)
    said_by: dict[int, dict[str, Any]] = field(default_factory=dict)  #: the sheet's values of what is made
    pushes: list[Push] = field(default_factory=list)
    appends: list[int] = field(default_factory=list)
    removals: dict[int, int] = field(default_factory=dict)  #: rows of the sheet to take out, by primary key
    conflicts: list[Conflict] = field(default_factory=list)
    bases: dict[int, Agreed] = field(default_factory=dict)  #: new ones and those that moved
    forgotten: list[int] = field(default_factory=list)  #: bases of rows that are gone on both sides
    numbers: dict[int, int] = field(default_factory=dict)  #: the sheet's row by primary key
    problems: dict[int, list[str]] = field(default_factory=dict)
    happened: dict[int, list[str]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left_alone: str = ""

    @property
    def tells_more(self) -> bool:
        return len(self.told) < MOST_TOLD

    def problem(self, number: int, text: str) -> None:
        self.problems.setdefault(number, []).append(text)

    def event(self, number: int, text: str) -> None:
        self.happened.setdefault(number, []).append(text)

    @property
    def takes(self) -> bool:
        """Whether it changes anything in Lodestar."""
        return bool(self.pulls or self.creates)
