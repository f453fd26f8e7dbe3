"""What a sync did, as JSON: per spreadsheet and tab."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.sync.plan import Counts, Plan


def link_report(link: SheetLink, tabs: dict[str, Any], api_calls: int, problem: str = "") -> dict[str, Any]:
    return {
        "title": link.title or str(link),
        "workbook": link.workbook,
        "api_calls": api_calls,
        "problem": problem,
        "tabs": tabs,
    }


def tab_report(plan: Plan, status: str) -> dict[str, Any]:
    """One tab: what was counted, at most some hundred changes, and a status where there is one to tell."""
    return {
        "tab": plan.linked.tab_name,
        "sheet": plan.linked.title,
        **asdict(plan.counts),
        "status": status,
        "left_alone": bool(plan.left_alone),
        "changes": [asdict(line) for line in plan.told],
    }


def refused_report(linked: LinkedTab, status: str) -> dict[str, Any]:
    """A tab that could not be read."""
    return tab_report(Plan(linked, left_alone=status), status)


def named(linked: LinkedTab) -> str:
    return f"{linked.tab_name} / {linked.title}"


def totals(reports: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Every count over all tabs of all links."""
    sums = dict.fromkeys(asdict(Counts()), 0)
    for report in reports:
        for tab in report["tabs"].values():
            for name in sums:
                sums[name] += tab[name]
    return sums
