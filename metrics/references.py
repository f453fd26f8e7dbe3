"""Who refers to a KPI by its key. Later layers say so here; a referenced key can't be renamed or deleted."""

from __future__ import annotations

from collections.abc import Callable

Referrers = Callable[[str], list[str]]

_referrers: list[Referrers] = []


def refers_to_kpis(find: Referrers) -> Referrers:
    """Register ``find(kpi_key) -> [place in words, …]``."""
    _referrers.append(find)
    return find


def references(kpi_key: str) -> list[str]:
    """Every place that refers to the KPI, in words."""
    return [place for find in _referrers for place in find(kpi_key)]
