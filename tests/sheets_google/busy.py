"""Syncs with something of everything to do, so that each of their calls can meet a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from initiatives.models import Initiative
from portfolio.sheets.models import Conflict
from tests.google import GoogleServer
from tests.sheets_google.backlog import ALPHA, BETA, HEADER, backlog, row
from tests.sheets_google.desk import Desk

GAMMA, DELTA = row("Gamma", Market="ES", Risk_Level="low"), row("Delta", Market="PT", Risk_Level="low")


@dataclass(frozen=True)
class Scene:
    """``calls`` are those of a clean sync; ``initiatives`` and ``conflicts`` what there is afterwards."""

    name: str
    prepare: Callable[[GoogleServer], Desk]
    calls: tuple[str, ...]
    initiatives: int
    conflicts: int = 0
    rows: int = 0  #: of the sheet, where some are blank

    def __str__(self) -> str:
        return self.name

    def ends_well(self, desk: Desk) -> None:
        """Settled, with neither more nor less than a clean sync leaves."""
        desk.settle()
        assert Initiative.objects.count() == self.initiatives
        assert Conflict.objects.waiting().count() == self.conflicts
        assert len(desk.sheet.rows()) == 1 + (self.rows or self.initiatives)


def everyday(google: GoogleServer) -> Desk:
    """Edits on both sides, a conflict, new rows on both sides, a value typed over one of Lodestar's."""
    desk = backlog(google, GAMMA, DELTA)
    desk.type("Alpha", "Market", "DE")
    desk.edit("Beta", market="IT")
    desk.edit("Gamma", hypothesis="It costs little")
    desk.edit("Alpha", engineering_tokens=6)
    desk.type("Delta", "Market", "AT")
    desk.edit("Delta", market="CH")
    desk.type("Gamma", "Overall Score", "7")
    desk.write_row(row("Epsilon", Market="SE"))
    desk.add(title="Zeta", market="NO")
    return desk


def first(google: GoogleServer) -> Desk:
    """A sheet that was never in step: it lacks the run status, and each side has rows of its own."""
    desk = Desk(google, "backlog", [HEADER[:-1], ALPHA[:-1], BETA[:-1]])
    desk.add(title="Gamma", market="ES")
    return desk


def removal(google: GoogleServer) -> Desk:
    """A row that a person wants out of the sheet, too, and an edit."""
    desk = backlog(google, GAMMA, DELTA)
    desk.delete("Gamma")
    desk.sync()
    desk.resolve(desk.conflict(Conflict.Kind.DELETED), Conflict.Choice.MINE)
    desk.edit("Beta", market="IT")
    return desk


SCENES = [
    Scene("everyday", everyday, ("read", "look", "write", "append"), 6, 1),
    Scene(
        "first",
        first,
        ("metadata", "read", "read", "write", "look", "write", "append"),
        3,
    ),
    Scene("removal", removal, ("read", "look", "write", "write"), 3, rows=4),
]
EVERYDAY = SCENES[0]
