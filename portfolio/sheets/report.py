"""What became of a file: per tab what was read, created, changed, left as it was, and refused, by cell."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from portfolio.sheets.filerow import FileRow

MOST_SHOWN = 500  # changes listed per tab; they are counted all the same


@dataclass(frozen=True)
class Said:
    """Something about one cell; without column about a whole row, without row about the tab."""

    message: str
    row: int | None = None
    column: str | None = None
    cell: str = ""
    value: str = ""

    @classmethod
    def about(cls, row: FileRow, column: str | None, message: str) -> Said:
        raw = row.raw(column) if column and column in row else None
        value = "" if raw is None else str(raw)[:200]
        return cls(message, row.number, column, row.address(column), value)


@dataclass(frozen=True)
class Difference:
    """One cell that gets another value, or (without column) one new row: its ``cells`` in words, by label."""

    cell: str
    key: str
    column: str = ""
    old: Any = None
    new: Any = None
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clash:
    """A cell changed in the file and in Lodestar since the export; neither value was written.

    ``base`` is what the export said, ``mine`` what Lodestar says (by ``who``, ``when``), ``theirs`` the file.
    """

    cell: str
    key: str
    column: str
    base: Any
    mine: Any
    theirs: Any
    who: str = ""
    when: str = ""


@dataclass
class TabReport:
    """Rows: ``read`` = ``created`` + ``changed`` + ``unchanged`` + ``failed``."""

    tab: str
    title: str
    sheets: list[str] = field(default_factory=list)
    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    rejected: list[Said] = field(default_factory=list)  #: why rows failed; one row may have several reasons
    conflicts: list[Clash] = field(default_factory=list)
    warnings: list[Said] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    not_entered_here: list[str] = field(default_factory=list)  #: columns of the file that only show
    refused: str = ""  #: why the whole tab was left alone


@dataclass
class ImportReport:
    """``tabs`` in the order in which they were taken; ``ignored`` sheets with the reason.

    ``remarks`` are sentences about the file as a whole.
    """

    workbook: str
    file: str
    preview: bool
    tabs: list[TabReport] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def all_well(self) -> bool:
        return not any(tab.rejected or tab.refused for tab in self.tabs)

    def as_json(self) -> dict[str, Any]:
        return {
            "workbook": self.workbook,
            "file": self.file,
            "preview": self.preview,
            "remarks": self.remarks,
            "tabs": {tab.tab: asdict(tab) for tab in self.tabs},
            "ignored_sheets": self.ignored,
        }
