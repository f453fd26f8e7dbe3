"""Four linked spreadsheets in memory that hold every declared tab, and rows for all of them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from home.bench import filling
from home.bench.memory_book import Grid, MemoryBook
from initiatives.models import Initiative
from optimization.models import Gap, Result, Run, Scenario
from portfolio.sheets.headers import RUN_STATUS
from portfolio.sheets.models import LinkedTab, SheetLink
from portfolio.sheets.table import header, titled
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, SetCell, Surface
from portfolio.tabs.tab import Tab
from scoring.models import Param

DEPARTMENTS = ("Consumer App", "Merchant Platform")
FORMULA = "value = audience * 0.12"


# The spreadsheets -------------------------------------------------------------------------------------


def link(workbook: str) -> MemoryBook:
    """A spreadsheet with the headers of every tab of the workbook, linked; intake has two departments'."""
    tabs = [
        (tab, title)
        for tab in registry.tabs(workbook)
        for title in (DEPARTMENTS if tab.many_sheets else (tab.title,))
    ]
    made = SheetLink.objects.create(workbook=workbook, spreadsheet_id=f"in-memory-{workbook:->20}")
    for sheet_id, (tab, title) in enumerate(tabs):
        LinkedTab.objects.create(
            link=made, tab_name=tab.name, sheet_id=sheet_id, title=title, confirmed=timezone.now()
        )
    return MemoryBook({title: [headers(tab)] for tab, title in tabs})


def headers(tab: Tab) -> list[Any]:
    return [*(header(column) for column in tab.columns_for(Surface.SHEET)), titled(RUN_STATUS)]


def hand_in(grid: Grid, size: int, complete: bool) -> None:
    """Type ``size`` submissions into an intake sheet."""
    tab = registry.tab("intake")
    for number in range(size):
        said = submission(number) if complete else {"title": f"Idea {number}", "product_area": "Lockers"}
        grid.append([*(said.get(column.name) for column in tab.columns_for(Surface.SHEET)), None])


def submission(number: int) -> dict[str, Any]:
    said = filling.initiative(number)
    entered = [column.name for column in registry.tab("intake").columns if column.entered_here]
    return {"requester_name": "Ada", "product_area": "Lockers"} | {
        name: said[name] for name in entered if name in said
    }


# The rows ---------------------------------------------------------------------------------------------


def fill(size: int) -> None:
    """``size`` rows on every tab but Intake, from whose submissions the initiatives have come."""
    initiatives = list(Initiative.objects.order_by("pk"))
    pks = [initiative.pk for initiative in initiatives]
    keys = [initiative.initiative_key for initiative in initiatives]
    put_rows("metrics_config", [kpi(number) for number in range(size)])
    put_cells("backlog", {pk: _rest(filling.initiative(at)) for at, pk in enumerate(pks)})
    put_cells("scoring_inputs", dict.fromkeys(pks, SCORING))
    put_rows("math_models", [model(key) for key in keys])
    params = Param.objects.values_list("pk", flat=True)
    put_cells("params", {pk: {"value": 120_000, "approved": True} for pk in params})
    put_cells("kpi_contributions", {pk: {"contribution_override": {"kpi_0": 1200}} for pk in pks})
    put_rows("scenario_config", [scenario(number) for number in range(size)])
    put_rows("constraints", [constraint(number) for number in range(size)])
    put_rows("targets", [target(number) for number in range(size)])
    runs(size, initiatives)


def put_rows(tab: str, rows: list[dict[str, Any]]) -> None:
    filling.put(tab, [CreateRow(str(number), row) for number, row in enumerate(rows)])


def put_cells(tab: str, rows: dict[int, dict[str, Any]]) -> None:
    filling.put(tab, [SetCell(pk, name, value) for pk, row in rows.items() for name, value in row.items()])


SCORING = {
    "rice_reach": 900,
    "rice_impact": 2,
    "rice_confidence": 0.8,
    "rice_effort": 1.5,
    "wsjf_business_value": 8,
    "wsjf_time_criticality": 5,
    "wsjf_risk_reduction": 3,
    "wsjf_job_size": 2,
}


def _rest(said: dict[str, Any]) -> dict[str, Any]:
    """What Intake doesn't know."""
    known = submission(0)
    rest = {name: value for name, value in said.items() if name not in known}
    return rest | {"is_optimization_candidate": True}


def kpi(number: int) -> dict[str, Any]:
    level = "operational" if number else "north_star"
    return {"kpi_key": f"kpi_{number}", "kpi_name": f"KPI {number}", "kpi_level": level, "unit": "GBP"}


def model(key: str) -> dict[str, Any]:
    return {
        "initiative_key": key,
        "model_name": "Worth of people reached",
        "target_kpi": "kpi_0",
        "formula_text": FORMULA,
        "formula_approved": True,
    }


def scenario(number: int) -> dict[str, Any]:
    return {
        "scenario_name": f"Scenario {number}",
        "period_key": "2027-Q1",
        "capacity_total_tokens": 5000,
        "objective_mode": "north_star",
    }


def constraint(number: int) -> dict[str, Any]:
    return {
        "scenario_name": "Scenario 0",
        "constraint_type": "capacity_cap",
        "dimension": "country",
        "dimension_key": f"Country {number}",
        "max_tokens": 100 + number,
    }


def target(number: int) -> dict[str, Any]:
    return {
        "scenario_name": "Scenario 0",
        "kpi_key": "kpi_0",
        "target_value": 1000 + number,
        "floor_or_goal": "goal",
        "dimension": "country",
        "dimension_key": f"Country {number}",
    }


def runs(size: int, initiatives: list[Initiative]) -> None:
    """As many runs, results of the first one, and gaps of it."""
    now, question = timezone.now(), Scenario.objects.order_by("pk")[0]
    first, *_ = Run.objects.bulk_create(run(number, question, now) for number in range(size))
    Result.objects.bulk_create(
        Result(run=first, initiative=initiative, selected=True, scope="full", reason="It fits.")
        for initiative in initiatives
    )
    Gap.objects.bulk_create(
        Gap(run=first, dimension="country", dimension_key=f"Country {number}", kpi_key="kpi_0", target=number)
        for number in range(size)
    )


def run(number: int, question: Scenario, now: Any) -> Run:
    return Run(
        run_id=f"RUN-{number:06d}",
        scenario=question,
        objective_mode=question.objective_mode,
        status="optimal",
        started=now,
        finished=now,
        solve_seconds=0.5,
        objective_value=number,
        asked_by="Ada",
    )
