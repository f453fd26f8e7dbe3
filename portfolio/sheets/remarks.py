"""What is worth knowing about a tab's rows in a file, and stops nothing."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from portfolio.sheets.before import Before
from portfolio.sheets.filerow import FileRow
from portfolio.sheets.headers import Matching
from portfolio.sheets.merge import Base, Pairing
from portfolio.sheets.report import Said
from portfolio.sheets.rowmerge import typed_over
from portfolio.tabs.tab import Tab

MOST_NAMED = 5


def about_columns(tab: Tab, matchings: Iterable[Matching]) -> Iterator[Said]:
    """Columns that mean nothing to Lodestar."""
    labels = {column.label.casefold(): column.label for column in tab.columns}
    for matching in matchings:
        for header in matching.own:
            near = difflib.get_close_matches(header.casefold(), labels, n=1, cutoff=0.8)
            meant = f" Did you mean {labels[near[0]]}?" if near else ""
            sheet = matching.sheet.title
            yield Said(f"Sheet {sheet}: {tab.title} has no column “{header}”, so it was left alone.{meant}")


def about_cells(tab: Tab, known: Mapping[int, FileRow]) -> Iterator[Said]:
    """What the tab itself remarks on rows that the file spoke about."""
    for pk, notes in tab.notes(list(known)).items():
        for note in notes:
            yield Said.about(known[pk], note.column, note.text)


def about_return(
    tab: Tab, before: Before, pairing: Pairing, rows: Mapping[int, FileRow], gone: list[FileRow]
) -> Iterator[Said]:
    """What became of the export's rows: missing in the file, deleted in Lodestar, grey cells typed over."""
    missing = [_named(tab, before.bases[pk]) for pk in pairing.gone_there]
    if missing:
        told = (
            "1 row of the export isn't"
            if len(missing) == 1
            else f"{len(missing):,} rows of the export aren't"
        )
        yield Said(f"{told} in the file; nothing was deleted: {_listed(missing)}.")
    for row in gone:
        yield Said.about(row, None, f"It isn't on {tab.title} any more; someone deleted it since the export.")
    for label, cells in _typed_over(before, rows).items():
        yield Said(f"Lodestar fills {label}, so what was typed there isn't taken: {_listed(cells)}.")


def _typed_over(before: Before, rows: Mapping[int, FileRow]) -> dict[str, list[str]]:
    """Addresses by the label of their column."""
    found: dict[str, list[str]] = defaultdict(list)
    for pk, row in rows.items():
        if pk in before.bases:
            for column in typed_over(row, before.bases[pk].cells):
                found[column.label].append(row.address(column.name))
    return found


def _named(tab: Tab, base: Base) -> str:
    said = (base.cells.get(name) for name in tab.key)
    return " · ".join(str(value) for value in said if value not in (None, "", []))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
