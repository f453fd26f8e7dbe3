"""By which cells a row of a sheet is known again while people move rows about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.opening import Unreadable
from portfolio.sheets.sync.rows import SheetTable

Name = tuple[str, tuple[Any, ...]]
GIVEN, TOLD = "given", "told"


@dataclass(frozen=True)
class Identity:
    """Positions of cells: ``given`` hold what Lodestar gives a row, ``told`` what people say of each."""

    given: tuple[int, ...]
    told: tuple[int, ...]

    @classmethod
    def of(cls, table: SheetTable) -> Identity:
        tab, places = table.tab, table.matching.places
        given = [*(name for name in tab.key if not tab.column(name).entered_here), *tab.file_key]
        # While a row has not got its key yet, it is known by what a new row must say.
        new = [c.name for c in tab.columns if given and c.entered_here and (c.required or c.wanted)]
        told = [*(name for name in tab.key if name not in given), *new]

        def at(names: list[str]) -> tuple[int, ...]:
            return tuple(sorted({at for name in names for at in places.get(name, ())}))

        return cls(at(given), at(told))

    @property
    def places(self) -> list[int]:
        return sorted({*self.given, *self.told})

    def name(self, cell: Callable[[int], Any]) -> Name:
        """What a row goes by, of which ``cell(at)`` tells the cells: what it was given, else what it says."""
        given = tuple(plain_cell(cell(at)) for at in self.given)
        if any(value is not None for value in given):
            return GIVEN, given
        return TOLD, tuple(plain_cell(cell(at)) for at in self.told)


def key_places(table: SheetTable) -> list[int]:
    """The positions of the key's columns."""
    places = table.matching.places
    return [at for name in table.tab.key for at in places.get(name, ())]


def same_cell(one: Any, other: Any) -> bool:
    """Whether two cells hold the same, blank and errors included."""
    return bool(plain_cell(one) == plain_cell(other))


def plain_cell(value: Any) -> Any:
    """A cell to compare and to write: blank is None, an error its text."""
    return value.written if isinstance(value, Unreadable) else None if value == "" else value


def folded(value: Any) -> str:
    """A cell of a key in the form keys are compared by."""
    plain = plain_cell(value)
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    return "" if plain is None else " ".join(str(plain).split()).casefold()
