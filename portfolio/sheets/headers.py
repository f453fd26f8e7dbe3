"""Which sheet is which tab, and which column is which: by name and alias, never by position."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portfolio.sheets.opening import Sheet, Unreadable
from portfolio.tabs.columns import Column
from portfolio.tabs.registry import plain
from portfolio.tabs.tab import Tab

SEARCHED_ROWS = 5
COVER, CHECKS, LISTS = "README", "Checks", "Lists"  # sheets that an export adds
RUN_STATUS = "run_status"  # the backend's last column in every sheet


class HeadersRefused(Exception):  # noqa: N818 - a refusal is not our error
    """The sheet can't be read as the tab it is; the message names the cells and says what would be right."""


@dataclass(frozen=True)
class Matching:
    """Where a tab's columns stand in a sheet: the header row, and cell positions (from 0) by column name."""

    sheet: Sheet
    header_row: int
    places: dict[str, tuple[int, ...]]
    own: tuple[str, ...]  #: headers that mean nothing to Lodestar; they are the person's

    def rows(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The rows below the header, with their numbers in the file."""
        return ((number, row) for number, row in self.sheet.rows.items() if number > self.header_row)


@dataclass(frozen=True)
class Placed:
    """A tab with the sheets that hold it. ``refusal`` says why they can't be read, if so."""

    tab: Tab
    matchings: tuple[Matching, ...] = ()
    refusal: str = ""


def place_tabs(tabs: Iterable[Tab], sheets: Iterable[Sheet]) -> tuple[list[Placed], dict[str, str]]:
    """The tabs found in ``sheets``, in the order of ``tabs``, and why the other sheets were left alone."""
    found: dict[str, list[Sheet]] = defaultdict(list)
    ignored: dict[str, str] = {}
    tabs, sheets = list(tabs), list(sheets)
    named = {sheet.title: tab for sheet in sheets if (tab := _named_like(sheet, tabs))}
    for sheet in sheets:
        if sheet.title in named:
            found[named[sheet.title].name].append(sheet)
        elif sheet.title not in (COVER, CHECKS, LISTS):
            fits = _best_fits(sheet, tabs)
            free = [tab for tab in fits if tab.many_sheets or tab not in named.values()]
            if len(fits) == 1 and free:
                found[free[0].name].append(sheet)
            else:
                ignored[sheet.title] = _why_ignored(fits, free)
    return [_placed(tab, found[tab.name]) for tab in tabs if found[tab.name]], ignored


def _named_like(sheet: Sheet, tabs: list[Tab]) -> Tab | None:
    return next((tab for tab in tabs if plain(sheet.title) in {plain(tab.name), plain(tab.title)}), None)


def _best_fits(sheet: Sheet, tabs: list[Tab]) -> list[Tab]:
    """The tabs whose headers the sheet has most of: one, or several that fit equally well."""
    scores = {tab: fit for tab in tabs if (fit := _fit(tab, sheet))}
    return [tab for tab, fit in scores.items() if fit == max(scores.values())]


def _fit(tab: Tab, sheet: Sheet) -> int:
    """How many of the tab's columns the sheet has; 0 where it can't be the tab."""
    number, known = _header_row(tab, sheet)
    has = set(known.values())
    whole = sum(1 for cell in sheet.rows.get(number, ()) if _header(cell))
    needs_all = all(column.name in has for column in tab.needed_in_file())
    return len(has) if needs_all and len(has) >= 2 and 2 * len(has) >= whole else 0


def _why_ignored(fits: list[Tab], free: list[Tab]) -> str:
    if not fits:
        return "Its headers are those of no tab."
    if not free:
        return f"{fits[0].title} is read from the sheet of that name."
    names = " and ".join(tab.title for tab in fits)
    return f"Its headers fit {names}. Give the sheet the name of the tab it is."


def _placed(tab: Tab, sheets: list[Sheet]) -> Placed:
    if len(sheets) > 1 and not tab.many_sheets:
        titles = " and ".join(f"“{sheet.title}”" for sheet in sheets)
        return Placed(tab, refusal=f"The sheets {titles} both are {tab.title}. Keep one of them.")
    try:
        return Placed(tab, tuple(match(tab, sheet) for sheet in sheets))
    except HeadersRefused as refused:
        return Placed(tab, refusal=str(refused))


# One sheet --------------------------------------------------------------------------------------------


def match(tab: Tab, sheet: Sheet) -> Matching:
    """Where the columns of ``tab`` stand in ``sheet``. Raises HeadersRefused."""
    number, known = _header_row(tab, sheet)
    if not known:
        raise HeadersRefused(
            f"No row of the first {SEARCHED_ROWS} of sheet “{sheet.title}” has the headers of {tab.title}. "
            f"Expected {_listed(tab.needed_in_file())} and the others in one row."
        )
    places = _places(known)
    for name, ats in places.items():
        _refuse_same_meaning(tab.column(name), sheet, number, ats)
    missing = [column for column in tab.needed_in_file() if column.name not in places]
    if missing:
        raise HeadersRefused(
            f"Sheet “{sheet.title}” has no column {_listed(missing)} in its header row {number}, "
            f"so its rows can't be told apart. Add it."
        )
    return Matching(sheet, number, places, _own(sheet.rows[number], known))


def _places(known: dict[int, str]) -> dict[str, tuple[int, ...]]:
    places: dict[str, tuple[int, ...]] = {}
    for at, name in known.items():
        places[name] = (*places.get(name, ()), at)
    return places


def _header_row(tab: Tab, sheet: Sheet) -> tuple[int, dict[int, str]]:
    """The row with the most headers of ``tab``, and the column each position means."""
    meanings = _meanings(tab)
    best: tuple[int, dict[int, str]] = (0, {})
    for number in [number for number in sheet.rows if number <= SEARCHED_ROWS]:
        headers = ((at, plain(_header(cell))) for at, cell in enumerate(sheet.rows[number]))
        known = {at: meanings[header] for at, header in headers if header in meanings}
        if len(set(known.values())) > len(set(best[1].values())):
            best = number, known
    return best


def _meanings(tab: Tab) -> dict[str, str]:
    return {
        plain(header): column.name
        for column in tab.columns
        for header in (column.name, column.label, *column.aliases)
    }


def _header(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, Unreadable) else str(cell).strip()


def _refuse_same_meaning(column: Column, sheet: Sheet, row: int, ats: tuple[int, ...]) -> None:
    """Two headers of one meaning are refused, except those declared to feed one column together."""
    written = [plain(_header(sheet.rows[row][at])) for at in ats]
    merging = {plain(header) for header in getattr(column, "merges", ())}
    if len(ats) == 1 or (max(Counter(written).values()) == 1 and merging.issuperset(written)):
        return
    cells = " and ".join(f"{sheet.address(row, at)} “{_header(sheet.rows[row][at])}”" for at in ats)
    raise HeadersRefused(f"{cells} both mean {column.label}. Keep one of them, or rename the other.")


def _own(header_row: tuple[Any, ...], known: dict[int, str]) -> tuple[str, ...]:
    headers = ((at, _header(cell)) for at, cell in enumerate(header_row))
    return tuple(
        text for at, text in headers if text and at not in known and plain(text) != plain(RUN_STATUS)
    )


def _listed(columns: list[Column]) -> str:
    return ", ".join(f"“{column.label}”" for column in columns)
