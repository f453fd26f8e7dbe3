"""What waits for a person, told on the home page. An app declares its own in ``<app>/cards.py``:

@card(order=10)
def needs_info(request: HttpRequest) -> Card | None:
    ...  # None when nothing waits for this person
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

LEVELS = ("error", "warn", "info")


@dataclass(frozen=True)
class Line:
    """One of the things that wait, with the page that shows it."""

    text: str
    url: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Card:
    """``title`` says in a sentence what waits, ``text`` why; the button ``label`` leads to ``url``.

    ``start`` names an action that the card offers to run instead; ``level`` is one of ``LEVELS``.
    """

    title: str
    url: str
    label: str
    text: str = ""
    lines: tuple[Line, ...] = ()
    level: str = "info"
    start: str = ""


Maker = Callable[[HttpRequest], Card | None]
_makers: list[tuple[int, Maker]] = []


def card(order: int) -> Callable[[Maker], Maker]:
    """Registers a maker of cards; within a level low orders come first."""

    def register(make: Maker) -> Maker:
        _makers.append((order, make))
        return make

    return register


def cards(request: HttpRequest) -> list[Card]:
    """What waits for the signed-in person, the most urgent level first."""
    in_order = [make for _, make in sorted(_makers, key=lambda pair: pair[0])]
    found = [made for make in in_order if (made := make(request))]
    return sorted(found, key=lambda made: LEVELS.index(made.level))


def counted(count: int, one: str, many: str = "") -> str:
    """``1 formula``, ``3 formulas``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
