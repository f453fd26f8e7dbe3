"""What can be asked of the gate, and what it answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models


class Surface(models.TextChoices):
    GRID = "grid"
    FORM = "form"
    API = "api"
    ADMIN = "admin"
    IMPORT = "import"
    SHEET = "sheet"
    LLM = "llm"
    BACKEND = "backend"


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET = _Unset()


@dataclass
class SetCell:
    """Write ``value`` (raw, as typed); ``expected`` is what the writer saw there before, canonical."""

    row: int
    column: str
    value: Any
    expected: Any = UNSET


@dataclass
class CreateRow:
    """A new row; ``ref`` names it in the answer. ``key`` only for an admin's migration import.

    ``given`` are canonical values that a file, not a person, says about it, such as the sheet it came from.
    """

    ref: str
    values: dict[str, Any]
    key: str | None = None
    given: dict[str, Any] = field(default_factory=dict)


@dataclass
class DeleteRow:
    row: int


@dataclass
class RestoreRow:
    """The inverse of DeleteRow; only undo asks for it."""

    row: int


Change = SetCell | CreateRow | DeleteRow | RestoreRow

OK, INVALID, CONFLICT, DENIED = "ok", "invalid", "conflict", "denied"


@dataclass
class CellResult:
    """The answer for one cell (or, with ``column`` None, for a whole row)."""

    row: int | str
    column: str | None
    status: str = OK
    value: Any = None
    message: str = ""
    theirs: Any = UNSET
    who: str = ""
    when: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"row": self.row, "column": self.column, "status": self.status}
        if self.status == OK:
            shown["value"] = self.value
        else:
            shown["message"] = self.message
        if self.status == CONFLICT:
            shown |= {"theirs": self.theirs, "who": self.who, "when": self.when and self.when.isoformat()}
        return shown


@dataclass
class Outcome:
    """What became of a batch. Nothing of a refused cell is stored.

    ``announced``: what it changed besides, in words for the person who sent it.
    """

    batch_id: uuid.UUID
    revision: int = 0
    results: list[CellResult] = field(default_factory=list)
    created: dict[str, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    announced: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(result.status == OK for result in self.results)

    @property
    def refused(self) -> list[CellResult]:
        return [result for result in self.results if result.status != OK]
