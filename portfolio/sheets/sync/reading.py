"""What a linked spreadsheet says now, tab by tab, and which of its sheets are tabs at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portfolio.sheets.google.book import Book, Values
from portfolio.sheets.google.errors import BadRequest
from portfolio.sheets.google.grid import sheet_of
from portfolio.sheets.headers import HeadersRefused, match, place_tabs
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.sync.rows import SheetTable
from portfolio.tabs.tab import Tab

GONE = "“{}” was deleted in the spreadsheet. Bring it back, or make a new one and start it from the preview."


@dataclass
class ReadTab:
    """One linked tab as read. ``refusal`` says why it can't be; ``cut_at``: not read below that row.

    ``width`` is how many columns the sheet's grid has.
    """

    linked: LinkedTab
    table: SheetTable | None = None
    refusal: str = ""
    cut_at: int | None = None
    width: int = 0


def discover(link: SheetLink, book: Book) -> None:
    """Link the sheets that are tabs of the workbook, unless they are linked already."""
    link.title, sheets = book.metadata()
    link.save(update_fields=["title"])
    free = {info.sheet_id: info for info in sheets if info.rows and info.columns}
    linked = {each.sheet_id: each for each in link.linked_tabs.all()}
    found = book.values(list(free)) if free else []
    by_title = {values.title: sheet_id for sheet_id, values in zip(free, found, strict=True)}
    placed, _ = place_tabs(link.tabs(), [sheet_of(values.title, values.rows)[0] for values in found])
    for each in placed:
        for matching in each.matchings:
            sheet_id = by_title[matching.sheet.title]
            if sheet_id not in linked:
                link_tab(link, each.tab, sheet_id, matching.sheet.title, {info.sheet_id for info in sheets})


def link_tab(link: SheetLink, tab: Tab, sheet_id: int, title: str, there: set[int]) -> LinkedTab:
    """Link a sheet as ``tab``, in place of one that is no longer ``there``."""
    gone = link.linked_tabs.filter(tab_name=tab.name).exclude(sheet_id__in=there).first()
    if gone is None or tab.many_sheets:
        return link.linked_tabs.create(tab_name=tab.name, sheet_id=sheet_id, title=title)
    gone.rows.all().delete()  # the two have agreed on nothing yet
    gone.sheet_id, gone.title, gone.renamed_to = sheet_id, title, ""
    gone.confirmed, gone.counts = None, {}
    gone.save()
    return gone


def read(link: SheetLink, linked: Sequence[LinkedTab], book: Book) -> list[ReadTab]:
    """Every linked tab by one call. A sheet that is no longer the tab it was is refused with the reason."""
    try:
        found = book.values([each.sheet_id for each in linked])
    except BadRequest as refused:
        return _without_deleted(link, linked, book, refused)
    return [_read(link, each, values) for each, values in zip(linked, found, strict=True)]


def _without_deleted(
    link: SheetLink, linked: Sequence[LinkedTab], book: Book, refused: BadRequest
) -> list[ReadTab]:
    """Google reads no sheet at all where one is gone. Raises ``refused`` where none is."""
    _, sheets = book.metadata()
    there = {info.sheet_id for info in sheets}
    left = [each for each in linked if each.sheet_id in there]
    if len(left) == len(linked):
        raise refused
    gone = [ReadTab(each, refusal=GONE.format(each.title)) for each in linked if each not in left]
    return gone + (read(link, left, book) if left else [])


def _read(link: SheetLink, linked: LinkedTab, values: Values) -> ReadTab:
    if values.title != linked.title:
        _note_title(linked, values.title)
        now = f"“{linked.title}” was renamed to “{values.title}”."
        return ReadTab(linked, refusal=f"{now} Name it back, or say that it still is this tab.")
    if linked.renamed_to:
        _note_title(linked, "")
    sheet, cut_at = sheet_of(_known_as(link, linked), values.rows)
    try:
        table = SheetTable(linked.tab, match(linked.tab, sheet))
        return ReadTab(linked, table, cut_at=cut_at, width=values.columns)
    except HeadersRefused as refused:
        return ReadTab(linked, refusal=str(refused))


def _note_title(linked: LinkedTab, title: str) -> None:
    linked.renamed_to = title
    linked.save(update_fields=["renamed_to"])


def _known_as(link: SheetLink, linked: LinkedTab) -> str:
    """What the sheet is called in messages, and where its rows come from: a department's has its name."""
    return link.name or linked.title if linked.tab.many_sheets else linked.title
