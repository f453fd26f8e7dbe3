"""Every initiative of a run with the reason why it is in or out: searched, narrowed, page by page."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict

from optimization.models import Result
from optimization.report import Report

EVERYTHING = 10**6
ROWS_PER_PAGE = 50
LABELS = {
    "capacity": "No room",
    "outweighed": "Outweighed",
    "excluded": "Excluded",
    "exclusion_pair": "Rival is in",
    "prerequisite": "Prerequisite",
    "bundle": "Bundle",
    "no_gain": "Brings nothing",
    "chosen": "Part of the best",
    "mandatory": "Mandatory",
    "floor": "Needed for a floor",
}


class Roster:
    """Reads ?q= (words of title, key or reason), ?why= (a reason's code) and the pages of both tables."""

    def __init__(self, report: Report, query: QueryDict) -> None:
        self.report, self.query = report, query
        self.words = query.get("q", "").strip()
        self.why = query.get("why", "")

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return {name: self._page(name) for name in ("selected", "left_out")}

    def _page(self, name: str) -> dict[str, Any]:
        """One page of a table that turns its pages by the query parameter of its name."""
        rows = self._narrowed(getattr(self.report, name))
        page = Paginator(rows, EVERYTHING if self.query.get("all") == name else ROWS_PER_PAGE).get_page(
            self.query.get(name)
        )
        earlier = self._address(name, **{name: page.previous_page_number()}) if page.has_previous() else ""
        later = self._address(name, **{name: page.next_page_number()}) if page.has_next() else ""
        return {"page": page, "earlier": earlier, "later": later, "all": self._address(name, all=name)}

    def _narrowed(self, rows: QuerySet[Result]) -> QuerySet[Result]:
        if self.words:
            initiative = Q(initiative__title__icontains=self.words) | Q(
                initiative__initiative_key__icontains=self.words
            )
            rows = rows.filter(initiative | Q(reason__icontains=self.words))
        if self.why:
            rows = rows.filter(initiative__initiative_key__in=self._keys_with(self.why))
        return rows

    def _keys_with(self, code: str) -> list[str]:
        return [key for key, reason in self._reasons.items() if reason["code"] == code]

    @property
    def _reasons(self) -> dict[str, dict[str, str]]:
        return self.report.answer.get("reasons") or {}

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The reasons there are, those of most initiatives first."""
        counts = Counter(reason["code"] for reason in self._reasons.values())
        return [
            {"value": code, "label": LABELS.get(code, code.replace("_", " ").capitalize()), "count": count}
            for code, count in counts.most_common()
        ]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.why)

    def _address(self, anchor: str, **values: Any) -> str:
        query = self.query.copy()
        for name, value in values.items():
            query[name] = str(value)
        return f"?{query.urlencode()}#{anchor}"
