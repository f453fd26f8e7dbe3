"""People at both sides of a linked sheet, who do what a list of steps says, and what they remember of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from portfolio.actions.models import ActionRun, Status
from portfolio.sheets.conflicts import CannotResolveError, resolve
from portfolio.sheets.models import Conflict
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, DeleteRow, SetCell, Surface
from portfolio.tabs.columns import Column
from portfolio.tabs.gate import apply_changes
from tests import factories
from tests.google import Call, GoogleServer, faults
from tests.google.a1 import letters
from tests.google.faults import Fault
from tests.sheets_google.both_sides import rows_of
from tests.sheets_google.desk import elsewhere
from tests.sheets_google.stages import Stage
from tests.sheets_google.world import linked, tried

FAULTS: tuple[Fault, ...] = (
    faults.too_many(),
    faults.unavailable(),
    faults.html(503),
    faults.dropped(),
    faults.rejected(),
    faults.applied(faults.unavailable()),
    faults.dropped(applied=True),
    faults.cut(),
)


@dataclass
class Remembered:
    """What was typed. ``over``: what its cell had shown before; ``gone``: its author took it back."""

    over: set[str] = field(default_factory=set)
    gone: bool = False


class Play:
    """Rows and columns are given as any numbers; what there is is counted round and round."""

    def __init__(self, google: GoogleServer, stage: Stage) -> None:
        self.google, self.stage = google, stage
        self.tab = registry.tab(stage.tab)
        stage.prepare()
        rows = [[row.get(header, "") for header in stage.headers] for row in stage.first]
        self.book = google.book("Book", {self.tab.title: [stage.headers, *rows]})
        self.sheet = self.book[self.tab.title]
        self.link = linked(self.book, self.tab.workbook)
        self.typed: dict[str, Remembered] = defaultdict(Remembered)
        self.cleared: set[str] = set()  #: what stood in cells that were made blank
        self.chosen: set[str] = set()
        self.swapped = False  #: whether a row was given another's key, and is that one from then on
        self.copies: Counter[str] = Counter()
        self.unkeyed: set[str] = set()  #: what rows said whose key was wiped
        self.removed: set[str] = set()  #: what rows said that were deleted in Lodestar
        self.made = 0
        self.sync()

    # The sheet ------------------------------------------------------------------------------------------

    @property
    def headers(self) -> list[str]:
        return self.stage.headers

    def number(self, row: int) -> int | None:
        """The row of the sheet; None where there is none."""
        filled = len(self.sheet.rows()) - 1
        return 2 + row % filled if filled > 0 else None

    def at(self, row: int, header: str) -> str:
        return f"{letters(self.headers.index(header))}{row}"

    def type(self, row: int, column: int, what: str) -> None:
        number = self.number(row)
        if number is not None:
            header = self._header(column, what)
            if what == "no key":
                self.unkeyed |= {word(cell) for cell in self.sheet.rows()[number - 1]}
            self._type(self.at(number, header), self._wording(header, what, row + column))

    def _header(self, column: int, what: str) -> str:
        if what in ("another key", "no key"):
            return self.stage.key
        headers = self.stage.lodestars if what == "over" else tuple(self.stage.kinds)
        return headers[column % len(headers)]

    def _wording(self, header: str, what: str, other: int) -> Any:
        if what in ("blank", "no key"):
            return ""
        if what == "another key":
            number, self.swapped = self.number(other), True
            return self.sheet.value(self.at(number or 2, header))
        if what in ("bad", "over"):
            text = f"w{self._next()}"
            return text if header.startswith("Updated") else self._new(text)
        value = self.stage.value(header, self._next())
        if self.stage.kinds[header] not in ("text", "number"):
            return value
        self._new(value)
        if what == "formula":
            return f"={value}" if isinstance(value, int) else f'="{value}"'
        return f"  {value}\u00a0" if what == "padded" else value

    def _next(self) -> int:
        self.made += 1
        return self.made

    def _new(self, value: Any) -> Any:
        self.typed.setdefault(word(value), Remembered())
        return value

    def _type(self, cell: str, value: Any) -> None:
        before = word(self.sheet.value(cell))
        self._takes_back(before)
        if isinstance(value, str):
            self.sheet.type(cell, value)
        else:
            self.sheet.put(cell, value)
        seen = {before} | (self.typed[before].over if before in self.typed else set())
        now = word(self.sheet.value(cell))
        if now in self.typed:
            self.typed[now].over |= seen
            self.typed[now].gone = False
        elif not now:
            self.cleared |= seen

    def _takes_back(self, text: str) -> None:
        if text in self.typed:
            self.typed[text].gone = True

    def add(self, complete: bool, gap: bool) -> None:
        number = self._next()
        cells = self.stage.new_row(number)
        if not complete:
            cells.pop(self.stage.needs[0])
            text = next(header for header, kind in reversed(self.stage.kinds.items()) if kind == "text")
            cells[text] = self.stage.value(text, number)
        for header, value in cells.items():
            if self.stage.kinds[header] in ("text", "number"):
                self._new(value)
        self.sheet.put_row(
            len(self.sheet.rows()) + 1 + gap, [cells.get(header, "") for header in self.headers]
        )

    def copy(self, row: int) -> None:
        number = self.number(row)
        if number is not None:
            cells = self.sheet.rows()[number - 1]
            self.copies.update({word(cell) for cell in cells})
            self.sheet.insert_row(number + 1, [*cells[: len(self.headers) - 1], ""])

    def delete(self, row: int) -> None:
        number = self.number(row)
        if number is not None:
            for cell in self.sheet.rows()[number - 1]:
                self._takes_back(word(cell))
            self.sheet.delete_row(number)

    def insert(self, row: int) -> None:
        self.sheet.insert_row(self.number(row) or 2)

    def move(self, row: int, to: int) -> None:
        number, target = self.number(row), self.number(to)
        if number and target and number != target:
            self.sheet.move_row(number, target)

    def sort(self, column: int, descending: bool) -> None:
        self.sheet.sort(letters(column % len(self.headers)), descending)

    # Lodestar -------------------------------------------------------------------------------------------

    def column(self, header: str) -> Column:
        return next(column for column in self.tab.columns if column.label == header)

    def pk(self, row: int) -> int | None:
        pks = list(self.tab.queryset().order_by("pk").values_list("pk", flat=True))
        return pks[row % len(pks)] if pks else None

    def web(self, row: int, column: int, blank: bool) -> None:
        pk = self.pk(row)
        entered = list(self.stage.kinds)
        header = entered[column % len(entered)]
        if pk is not None:
            value = "" if blank else self.stage.value(header, self._next())
            self._apply(SetCell(pk, self.column(header).name, value))

    def create(self) -> None:
        cells = self.stage.new_row(self._next())
        self._apply(CreateRow("new", {self.column(header).name: value for header, value in cells.items()}))

    def remove(self, row: int) -> None:
        pk = self.pk(row)
        if pk is not None:
            self.removed |= words(rows_of(self.tab)[pk])
            self._apply(DeleteRow(pk))

    def _apply(self, change: SetCell | CreateRow | DeleteRow) -> None:
        """What the gate refuses is refused; nobody promised to keep that."""
        apply_changes(self.tab, factories.actor(), Surface.GRID, [change])

    def settle(self, which: int, mine: bool) -> None:
        waiting = list(Conflict.objects.waiting().order_by("pk"))
        if not waiting:
            return
        conflict = waiting[which % len(waiting)]
        choice = Conflict.Choice.MINE if mine else Conflict.Choice.THEIRS
        for said in (conflict.mine, conflict.theirs, conflict.base):
            self.chosen |= words(said)
        if conflict.kind == Conflict.Kind.LOST and not mine:
            self.removed |= words(conflict.base)
        try:
            resolve(conflict, choice, factories.actor())
        except CannotResolveError:
            return

    # Syncs ----------------------------------------------------------------------------------------------

    def sync(
        self, *met: tuple[int, int], meanwhile: tuple[int, Callable[[Play], None]] | None = None
    ) -> ActionRun:
        """``met``: numbers of faults and of the calls that meet them; ``meanwhile``: between two calls."""
        for fault, after in met:
            self.google.fail_next(FAULTS[fault % len(FAULTS)], after=after)
        end = self._in_between(*meanwhile) if meanwhile else lambda: None
        run = tried(link=self.link.pk)
        self.google.faults.planned.clear()
        end()
        assert "inside Lodestar" not in run.error, run.error
        return run

    def _in_between(self, after: int, step: Callable[[Play], None]) -> Callable[[], None]:
        """``step`` is taken at the call after ``after`` calls of the sync; the result ends that."""
        calls = count()

        def look(_: Call) -> None:
            if next(calls) == after:
                elsewhere(lambda: step(self))()

        return self.google.before_call(look)

    def clean_sync(self) -> dict[str, Any]:
        run = self.sync()
        assert run.status == Status.SUCCEEDED, run.error
        return run.result["report"]


def word(value: Any) -> str:
    """A cell's value as it is looked for anywhere."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\u00a0", " ").strip()


def words(value: Any) -> set[str]:
    """All values in a JSON value."""
    if isinstance(value, dict):
        return {found for each in value.values() for found in words(each)}
    if isinstance(value, list):
        return {found for each in value for found in words(each)}
    return {word(value)}
