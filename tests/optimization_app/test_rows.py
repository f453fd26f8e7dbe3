"""Constraints, Targets and Scenario Config refuse what makes no sense, where it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.models import Initiative
from metrics.models import Metric
from optimization.models import Constraint, Scenario, Target
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from tests.factories import actor, put
from tests.optimization_app.world import NAMED, candidate, constraint, kpis, scenario, target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    kpis()
    for title in ("A", "B", "C"):
        candidate(title)
    scenario()


A, B, C = (f"INIT-{number:06d}" for number in (1, 2, 3))


def refusal(tab: str, *rows: dict[str, Any]) -> str:
    """What the gate says against the last of these new rows; blank where it takes all."""
    changes = [CreateRow(str(at), NAMED | row) for at, row in enumerate(rows)]
    outcome = apply_changes(registry.tab(tab), actor(), Surface.IMPORT, changes)
    return " ".join(result.message for result in outcome.refused)


def row(kind: str, key: str | None = None, members: Any = None, **cells: Any) -> dict[str, Any]:
    return {"constraint_type": kind, "dimension_key": key, "member_keys": members} | cells


@pytest.mark.parametrize(
    "cells",
    [
        row("capacity_cap", "all", dimension="all", max_tokens=5),
        row("capacity_cap", dimension="all", max_tokens=5),
        row("capacity_floor", "UK", dimension="market", min_tokens=0),
        row("mandatory", A),
        row("mandatory", A.lower(), dimension="initiative"),
        row("excluded", A),
        row("exclusion_pair", None, f"{A}, {B}"),
        row("bundle", "Payments", [A, B, C], dimension="bundle"),
        row("prerequisite", A, f"{B}\n{C}"),
        row("synergy_bonus", "Both", [A, B], kpi_key="signups", bonus_value=5, min_members=1),
    ],
)
def test_every_kind_of_constraint_can_be_entered(cells: dict[str, Any]) -> None:
    assert refusal("constraints", cells) == ""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (row("mandatory", A, max_tokens=5), "Max Tokens: a mandatory row does not use this cell"),
        (row("mandatory", A, [B]), "Member Keys: a mandatory row does not use this cell"),
        (
            row("capacity_cap", "UK", dimension="market", min_tokens=5),
            "Min Tokens: a capacity_cap row does not use",
        ),
        (row("capacity_cap", "UK", dimension="market"), "Max Tokens: a capacity_cap row needs this cell"),
        (
            row("capacity_cap", "UK", dimension="initiative", max_tokens=1),
            "Dimension: a capacity_cap row takes",
        ),
        (row("exclusion_pair", A, [A, B]), "Dimension Key: a exclusion_pair row does not use"),
        (row("mandatory", "INIT-999999"), "there is no initiative INIT-999999"),
        (row("bundle", "One", [A, "nobody"]), "there is no initiative nobody"),
        (row("bundle", "One", [A]), "needs at least 2 different members"),
        (row("bundle", "One", f"{A}, {A.lower()}"), "needs at least 2 different members, has 1"),
        (row("exclusion_pair", None, [A, A]), "needs exactly two different members, has 1"),
        (row("exclusion_pair", None, [A, B, C]), "needs exactly two different members, has 3"),
        (row("prerequisite", A, [A, B]), f"{A} cannot require itself"),
        (
            row("synergy_bonus", "S", [A, B], kpi_key="signups"),
            "Bonus Value: a synergy_bonus row needs this cell",
        ),
        (
            row("synergy_bonus", "S", [A, B], kpi_key="signups", bonus_value=1, min_members=3),
            "not be more than the 2",
        ),
        (
            row("synergy_bonus", "S", [A, B], kpi_key="sales", bonus_value=1),
            "There is no active north star or",
        ),
        (
            {"constraint_type": "mandatory", "dimension_key": A, "scenario_name": "Bass"},
            "There is no scenario “Bass”",
        ),
    ],
)
def test_a_constraint_that_makes_no_sense_is_refused_in_words(cells: dict[str, Any], said: str) -> None:
    assert said in refusal("constraints", cells)
    assert not Constraint.objects.exists()


def test_members_are_kept_once_and_in_order() -> None:
    constraint("bundle", "Payments", f"{C}, {A}; {C.lower()}\n{B}")  # type: ignore[arg-type]
    assert Constraint.objects.get().member_keys == [C, A, B]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (row("mandatory", A), row("mandatory", A.lower(), dimension="initiative")),
        (row("exclusion_pair", None, [A, B]), row("exclusion_pair", None, [B, A.lower()])),
        (
            row("capacity_cap", "UK", dimension="market", max_tokens=1),
            row("capacity_cap", " uk", dimension="market", max_tokens=2),
        ),
        (
            row("capacity_cap", "all", dimension="all", max_tokens=1),
            row("capacity_cap", None, dimension="all", max_tokens=2),
        ),
        (row("mandatory", A), row("mandatory", A, constraint_set_name="Default")),
    ],
)
def test_the_same_rule_twice_is_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert "already has a row" in refusal("constraints", first, second)
    assert Constraint.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (row("mandatory", A), row("excluded", A)),
        (row("mandatory", A), row("mandatory", A, constraint_set_name="growth")),
        (row("exclusion_pair", None, [A, B]), row("exclusion_pair", None, [A, C])),
        (
            row("capacity_cap", "UK", dimension="market", max_tokens=1),
            row("capacity_cap", "UK", dimension="country", max_tokens=1),
        ),
    ],
)
def test_different_rules_stand_side_by_side(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert refusal("constraints", first, second) == ""


def test_a_circle_of_prerequisites_is_refused_where_it_closes() -> None:
    constraint("prerequisite", A, [B])
    constraint("prerequisite", B, [C])
    assert "is a circle" in refusal("constraints", row("prerequisite", C, [A]))
    assert refusal("constraints", row("prerequisite", C, [A], constraint_set_name="other")) == ""


def test_changing_a_cell_is_judged_like_a_new_row() -> None:
    stored = constraint("bundle", "Payments", [A, B])
    outcome = put("constraints", stored, member_keys=[A])
    assert "at least 2" in outcome.refused[0].message
    stored.refresh_from_db()
    assert stored.member_keys == [A, B]
    assert put("constraints", stored, constraint_type="mandatory", dimension_key=A, member_keys=None).ok


def test_a_rule_may_move_between_two_rows_in_one_batch() -> None:
    first, second = constraint("mandatory", A), constraint("mandatory", B)
    changes = [SetCell(first.pk, "dimension_key", B), SetCell(second.pk, "dimension_key", A)]
    assert apply_changes(registry.tab("constraints"), actor(), Surface.GRID, changes).ok


def test_inactive_rows_are_not_judged_until_they_count_again() -> None:
    assert refusal("constraints", row("bundle", "Later", [A], is_active=False)) == ""
    outcome = put("constraints", Constraint.objects.get(), is_active=True)
    assert "at least 2" in outcome.refused[0].message


def test_an_old_mistake_does_not_stop_a_note() -> None:
    stored = constraint("mandatory", A)
    gone = Initiative.objects.get(initiative_key=A)
    gone.initiative_key = "INIT-900000"
    gone.save()
    assert put("constraints", stored, notes="Ask Ana").ok
    assert not put("constraints", stored, dimension_key=A.lower()).ok


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"dimension": "market"}, "say which market the target is for"),
        ({"dimension": "all", "dimension_key": "UK"}, "the dimension all has one value, all"),
        ({"kpi_key": "sales"}, "There is no active north star or strategic KPI “sales”"),
        ({"floor_or_goal": "maybe"}, "is not a choice"),
        ({"target_value": None}, "Target Value can't be blank"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_in_words(cells: dict[str, Any], said: str) -> None:
    given = {"kpi_key": "revenue", "target_value": 5, "floor_or_goal": "floor"} | cells
    assert said in refusal("targets", given)
    assert not Target.objects.exists()


def test_a_target_without_a_place_is_for_the_whole_portfolio() -> None:
    stored = target("revenue", 5)
    assert (stored.dimension, stored.dimension_key, stored.constraint_set_name) == ("all", "all", "default")
    again = {
        "kpi_key": "Revenue",
        "target_value": 6,
        "floor_or_goal": "goal",
        "dimension": "all",
        "dimension_key": "all",
    }
    assert "already has a row" in refusal("targets", again)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"capacity_total_tokens": 0}, "must be more than 0"),
        ({"objective_weights": {"revenue": 0}}, "The weights are all 0"),
        ({"objective_weights": {"revenue": -1}}, "must be at least 0"),
        ({"objective_weights": {"sales": 1}}, "not an active north star or strategic KPI"),
        ({"objective_scope": "planet:earth"}, "is not a scope"),
        ({"lexicographic_order": "signups, sales"}, "“sales” is not an active"),
        ({"period_key": "soon"}, "soon"),
        ({"scenario_name": "BASE"}, "already has a row"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused_in_words(cells: dict[str, Any], said: str) -> None:
    given = {
        "scenario_name": "Other",
        "period_key": "Q2_2026",
        "capacity_total_tokens": 5,
        "objective_mode": "weighted_kpis",
    }
    assert said in refusal("scenario_config", given | cells)


def test_a_scope_and_an_order_are_kept_as_the_solver_reads_them() -> None:
    made = scenario(
        scenario_name="UK", objective_scope=" Market : UK ", lexicographic_order="SIGNUPS; revenue"
    )
    assert made.objective_scope == "market:UK"
    assert made.lexicographic_order == ["signups", "revenue"]


def test_a_scenario_keeps_its_rows_when_renamed_and_stays_while_it_has_any() -> None:
    stored = constraint("mandatory", A)
    base = Scenario.objects.get()
    assert "1 constraint" in registry.tab("scenario_config").check_delete(None, base)  # type: ignore[arg-type]
    assert put("scenario_config", base, scenario_name="Plan").ok
    tab = registry.tab("constraints")
    assert tab.column("scenario_name").read(tab.queryset().get(pk=stored.pk)) == "Plan"


def test_weighted_kpis_without_weights_are_remarked_on_not_refused() -> None:
    made = scenario(scenario_name="Mix", mode="weighted_kpis")
    assert list(registry.tab("scenario_config").notes(None)) == [made.pk]


@pytest.mark.parametrize("name", ["constraints", "targets"])
def test_rows_have_a_number_in_files_and_none_on_the_web(name: str) -> None:
    tab = registry.tab(name)
    assert "row_id" in [column.name for column in tab.columns_for(Surface.IMPORT)]
    assert "row_id" not in [column.name for column in tab.columns_for(Surface.GRID)]
    assert tab.file_key == ("row_id",)


def test_a_kpi_in_use_can_be_neither_renamed_nor_deleted() -> None:
    target("signups", 5)
    constraint("synergy_bonus", "S", [A, B], kpi_key="retention", bonus_value=1)
    scenario(scenario_name="Mix", mode="weighted_kpis", objective_weights={"revenue": 1})
    places = {
        "signups": "a target of Base",
        "retention": "a synergy of Base",
        "revenue": "the objective of Mix",
    }
    tab = registry.tab("metrics_config")
    for metric in Metric.objects.all():
        assert places[metric.kpi_key] in tab.check_delete(None, metric)  # type: ignore[arg-type]
        refused = put("metrics_config", metric, kpi_key="other").refused
        assert places[metric.kpi_key] in refused[0].message
