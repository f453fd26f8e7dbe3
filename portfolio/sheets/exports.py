"""Exports that are remembered, and how a file that comes back says which of them it was."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from portfolio.sheets.before import Before, Exported
from portfolio.sheets.headers import COVER
from portfolio.sheets.models import Conflict, Export
from portfolio.sheets.opening import Sheet, custom_property
from portfolio.sheets.report import ImportReport
from portfolio.sheets.table import Table
from portfolio.tabs import wording
from portfolio.tabs.tab import Tab

KEPT = timedelta(days=180)
#: The file says it twice: Excel and LibreOffice keep a property of the document, Google keeps the cell.
PROPERTY, LABEL = "Lodestar export", "Export"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# Going out --------------------------------------------------------------------------------------------


def remember(export: Export, tables: Iterable[Table]) -> None:
    """Keep what ``tables`` say as the base that the file's return is merged against."""
    export.pack({table.tab.name: _snapshot(table) for table in tables if _is_edited(table.tab)})
    export.save(force_insert=True)
    forget_old()


def _is_edited(tab: Tab) -> bool:
    return any(column.entered_here for column in tab.columns)


def _snapshot(table: Table) -> dict[str, Any]:
    # Without the last cell of a row, which is its run status.
    rows = [[pk, *row[:-1]] for pk, row in zip(table.pks, table.rows, strict=True)]
    return {"columns": [column.name for column in table.columns], "rows": rows}


def forget_old() -> None:
    """Forget exports past their time; one with an open conflict stays until a person has chosen."""
    disputed = Conflict.objects.open().exclude(export=None).values("export")
    Export.objects.filter(when__lt=timezone.now() - KEPT).exclude(pk__in=disputed).delete()


# Coming back ------------------------------------------------------------------------------------------


class Origin:
    """The export a file was made from, or none."""

    def __init__(self, export: Export | None = None) -> None:
        self.export = export
        self._tabs = export.unpack() if export else {}

    def before(self, tab: Tab) -> Before:
        """What the sender had before them on ``tab``."""
        if self.export is None or tab.name not in self._tabs:
            return Before()
        return Exported(self.export, tab, self._tabs[tab.name])


def origin_of(path: Path, sheets: list[Sheet], report: ImportReport) -> Origin:
    """Where the file at ``path`` comes from; ``report`` says what that means for it."""
    named = list(_ids(path, sheets))
    exports = (Export.objects.filter(pk=name, workbook=report.workbook).first() for name in named)
    export = next(filter(None, exports), None)
    if export:
        report.remarks.append(
            f"Compared with the export of {wording.moment(export.when.isoformat())} UTC by {export.who}: "
            "what was changed in the file since then is taken, and nothing else."
        )
    elif named:
        report.remarks.append(
            "The export that this file was made from is not known here; exports are remembered for "
            f"{KEPT.days} days. So it is read like any file: all it says counts, blank cells say nothing."
        )
    return Origin(export)


def _ids(path: Path, sheets: list[Sheet]) -> Iterator[uuid.UUID]:
    for written in (custom_property(path, PROPERTY), *_on_the_cover(sheets)):
        found = _ID.search(written.lower())
        if found:
            yield uuid.UUID(found[0])


def _on_the_cover(sheets: list[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        for row in sheet.rows.values() if sheet.title == COVER else ():
            label, *said = map(str, row)
            if label == LABEL:
                yield from said
