"""What Backlog and Candidates show of the constraints, and what Candidates adds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from initiatives.models import Initiative
from portfolio.tabs import payload, registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.memo import remembering
from tests.factories import initiative, put
from tests.optimization_app.world import candidate, constraint, kpis, scenario

pytestmark = pytest.mark.django_db

INDICATORS = ("mandatory", "bundle", "prerequisites", "exclusions", "synergies")


@pytest.fixture(autouse=True)
def rows() -> list[Any]:
    kpis()
    scenario()
    return [candidate(title, 10, {"revenue": 5, "signups": 2}) for title in ("A", "B", "C")]


A, B, C = (f"INIT-{number:06d}" for number in (1, 2, 3))


def shown(row: Any, tab: str = "backlog") -> dict[str, Any]:
    """The cells of one row by column."""
    document = payload.document(registry.tab(tab), Actor.command_line())
    names = [column["name"] for column in document["columns"]]
    return next(dict(zip(names, cells[1:], strict=True)) for cells in document["rows"] if cells[0] == row.pk)


@pytest.mark.parametrize("tab", ["backlog", "candidates"])
def test_constraints_are_said_in_words_with_their_scenario(rows: list[Any], tab: str) -> None:
    constraint("mandatory", A)
    constraint("excluded", A, constraint_set_name="bold")
    constraint("exclusion_pair", None, [A, B])
    constraint("bundle", "Payments", [A, B, C])
    constraint("prerequisite", A, [C])
    constraint("synergy_bonus", "Twins", [A, B], kpi_key="signups", bonus_value=1500)
    cells = shown(rows[0], tab)
    assert {name: cells[name] for name in INDICATORS} == {
        "mandatory": "Base: mandatory",
        "bundle": f"Base: Payments (with {B}, {C})",
        "prerequisites": f"Base: requires {C}",
        "exclusions": f"Base / bold: excluded; Base: not with {B}",
        "synergies": f"Base: Twins (+1,500 signups with {B})",
    }
    assert shown(rows[2], tab)["bundle"] and not shown(rows[2], tab)["mandatory"]


def test_inactive_rows_and_other_periods_say_nothing(rows: list[Any]) -> None:
    stored = constraint("mandatory", A)
    other = candidate("Later", candidate_period_key="2026-Q3")
    constraint("mandatory", other.initiative_key)
    assert shown(other)["mandatory"] is None
    put("constraints", stored, is_active=False)
    assert shown(rows[0])["mandatory"] is None


def test_all_indicators_of_a_tab_take_two_queries(rows: list[Any]) -> None:
    constraint("mandatory", A)
    tab, pks = registry.tab("backlog"), [row.pk for row in rows]
    with remembering(), CaptureQueriesContext(connection) as queries:
        for name in INDICATORS:
            tab.column(name).compute(pks)  # type: ignore[attr-defined]
    assert len(queries) == 2


def test_candidates_are_the_graduated_initiatives_with_what_they_bring(rows: list[Any]) -> None:
    initiative("Not graduated")
    tab = registry.tab("candidates")
    assert {row.title for row in tab.queryset()} == {"A", "B", "C"}
    cells = shown(rows[0], "candidates")
    assert cells["north_star_contribution"] == 5
    assert cells["strategic_kpi_contributions:signups"] == 2
    assert "strategic_kpi_contributions:revenue" not in cells


def test_a_candidate_is_ticked_for_the_next_run(rows: list[Any]) -> None:
    assert put("candidates", rows[0], is_selected_for_run="yes").ok
    assert Initiative.objects.get(pk=rows[0].pk).candidacy.is_selected_for_run
